package term

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"polygraph/internal/finding"
)

// gutter is where the text of a finding starts, right of its labels.
const gutter = 11

// widest is how long a line of text gets on a wide terminal: eyes lose the next
// line of longer ones.
const widest = 100

// roomy is how wide a line may get before a place moves to the next line when
// nobody told the width.
const roomy = 120

// command prints something to type. It must survive being copied, so on a
// terminal that is too narrow it is only broken where a shell reads on: after
// an && that no quotes hold.
func (l *listener) command(name, c string) {
	parts := []string{c}
	if room := l.opts.Width - gutter - 2; l.opts.Width > 0 && width(c) > room {
		parts = steps(c)
	}
	for i, part := range parts {
		lead := "$ "
		if i > 0 {
			name, lead = "", "  "
		}
		l.row(name, lead+l.ink.cmd.paint(part))
	}
}

// steps breaks a command for a shell after each && outside of quotes.
func steps(c string) []string {
	var out []string
	var quote byte
	from := 0
	for i := 0; i < len(c); i++ {
		switch b := c[i]; {
		case b == '\\' && quote != '\'':
			i++
		case quote == '$': // $'...', in which a backslash quotes
			if b == '\'' {
				quote = 0
			}
		case quote != 0:
			if b == quote {
				quote = 0
			}
		case b == '$' && strings.HasPrefix(c[i:], "$'"):
			quote = '$'
			i++
		case b == '\'' || b == '"' || b == '`':
			quote = b
		case strings.HasPrefix(c[i:], " && "):
			out = append(out, c[from:i+3])
			i += 3
			from = i + 1
		}
	}
	return append(out, c[from:])
}

// hang prints text after a lead that may be painted. What a terminal has no
// room for stands below it, at the indent; with the width unknown nothing is
// broken.
func (l *listener) hang(lead string, indent int, b brush, text string) {
	at := ansi.StringWidth(lead)
	if l.opts.Width == 0 || text == "" || at+width(text) <= l.opts.Width {
		l.line(strings.TrimRight(lead+b.paint(text), " "))
		return
	}
	lines := wrapped(text, min(max(20, l.opts.Width-indent), widest))
	if at > indent {
		l.line(strings.TrimRight(lead, " "))
	} else {
		l.line(lead, b.paint(lines[0]))
		lines = lines[1:]
	}
	for _, part := range lines {
		l.line(strings.Repeat(" ", indent), b.paint(part))
	}
}

// verdictWidth is where the text of a verdict starts.
const verdictWidth = len("? UNPROVEN  ")

// way prints how to get something: a command, or a sentence.
func (l *listener) way(name, text string) {
	if finding.IsCommand(text) {
		l.command(name, text)
		return
	}
	l.label(name, text)
}

// label prints wrapped text in the column right of a label.
func (l *listener) label(name, text string) {
	for _, part := range wrapped(text, l.room(0)) {
		l.row(name, part)
		name = ""
	}
}

func (l *listener) row(name, text string) {
	if name != "" {
		name = l.ink.dim.paint(name) + strings.Repeat(" ", max(1, gutter-2-width(name)))
	} else {
		name = strings.Repeat(" ", gutter-2)
	}
	l.line(strings.TrimRight("  "+name+text, " "))
}

// room is how many columns are left for text, or 0 for as many as it takes.
func (l *listener) room(indent int) int {
	if l.opts.Width == 0 {
		return 0
	}
	return min(max(20, l.opts.Width-gutter-indent), widest)
}
