package docs

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// block is a fenced ```console block of a page: commands and what they print.
type block struct {
	line     int    // of the fence, 1-based
	step     string // ID of the article step it stands in, "01.3", or ""
	commands []command
}

// command is one line after "$ ", with its continuations.
type command struct {
	line   int
	script string
	exit   int
	want   []string // printed lines; "..." stands for any number of them
}

// fenced is any fenced code block of a page.
type fenced struct {
	line     int
	language string
	text     []string
}

// fences lists the code blocks of a Markdown page.
func fences(text string) ([]fenced, error) {
	var out []fenced
	var open *fenced
	mark := ""
	for i, line := range strings.Split(text, "\n") {
		bare := strings.TrimSpace(line)
		ticks := bare[:len(bare)-len(strings.TrimLeft(bare, "`"))]
		switch {
		case open == nil && len(ticks) >= 3:
			open, mark = &fenced{line: i + 1, language: strings.TrimSpace(bare[len(ticks):])}, ticks
		case open != nil && bare == mark:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.text = append(open.text, line)
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the code block is not closed", open.line)
	}
	return out, nil
}

var exitMark = regexp.MustCompile(`\s+# exit (\d+)$`)

// blocks lists the console blocks of a page.
func blocks(text string) ([]block, error) {
	all, err := fences(text)
	if err != nil {
		return nil, err
	}
	steps := stepLines(text)
	var out []block
	for _, f := range all {
		if f.language != "console" {
			continue
		}
		b := block{line: f.line, step: stepAt(steps, f.line)}
		continued := false
		for i, line := range f.text {
			at := f.line + 1 + i
			last := len(b.commands) - 1
			switch {
			case strings.HasPrefix(line, "$ "):
				b.commands = append(b.commands, command{line: at, script: line[2:]})
				continued = true
			case last < 0:
				return nil, fmt.Errorf("line %d: a console block starts with a command after \"$ \"", at)
			case continued && (strings.HasPrefix(line, "> ") || line == ">"):
				b.commands[last].script += "\n" + strings.TrimPrefix(strings.TrimPrefix(line, ">"), " ")
			default:
				continued = false
				b.commands[last].want = append(b.commands[last].want, line)
			}
		}
		if len(b.commands) == 0 {
			return nil, fmt.Errorf("line %d: the console block has no command", f.line)
		}
		for i := range b.commands {
			c := &b.commands[i]
			if m := exitMark.FindStringSubmatch(c.script); m != nil {
				c.exit, _ = strconv.Atoi(m[1])
				c.script = strings.TrimSuffix(c.script, m[0])
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// omitted stands for any number of lines on a line of its own, and for the rest
// of a line at its end.
const omitted = "..."

// compare checks what a command did against the page.
func (c command) compare(exit int, output string) error {
	if exit != c.exit {
		return fmt.Errorf("line %d: `%s` exits with %d, the page says %d; it printed:\n%s", c.line, c.script, exit, c.exit, ends(output))
	}
	var got []string
	if text := strings.TrimRight(output, "\n"); text != "" {
		got = strings.Split(normal(text), "\n")
	}
	var want []string
	if text := strings.TrimRight(strings.Join(c.want, "\n"), "\n"); text != "" {
		want = strings.Split(normal(text), "\n")
	}
	if missing := match(want, got); missing != "" {
		return fmt.Errorf("line %d: `%s`: %s; it printed:\n%s", c.line, c.script, missing, ends(output))
	}
	return nil
}

// ends leaves the middle of a long output out of an error.
func ends(output string) string {
	const most = 30
	lines := strings.Split(output, "\n")
	if len(lines) <= 2*most {
		return output
	}
	return strings.Join(lines[:most], "\n") + fmt.Sprintf("\n[%d lines]\n", len(lines)-2*most) + strings.Join(lines[len(lines)-most:], "\n")
}

// match says what of want is not in got, or nothing. Between two "..." the
// lines must stand in got one after another; the first piece is anchored at the
// start and the last one at the end.
func match(want, got []string) string {
	at, free := 0, false
	for i := 0; i < len(want); {
		if strings.TrimSpace(want[i]) == omitted {
			free = true
			i++
			continue
		}
		n := i
		for n < len(want) && strings.TrimSpace(want[n]) != omitted {
			n++
		}
		piece := want[i:n]
		from, to := at, at
		if free {
			to = len(got) - len(piece)
		}
		if n == len(want) { // nothing may follow the last piece
			from = max(from, len(got)-len(piece))
			to = min(to, len(got)-len(piece))
		}
		found := -1
		for k := from; k <= to && k+len(piece) <= len(got); k++ {
			if equalLines(piece, got[k:k+len(piece)]) {
				found = k
				break
			}
		}
		if found < 0 {
			return "this is not printed, or not there:\n    " + strings.Join(piece, "\n    ")
		}
		at, free, i = found+len(piece), false, n
	}
	if !free && at < len(got) {
		return "the page ends before this line:\n    " + got[at]
	}
	return ""
}

func equalLines(want, got []string) bool {
	for i, w := range want {
		g := strings.TrimRight(got[i], " ")
		w = strings.TrimRight(w, " ")
		if rest, ok := strings.CutSuffix(w, " "+omitted); ok && strings.HasPrefix(g, rest) && len(g) > len(rest) {
			continue
		}
		if w != g {
			return false
		}
	}
	return true
}

// volatile is what differs from run to run, and what stands for it. It is the
// whole list: anything else that differs is a failure.
var volatile = []struct {
	what *regexp.Regexp
	word string
}{
	{regexp.MustCompile(`(?m)  (\d+ ms|\d+(\.\d+)? s|\d+m\d+s)$`), "  DURATION"},
	{regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`), "DATE"},
	{regexp.MustCompile(`"elapsed_ms":\d+`), `"elapsed_ms":N`},
	{regexp.MustCompile(`\bpolygraph (\(devel\)|v\d[^\s,]*|unknown)`), "polygraph VERSION"},
	{regexp.MustCompile(`"version":"[^"]*"`), `"version":"VERSION"`},
}

func normal(s string) string {
	for _, v := range volatile {
		s = v.what.ReplaceAllString(s, v.word)
	}
	return s
}
