package change

import (
	"fmt"

	"polygraph/internal/analysis"
	"polygraph/internal/fields"
	"polygraph/internal/finding"
)

// stored judges whether what is accepted is in effect.
func (k *kube) stored() {
	for _, p := range k.pairs {
		if len(p.Edits) == 0 || p.has(fields.Refused) {
			continue // nothing of a refused object is stored
		}
		k.judgeBy(storedRule, p, fields.Stored, func(fields string) string {
			if p.has(partly) {
				return fmt.Sprintf("%s: %s reaches some of the pods, and the others go on without it", short(p.new), fields)
			}
			return fmt.Sprintf("%s: %s is stored, and what runs goes on without it", short(p.new), fields)
		}, partly)
	}
}

// partly is the mechanism by which an edit is in effect for some pods.
const partly = fields.Partly

func (p *pair) has(m fields.Mechanism) bool { return len(p.by(m))+len(p.remarked(m)) > 0 }

// judgeBy reports the edits of a pair that happen by one mechanism.
func (k *kube) judgeBy(r *analysis.Rule, p *pair, m fields.Mechanism, title func(fields string) string, also ...fields.Mechanism) {
	guilty, said := p.by(m), p.remarked(m)
	for _, m := range also {
		guilty = append(guilty, p.by(m)...)
	}
	f := finding.Finding{Subject: objectSubject(p.new), Verdict: finding.Refuted}
	if len(guilty)+len(said) == 0 {
		if !p.open() {
			k.Hold(r, p.new.Path, f.Subject, "")
		}
		return
	}
	f.Title = title(k.some(p, guilty, said))
	f.Proof = k.statements(p, guilty, said)
	if len(guilty) > 0 && p.outcomes[guilty[0]].Still != "" {
		f.Remedy.Text = "The old value stays with " + p.outcomes[guilty[0]].Still + "."
	}
	k.Report(r, f)
}
