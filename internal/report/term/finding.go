package term

import (
	"fmt"
	"strings"
	"time"

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
	l.endOpen()
	if l.opts.Detail == Quiet {
		if f.Verdict == finding.Unproven {
			l.lacking.add(f)
		}
		l.brief(f, "")
		return
	}
	l.full(f)
}

// full prints a finding with its proof and remedy.
func (l *listener) full(f *finding.Finding) {
	l.separate("")
	l.line(l.lead(f), f.Title)
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
			l.label("also", strings.Join(f.Subject.Aliases, ", "))
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

// brief prints a finding on one line.
func (l *listener) brief(f *finding.Finding, more string) {
	l.separate(kindOf(f))
	l.line(l.briefly(f), more)
}

func (l *listener) briefly(f *finding.Finding) string {
	text := l.lead(f) + f.Title
	if f.Overdue && f.ExceptedBy == "" && (f.Change == nil || !gone(f.Change.Status)) {
		text += "  " + l.ink.open.paint("overdue, "+l.known(f))
	}
	if file := f.At().File; file != "" && l.looked.pieces > 1 {
		text += "  " + l.ink.dim.paint("["+file+"]")
	}
	return text
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
	return status + mark + "  " + f.Rule + "  " + l.ink.severity(f.Severity) + "  " + l.ink.head.paint(f.Subject.Identity) + where(f.Subject) + "  "
}

// gone tells whether only BASE has a finding of this status.
func gone(s finding.Status) bool {
	return s == finding.Fixed || s == finding.Removed || s == finding.Lost
}

// where is the environment beside a subject, with a question mark when it is
// inferred.
func where(s finding.Subject) string {
	switch {
	case s.Environment == "":
		return ""
	case s.Inferred != "":
		return " (" + s.Environment + "?)"
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

// maxPicture is how many lines of a picture are shown without -v.
const maxPicture = 40

func (l *listener) picture(f *finding.Finding) {
	if f.Picture == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(f.Picture, "\n"), "\n")
	more := 0
	if l.opts.Detail != Verbose && len(lines) > maxPicture {
		more = len(lines) - maxPicture
		lines = lines[:maxPicture]
	}
	name := "picture"
	for _, text := range lines {
		l.row(name, text)
		name = ""
	}
	if more > 0 {
		l.label("", fmt.Sprintf("... and %s more (use -v)", number(more)))
	}
}

// besidePicture is how many statements are shown without -v when a picture
// says the same.
const besidePicture = 2

func (l *listener) proof(f *finding.Finding) {
	limit := maxProof
	if f.Picture != "" {
		limit = besidePicture
	}
	show := f.Proof
	if l.opts.Detail != Verbose && len(show) > limit {
		show = show[:limit]
	}
	name, file := "proof", ""
	for _, s := range show {
		at := s.At
		// What the line before or the text itself says is not said again.
		if l.opts.Detail != Verbose {
			if at.Line == 1 && at.Column > roomy && at.Pointer != "" {
				// A whole file on one line: its column leads nobody anywhere.
				at.Line, at.Column = 0, 0
				s.At = at
			}
			if strings.Contains(s.Text, at.Object) {
				s.At.Object = ""
			}
			if at.File == file && at.Line == 0 {
				s.At.File = ""
			}
		}
		file = at.File
		l.statement(name, s, f.Subject.Identity)
		name = ""
	}
	if n := len(f.Proof) - len(show); n > 0 {
		l.label("", fmt.Sprintf("... and %s more (use -v)", number(n)))
	}
}

// statement prints one fact and its place, on one line if both fit.
func (l *listener) statement(name string, s finding.Statement, subject string) {
	lines := wrapped(s.Text, l.room(2))
	at := place(s.At, subject, l.opts.Detail == Verbose)
	last := len(lines) - 1
	limit := l.opts.Width
	if limit == 0 {
		limit = roomy
	}
	beside := at != "" && gutter+2+width(lines[last])+2+width(at) <= limit
	for i, text := range lines {
		lead := "- "
		if i > 0 {
			lead = "  "
		}
		if i == last && beside {
			text += "  " + l.ink.dim.paint(at)
		}
		l.row(name, lead+text)
		name = ""
	}
	if at != "" && !beside {
		l.row("", "  "+l.ink.dim.paint(at))
	}
}

// place writes a location as [file:line:column object #pointer], leaving out
// what is not known and the object when it is the subject itself.
func place(at finding.Location, subject string, verbose bool) string {
	s := at.File
	switch {
	case at.Line > 0 && at.Column > 0:
		s += fmt.Sprintf(":%d:%d", at.Line, at.Column)
	case at.Line > 0:
		s += fmt.Sprintf(":%d", at.Line)
	case verbose && at.Offset > 0:
		s += fmt.Sprintf(" byte %d", at.Offset)
	}
	if at.Object != "" && at.Object != subject {
		s += " " + at.Object
	}
	if at.Pointer != "" {
		s += " #" + at.Pointer
	}
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	return "[" + s + "]"
}

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

// command prints something to type. It is never wrapped: it must survive being
// copied.
func (l *listener) command(name, c string) {
	l.row(name, "$ "+l.ink.cmd.paint(c))
}

// way prints how to get something: a command, or a sentence.
func (l *listener) way(name, text string) {
	program, _, _ := strings.Cut(text, " ")
	switch program {
	case "terraform", "tofu", "kubectl", "helm", "aws", "polygraph", "docker", "crane", "git", "curl", "dig", "gcloud", "az":
		l.command(name, text)
	default:
		l.label(name, text)
	}
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
