package baseline

import (
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
}

type judge struct {
	Options
	base, head *side
	weaker     map[scope]bool
}

// scope is a rule on one piece of HEAD's evidence.
type scope struct {
	rule  string
	piece *piece
}

// weaken notes where HEAD's evidence as a whole says less than BASE's did: a
// plan without its changes, with targets, cut by an error. What is gone there
// is not fixed.
func (j *judge) weaken() {
	j.weaker = map[scope]bool{}
	for _, h := range j.head.entries {
		if h.whole && h.verdict == finding.Unproven && h.piece.other != nil && (h.other == nil || h.other.verdict != finding.Unproven) {
			j.weaker[scope{h.rule, h.piece}] = true
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
	case j.FailOnOverdue && h.verdict == finding.Refuted && (h.overdue || h.other != nil && h.other.overdue):
		if !c.Worse {
			c.Worse, c.Why = true, "it is overdue"
		}
	}
	return c
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
		c.Why = "it was excepted"
	}
	return c
}

// newcomer judges a finding that BASE does not have.
func (j *judge) newcomer(h *entry) finding.Change {
	c := finding.Change{Status: finding.New, Worse: true}
	_, run := j.base.rules[h.rule]
	known := h.piece == nil || h.piece.other != nil
	switch {
	case j.weaker[scope{h.rule, h.piece}] && h.whole && h.verdict == finding.Unproven:
		return finding.Change{Status: finding.Worse, Worse: true, Why: "the evidence says less than in BASE"}
	case h.verdict == finding.Unproven && known && j.base.proven(h.rule, h.short):
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
	case j.head.proven(b.rule, b.short):
		c.Why = "the claim holds now"
	case b.piece != nil && j.weaker[scope{b.rule, b.piece.other}]:
		c.Status, c.Worse, c.Why = finding.Lost, true, b.piece.other.Path+" says less than in BASE"
	}
	return c
}
