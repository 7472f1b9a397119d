package markdown

import (
	"strings"
	"time"

	"polygraph/internal/run"
)

// How the bytes of a comment are shared out. What a part does not use goes to the
// details, which are written last and shown in the middle.
const (
	maxHead   = 10_000 // headline, reasons, warnings
	maxTable  = 14_000
	maxRest   = 4_000  // below the table: what it does not list
	maxAfter  = 16_000 // everything below the details
	maxFooter = 5_000
	maxNotes  = 4_000 // of what was left out
)

// comment puts the parts together. Each of them is a block that takes whole
// pieces until it is full, and their sizes add up to less than MaxBytes.
func (l *listener) comment() string {
	head, after := &block{most: maxHead}, &block{most: maxAfter}
	l.head(head)
	if l.summary != nil {
		l.complete()
	}
	if l.compares() {
		l.difference(after)
	} else {
		l.left(after)
	}
	table, shown := l.table()
	foot := &block{most: maxFooter}
	l.footer(foot)

	used := head.text.Len() + len(table) + after.text.Len() + foot.text.Len()
	folded := &block{most: MaxBytes - used - maxNotes}
	detailed := l.folded(folded)

	notes := &block{most: maxNotes}
	if n := shown - detailed; n > 0 {
		notes.add("Claim, proof and remedy of " + count(n, "finding", "findings") + " of the table did not fit.\n")
	}
	if head.cut || after.cut || foot.cut {
		notes.add("Parts of this comment did not fit.\n")
	}
	if l.capped() || notes.text.Len() > 0 {
		notes.add("All of it: " + code(l.again()+" -o html=report.html", maxName) + "\n\n")
	}
	return head.text.String() + table + folded.text.String() + after.text.String() + notes.text.String() + foot.text.String()
}

// capped tells whether findings were counted that are listed nowhere.
func (l *listener) capped() bool {
	more := 0
	for _, s := range []*shelf{&l.failing, &l.open, &l.excepted, &l.excused, &l.unjudged, &l.fresh, &l.fixed, &l.removed} {
		more += s.rest.total
	}
	return more+l.lostMore+l.skipsMore+l.missing.more > 0
}

// complete adds what rules lacked in the whole run.
func (l *listener) complete() {
	for _, g := range l.summary.Missing {
		l.missing.note(g.Evidence, g.Get, g.Rule)
	}
}

// head is the marker, the headline and its reasons.
func (l *listener) head(b *block) {
	b.add(Marker + "\n")
	b.add("### " + l.headline() + "\n\n")
	s := l.summary
	if s == nil || s.Difference == nil {
		return
	}
	list(b, s.Difference.Reasons, "- ", "\n")
	list(b, s.Difference.Warnings, "**Warning**: ", "\n\n")
}

// list writes sentences of the run, a line each.
func list(b *block, sentences []string, lead, tail string) {
	if len(sentences) == 0 {
		return
	}
	for i, s := range sentences {
		if i == maxMentions {
			b.add(lead + "... and " + grouped(len(sentences)-i) + " more" + tail)
			break
		}
		text := prose(s, maxTitle)
		if len(text) > maxLine {
			text = prose(s, maxTitle/16)
		}
		b.add(lead + text + tail)
	}
	b.add("\n")
}

// table lists what fails, the worst first, and tells how many findings it shows.
func (l *listener) table() (string, int) {
	s := &l.failing
	if s.total == 0 {
		return "", 0
	}
	b := &block{most: maxTable}
	b.add("| Verdict | Rule | Severity | Subject and what is so |\n|---|---|---|---|\n")
	shown := 0
	for _, e := range s.kept {
		if !b.add(e.line) {
			break
		}
		shown++
	}
	b.most += maxRest
	b.add("\n")
	if n := len(s.kept) - shown; n > 0 {
		b.add("... and " + grouped(n) + " that did not fit\n\n")
	}
	if s.rest.total > 0 {
		b.add("... and " + grouped(s.rest.total) + " more: " + s.rest.String() + "\n\n")
	}
	return b.text.String(), shown
}

// folded writes the details of what the table shows. In a check they are folded
// once more: the table is the message.
func (l *listener) folded(b *block) int {
	n := 0
	all := func(b *block) {
		for _, e := range l.failing.kept {
			if !b.add(e.details) {
				return
			}
			n++
		}
	}
	if l.compares() || len(l.failing.kept) < 2 {
		all(b)
	} else {
		b.fold("Claim, proof and remedy", all)
	}
	return n
}

// footer says what made the comment, from what and when.
func (l *listener) footer(b *block) {
	h := l.header
	if h == nil {
		return
	}
	b.add("---\n\nPolygraph " + code(h.Version, maxRule) + ", " + code(l.again(), maxName))
	for _, side := range []struct {
		name string
		*run.Side
	}{{"BASE", h.Base}, {"HEAD", h.Head}} {
		if s := side.Side; s != nil {
			b.add("; " + side.name + " " + code(s.Name, maxName/2) + at(s.Started))
		}
	}
	if h.Base == nil && h.Head == nil {
		b.add(at(h.Started))
	}
	if h.Config != "" {
		b.add("; policy " + code(h.Config, maxName/2))
	}
	b.add("\n")
}

func at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " of " + clock(t)
}

// again is the command that shows all of it.
func (l *listener) again() string {
	h := l.header
	if h == nil {
		return "polygraph check"
	}
	args := h.Inputs
	if h.Base != nil && h.Head != nil {
		args = []string{h.Base.Name, h.Head.Name}
	}
	more := ""
	if len(args) > 5 {
		args, more = args[:5], " ..."
	}
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = middle(shell(a), maxName/4)
	}
	return strings.TrimSpace("polygraph " + middle(h.Command, maxRule) + " " + strings.Join(quoted, " ") + more)
}

// shell quotes what a shell would not take as one word.
func shell(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./@:+,=-") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
