package ruletest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// text tells whether the file is none that has JSON pointers: HCL, YAML or a
// Dockerfile, whose proofs cite offsets.
func (f file) text() bool {
	rest := bytes.TrimLeft(f.data, " \t\r\n\ufeff")
	return len(rest) == 0 || rest[0] != '{' && rest[0] != '['
}

// lineOf names the line at an offset: "line 12".
func lineOf(data []byte, offset int64) string {
	return fmt.Sprint("line ", 1+bytes.Count(data[:min(offset, int64(len(data)))], []byte("\n")))
}

func number(line string) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(line, "line "))
	return n
}

// lineMutations returns the document without a line and with another word in it.
func lineMutations(data []byte, line string) map[string][]byte {
	lines := strings.Split(string(data), "\n")
	i := number(line) - 1
	if i < 0 || i >= len(lines) {
		return map[string][]byte{"deleted": nil, "replaced": nil}
	}
	put := func(s string) []byte {
		out := append([]string{}, lines...)
		out[i] = s
		return []byte(strings.Join(out, "\n"))
	}
	return map[string][]byte{"deleted": put(""), "replaced": put(otherWord(lines[i]))}
}

var (
	quoted = regexp.MustCompile(`"[^"]*"`)
	scalar = regexp.MustCompile(`[A-Za-z0-9_./@:-]+\s*$`)
)

// otherWord gives the last value on a line another one.
func otherWord(line string) string {
	if at := quoted.FindAllStringIndex(line, -1); len(at) > 0 {
		end := at[len(at)-1][1] - 1
		return line[:end] + "-other" + line[end:]
	}
	if at := scalar.FindStringIndex(line); at != nil {
		switch word := strings.TrimSpace(line[at[0]:]); word {
		case "true":
			return line[:at[0]] + "false"
		case "false":
			return line[:at[0]] + "true"
		default:
			if n, err := strconv.Atoi(word); err == nil {
				return line[:at[0]] + strconv.Itoa(n+1)
			}
			return line[:at[0]] + word + "-other"
		}
	}
	return line + " # other"
}

// opens tells whether something starts on a line that ends on another one:
// without it the file would not parse.
func opens(l string) bool {
	for _, end := range []string{"{", "[", "(", ":", ",", "|", ">", "\\"} {
		if strings.HasSuffix(l, end) {
			return true
		}
	}
	return strings.Contains(l, "<<")
}

// unrelatedLines are the lines with a value that stand in no paragraph with a
// cited one. Within a paragraph, which blank lines end, each line may matter.
// Where nothing is cited the file as a whole may be what makes it true.
func unrelatedLines(data []byte, cited []string) []string {
	if len(cited) == 0 {
		return nil
	}
	lines := strings.Split(string(data), "\n")
	paragraph := make([]int, len(lines))
	n := 0
	for i, l := range lines {
		if strings.TrimSpace(l) == "" {
			n++
		}
		paragraph[i] = n
	}
	near := map[int]bool{}
	for _, c := range cited {
		if i := number(c) - 1; i < len(lines) {
			near[paragraph[i]] = true
		}
	}
	var out []string
	for i, l := range lines {
		l = strings.TrimSpace(l)
		if near[paragraph[i]] || !strings.ContainsAny(l, "=:") || strings.HasPrefix(l, "#") || opens(l) {
			continue
		}
		out = append(out, fmt.Sprint("line ", i+1))
	}
	return out
}
