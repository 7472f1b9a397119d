package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
	"polygraph/internal/twin"
)

// twinPairs finds the twins once: loss and twins both ask.
func (x *examination) twinPairs() *twin.Result {
	if x.pairs == nil {
		res := twin.Find(x.Plan)
		x.pairs = &res
	}
	return x.pairs
}

// twinOf returns the pair of a destroyed object, nil without one.
func (x *examination) twinOf(c *tfplan.Change) *twin.Pair {
	if c.Action != tfplan.Delete {
		return nil
	}
	pairs := x.twinPairs().Pairs
	i, ok := slices.BinarySearchFunc(pairs, c.Index, func(p twin.Pair, index int32) int { return int(p.Old.Index - index) })
	if !ok {
		return nil
	}
	return &pairs[i]
}

func (x *examination) twins() {
	res := x.twinPairs()
	for _, c := range res.Single {
		x.hold(twinRule, subject(c.Address, nil), "")
	}
	for i := range res.Pairs {
		x.reportTwin(&res.Pairs[i])
	}
	for _, c := range res.Unread {
		x.unreadable(twinRule, c, fmt.Errorf("more than %d pairs would have to be compared, or the entry is too large", twin.MaxReads))
	}
}

func (x *examination) reportTwin(p *twin.Pair) {
	d := &tfplan.Detail{Identity: p.ID, Before: map[string]any{"arn": p.ARN}} // for its other names
	f := finding.Finding{
		Subject: subject(p.Old.Address, d),
		Title:   fmt.Sprintf("it comes back as %s with the same arguments", p.New.Address),
		Proof: []finding.Statement{
			{Text: p.Old.Address + " is destroyed", At: x.at(p.Old, "/change/actions")},
			{Text: p.New.Address + " is created", At: x.at(p.New, "/change/actions")},
			{Text: fmt.Sprintf("every known argument of the new one equals the old one's: %s", strings.Join(p.Equal, ", ")), At: x.at(p.New, "/change/after")},
			{Text: "compared with the object that is destroyed", At: x.at(p.Old, "/change/before")},
		},
	}
	if p.Named != "" {
		f.Proof[2].Text += "; `" + p.Named + "` names it"
	}
	if len(p.Refers) > 0 && p.Doubt == "" {
		f.Proof = append(f.Proof, finding.Statement{
			Text: fmt.Sprintf("`%s` will come from objects that are twins themselves", strings.Join(p.Refers, "`, `")), At: x.at(p.New, "/change/after_unknown"),
		})
	}
	moved := fmt.Sprintf("moved {\n  from = %s\n  to   = %s\n}", p.Old.Address, p.New.Address)
	if p.Doubt != "" {
		f.Verdict = finding.Unproven
		f.Title = fmt.Sprintf("it looks like %s, which is created", p.New.Address)
		f.Proof = append(f.Proof, finding.Statement{Text: p.Doubt, At: x.at(p.New, "/change/after_unknown")})
		f.Missing = []finding.Missing{{
			Evidence: "whether both are meant to be the same object: " + p.Doubt,
			Get:      "compare the two; if they are one, add the block below and plan again: nothing is destroyed when it fits",
		}}
		f.Remedy = finding.Remedy{Patch: moved, Language: "hcl"}
	} else {
		f.Verdict = finding.Refuted
		f.Remedy = finding.Remedy{
			Text:  "Add this block in the root module and plan again: the object keeps its identity.",
			Patch: moved, Language: "hcl",
		}
	}
	x.Report(twinRule, f)
}
