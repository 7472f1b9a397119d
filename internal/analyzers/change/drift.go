package change

import (
	"fmt"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/tfplan"
)

func (x *examination) drift() {
	if len(x.Drift) == 0 {
		return
	}
	planned := make(map[string]*tfplan.Change, len(x.Drift))
	for i := range x.Drift {
		planned[x.Drift[i].Address] = nil
	}
	for i := range x.Changes {
		c := &x.Changes[i]
		if _, drifted := planned[c.Address]; drifted && c.Deposed == "" {
			planned[c.Address] = c
		}
	}
	for i := range x.Drift {
		dr := &x.Drift[i]
		if dr.Data || dr.Deposed != "" {
			continue
		}
		x.judgeDrift(dr, planned[dr.Address])
	}
}

func (x *examination) judgeDrift(dr, c *tfplan.Change) {
	d, err := x.Detail(dr)
	if err != nil {
		x.unreadable(driftRule, dr, err)
		return
	}
	diffs := tfplan.Diff(d.Before, d.After)
	x.driftRows(dr, c)
	switch {
	case d.Before == nil:
		x.Report(driftRule, finding.Finding{
			Subject: subject(dr.Address, nil), Verdict: finding.Unproven, Title: "it was changed outside of Terraform, and the plan does not say what it was",
			Proof:   []finding.Statement{{Text: "it drifted", At: x.at(dr, "/change/actions")}},
			Missing: []finding.Missing{{Evidence: "`before` of its drift", Get: evidenceGet}},
		})
	case dr.Action != tfplan.Delete && len(diffs) == 0:
		return // moved only: nothing was changed by hand
	case dr.Action == tfplan.Delete:
		x.judgeDeleted(dr, c, d)
	case c == nil, c.Action == tfplan.NoOp, c.Action == tfplan.Delete, c.Action == tfplan.Forget:
		x.hold(driftRule, subject(dr.Address, nil), "") // adopted or ignored; or the object goes, which the plan says
	default:
		x.judgeReverted(dr, c, d)
	}
}

// judgeDeleted: an object that somebody deleted and that comes back.
func (x *examination) judgeDeleted(dr, c *tfplan.Change, d *tfplan.Detail) {
	if c == nil || c.Action != tfplan.Create {
		x.hold(driftRule, subject(dr.Address, nil), "")
		return
	}
	if d.Unmasked {
		d.SealAll()
	}
	who := x.writer(dr, d, nil)
	x.Report(driftRule, finding.Finding{
		Subject: subject(dr.Address, d), Verdict: finding.Refuted,
		Title: "it was deleted outside of Terraform" + who.by() + ", and this plan creates it again",
		Proof: append([]finding.Statement{
			{Text: "deleted since the last apply", At: x.at(dr, "/change/actions")},
			{Text: "created, as if it were new", At: x.at(c, "/change/actions")},
		}, who.statements()...),
		Remedy: finding.Remedy{Text: who.ask("deleted it") + " If it was deleted on purpose, delete it from the configuration too; if not, find that out before you make a new one: a new object has a new identity and none of the old data."},
	})
}

func (x *examination) judgeReverted(dr, c *tfplan.Change, d *tfplan.Detail) {
	cd, err := x.Detail(c)
	if err != nil {
		x.unreadable(driftRule, c, err)
		return
	}
	sealBoth(d, cd)
	var reverted, unknown []tfplan.Difference
	for _, o := range x.outcomes(c, d, cd) {
		switch o.fate {
		case setBack:
			reverted = append(reverted, o.Difference)
		case open:
			unknown = append(unknown, o.Difference)
		}
	}
	f := finding.Finding{Subject: subject(dr.Address, d)}
	switch {
	case len(reverted) > 0:
		f.Verdict = finding.Refuted
		who := x.writer(dr, d, reverted)
		f.Title = "it sets back " + quoteAll(reverted) + who.by()
		for i, df := range reverted {
			if i == 20 {
				f.Proof = append(f.Proof, finding.Statement{Text: fmt.Sprintf("and %d more attributes", len(reverted)-i), At: x.at(dr, "/change")})
				break
			}
			f.Proof = append(f.Proof,
				finding.Statement{Text: fmt.Sprintf("changed outside of Terraform: %s from %s to %s", df.Dotted(), tfplan.Show(df.Old), tfplan.Show(df.New)), At: x.at(dr, "/change/after"+df.Pointer())},
				finding.Statement{Text: fmt.Sprintf("set back by this plan: %s = %s", df.Dotted(), tfplan.Show(df.Old)), At: x.at(c, "/change/after"+df.Pointer())},
				finding.Statement{Text: fmt.Sprintf("the state of the last apply had %s", tfplan.Show(df.Old)), At: x.at(dr, "/change/before"+df.Pointer())},
			)
		}
		f.Proof = append(f.Proof, who.statements()...)
		f.Remedy = x.driftRemedy(c, reverted, who.ask("changed it"))
	case len(unknown) > 0:
		f.Verdict = finding.Unproven
		f.Title = "whether it sets back " + quoteAll(unknown) + " is not known until apply"
		f.Proof = []finding.Statement{{Text: "not known until apply", At: x.at(c, "/change/after_unknown"+unknown[0].Pointer())}}
		f.Missing = []finding.Missing{{Evidence: "the new value of " + quoteAll(unknown), Get: "apply what it is computed from first and plan again"}}
	default:
		x.hold(driftRule, subject(dr.Address, nil), "")
		return
	}
	x.Report(driftRule, f)
}

// sealBoth hides in each of two entries about one object what the other marks as
// sensitive.
func sealBoth(d, cd *tfplan.Detail) {
	d.SealLike(cd)
	cd.SealLike(d)
	if d.Unmasked || cd.Unmasked {
		d.SealAll()
		cd.SealAll()
	}
}

// fate is what a plan does with one drifted attribute.
type fate uint8

const (
	kept     fate = iota // the plan has the drifted value
	setBack              // it has the value of the last apply
	another              // it has a third value
	open                 // it is not known until apply
	computed             // the provider computes it: nobody's manual change to keep
)

// outcome is a drifted attribute and its fate.
type outcome struct {
	tfplan.Difference
	fate fate
}

// outcomes tells what becomes of each attribute in which d, a drift, differs.
func (x *examination) outcomes(c *tfplan.Change, d, cd *tfplan.Detail) []outcome {
	var out []outcome
	for _, df := range tfplan.Diff(d.Before, d.After) {
		o := outcome{df, another}
		after, present := tfplan.Lookup(cd.After, df.Path)
		switch {
		case unknownAt(cd.AfterUnknown, df.Path) && c.Node >= 0 && !x.configured(c, df.Path[0]):
			o.fate = computed
		case unknownAt(cd.AfterUnknown, df.Path):
			o.fate = open
		case (present || df.Old == nil) && same(after, df.Old):
			o.fate = setBack
		case present && same(after, df.New):
			o.fate = kept
		}
		out = append(out, o)
	}
	return out
}

// same compares a planned value with a former one; null and "" say the same.
func same(a, b any) bool {
	return tfplan.Equal(a, b) || tfplan.IsEmpty(a) && tfplan.IsEmpty(b)
}

func (x *examination) configured(c *tfplan.Change, attr string) bool {
	_, ok := x.Graph.Inputs(c.Node)[x.Sym(attr)]
	return ok
}

func unknownAt(u map[string]any, path []string) bool {
	var cur any = u
	for _, name := range path {
		switch v := cur.(type) {
		case bool:
			return v
		case map[string]any:
			cur = v[name]
		default:
			return false
		}
	}
	return tfplan.Unsettled(cur)
}

func quoteAll(diffs []tfplan.Difference) string {
	var names []string
	for i, df := range diffs {
		if i == 4 {
			names = append(names, fmt.Sprintf("%d more", len(diffs)-i))
			break
		}
		names = append(names, "`"+df.Dotted()+"`")
	}
	return strings.Join(names, ", ")
}
