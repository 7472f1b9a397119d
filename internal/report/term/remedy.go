package term

import (
	"strings"

	"polygraph/internal/finding"
)

func (l *listener) remedy(r finding.Remedy) {
	name := "remedy"
	if r.Text != "" {
		l.label(name, r.Text)
		name = ""
	}
	for _, c := range r.Commands {
		l.command(name, c)
		name = ""
	}
	if r.Patch == "" {
		return
	}
	l.row("patch", l.ink.dim.paint(r.Language))
	for text := range strings.SplitSeq(strings.TrimRight(r.Patch, "\n"), "\n") {
		l.row("", "    "+l.ink.cmd.paint(text))
	}
}
