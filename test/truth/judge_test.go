package truth

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// judgement is what the change analyzer said about one plan.
type judgement struct {
	findings []finding.Finding
	rows     []row
	held     map[string]int // rule to count
}

// row is a row of the table of changes.
type row struct{ address, mechanism, because, identity string }

func judge(t *testing.T, text []byte) judgement {
	t.Helper()
	j := judgement{held: map[string]int{}}
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{change.Analyzer()}, Clock: time.Now, Tables: true}
	item := &evidence.Item{Kind: evidence.TerraformPlan(), Path: "plan.json", Blob: evidence.Bytes(text)}
	sum, err := r.Run(context.Background(), analysis.Evidence{Items: []*evidence.Item{item}}, func(m *run.Message) error {
		switch {
		case m.Finding != nil:
			j.findings = append(j.findings, *m.Finding)
		case m.Row != nil && m.Row.Table == change.Table:
			cells := map[string]string{}
			for _, c := range m.Row.Cells {
				cells[c.Name] = c.Value
			}
			j.rows = append(j.rows, row{cells["address"], cells["mechanism"], cells["because"], cells["new identity"]})
		case m.Skip != nil:
			t.Fatalf("the plan was not examined: %s", m.Skip.Reason)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range sum.Rules {
		j.held[c.Rule] = c.Held
	}
	return j
}

// of returns the findings of one rule with one verdict.
func (j judgement) of(rule string, v finding.Verdict) []finding.Finding {
	var out []finding.Finding
	for _, f := range j.findings {
		if f.Rule == rule && f.Verdict == v {
			out = append(out, f)
		}
	}
	return out
}

// verdict is what a rule said about one address. Nothing said is "":
// what holds is only counted, see held.
// What holds is only counted, see held.
func (j judgement) verdict(rule, address string) string {
	for _, f := range j.findings {
		if f.Rule == rule && f.Subject.Identity == address {
			return f.Verdict.String()
		}
	}
	return ""
}

func (j judgement) finding(rule, address string) finding.Finding {
	for _, f := range j.findings {
		if f.Rule == rule && f.Subject.Identity == address {
			return f
		}
	}
	return finding.Finding{}
}

func (j judgement) row(address string) row {
	for _, r := range j.rows {
		if r.address == address {
			return r
		}
	}
	return row{}
}

// drawing is one change that a finding of CHG001 blames on its subject.
type drawing struct {
	address   string
	attribute string // "" where the proof names none
	shared    bool   // with another cause: taking one back need not undo it
}

// charge is a finding of CHG001, taken apart by what its proof points at and not by its prose.
type charge struct {
	identity string
	roots    []string
	drawn    []drawing
}

func charges(j judgement) []charge {
	var out []charge
	for _, f := range j.of("CHG001", finding.Refuted) {
		c := charge{identity: f.Subject.Identity}
		for _, st := range f.Proof {
			parts := strings.SplitN(strings.TrimPrefix(st.At.Pointer, "/"), "/", 5)
			if parts[0] != "resource_changes" || len(parts) < 3 {
				continue // the line of the configuration behind the statement before
			}
			rest := strings.Join(parts[2:], "/")
			switch {
			case rest == "change/actions" || rest == "change":
				c.roots = append(c.roots, st.At.Object)
			case strings.HasPrefix(rest, "change/after_unknown/"):
				c.drawn = append(c.drawn, drawing{st.At.Object, parts[4], strings.Contains(st.Text, sharedWords)})
			default:
				c.drawn = append(c.drawn, drawing{st.At.Object, "", strings.Contains(st.Text, sharedWords)})
			}
		}
		out = append(out, c)
	}
	return out
}

// sharedWords mark a change with several causes.
const sharedWords = "other causes"

// blamed are the addresses that a charge lists.
func (c charge) blamed() []string {
	var out []string
	for _, d := range c.drawn {
		if !slices.Contains(out, d.address) {
			out = append(out, d.address)
		}
	}
	return out
}
