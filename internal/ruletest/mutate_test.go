package ruletest

import (
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// TestUnclaimed: a file may be taken away without a word only where the claim
// was about it and another of its kind.
func TestUnclaimed(t *testing.T) {
	plan, state := evidence.TerraformPlan(), evidence.TerraformState()
	cites := func(names ...string) finding.Finding {
		var f finding.Finding
		for _, n := range names {
			f.Proof = append(f.Proof, finding.Statement{At: finding.Location{File: n}})
		}
		return f
	}
	pair := []file{{name: "a", kind: plan}, {name: "b", kind: plan}}
	for name, c := range map[string]struct {
		files []file
		base  []finding.Finding
		gone  outcome
		want  bool
	}{
		"two roots against each other": {pair, []finding.Finding{cites("a", "b")}, outcome{}, true},
		"the claim holds without it":   {pair, []finding.Finding{cites("a", "b")}, outcome{held: 1}, false},
		"it rests on this file alone":  {pair, []finding.Finding{cites("a")}, outcome{}, false},
		"it rests on the other alone":  {pair, []finding.Finding{cites("b")}, outcome{}, false},
		"one of two is about a pair":   {pair, []finding.Finding{cites("a", "b"), cites("a")}, outcome{}, false},
		"another kind of evidence":     {[]file{{name: "a", kind: plan}, {name: "b", kind: state}}, []finding.Finding{cites("a", "b")}, outcome{}, false},
		"nothing was refuted":          {pair, nil, outcome{}, false},
	} {
		if got := unclaimed(c.files, 0, &outcome{refuted: c.base}, &c.gone); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
