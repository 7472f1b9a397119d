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

// unread reports the documents that are no objects yet, and what a saved cluster
// says it did not show: one finding for each side, however many there are.
func (k *kube) unread() {
	sides := [...]struct {
		title, evidence, get string
		finding.Finding
		n int
	}{
		{title: "of NEW is no object: what becomes of it is not known", evidence: "the objects that are applied", get: "helm template . or kustomize build ., and name what it prints"},
		{title: "of OLD is no object: what is compared with it is not known", evidence: "the objects of OLD", get: "get OLD again"},
	}
	for _, r := range analysis.Values[*kubeobj.File](k.Pass, facts.Objects()) {
		s := &sides[0]
		if r.Item.Kind != evidence.KubernetesManifest() {
			s = &sides[1]
		}
		for _, u := range unreadIn(r.Value) {
			if s.n++; s.n == 1 && u.Do != "" {
				s.get = u.Do
			}
			if s.n <= maxListed {
				s.Proof = append(s.Proof, finding.Statement{Text: u.Reason, At: finding.Location{File: r.Item.Path, Offset: u.Offset}})
			}
		}
	}
	for i := range sides {
		s := &sides[i]
		if s.n == 0 {
			continue
		}
		s.Subject = finding.Subject{Kind: "kubernetes-manifest", Identity: [...]string{"what is not read of NEW", "what is not read of OLD"}[i]}
		s.Verdict, s.Title = finding.Unproven, "a document "+s.title
		if s.n > 1 {
			s.Title = fmt.Sprintf("each of %d documents %s", s.n, s.title)
		}
		s.Missing = []finding.Missing{{Evidence: s.evidence, Get: s.get}}
		k.Report(refusedRule, s.Finding)
	}
}

// isUnseen tells an object of NEW about which the cluster said nothing: neither
// what it has, nor that it has none.
func (k *kube) isUnseen(n *kubeobj.Object) bool {
	if !k.Asked {
		return k.hidden
	}
	return !k.absent(n.Identity()) && !k.absent(n.Type()+"/"+k.Namespace+"/"+n.Name)
}

// seal keeps everything of a Secret secret that is not plainly about it: people
// put values at the wrong depth, and tools put copies into annotations.
func (p *pair) seal() {
	if p.new.Type() != "Secret" {
		return
	}
	for i := range p.Edits {
		e := &p.Edits[i]
		switch path := e.Path; {
		case path == "type", path == "immutable", within(path, "metadata.labels"), path == "metadata.labels", within(path, "metadata.finalizers"), within(path, "metadata.ownerReferences"):
		default:
			e.Secret = true
		}
	}
}

// withhold takes away the edits of which a saved cluster has no old value.
func (p *pair) withhold() {
	if !p.old.Live || p.old.Type() != "Secret" {
		return
	}
	p.Edits = slices.DeleteFunc(p.Edits, func(e fields.Edit) bool {
		hidden := e.Old.Is(kubeobj.String) && e.Old.Text == evidence.Redacted
		if hidden {
			p.withheld = append(p.withheld, e.Path)
		}
		return hidden
	})
}

// sealed reports Secrets that may not change and whose old values are withheld.
func (k *kube) sealed() {
	for _, p := range k.pairs {
		if v := p.old.Get("immutable"); len(p.withheld) == 0 || v == nil || v.Text != "true" {
			continue
		}
		k.Report(refusedRule, finding.Finding{
			Subject: objectSubject(p.new), Verdict: finding.Unproven,
			Title:   short(p.new) + ": whether " + p.withheld[0] + " is edited is not known, and the Secret is immutable",
			Proof:   []finding.Statement{{Text: "immutable: true", At: k.at(p.old, p.old.Get("immutable"))}},
			Missing: []finding.Missing{{Evidence: "the values of the Secret", Get: "polygraph change --kube-context CONTEXT compares with the cluster itself, in memory"}},
		})
	}
}
