package change

import (
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

// effects asks every behaviour about its subjects.
func (x *examination) effects() {
	w := x.world()
	for _, r := range effectRules {
		for _, o := range w.Of(r.Types...) {
			for _, out := range r.Judge(w, o) {
				x.judgeEffect(r.Rule, o, out)
			}
		}
	}
}

func (x *examination) judgeEffect(r *analysis.Rule, o *effect.Object, out effect.Outcome) {
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
	switch out.Verdict {
	case effect.InEffect:
		x.hold(r, f.Subject, f.Discriminator)
		return
	case effect.NotInEffect:
		f.Verdict = finding.Refuted
	default:
		f.Verdict = finding.Unproven
		for _, g := range out.Missing {
			f.Missing = append(f.Missing, finding.Missing{Evidence: g.Evidence, Get: g.Get})
		}
	}
	x.Report(r, f)
}
