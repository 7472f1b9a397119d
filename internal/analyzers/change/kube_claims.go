package change

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
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
			var edited []int
			var existing []workloads.ExistingClaim
			if p != nil {
				for i := range p.Edits {
					if strings.HasPrefix(p.Edits[i].Path, "spec.volumeClaimTemplates") && strings.Contains(p.Edits[i].Field, ".spec") {
						edited = append(edited, i)
					}
				}
				for _, before := range k.old.graph.Claims(p.old) {
					if before.Name == c.Name {
						existing = before.Existing
					}
				}
			} else {
				existing = c.Existing
			}
			f.Proof = k.smaller(n, &c, existing)
			for _, i := range edited {
				f.Proof = append(f.Proof, k.statement(p, i))
			}
			if len(f.Proof) == 0 {
				if len(existing) > 0 || p != nil {
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
	in := ""
	if set.Namespace != "" {
		in = " -n " + set.Namespace
	}
	size := c.Template.Get("spec", "resources", "requests", "storage").Str()
	if _, err := resource.ParseQuantity(size); err == nil {
		for _, e := range existing {
			r.Commands = append(r.Commands, fmt.Sprintf(`kubectl patch pvc %s%s --type merge -p '{"spec":{"resources":{"requests":{"storage":"%s"}}}}'`, e.Object.Name, in, size))
		}
	}
	if yes, known := c.Class.Expands(); known && !yes {
		r.Text = "StorageClass " + c.Class.Name + " does not let claims grow: copy the data to new claims"
		r.Commands = nil
	}
	r.Text += ", then delete the StatefulSet with --cascade=orphan and apply it, so that later claims are made from the new template."
	return r
}
