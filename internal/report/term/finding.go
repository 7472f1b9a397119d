package term

import (
	"fmt"
	"strings"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// hearFinding prints a finding, or holds it for one of the folded parts.
func (l *listener) hearFinding(f *finding.Finding) {
	c := f.Change
	l.failing = l.failing || c != nil && c.Worse
	if f.ExceptedBy != "" && f.Verdict == finding.Refuted && (c == nil || !gone(c.Status)) {
		l.excused++
	}
	if l.opts.Detail == Verbose {
		l.full(f)
		return
	}
	fails := c != nil && c.Worse && c.Status != finding.Lost
	if !fails && l.fold(f) {
		return
	}
	if c != nil && len(l.folded.lost) > 0 && l.capped.lines < maxLines {
		l.endLost()
	}
	if l.opts.Detail == Normal && l.affordFull(f) {
		l.full(f)
		return
	}
	if f.Verdict == finding.Unproven {
		l.lacking.add(f)
	}
	if l.afford(f) {
		l.separate(kindOf(f))
		l.print(l.briefly(f))
	}
}

// full prints a finding with its proof and remedy.
func (l *listener) full(f *finding.Finding) {
	l.separate("")
	l.hang(l.lead(f), gutter, brush{}, f.Title)
	// The claim is the rule's: once for findings of one rule that follow each
	// other.
	if claim := f.Rule + " " + f.Claim; claim != l.claimed {
		l.claimed = claim
		l.label("claim", `"`+f.Claim+`"`)
	}
	if c := f.Change; c != nil && c.Why != "" {
		l.label("because", c.Why)
	}
	l.standing(f)
	l.picture(f)
	l.proof(f)
	l.lacks(f.Missing)
	l.remedy(f.Remedy)
	if c := f.Cost; c != nil {
		text := fmt.Sprintf("%.2f %s a month", c.Monthly, c.Currency)
		if c.Source != "" {
			text += " (" + c.Source + ")"
		}
		l.label("cost", text)
	}
	if l.opts.Detail == Verbose {
		if f.Subject.Inferred != "" && f.Subject.Environment != "" {
			l.label("where", f.Subject.Environment+", inferred from "+f.Subject.Inferred)
		}
		if len(f.Subject.Aliases) > 0 {
			var also []string
			for _, a := range f.Subject.Aliases {
				also = append(also, words.Alias(a))
			}
			l.label("also", strings.Join(also, ", "))
		}
		if f.Fingerprint != "" {
			l.label("id", f.Fingerprint)
		}
	}
}

// lacks says what evidence is missing and how to get it.
func (l *listener) lacks(missing []finding.Missing) {
	for _, m := range missing {
		l.lacking.tell(m.Evidence)
		l.label("missing", m.Evidence)
		l.way("get it", m.Get)
	}
}

// brief is a finding on one line: what it starts with is painted, the rest is
// not.
type brief struct{ lead, text string }

func (l *listener) briefly(f *finding.Finding) brief {
	b := brief{l.lead(f), f.Title}
	if f.Overdue && f.ExceptedBy == "" && (f.Change == nil || !gone(f.Change.Status)) {
		b.text += "  overdue, " + l.known(f)
	}
	if file := f.At().File; file != "" && l.looked.pieces > 1 {
		b.text += "  [" + file + "]"
	}
	return b
}

// print writes a brief. Who asked for one line each gets one line each.
func (l *listener) print(b brief) {
	if l.opts.Detail == Quiet {
		l.line(b.lead, b.text)
		return
	}
	l.hang(b.lead, gutter, brush{}, b.text)
}

// kindOf tells short lines apart that belong together.
func kindOf(f *finding.Finding) string {
	kind := f.Verdict.String()
	if f.ExceptedBy != "" {
		kind = "excepted"
	}
	if f.Change != nil {
		kind += f.Change.Status.String()
	}
	return kind
}

// separate puts a blank line before a finding, and before the first of several
// short lines that belong together.
func (l *listener) separate(kind string) {
	if l.at == inFindings && l.opts.Detail != Quiet && (kind == "" || kind != l.short) {
		l.line()
	}
	l.enter(inFindings)
	l.short = kind
}

// lead is what a finding starts with: its direction, verdict, rule, severity and
// subject.
func (l *listener) lead(f *finding.Finding) string {
	return l.mark(f) + "  " + f.Rule + "  " + l.ink.severity(f.Severity) + "  " + l.ink.head.paint(f.Subject.Identity) + where(f.Subject) + "  "
}

// mark is the direction and the verdict.
func (l *listener) mark(f *finding.Finding) string {
	mark := l.ink.mark(f.Verdict)
	if f.ExceptedBy != "" {
		mark = l.ink.head.paint("- EXCEPTED")
	}
	status := ""
	if c := f.Change; c != nil {
		status = l.ink.status(c) + "  "
		if gone(c.Status) {
			mark = l.ink.dim.paint(pad("was "+f.Verdict.Label(), len("was UNPROVEN")))
		}
	}
	return status + mark
}

// gone tells whether only BASE has a finding of this status.
func gone(s finding.Status) bool {
	return s == finding.Fixed || s == finding.Removed || s == finding.Lost
}

// where is the environment beside a subject: "(prod)", or "(prod, inferred)".
func where(s finding.Subject) string {
	switch {
	case s.Environment == "":
		return ""
	case s.Inferred != "":
		return " (" + s.Environment + ", inferred)"
	default:
		return " (" + s.Environment + ")"
	}
}

// standing says what time and exceptions make of the finding.
func (l *listener) standing(f *finding.Finding) {
	if f.ExceptedBy != "" {
		l.label("excepted", "by "+f.ExceptedBy)
	}
	switch {
	case f.Overdue && (f.Change == nil || !gone(f.Change.Status)):
		l.label("overdue", l.known(f))
	case f.FirstSeen != "" && l.opts.Detail == Verbose:
		l.label("since", f.FirstSeen)
	}
}

// known says since when a finding is known, and for how many days when both
// days are known.
func (l *listener) known(f *finding.Finding) string {
	text := strings.TrimSpace("known since " + f.FirstSeen)
	first, err := time.Parse(time.DateOnly, f.FirstSeen)
	if err != nil || l.started.IsZero() || first.After(l.started) {
		return text
	}
	return text + ", " + count(int(l.started.Sub(first).Hours()/24), "day", "days")
}
