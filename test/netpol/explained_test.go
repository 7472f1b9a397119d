package netpol

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	explainedFile = filepath.Join("testdata", "explained.txt")
	countsFile    = filepath.Join("testdata", "counts.txt")
)

const because = "    because: "

// differences are what the engine says and others do not, of one source of
// tables, by case: a sentence each, and how often.
type differences map[string]map[string]int

func (d differences) add(name, sentence string) {
	if d[name] == nil {
		d[name] = map[string]int{}
	}
	d[name][sentence]++
}

// lines are the keys of the table.
func (d differences) lines() []string {
	var out []string
	for name, sentences := range d {
		for sentence, n := range sentences {
			out = append(out, fmt.Sprintf("%s: %s (%d)", name, sentence, n))
		}
	}
	slices.Sort(out)
	return out
}

// hold compares the differences of one source with the table, and tells which
// cases have only those that it explains.
func (d differences) hold(t *testing.T, source string) (explained, failed int) {
	t.Helper()
	reasons := reasons(t)
	new := map[string]bool{}
	seen := map[string]bool{}
	for _, line := range d.lines() {
		key := source + " " + line
		seen[key] = true
		if reasons[key] == "" {
			t.Errorf("no explanation in %s for: %s", explainedFile, key)
			new[strings.SplitN(line, ":", 2)[0]] = true
		}
	}
	if *update {
		kept := map[string]string{} // by the sentence: its number may have changed
		for key, why := range reasons {
			if strings.HasPrefix(key, source+" ") {
				kept[withoutNumber(key)] = why
				delete(reasons, key)
			}
		}
		for key := range seen {
			reasons[key] = kept[withoutNumber(key)]
		}
		writeReasons(t, reasons)
	} else {
		for key := range reasons {
			if strings.HasPrefix(key, source+" ") && !seen[key] {
				t.Errorf("%s explains what is no difference any more: %s", explainedFile, key)
			}
		}
	}
	return len(d) - len(new), len(new)
}

func withoutNumber(key string) string { return key[:strings.LastIndexByte(key, '(')] }

func reasons(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(explainedFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	out := map[string]string{}
	key := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if why, ok := strings.CutPrefix(line, because); ok {
			out[key] = why
		} else if key = line; key != "" && !strings.HasPrefix(key, "#") {
			out[key] = ""
		}
	}
	return out
}

func writeReasons(t *testing.T, all map[string]string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Where the engine says something else than the tables beside the project, and why it does: the number is that of pairs,\n" +
		"# or of pairs and ports. Rewrite with: go test ./test/netpol -update (reasons are kept)\n")
	for _, key := range slices.Sorted(maps.Keys(all)) {
		b.WriteString("\n" + key + "\n" + because + all[key] + "\n")
	}
	write(t, explainedFile, b.String())
}

// count holds a line of counts.txt, the one that begins with the name.
func count(t *testing.T, name, figures string) {
	t.Helper()
	t.Logf("%s: %s", name, figures)
	text, err := os.ReadFile(countsFile)
	if err != nil && !*update {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, rest, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && !strings.HasPrefix(key, "#") {
			lines[key] = rest
		}
	}
	if *update {
		lines[name] = figures
		out := "# go test ./test/netpol -update\n"
		for _, key := range slices.Sorted(maps.Keys(lines)) {
			out += key + ": " + lines[key] + "\n"
		}
		write(t, countsFile, out)
		return
	}
	if lines[name] != figures {
		t.Errorf("%s has for %s\n\t%s\nand the run\n\t%s", countsFile, name, lines[name], figures)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
