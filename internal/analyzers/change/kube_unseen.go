package change

import (
	"fmt"
	"slices"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
)

// unreadIn are the documents of a file that are no objects yet. A Kustomization
// that only lists files leaves them as they are, and what a client program reads
// is not applied.
func unreadIn(f *kubeobj.File) []*kubeobj.Unread {
	var out []*kubeobj.Unread
	for i := range f.Unread {
		u := &f.Unread[i]
		if !u.Client && !slices.ContainsFunc(f.Kustomizations, func(c kubeobj.Kustomization) bool {
			return c.Offset == u.Offset && len(c.Changes)+len(c.Patches) == 0
		}) {
			out = append(out, u)
		}
	}
	return out
}

// unread reports the documents of NEW that are no objects yet: what the server
// says to them nobody can tell. It is one finding, however many there are.
func (k *kube) unread() {
	var f finding.Finding
	n, do := 0, ""
	for _, r := range analysis.Values[*kubeobj.File](k.Pass, facts.Objects()) {
		if r.Item.Kind != evidence.KubernetesManifest() {
			continue
		}
		for _, u := range unreadIn(r.Value) {
			if n++; n > maxListed {
				continue
			}
			if do == "" {
				do = u.Do
			}
			f.Proof = append(f.Proof, finding.Statement{Text: u.Reason, At: finding.Location{File: r.Item.Path, Offset: u.Offset}})
		}
	}
	if n == 0 {
		return
	}
	if do == "" {
		do = "helm template . or kustomize build ., and name what it prints"
	}
	f.Subject = finding.Subject{Kind: "kubernetes-manifest", Identity: "what is not read"}
	f.Verdict = finding.Unproven
	f.Title = fmt.Sprintf("%d documents are no objects: what becomes of them is not known", n)
	if n == 1 {
		f.Title = "a document is no object: what becomes of it is not known"
	}
	f.Missing = []finding.Missing{{Evidence: "the objects that are applied", Get: do}}
	k.Report(refusedRule, f)
}

// shown are the objects that a cluster showed; what it says it did not show is
// kept aside.
func (k *kube) shown(objects []*kubeobj.Object) []*kubeobj.Object {
	isStatus := func(o *kubeobj.Object) bool { return o.Type() == "Status" && o.Name == "" }
	if !slices.ContainsFunc(objects, isStatus) {
		return objects
	}
	var out []*kubeobj.Object
	for _, o := range objects {
		if isStatus(o) {
			k.statuses = append(k.statuses, o)
		} else {
			out = append(out, o)
		}
	}
	return out
}

// unshown reports what a saved cluster says it did not show.
func (k *kube) unshown() {
	for _, o := range k.statuses {
		message := o.Get("message").Str()
		get := "save the cluster again"
		for _, cause := range o.Get("details", "causes").Each() {
			if do := cause.Get("message").Str(); do != "" {
				get = do
			}
		}
		k.Report(refusedRule, finding.Finding{
			Subject:       finding.Subject{Kind: "kubernetes-object", Identity: "what the cluster did not show"},
			Discriminator: message, Verdict: finding.Unproven,
			Title:   "the cluster did not show all of it: " + message,
			Proof:   []finding.Statement{{Text: "it answered: " + message, At: k.at(o, nil)}},
			Missing: []finding.Missing{{Evidence: "the objects of the cluster", Get: get}},
		})
	}
}

// isUnseen tells an object of NEW about which the cluster said nothing: neither
// what it has, nor that it has none.
func (k *kube) isUnseen(n *kubeobj.Object) bool {
	if !k.Asked {
		return len(k.statuses) > 0
	}
	return !slices.Contains(k.Absent, n.Identity()) && !slices.Contains(k.Absent, n.Type()+"/"+k.Namespace+"/"+n.Name)
}

// withhold takes away the edits of which a saved cluster has no old value.
func (p *pair) withhold() {
	p.Edits = slices.DeleteFunc(p.Edits, func(e fields.Edit) bool {
		hidden := e.Old.Is(kubeobj.String) && e.Old.Text == evidence.Redacted
		if hidden {
			p.withheld = append(p.withheld, e.Path)
		}
		return hidden
	})
}
