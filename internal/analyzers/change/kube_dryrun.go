package change

import (
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
)

// dryRun is what a live server says to an object of NEW. ok is false where it was
// not asked, may not be asked, or did not say.
func (k *kube) dryRun(o *kubeobj.Object) (said evidence.Answer, refused string, ok bool) {
	if !k.DryRun || o.Name == "" || len(o.Placeholders) > 0 {
		return said, "", false
	}
	body, whole := o.Root.JSON()
	if !whole {
		return said, "", false
	}
	object := o.Identity()
	said, ok = k.Ask(evidence.Request{Source: "kube", Verb: "dry-run apply", Object: object, Body: string(body)})
	if !ok {
		return said, "", false
	}
	if said.Err == "" {
		return said, "", true
	}
	if message, is := strings.CutPrefix(said.Err, "refused: "); is {
		return said, message, true
	}
	return said, "", false
}

// asked judges an edited object by the server's own word, where there is one.
func (k *kube) asked(p *pair) bool {
	said, refused, ok := k.dryRun(p.new)
	if !ok {
		return false
	}
	f := finding.Finding{Subject: objectSubject(p.new), Verdict: finding.Refuted}
	if refused == "" {
		k.Hold(refusedRule, p.new.Path, f.Subject, "")
		return true
	}
	guilty := p.by(fields.Refused)
	f.Title = short(p.new) + ": the server refuses it"
	f.Proof = []finding.Statement{{Text: "a dry run at " + said.At.UTC().Format("2006-01-02 15:04:05 MST") + ": " + refused, At: k.at(p.new, nil)}}
	for _, i := range guilty {
		f.Proof = append(f.Proof, k.statement(p, i))
	}
	if len(guilty) > 0 {
		f.Title = short(p.new) + ": the server refuses " + k.some(p, guilty, nil)
		f.Remedy = k.recreate(p, guilty, nil)
	} else {
		f.Remedy.Text = "Mend what the server names, and ask again."
	}
	k.Report(refusedRule, f)
	return true
}
