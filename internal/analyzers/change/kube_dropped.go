package change

import (
	"fmt"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
)

// dropped judges whether the server stores what is written: every field of the
// objects that are applied, and every edit of one.
func (k *kube) dropped() {
	for _, o := range k.new.objects {
		if !k.builtIn(o) {
			continue
		}
		f := finding.Finding{Subject: objectSubject(o), Verdict: finding.Refuted}
		strangers := fields.Strangers(o, k.Version)
		p := k.pairOf[o]
		if p == nil || p.has(fields.Refused) {
			p = &pair{}
		}
		f.Proof = k.strangers(o, strangers)
		first := ""
		if len(strangers) > 0 {
			first = strangers[0].Path
		}
		n := len(strangers)
		for _, i := range p.by(fields.Dropped) {
			if p.Edits[i].Unknown {
				continue // among the strangers
			}
			if n++; first == "" {
				first = p.Edits[i].Path
			}
			f.Proof = append(f.Proof, k.statement(p, i))
		}
		if n == 0 {
			k.Hold(droppedRule, o.Path, f.Subject, "")
			continue
		}
		if n > 1 {
			first += fmt.Sprintf(" and %d more", n-1)
		}
		f.Title = fmt.Sprintf("%s: Kubernetes %s does not store %s", short(o), k.Version, first)
		f.Remedy.Text = "Correct the name or the depth of the field; where its feature gate is off, nothing but the gate helps."
		if n == 1 && len(strangers) == 1 && strangers[0].Near != "" {
			f.Remedy.Text = "Did you mean " + strangers[0].Near + "?"
		}
		if k.assumed && k.elsewhere(strangers) && len(p.by(fields.Dropped)) <= len(strangers) {
			f.Verdict = finding.Unproven
			f.Missing = []finding.Missing{{Evidence: "the version of the server", Get: "kubectl version, then polygraph change --server-version VERSION"}}
		}
		k.Report(droppedRule, f)
	}
	for _, p := range k.pairs {
		if !k.builtIn(p.new) && p.defined && len(p.Edits) > 0 && !p.has(fields.Refused) {
			k.judgeBy(droppedRule, p, fields.Dropped, func(fields string) string {
				return fmt.Sprintf("%s: its definition does not store %s", short(p.new), fields)
			})
		}
	}
}

func (k *kube) strangers(o *kubeobj.Object, strangers []fields.Stranger) []finding.Statement {
	var out []finding.Statement
	for i := range strangers {
		s := &strangers[i]
		text := fmt.Sprintf("%s: %s has no such field in Kubernetes %s", s.Path, o.Kind, k.Version)
		switch {
		case s.Since > k.Version:
			text += ", and has it from " + s.Since.String() + " on"
		case s.Until > 0 && s.Until < k.Version:
			text += ", and had it until " + s.Until.String()
		case s.Near != "":
			text += "; it has " + s.Near
		}
		if k.assumed {
			text += " (the version is assumed)"
		}
		out = append(out, finding.Statement{Text: text, At: k.at(o, s.Value)})
	}
	return out
}

// elsewhere tells that another version has one of the fields.
func (k *kube) elsewhere(strangers []fields.Stranger) bool {
	for i := range strangers {
		if strangers[i].Since > 0 {
			return true
		}
	}
	return false
}
