package junit

import (
	"bufio"
	"fmt"
	"io"
	"strconv"

	"polygraph/internal/finding"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// Limits of what is kept.
const (
	maxCases  = 25_000
	maxBodies = 8 << 20 // bytes of all texts inside failures
	maxBody   = 16_000  // bytes of one
	maxText   = 1_000   // bytes of a name or a message
	maxListed = 100     // cases about paths that were not examined, and about evidence
	maxProof  = 25      // statements of one proof
)

// New returns a listener that writes one JUnit XML document to w when it is
// closed. An error of w is returned by Close.
func New(w io.Writer) run.Listener {
	return sanitize.Before(&listener{
		buf: bufio.NewWriterSize(w, 64<<10), suites: map[string]*suite{}, names: map[[2]string]int{},
	})
}

type outcome uint8

const (
	passed outcome = iota
	skipped
	failed
	broken // an error: nobody can tell
)

// testcase is kept until the counts are known.
type testcase struct {
	class, name string
	outcome     outcome
	kind        string // of a failure: "refuted", "worse", ...
	message     string
	body        string
}

type suite struct {
	name     string
	analyzer string
	cases    []testcase
	count    [4]int // by outcome
}

type listener struct {
	buf      *bufio.Writer
	header   run.Header
	started  bool
	compared bool
	rules    map[string]run.RuleRef
	suites   map[string]*suite
	order    []string
	run      suite // what is about the run and not about a rule
	names    map[[2]string]int
	kept     int // cases about findings
	bodies   int // bytes
	left     [4]int
	bare     int // failures without a body
	summary  *run.Summary
	failing  int // findings and pieces of evidence that fail
	rows     rows

	listed          int // paths that were not examined
	unlisted        int
	unlistedNamed   bool // the user named one of them
	changes         int  // pieces of evidence that are lost or removed
	unlistedChanges int
	unlistedWorse   bool
}

// Hear collects cases; nothing is written before Close.
func (l *listener) Hear(m *run.Message) error {
	switch {
	case m.Header != nil && !l.started:
		l.start(m.Header)
	case m.Evidence != nil:
		l.hearEvidence(m.Evidence)
	case m.Skip != nil:
		l.hearSkip(m.Skip)
	case m.Row != nil:
		l.rows.hear(m.Row)
	case m.Finding != nil:
		l.hearFinding(m.Finding)
	case m.Summary != nil:
		l.summary = m.Summary // a copy that sanitize made for this listener
	}
	return nil
}

func (l *listener) start(h *run.Header) {
	l.started = true
	l.header = *h
	l.compared = h.Command == "compare" || h.Base != nil || h.Head != nil
	l.rules = map[string]run.RuleRef{}
	for _, r := range h.Rules {
		l.rules[r.ID] = r
		l.suiteOf(r.ID)
	}
}

// suiteOf is the suite of a rule. Every rule of the header has one, so that a
// rule that found nothing is not taken for one that was not there.
func (l *listener) suiteOf(rule string) *suite {
	if s := l.suites[rule]; s != nil {
		return s
	}
	r := l.rules[rule]
	s := &suite{name: cut(joined(words.First(rule, "unknown rule"), words.First(r.Title, r.Claim))), analyzer: cut(r.Analyzer)}
	l.suites[rule] = s
	l.order = append(l.order, rule)
	return s
}

func (l *listener) hearFinding(f *finding.Finding) {
	how, kind, message := l.judge(f)
	if how == failed {
		l.failing++
	}
	if l.kept == maxCases {
		l.left[how]++
		return
	}
	l.kept++
	c := testcase{
		// CI follows a test by its name, so the name holds nothing that a count or a
		// value in the title would change.
		class: cut(class(f.Analyzer, f.Rule)), name: l.unique(class(f.Analyzer, f.Rule), cut(joined(words.Called(f.Subject), f.Discriminator))),
		outcome: how, kind: kind, message: cut(message),
	}
	body := report(f)
	if l.bodies += len(body); l.bodies <= maxBodies {
		c.body = body
	} else {
		l.bodies = maxBodies // no shorter one slips in: the order is the run's
		l.bare++
	}
	s := l.suiteOf(f.Rule)
	if s.analyzer == "" {
		s.analyzer = cut(f.Analyzer)
	}
	s.add(c)
}

func (s *suite) add(c testcase) {
	s.cases = append(s.cases, c)
	s.count[c.outcome]++
}

// unique numbers a name that a class has already: readers keep one of two
// cases that are called the same.
func (l *listener) unique(class, name string) string {
	key := [2]string{class, name}
	l.names[key]++
	if n := l.names[key]; n > 1 {
		return l.unique(class, name+" ("+strconv.Itoa(n)+")")
	}
	return name
}

// judge says what a finding does to the gate.
func (l *listener) judge(f *finding.Finding) (how outcome, kind, message string) {
	if c := f.Change; l.compared && c != nil {
		return compared(f, c)
	}
	switch {
	case f.ExceptedBy != "":
		return skipped, "excepted", f.Verdict.Label() + ", excepted by " + f.ExceptedBy
	case f.Verdict == finding.Refuted:
		return failed, "refuted", falsehood(f)
	case f.Verdict == finding.Holds:
		return passed, "", ""
	default:
		return skipped, "unproven", lacking(f)
	}
}

func compared(f *finding.Finding, c *finding.Change) (how outcome, kind, message string) {
	why := status(c)
	if c.Why != "" {
		why += ": " + c.Why
	}
	// What got worse fails also when BASE excepted it: the exception of what HEAD
	// no longer sees excuses nothing.
	switch {
	case c.Worse && c.Status == finding.Lost:
		return failed, "lost", "UNPROVEN, it was " + words.First(words.Verdict(c.Was), f.Verdict.Label()) + " in BASE (" + why + ")"
	case c.Worse:
		return failed, c.Status.String(), worded(f) + " (" + why + ")"
	case f.ExceptedBy != "" && !words.Gone(c):
		return skipped, "excepted", f.Verdict.Label() + ", excepted by " + f.ExceptedBy
	}
	switch c.Status {
	case finding.Unjudged:
		return broken, "unjudged", worded(f) + ", and nobody can tell whether that is new (" + why + "): renew BASE"
	case finding.Fixed:
		return passed, "", ""
	case finding.Removed:
		return skipped, "removed", "removed with its declaration: nothing is left to judge"
	case finding.Same:
		if f.Verdict == finding.Holds {
			return passed, "", ""
		}
		return skipped, "same", worded(f) + ", as in BASE: not a reason to fail"
	case finding.New, finding.Worse, finding.Lost:
	}
	return skipped, c.Status.String(), worded(f) + " (" + why + ")"
}

func worded(f *finding.Finding) string {
	switch f.Verdict {
	case finding.Refuted:
		return falsehood(f)
	case finding.Holds:
		return "TRUE"
	default:
		return lacking(f)
	}
}

func falsehood(f *finding.Finding) string {
	s := "FALSE"
	if f.Overdue {
		s += ", overdue, known since " + words.First(f.FirstSeen, "an unknown date")
	}
	return s + ", " + f.Severity.String() + ": " + words.First(f.Title, f.Claim)
}

// lacking names what is missing and how to get the first of it.
func lacking(f *finding.Finding) string {
	if len(f.Missing) == 0 {
		return "UNPROVEN: " + words.First(f.Title, f.Claim)
	}
	s := "UNPROVEN, missing: " + f.Missing[0].Evidence
	if f.Missing[0].Get != "" {
		s += "; get it: " + f.Missing[0].Get
	}
	if n := len(f.Missing) - 1; n > 0 {
		s += fmt.Sprintf("; and %d more", n)
	}
	return s
}

func class(analyzer, rule string) string {
	if analyzer == "" {
		return words.First(rule, "unknown")
	}
	return analyzer + "." + words.First(rule, "unknown")
}
