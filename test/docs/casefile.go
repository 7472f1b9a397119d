package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/tools/txtar"
)

// caseFile is a rule's case: what it shows, and the files of both sides.
type caseFile struct {
	path      string // from the repository root
	sentence  string
	bad, good []source
}

// source is one file of a case without its marks.
type source struct {
	name   string
	lines  []string
	guilty []int // indexes into lines
}

var wantMark = regexp.MustCompile(`[ \t]*# want ([A-Z]{3}[0-9]{3})[ \t]*$`)

func readCase(root, folder, id string) (*caseFile, error) {
	c := &caseFile{path: folder + "/" + id + ".txtar"}
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(c.path)))
	if err != nil {
		return nil, err
	}
	ar := txtar.Parse(data)
	c.sentence = strings.Join(strings.Fields(string(ar.Comment)), " ")
	for _, f := range ar.Files {
		side, name, _ := strings.Cut(f.Name, "/")
		s := source{name: name, lines: strings.Split(strings.TrimRight(string(f.Data), "\n"), "\n")}
		for i, line := range s.lines {
			if m := wantMark.FindStringSubmatchIndex(line); m != nil {
				if line[m[2]:m[3]] == id {
					s.guilty = append(s.guilty, i)
				}
				s.lines[i] = line[:m[0]]
			}
		}
		switch side {
		case "bad":
			c.bad = append(c.bad, s)
		case "good":
			c.good = append(c.good, s)
		}
	}
	if len(c.bad) == 0 || len(c.good) == 0 {
		return nil, fmt.Errorf("%s needs files below bad/ and good/", c.path)
	}
	return c, nil
}

func (s source) data() []byte { return []byte(strings.Join(s.lines, "\n") + "\n") }

// Limits of an excerpt, in lines.
const (
	wholeFile = 16 // a file up to this length is shown whole
	oneBlock  = 26 // the block around a line, when it is not longer
	longest   = 40 // of blocks; beyond it only the lines next to each other
	around    = 3  // lines before and after
)

// excerpt returns the lines that matter with omitted ones as "...".
func excerpt(lines []string, matter []int) []string {
	if len(lines) <= wholeFile || len(matter) == 0 {
		return lines
	}
	blocks := func(i int) (int, int) { return enclosing(lines, i) }
	nearby := func(i int) (int, int) { return max(0, i-around), min(len(lines)-1, i+around) }
	out := cut(lines, matter, blocks)
	if len(out) > longest {
		out = cut(lines, matter, nearby)
	}
	return unindent(out)
}

func cut(lines []string, matter []int, extent func(int) (from, to int)) []string {
	show := make([]bool, len(lines))
	for _, i := range matter {
		from, to := extent(min(i, len(lines)-1))
		for j := from; j <= to; j++ {
			show[j] = true
		}
	}
	var out []string
	for i, line := range lines {
		switch {
		case show[i]:
			out = append(out, line)
		case i == 0 || show[i-1]:
			out = append(out, "...")
		}
	}
	return out
}

// enclosing finds the smallest indented block of a useful size around a line.
func enclosing(lines []string, i int) (from, to int) {
	from, to = max(0, i-around), min(len(lines)-1, i+around)
	limit := indent(lines[i])
	for limit > 0 {
		a := i
		for a > 0 && (indent(lines[a]) >= limit || strings.TrimSpace(lines[a]) == "") {
			a--
		}
		b := i
		for b < len(lines)-1 && (indent(lines[b]) >= limit || strings.TrimSpace(lines[b]) == "") {
			b++
		}
		if b-a+1 > oneBlock {
			break
		}
		from, to, limit = a, b, indent(lines[a])
	}
	return from, to
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }

func unindent(lines []string) []string {
	least := -1
	for _, line := range lines {
		if n := indent(line); line != "..." && strings.TrimSpace(line) != "" && (least < 0 || n < least) {
			least = n
		}
	}
	for i, line := range lines {
		if line != "..." && least > 0 && len(line) >= least {
			lines[i] = line[least:]
		}
	}
	return lines
}

// changed are the lines of good that bad does not have, in order: what was done
// to mend it. When only lines went, it is the places where they were.
func changed(bad, good []string) []int {
	// lcs[i][j] is the length of the longest common subsequence of bad[i:], good[j:].
	lcs := make([][]int, len(bad)+1)
	for i := range lcs {
		lcs[i] = make([]int, len(good)+1)
	}
	for i, b := range slices.Backward(bad) {
		for j, g := range slices.Backward(good) {
			if b == g {
				lcs[i][j] = lcs[i+1][j+1] + 1
			} else {
				lcs[i][j] = max(lcs[i+1][j], lcs[i][j+1])
			}
		}
	}
	var added, removed []int
	for i, j := 0, 0; j < len(good); {
		switch {
		case i < len(bad) && bad[i] == good[j]:
			i, j = i+1, j+1
		case i < len(bad) && lcs[i+1][j] >= lcs[i][j+1]:
			removed = append(removed, j)
			i++
		default:
			// Brackets alone say nothing, and pair up at random.
			if strings.Trim(good[j], " \t[]{},") != "" {
				added = append(added, j)
			}
			j++
		}
	}
	if len(added) == 0 {
		return removed
	}
	return added
}
