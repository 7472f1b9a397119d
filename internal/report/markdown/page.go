package markdown

import (
	"strings"
	"time"

	"polygraph/internal/run"
)

// How the bytes of a comment are shared out. What a part does not use goes to the
// details and to rows, which are written last and shown in the middle. All of
// them together are less than MaxBytes.
const (
	maxHead     = 8_000              // headline, reasons, warnings
	maxEvidence = 4_500              // that was lost
	maxTable    = leastNew * maxLine // of what is new
	maxWorse    = 5_000              // of what got worse
	maxLate     = 4_000              // of what is overdue and folded; maxOverdue lines are not
	maxWent     = 4_000
	maxAfter    = 9_000 // everything below the details
	maxFooter   = 4_000
	maxNotes    = 2_000 // of what was left out

	leastNew = 12 // new findings for which there is always room
)

// comment puts the parts together. Each of them is a block that takes whole
// pieces until it is full.
func (l *listener) comment() string {
	if l.summary != nil {
		l.complete()
	}
	var head, lost, went, after, foot block
	head.most, lost.most, went.most, after.most, foot.most = maxHead, maxEvidence, maxWent, maxAfter, maxFooter
	l.head(&head)
	l.lostEvidence(&lost)
	failing, detailed := l.failures()
	l.lostFindings(&went)
	if l.compares() {
		l.difference(&after)
	} else {
		l.remainder(&after)
	}
	l.footer(&foot)

	room := MaxBytes - maxNotes
	for _, b := range []*block{&head, &lost, &went, &after, &foot} {
		room -= b.text.Len()
	}
	room -= len(failing)
	rows, folded := &block{most: room}, &block{}
	judges := len(detailed) > 0 || !l.answers()
	if !judges {
		l.tables.write(rows, false)
	}
	folded.most = room - rows.text.Len()
	written := l.folded(folded, detailed)
	if judges {
		rows.most = room - folded.text.Len()
		l.tables.write(rows, true)
	}

	notes := &block{most: maxNotes}
	if n := len(detailed) - written; n > 0 {
		notes.add("Claim, proof and remedy of " + count(n, "finding", "findings") + " above did not fit.\n")
	}
	if head.cut || lost.cut || went.cut || after.cut || foot.cut || rows.cut {
		notes.add("Parts of this comment did not fit.\n")
	}
	if l.capped() || notes.text.Len() > 0 {
		notes.add("All of it: " + code(l.again()+" -o html=report.html", maxName) + "\n\n")
	}
	parts := []string{head.text.String(), lost.text.String(), failing, went.text.String(), folded.text.String(), rows.text.String(), after.text.String()}
	if !judges {
		parts = []string{head.text.String(), rows.text.String(), failing, folded.text.String(), after.text.String()}
	}
	return strings.Join(parts, "") + notes.text.String() + foot.text.String()
}

// capped tells whether findings were counted that are listed nowhere.
func (l *listener) capped() bool {
	more := 0
	for _, s := range l.shelves() {
		more += s.rest.total
	}
	return more+l.left.lostMore+l.left.removedMore+l.skipsMore+l.missing.more > 0 || l.tables.capped()
}

// complete adds what rules lacked in the whole run.
func (l *listener) complete() {
	for _, g := range l.summary.Missing {
		l.missing.note(g.Evidence, g.Get, g.Rule)
	}
}

// head is the marker, the headline and the reasons that it does not say.
func (l *listener) head(b *block) {
	headline, reasons := l.headline()
	b.add(Marker + "\n")
	b.add("### " + headline + "\n\n")
	s := l.summary
	if s == nil || s.Difference == nil {
		return
	}
	list(b, reasons, "- ", "\n")
	if len(reasons) > 0 {
		b.add("\n")
	}
	list(b, s.Difference.Warnings, "**Warning**: ", "\n\n")
}

// list writes sentences of the run, a line each.
func list(b *block, sentences []string, lead, tail string) {
	for i, s := range sentences {
		if i == maxMentions {
			b.add(lead + "... and " + grouped(len(sentences)-i) + " more" + tail)
			break
		}
		b.add(lead + fit(s, maxLine/2) + tail)
	}
}

// fit writes a sentence with ever less of it, until it has at most so many bytes.
func fit(s string, most int) string {
	for share := 1; ; share *= 2 {
		if text := prose(s, maxTitle/share); len(text) <= most || share == 32 {
			return text
		}
	}
}

// footer says what made the comment, from what and when.
func (l *listener) footer(b *block) {
	h := l.header
	if h == nil {
		return
	}
	version := "Polygraph " + prose(h.Version, maxRule)
	if h.Version == "" || h.Version == "(devel)" {
		version = "Polygraph, a development build"
	}
	b.add("---\n\n" + version + ", " + code(l.again(), maxName))
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
