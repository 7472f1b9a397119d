package change

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

// Analyzer returns the change analyzer.
func Analyzer() *analysis.Analyzer { return analyzer }

var analyzer = &analysis.Analyzer{
	Name:  "change",
	Doc:   "What a Terraform plan really does: by which mechanism, drawn by what, and what is lost.",
	Rules: []*analysis.Rule{cascadeRule, lossRule, twinRule, driftRule},
	Facts: []*analysis.Fact{facts.Plan(), facts.State()},
	Run:   examine,
}

func examine(pass *analysis.Pass) error {
	for _, r := range analysis.Values[*tfplan.Plan](pass, facts.Plan()) {
		x := &examination{Pass: pass, Plan: r.Value, item: r.Item}
		x.table()
		x.cascade()
		x.loss()
		x.twins()
		x.drift()
	}
	return nil
}

// examination is one plan under examination.
type examination struct {
	*analysis.Pass
	*tfplan.Plan
	item *evidence.Item
}

// at locates a value inside a change.
func (x *examination) at(c *tfplan.Change, rest string) finding.Location {
	return finding.Location{File: x.item.Path, Offset: x.Offset(c), Object: c.Address, Pointer: c.Pointer(rest)}
}

// subject names a resource and, when the plan shows them, its other names.
func subject(address string, d *tfplan.Detail) finding.Subject {
	s := finding.Subject{Kind: "terraform-resource", Identity: address}
	if d == nil {
		return s
	}
	if id := d.Identity; id != "" && id != address {
		s.Aliases = append(s.Aliases, "id:"+id)
	}
	if arn, ok := d.Before["arn"].(string); ok && arn != "" && arn != d.Identity {
		s.Aliases = append(s.Aliases, "arn:"+arn)
	}
	return s
}

// unreadable is the unproven finding for a change whose values could not be
// read a second time.
func (x *examination) unreadable(r *analysis.Rule, c *tfplan.Change, err error) {
	x.Report(r, finding.Finding{
		Subject: subject(c.Address, nil), Verdict: finding.Unproven,
		Title:   "its values could not be read",
		Proof:   []finding.Statement{{Text: err.Error(), At: x.at(c, "")}},
		Missing: []finding.Missing{{Evidence: "the values of " + c.Address, Get: "run again on an unchanged copy of the plan"}},
	})
}
