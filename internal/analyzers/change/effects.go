package change

import (
	"maps"
	"slices"

	"polygraph/internal/analysis"
	"polygraph/internal/effect"
	"polygraph/internal/finding"
)

// effectRule is a rule about what is in effect after the apply, and the
// behaviour behind it.
type effectRule struct {
	*analysis.Rule
	effect.Case
}

// effects asks every behaviour about its subjects. An object is asked about by
// all of them in a row, while its values are at hand.
func (x *examination) effects() {
	w := x.world()
	of := map[string][]effectRule{}
	for _, r := range slices.Concat(effectRules, ownerEffects) {
		for _, t := range r.Types {
			of[t] = append(of[t], r)
		}
	}
	further := map[*analysis.Rule]int{}
	for _, t := range slices.Sorted(maps.Keys(of)) {
		for _, o := range w.Of(t) {
			for _, r := range of[t] {
				outs := r.Ask(w, o)
				told := min(len(outs), effect.MostOutcomes, 1+mostFurther-further[r.Rule])
				for _, out := range outs[:told] {
					x.judgeEffect(r.Rule, o, out)
				}
				further[r.Rule] += max(0, told-1)
				if len(outs) > told {
					x.judgeEffect(r.Rule, o, leftOut(o))
				}
			}
		}
	}
}

// mostFurther is how many outcomes a rule tells of a plan beyond the first one
// about each object: pairs of objects that share a name grow with their square.
const mostFurther = 4096

// leftOut says that a rule has more about an object than it tells.
func leftOut(o *effect.Object) effect.Outcome {
	return effect.Outcome{
		Discriminator: "left out",
		Title:         "more of these about one object are left out: so many share its name",
		Proof:         []effect.Fact{{Text: "it is " + o.Address, Object: o}},
		Missing:       []effect.Gap{{Evidence: "which of them it means", Get: "plan in parts, with -target"}},
	}
}

func (x *examination) judgeEffect(r *analysis.Rule, o *effect.Object, out effect.Outcome) {
	if out.Verdict == effect.InEffect {
		x.hold(r, subject(o.Address, nil), out.Discriminator)
		return
	}
	d, err := o.Detail()
	if err != nil {
		x.unreadable(r, o.Change, err)
		return
	}
	f := finding.Finding{
		Subject: subject(o.Address, d), Discriminator: out.Discriminator, Title: out.Title,
		Remedy: finding.Remedy{Text: out.Remedy.Text, Commands: out.Remedy.Commands, Patch: out.Remedy.Patch},
	}
	if f.Remedy.Patch != "" {
		f.Remedy.Language = "hcl"
	}
	for _, p := range out.Proof {
		f.Proof = append(f.Proof, finding.Statement{Text: p.Text, At: x.at(p.Object.Change, "/change"+p.Path)})
	}
	if out.Verdict == effect.NotInEffect {
		f.Verdict = finding.Refuted
	} else {
		f.Verdict = finding.Unproven
		for _, g := range out.Missing {
			f.Missing = append(f.Missing, finding.Missing{Evidence: g.Evidence, Get: g.Get})
		}
	}
	x.Report(r, f)
}
