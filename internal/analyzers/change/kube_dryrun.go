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
	switch before := k.prepares(p.new); {
	case len(guilty) == 0 && before != nil:
		f.Verdict = finding.Unproven
		f.Title = short(p.new) + ": the server refuses it as things stand, and NEW changes what it goes by"
		f.Proof = append(f.Proof, finding.Statement{Text: short(before) + " is created or edited with it, and may decide otherwise", At: k.at(before, nil)})
		f.Missing = []finding.Missing{{Evidence: "what the server says once " + short(before) + " is applied", Get: "apply that first, and compare again"}}
	case len(guilty) > 0:
		f.Title = short(p.new) + ": the server refuses " + k.some(p, guilty, nil)
		f.Remedy = k.recreate(p, guilty, nil)
	default:
		f.Remedy.Text = "Mend what the server names, and ask again."
	}
	k.Report(refusedRule, f)
	return true
}

// creations judges the objects that are made by the server's own word: only it
// knows whether their values are valid, and what admits them.
func (k *kube) creations() {
	for _, o := range k.new.objects {
		if k.pairOf[o] != nil || k.again[o] != nil || k.isUnseen(o) {
			continue
		}
		said, refused, ok := k.dryRun(o)
		if !ok {
			continue
		}
		f := finding.Finding{Subject: objectSubject(o), Discriminator: "creation", Verdict: finding.Refuted}
		if refused == "" {
			k.Hold(refusedRule, o.Path, f.Subject, f.Discriminator)
			continue
		}
		f.Title = short(o) + ": the server refuses to create it"
		f.Proof = []finding.Statement{{Text: "a dry run at " + said.At.UTC().Format("2006-01-02 15:04:05 MST") + ": " + refused, At: k.at(o, nil)}}
		f.Remedy.Text = "Mend what the server names, and ask again."
		if before := k.prepares(o); before != nil {
			f.Verdict = finding.Unproven
			f.Title += " as things stand, and NEW changes what it goes by"
			f.Proof = append(f.Proof, finding.Statement{Text: short(before) + " is created or edited with it, and may decide otherwise", At: k.at(before, nil)})
			f.Missing = []finding.Missing{{Evidence: "what the server says once " + short(before) + " is applied", Get: "apply that first, and compare again"}}
		}
		k.Report(refusedRule, f)
	}
}

// prepares is an object of NEW, created or edited, by which the server may judge
// another one: it was not there when the server was asked.
func (k *kube) prepares(o *kubeobj.Object) *kubeobj.Object {
	for _, other := range k.new.objects {
		if p := k.pairOf[other]; other == o || p != nil && len(p.Edits) == 0 {
			continue
		}
		near := other.Namespace == o.Namespace || other.Namespace == "" || o.Namespace == ""
		switch other.Type() {
		case "CustomResourceDefinition.apiextensions.k8s.io":
			if other.Get("spec", "group").Str() == o.Group && other.Get("spec", "names", "kind").Str() == o.Kind {
				return other
			}
		case "Namespace":
			if other.Name == o.Namespace {
				return other
			}
		case "ResourceQuota", "LimitRange":
			if near {
				return other
			}
		case "ValidatingWebhookConfiguration.admissionregistration.k8s.io", "MutatingWebhookConfiguration.admissionregistration.k8s.io",
			"ValidatingAdmissionPolicy.admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
			"MutatingAdmissionPolicy.admissionregistration.k8s.io", "MutatingAdmissionPolicyBinding.admissionregistration.k8s.io":
			return other
		case "StorageClass.storage.k8s.io":
			if o.Kind == "PersistentVolumeClaim" {
				return other
			}
		case "PriorityClass.scheduling.k8s.io":
			return other
		case "Role.rbac.authorization.k8s.io", "ClusterRole.rbac.authorization.k8s.io":
			if o.Group == other.Group && near {
				return other
			}
		}
	}
	return nil
}
