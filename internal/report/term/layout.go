package term

import (
	"strings"

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

// command prints something to type. It is never wrapped: it must survive being
// copied.
func (l *listener) command(name, c string) {
	l.row(name, "$ "+l.ink.cmd.paint(c))
}

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
