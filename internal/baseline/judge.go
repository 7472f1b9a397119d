package baseline

import (
	"time"

	"polygraph/internal/finding"
)

// Options say what fails the gate besides what got worse. The zero value is
// the gate on direction alone.
type Options struct {
	FailOnUnproven bool // new unproven findings fail
	FailOnOverdue  bool // findings that are older than their deadline fail
	// MinSeverity is the least severity of a finding that fails. Severities that
	// HEAD lowered count as they were in BASE.
	MinSeverity finding.Severity
	// Chosen tells that MinSeverity comes from whoever runs the gate. Otherwise
	// it is HEAD's own, and BASE's counts where that is lower.
	Chosen bool
}

// Why a finding fails, where the words are looked at again.
const (
	overdue   = "it is overdue"
	unexcused = "nobody excepts it any more"
)

type judge struct {
	Options
	base, head *side
	weak       map[scope]bool
}

// weaken notes where HEAD's evidence as a whole does not say enough: a plan
// without its changes, with targets, cut by an error. What is gone there is not
// fixed, whatever BASE's evidence was like.
func (j *judge) weaken() {
	j.weak = map[scope]bool{}
	for _, h := range j.head.entries {
		if h.whole && h.verdict == finding.Unproven {
			j.weak[scope{h.rule, h.piece}] = true
		}
	}
}

// ofHead says what became of a finding that HEAD has.
func (j *judge) ofHead(h *entry) finding.Change {
	c := j.direction(h)
	c.Excepted = h.excepted && (h.other == nil || !h.other.excepted)
	switch {
	case h.excepted, j.severity(h) < j.MinSeverity:
		c.Worse = false
	case j.FailOnOverdue && j.late(h) && !c.Worse:
		c.Worse, c.Why = true, overdue
	}
	return c
}

// first is when a finding was first seen, by the side that knows it longer: a
// date that HEAD moved resets no clock.
func first(h *entry) string {
	if b := h.other; b != nil && b.first != "" && (h.first == "" || b.first < h.first) {
		return b.first
	}
	return h.first
}

// late tells that a false claim is past its deadline, by the shorter one of the
// two sides.
func (j *judge) late(h *entry) bool {
	if h.verdict != finding.Refuted || h.excepted {
		return false
	}
	days, limited := 0, false
	for _, s := range []*side{j.base, j.head} {
		if s.header.Policy == nil {
			continue
		}
		if d, ok := s.header.Policy.SLA[h.severity]; ok && (!limited || d < days) {
			days, limited = d, true
		}
	}
	seen, err := time.Parse(time.DateOnly, first(h))
	if !limited || err != nil {
		return h.overdue
	}
	return h.overdue || seen.AddDate(0, 0, days).Format(time.DateOnly) < j.head.header.Started.UTC().Format(time.DateOnly)
}

func (j *judge) direction(h *entry) finding.Change {
	b := h.other
	if b == nil {
		return j.newcomer(h)
	}
	c := finding.Change{Status: finding.Same, Was: b.verdict.String()}
	switch {
	case b.verdict == finding.Refuted && h.verdict == finding.Unproven:
		c.Status, c.Worse, c.Why = finding.Worse, true, "it was false and can no longer be judged"
	case b.verdict == finding.Unproven && h.verdict == finding.Refuted:
		c.Status, c.Worse, c.Why = finding.Worse, true, "it was unproven and is false"
	case h.severity > b.severity && j.base.rules[h.rule].Severity == j.head.rules[h.rule].Severity:
		c.Status, c.Worse, c.Why = finding.Worse, true, "its severity was "+b.severity.String()
	case b.excepted && !h.excepted:
		c.Status, c.Worse, c.Why = finding.Worse, true, unexcused
	}
	return c
}

// newcomer judges a finding that BASE does not have.
func (j *judge) newcomer(h *entry) finding.Change {
	c := finding.Change{Status: finding.New, Worse: true}
	_, run := j.base.rules[h.rule]
	known := h.piece == nil || h.piece.other != nil
	switch {
	case h.whole && known && h.verdict == finding.Unproven:
		return finding.Change{Status: finding.Worse, Worse: true, Why: "the evidence says less than in BASE"}
	case h.verdict == finding.Unproven && h.piece != nil && j.base.proven(scope{h.rule, h.piece.other}, h.short):
		return finding.Change{Status: finding.Worse, Was: finding.Holds.String(), Worse: true, Why: "it held and can no longer be proven"}
	case !run && len(j.base.rules) > 0:
		return finding.Change{Status: finding.Unjudged, Why: "BASE did not apply rule " + h.rule}
	case h.verdict == finding.Unproven:
		c.Worse = j.FailOnUnproven
	}
	if !known {
		c.Why = "its evidence is new"
	}
	return c
}

// severity is the greater one of what a finding has and what BASE says about
// its rule: lowering it in the change that is judged does not pass the gate.
func (j *judge) severity(h *entry) finding.Severity {
	b, known := j.base.rules[h.rule]
	if known && b.Severity > j.head.rules[h.rule].Severity {
		return max(h.severity, b.Severity)
	}
	return h.severity
}

// ofBase says what became of a finding that HEAD does not have.
func (j *judge) ofBase(b *entry) finding.Change {
	c := finding.Change{Status: finding.Fixed, Was: b.verdict.String()}
	switch _, run := j.head.rules[b.rule]; {
	case !run && len(j.head.rules) > 0:
		c.Status, c.Worse, c.Why = finding.Lost, true, "rule "+b.rule+" was not applied"
	case b.piece != nil && b.piece.other == nil:
		c.Status = gone(b.piece)
		c.Worse = c.Status == finding.Lost
		c.Why = b.piece.Path + " was not examined"
	case b.piece == nil:
	case j.head.proven(scope{b.rule, b.piece.other}, b.short):
		c.Why = "the claim holds now"
	case j.weak[scope{b.rule, b.piece.other}]:
		c.Status, c.Worse, c.Why = finding.Lost, true, b.piece.other.Path+" does not say enough to call it fixed"
	}
	return c
}
