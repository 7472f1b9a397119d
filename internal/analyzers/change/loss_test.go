package change

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/stateful"
)

// TestEveryStatefulType makes, for every type of the catalogue, a plan that
// destroys it with a guard and one without, and a plan that lacks the guard's
// attribute: held, refuted, unproven.
func TestEveryStatefulType(t *testing.T) {
	refuted, held, unproven := 0, 0, 0
	for _, e := range stateful.All() {
		t.Run(e.Type, func(t *testing.T) {
			if before, ok := e.Example(true); ok {
				if got := lossVerdict(t, e.Type, before); got != finding.Holds {
					t.Errorf("with a guard: %s, want holds\n%v", got, before)
				}
				held++
			}
			before, ok := e.Example(false)
			if !ok {
				return
			}
			refuted++
			if got := lossVerdict(t, e.Type, before); got != finding.Refuted {
				t.Errorf("without a guard: %s, want refuted\n%v", got, before)
			}
			for _, g := range e.Guards {
				if g.Outside {
					continue
				}
				cut, _ := e.Example(false)
				root := g.Attribute
				for i := range root {
					if root[i] == '.' {
						root = root[:i]
						break
					}
				}
				delete(cut, root)
				unproven++
				if got := lossVerdict(t, e.Type, cut); got == finding.Holds {
					t.Errorf("without the attribute %s: holds", g.Attribute)
				} else if got == finding.Refuted && len(e.Guards) == 1 {
					t.Errorf("without the attribute %s, its only guard: refuted", g.Attribute)
				}
			}
		})
	}
	if refuted < 60 || held < 40 || unproven < 40 {
		t.Errorf("only %d refuted, %d held, %d cut cases: the catalogue is too thin", refuted, held, unproven)
	}
}

// lossVerdict runs the analyzer over a plan that destroys one object.
func lossVerdict(t *testing.T, typ string, before map[string]any) finding.Verdict {
	t.Helper()
	plan, err := json.Marshal(map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4", "configuration": map[string]any{},
		"resource_changes": []any{map[string]any{
			"address": typ + ".x", "mode": "managed", "type": typ, "name": "x",
			"change": map[string]any{"actions": []string{"delete"}, "before": before, "after": nil, "after_unknown": map[string]any{}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	verdict, n := finding.Unproven, 0
	for _, f := range findings(t, plan) {
		if f.Rule == "CHG002" {
			verdict = f.Verdict
			n++
		}
	}
	if n == 0 {
		return finding.Holds
	}
	return verdict
}

// findings runs the analyzer over one plan.
func findings(t *testing.T, plan []byte) []finding.Finding {
	t.Helper()
	var out []finding.Finding
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{Analyzer()}, Clock: time.Now, Tables: true}
	item := &evidence.Item{Kind: evidence.TerraformPlan(), Path: "plan.json", Blob: evidence.Bytes(plan)}
	_, err := r.Run(context.Background(), analysis.Evidence{Items: []*evidence.Item{item}}, func(m *run.Message) error {
		if m.Finding != nil {
			out = append(out, *m.Finding)
		}
		if m.Skip != nil {
			t.Fatalf("not examined: %s", m.Skip.Reason)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
