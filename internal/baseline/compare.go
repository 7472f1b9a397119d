package baseline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Compare judges HEAD against BASE and emits the comparison as a run: HEAD's
// header with both sides, its evidence, skips and rows, every finding with its
// change (what fails first), the findings of BASE that are gone, and HEAD's
// summary with the difference. Both runs must be whole.
func Compare(base, head Named, o Options, emit func(*run.Message) error) (*run.Difference, error) {
	b, err := load(base.Replay)
	if err != nil {
		return nil, &SideError{base.Name, err}
	}
	h, err := load(head.Replay)
	if err != nil {
		return nil, &SideError{head.Name, err}
	}
	m := newMatcher(b, h)
	m.pair(b, h)
	m.match(b, h)
	c := &comparison{judge: judge{Options: o, base: b, head: h}, base: base, head: head, emit: emit, diff: &run.Difference{}, worse: map[finding.Status]int{}, plain: map[finding.Status]int{}}
	c.measure()
	c.weaken()
	if err := c.run(base.Name); err != nil {
		return nil, err
	}
	return c.diff, nil
}

// Named is a run and what the user calls it.
type Named struct {
	Name   string
	Replay Replay
}

// SideError is an error of one of the two runs.
type SideError struct {
	Side string
	Err  error
}

func (e *SideError) Error() string { return e.Side + ": " + e.Err.Error() }
func (e *SideError) Unwrap() error { return e.Err }

type comparison struct {
	judge
	base, head Named
	emit       func(*run.Message) error
	diff       *run.Difference
	// worse is how many findings of HEAD fail, by status, and plain how many do not.
	worse map[finding.Status]int
	plain map[finding.Status]int
	notes []string // about the measure of the gate
}

func (c *comparison) run(baseName string) error {
	b, h := c.judge.base, c.judge.head
	header := h.header
	header.Command = "compare"
	header.Base = &run.Side{Name: baseName, Version: b.header.Version, Inputs: b.header.Inputs, Started: b.header.Started}
	header.Head = &run.Side{Name: c.head.Name, Version: h.header.Version, Inputs: h.header.Inputs, Started: h.header.Started}
	header.Rules = c.rules()
	c.count()
	if err := c.emit(&run.Message{Header: &header}); err != nil {
		return err
	}
	if err := c.evidence(); err != nil {
		return err
	}
	if err := c.findings(); err != nil {
		return err
	}
	sum := h.summary
	sum.Difference = c.diff
	return c.emit(&run.Message{Summary: &sum})
}

// rules are those of HEAD, and those that only BASE applied: its findings still
// have to be explained.
func (c *comparison) rules() []run.RuleRef {
	out := slices.Clone(c.judge.head.header.Rules)
	for _, r := range c.judge.base.header.Rules {
		if _, both := c.judge.head.rules[r.ID]; !both {
			out = append(out, r)
		}
	}
	return out
}

// count fills the difference before anything is emitted.
func (c *comparison) count() {
	d, b, h := c.diff, c.judge.base, c.judge.head
	tally := map[finding.Status]int{}
	worse := map[string]int{} // reason -> how many
	for _, e := range h.entries {
		ch := c.ofHead(e)
		tally[ch.Status]++
		if ch.Excepted {
			d.Excepted++
		}
		if ch.Worse {
			d.Failing++
			c.worse[ch.Status]++
			worse[reason(e, ch)]++
		} else {
			c.plain[ch.Status]++
		}
	}
	for _, e := range b.entries {
		if e.other != nil {
			continue
		}
		ch := c.ofBase(e)
		tally[ch.Status]++
		if ch.Worse {
			d.Failing++
			worse["lost"]++
		}
	}
	d.New, d.Worse, d.Lost, d.Unjudged = tally[finding.New], tally[finding.Worse], tally[finding.Lost], tally[finding.Unjudged]
	d.Same, d.Fixed, d.Removed = tally[finding.Same], tally[finding.Fixed], tally[finding.Removed]
	for _, p := range b.pieces {
		switch {
		case p.other != nil:
		case gone(p) == finding.Removed:
			d.EvidenceRemoved++
		default:
			d.EvidenceLost++
			d.Failing++
		}
	}
	d.EvidenceNew = len(free(h.pieces))
	d.Unread = c.unread()
	off := c.notApplied()
	d.Failing += len(off)
	c.reasons(worse, off)
	c.warnings()
	switch {
	case d.Failing > 0:
		d.Direction = "worse"
	case d.Unjudged > 0, d.Unread > 0, c.blind():
		d.Direction = "unproven"
	case d.Fixed+d.Removed > 0:
		d.Direction = "better"
	default:
		d.Direction = "same"
	}
}

// unread counts what HEAD recognised as evidence and could not read, and BASE
// did not have: it may hold anything.
func (c *comparison) unread() int {
	known := map[string]bool{}
	for _, s := range c.judge.base.skips {
		known[below(s.Path, c.judge.base.header.Inputs)] = true
	}
	n := 0
	for _, s := range c.judge.head.skips {
		if s.Kind != "" && s.Kind != "rule" && !known[below(s.Path, c.judge.head.header.Inputs)] {
			n += s.Count
		}
	}
	return n
}

// blind: HEAD looked at nothing, or not at something that the user named.
func (c *comparison) blind() bool {
	named := slices.ContainsFunc(c.judge.head.skips, func(s run.Skip) bool { return s.Named })
	return named || c.judge.head.summary.Coverage.Evidence == 0
}

// measure settles which severity fails. HEAD's polygraph.yaml may be part of
// what is judged, so it can make the gate stricter and not more lenient.
func (c *comparison) measure() {
	if c.Chosen {
		return
	}
	was := finding.Info
	if p := c.judge.base.header.Policy; p != nil {
		was = p.MinSeverity
	}
	if c.MinSeverity > was {
		c.notes = append(c.notes, fmt.Sprintf("HEAD raises gate.min_severity from %s to %s; this comparison fails from %s on", was, c.MinSeverity, was))
		c.MinSeverity = was
	}
}

// notApplied are the rules that BASE applied and HEAD did not. What one of them
// had to say about HEAD nobody knows, also where it found nothing in BASE.
func (c *comparison) notApplied() []string {
	var out []string
	if len(c.judge.head.rules) == 0 {
		return nil // a run of a version that did not list them
	}
	for _, r := range c.judge.base.header.Rules {
		if _, run := c.judge.head.rules[r.ID]; !run {
			out = append(out, r.ID)
		}
	}
	return out
}

func reason(e *entry, ch finding.Change) string {
	switch {
	case ch.Why == overdue:
		return "overdue"
	case ch.Why == unexcused:
		return "unexcused"
	case ch.Status == finding.New && e.verdict == finding.Unproven:
		return "new unproven"
	case ch.Status == finding.New:
		return "new"
	case e.verdict == finding.Unproven:
		return "unprovable"
	case ch.Was == finding.Unproven.String():
		return "proved false"
	}
	return "graver"
}

func (c *comparison) reasons(worse map[string]int, off []string) {
	d := c.diff
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			d.Reasons = append(d.Reasons, "1 "+one)
		case n > 1:
			d.Reasons = append(d.Reasons, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(worse["new"], "claim is newly false", "claims are newly false")
	add(worse["proved false"], "claim that was unproven is false", "claims that were unproven are false")
	add(worse["unexcused"], "false or unproven claim is not excepted any more", "false or unproven claims are not excepted any more")
	add(worse["graver"], "false claim is graver than before", "false claims are graver than before")
	add(worse["unprovable"], "claim can no longer be proven", "claims can no longer be proven")
	add(d.EvidenceLost, "observation that BASE had was not examined", "observations that BASE had were not examined")
	add(worse["lost"], "finding went with what showed it", "findings went with what showed them")
	if len(off) > 0 {
		add(len(off), "rule was not applied: "+strings.Join(off, ", "), "rules were not applied: "+strings.Join(off, ", "))
	}
	add(worse["new unproven"], "claim is newly unproven", "claims are newly unproven")
	add(worse["overdue"], "false claim is overdue", "false claims are overdue")
	if d.Failing == 0 {
		if c.blind() {
			d.Reasons = append(d.Reasons, "HEAD did not examine what it should")
		}
		add(d.Unread, "piece of new evidence could not be read", "pieces of new evidence could not be read")
		add(d.Unjudged, "claim is false by a rule that BASE did not apply: make BASE again", "claims are false by rules that BASE did not apply: make BASE again")
	}
}

// warnings are about the comparison itself.
func (c *comparison) warnings() {
	b, h := &c.judge.base.header, &c.judge.head.header
	warn := func(format string, args ...any) {
		c.diff.Warnings = append(c.diff.Warnings, fmt.Sprintf(format, args...))
	}
	c.diff.Warnings = append(c.diff.Warnings, c.notes...)
	if b.Started.Truncate(time.Second).After(h.Started) {
		warn("BASE is younger than HEAD (%s, %s): are the two swapped?", b.Started.Format("2006-01-02 15:04:05Z"), h.Started.Format("2006-01-02 15:04:05Z"))
	}
	if b.Version != h.Version {
		warn("BASE was made by Polygraph %s and HEAD by %s: make BASE again if rules differ", b.Version, h.Version)
	}
	if len(c.judge.base.pieces) == 0 {
		warn("BASE examined nothing, so everything in HEAD is new")
	}
	for _, r := range h.Rules {
		if was, known := c.judge.base.rules[r.ID]; known && was.Severity > r.Severity {
			warn("HEAD lowers the severity of %s from %s to %s; the gate judges it as %s", r.ID, was.Severity, r.Severity, was.Severity)
		}
	}
}
