package markdown

import (
	"io"

	"polygraph/internal/finding"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// Marker is the first line of every comment. It is not shown; a workflow finds
// its own comment by it.
const Marker = "<!-- polygraph -->"

// MaxBytes bounds what is written. GitHub takes 65,536 characters.
const MaxBytes = 60_000

// How many of each sort are listed.
const (
	maxFailing  = 20
	maxListed   = 10
	maxOverdue  = 3  // in the open, the others are folded
	maxLost     = 5  // findings that went with their evidence
	maxMentions = 10 // skips, evidence, gaps, reasons
)

// New returns a listener that writes the comment to w when it is closed. A run
// that was cut off says so and is unproven.
func New(w io.Writer) run.Listener {
	l := &listener{w: w}
	for _, s := range l.shelves() {
		s.most = maxListed
	}
	l.failing.most, l.lost.most = maxFailing, maxLost
	return sanitize.Before(l)
}

type listener struct {
	w       io.Writer
	header  *run.Header // without its rules
	summary *run.Summary

	// Of a check, failing are the refuted findings and open the unproven ones. Of
	// a comparison, failing are the new ones that fail. What fails for another
	// reason has a shelf of its own: many of one sort must not hide another.
	failing, worse, lost, overdue   shelf
	open, excepted                  shelf
	unjudged, fresh, fixed, removed shelf
	excused                         shelf // excepted, and in both runs
	same                            tally
	left                            left
	tables                          tables
	skips                           []string
	skipped, skipsMore              int // paths; lines that are not listed
	falseExcepted                   int
	missing                         gaps
}

func (l *listener) shelves() []*shelf {
	return []*shelf{
		&l.failing, &l.worse, &l.lost, &l.overdue, &l.open, &l.excepted, &l.unjudged, &l.fresh, &l.fixed, &l.removed, &l.excused,
	}
}

// fails counts what was heard and fails in a comparison.
func (l *listener) fails() int {
	return l.failing.total + l.worse.total + l.lost.total + l.overdue.total + l.left.worse
}

func (l *listener) compares() bool {
	return l.header != nil && (l.header.Base != nil || l.header.Head != nil || l.header.Command == "compare") ||
		l.summary != nil && l.summary.Difference != nil
}

// Hear keeps what the comment needs.
func (l *listener) Hear(m *run.Message) error {
	switch {
	case m.Header != nil:
		h := *m.Header
		h.Rules = nil
		l.header = &h
	case m.Evidence != nil:
		l.hearEvidence(m.Evidence)
	case m.Skip != nil:
		l.hearSkip(m.Skip)
	case m.Row != nil:
		l.tables.hear(m.Row)
	case m.Finding != nil:
		l.hearFinding(m.Finding)
	case m.Summary != nil:
		l.summary = m.Summary
	}
	return nil
}

func (l *listener) hearFinding(f *finding.Finding) {
	c := f.Change
	if f.Verdict == finding.Unproven && f.ExceptedBy == "" && !gone(f) && (c == nil || c.Status != finding.Same) {
		l.missing.hear(f)
	}
	switch {
	case c != nil && c.Worse:
		l.hearWorse(f)
	case c != nil && c.Status == finding.Fixed:
		l.fixed.add(f, inList)
	case c != nil && c.Status == finding.Removed:
		l.removed.add(f, inList)
	case f.ExceptedBy != "":
		l.except(f)
	case c == nil && f.Verdict == finding.Refuted:
		l.failing.add(f, inTable)
	case c == nil:
		l.open.add(f, inList)
	case c.Status == finding.Same && c.Why == "":
		l.same.add(f.Rule)
	case c.Status == finding.Unjudged:
		l.unjudged.add(f, inList)
	default:
		l.fresh.add(f, inList)
	}
}

func (l *listener) except(f *finding.Finding) {
	if f.Verdict == finding.Refuted {
		l.falseExcepted++
	}
	if f.Change != nil && f.Change.Status == finding.Same && !f.Change.Excepted {
		l.excused.add(f, inList)
		return
	}
	l.excepted.add(f, inList)
}

func (l *listener) hearWorse(f *finding.Finding) {
	switch f.Change.Status {
	case finding.Lost:
		l.left.went(f)
		l.lost.add(f, inList)
	case finding.Same:
		l.overdue.add(f, inTable)
	case finding.New:
		l.failing.add(f, inTable)
	default:
		l.worse.add(f, inTable)
	}
}

// Close writes the comment.
func (l *listener) Close() error {
	if l.header == nil && l.summary == nil && l.fails() == 0 {
		return nil // nothing was run: nothing can be said
	}
	_, err := io.WriteString(l.w, l.comment())
	return err
}
