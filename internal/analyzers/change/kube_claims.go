package change

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/shell"
	"polygraph/internal/workloads"
)

// claims judges whether what a StatefulSet asks of its volumes is what they are.
func (k *kube) claims() {
	for _, n := range k.after.objects {
		if n.Type() != "StatefulSet.apps" {
			continue
		}
		p := k.pairOf[n]
		for _, c := range k.after.graph.Claims(n) {
			f := finding.Finding{Subject: objectSubject(n), Discriminator: c.Name, Verdict: finding.Refuted}
			var edited []finding.Statement
			existing := c.Existing
			before := k.claimBefore(p, c.Name)
			if p != nil {
				existing = nil
			}
			if before != nil {
				existing = before.Existing
				edited = k.editsOfTemplate(n, before, &c)
			}
			f.Proof = append(k.smaller(n, &c, existing), edited...)
			if len(f.Proof) == 0 {
				if len(existing) > 0 || before != nil {
					k.Hold(claimsRule, n.Path, f.Subject, f.Discriminator)
				}
				continue
			}
			f.Title = fmt.Sprintf("statefulset %s: the template %s is not what its volumes are", n.Name, c.Name)
			if len(edited) > 0 {
				f.Title = fmt.Sprintf("statefulset %s: the edit of template %s reaches no volume", n.Name, c.Name)
			}
			f.Remedy = growing(n, &c, existing)
			k.Report(claimsRule, f)
		}
	}
}

// claimBefore is the template of that name that OLD has. Templates are found by
// name, as their claims are: their order says nothing.
func (k *kube) claimBefore(p *pair, name string) *workloads.Claim {
	if p == nil {
		return nil
	}
	all := k.old.graph.Claims(p.old)
	for i := range all {
		if all[i].Name == name {
			return &all[i]
		}
	}
	return nil
}

// editsOfTemplate are the edits of what one template asks for, compared as the
// claim that it is. Whether the server takes them, CHG100 says.
//
// Source: createPersistentVolumeClaims, kubernetes v1.37.2
// pkg/controller/statefulset/stateful_pod_control.go: a claim that is there is
// left as it is.
func (k *kube) editsOfTemplate(set *kubeobj.Object, before, c *workloads.Claim) []finding.Statement {
	claim := func(t *kubeobj.Value) *kubeobj.Object {
		return &kubeobj.Object{Version: "v1", Kind: "PersistentVolumeClaim", Name: c.Name, Path: set.Path, Root: *t}
	}
	was, is := claim(before.Template), claim(c.Template)
	var out []finding.Statement
	for _, e := range fields.Compare(was, is, fields.Options{Version: k.Version}).Edits {
		if e.Path != "spec" && !within(e.Path, "spec") {
			continue
		}
		at := e.New
		if at == nil {
			at = k.nearest(is, e.Path)
		}
		out = append(out, finding.Statement{Text: c.Path + "." + e.Path + ": " + difference(&e) + "; claims that exist stay as they are", At: k.at(set, at)})
	}
	return out
}

// smaller are the claims that ask for less than their template.
func (k *kube) smaller(set *kubeobj.Object, c *workloads.Claim, existing []workloads.ExistingClaim) []finding.Statement {
	want, err := resource.ParseQuantity(c.Template.Get("spec", "resources", "requests", "storage").Str())
	if err != nil {
		return nil
	}
	var out []finding.Statement
	for _, e := range existing {
		if e.Requested == nil {
			continue
		}
		if have, err := resource.ParseQuantity(e.Requested.Text); err == nil && have.Cmp(want) < 0 {
			out = append(out, finding.Statement{
				Text: fmt.Sprintf("claim %s asks for %s, the template for %s", e.Object.Name, clip(e.Requested.Text), want.String()), At: k.at(e.Object, e.Requested),
			})
		}
	}
	if len(out) > 0 {
		out = append(out, finding.Statement{Text: "the template: " + want.String(), At: k.at(set, c.Template.Get("spec", "resources", "requests", "storage"))})
	}
	return out
}

func growing(set *kubeobj.Object, c *workloads.Claim, existing []workloads.ExistingClaim) finding.Remedy {
	r := finding.Remedy{Text: "Grow each claim itself"}
	size := c.Template.Get("spec", "resources", "requests", "storage").Str()
	if want, err := resource.ParseQuantity(size); err == nil {
		for _, e := range existing {
			if have, err := resource.ParseQuantity(e.Requested.Str()); err == nil && have.Cmp(want) >= 0 {
				continue // it has grown, and no claim shrinks
			}
			patch := fmt.Sprintf(`{"spec":{"resources":{"requests":{"storage":"%s"}}}}`, size)
			r.Commands = append(r.Commands, "kubectl patch pvc "+shell.Word(e.Object.Name)+inNamespace(set.Namespace)+" --type merge -p "+shell.Word(patch))
		}
	}
	if yes, known := c.Class.Expands(); known && !yes {
		r.Text = "StorageClass " + c.Class.Name + " does not let claims grow: copy the data to new claims"
		r.Commands = nil
	}
	r.Text += ", then delete the StatefulSet with --cascade=orphan and apply it, so that later claims are made from the new template."
	return r
}
