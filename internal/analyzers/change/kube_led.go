package change

import (
	"strings"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/shell"
	"polygraph/internal/workloads"
)

// led judges whether each Service that led to pods still does: its selector and
// the labels of the pods are two objects, and the server may take the one edit
// and refuse the other.
func (k *kube) led() {
	if !k.relabelled() {
		return
	}
	after := k.applied()
	for _, p := range k.pairs {
		if p.new.Type() != "Service" || p.new.Get("spec", "type").Str() == "ExternalName" {
			continue // of what becomes a name CHG108 speaks
		}
		was := tops(k.old.graph.Selected(p.old))
		service := k.standing(p)
		if len(was) == 0 || service.Get("spec", "selector").Empty() {
			continue
		}
		if len(tops(after.graph.Selected(service))) > 0 {
			k.Hold(ledRule, p.new.Path, objectSubject(p.new), "")
			continue
		}
		k.judgeLed(p, was)
	}
}

func (k *kube) judgeLed(p *pair, was []*workloads.Workload) {
	f := finding.Finding{Subject: objectSubject(p.new), Verdict: finding.Refuted}
	f.Title = short(p.new) + " leads to no pod: " + short(was[0].Object) + " has other labels"
	before := finding.Statement{Text: short(p.old) + " led to " + short(was[0].Object), At: k.at(p.old, p.old.Get("spec", "selector"))}
	turned := !p.has(fields.Refused) && p.edits("spec.selector")
	var waits *pair // what NEW's selector is meant for, and the server refuses
	if turned {
		f.Proof = append(f.Proof, finding.Statement{Text: "it now selects what nothing here carries", At: k.at(p.new, p.new.Get("spec", "selector"))})
		f.Title = short(p.new) + " leads to no pod that is known: its selector is another one"
		for _, w := range tops(k.new.graph.Selected(p.new)) {
			if q := k.pairOf[w.Object]; q != nil && q.has(fields.Refused) {
				waits = q
			}
		}
	}
	switch {
	case waits != nil:
		f.Title = short(p.new) + " leads to no pod: its selector is edited, and the server refuses the edit of " + short(waits.new)
		f.Proof = append(f.Proof, finding.Statement{Text: short(waits.new) + " keeps its old labels, because the server refuses " + k.some(waits, waits.by(fields.Refused), waits.remarked(fields.Refused)), At: k.at(waits.new, nil)})
		f.Remedy.Text = "Take the edit of the selector back until " + short(waits.new) + " can follow; or move over with a second Deployment under the new labels, and turn the Service last."
	case turned || k.partial || k.hidden:
		f.Verdict = finding.Unproven
		f.Proof = append(f.Proof, k.relabels(was)...)
		f.Missing = []finding.Missing{{Evidence: "the pods that it selects now", Get: "kubectl get pods -n " + shell.Word(orDefault(p.new.Namespace)) + " -l " + shell.Word(selectorText(p.new))}}
	default:
		f.Proof = append(f.Proof, k.relabels(was)...)
		f.Remedy.Text = "Keep the labels that the Service selects on the template; labels can be added beside them. Or edit the selector of the Service in the same release."
	}
	f.Proof = append(f.Proof, before)
	k.Report(ledRule, f)
}

// relabels are the labels that the pods of workloads have now.
func (k *kube) relabels(was []*workloads.Workload) []finding.Statement {
	var out []finding.Statement
	for _, w := range was {
		q := k.pairOf[w.Object]
		if q == nil || len(out) == maxListed {
			continue
		}
		labels := q.new.Get("metadata", "labels")
		if is := k.new.graph.Workload(q.new); is != nil {
			labels = is.Template.Get("metadata", "labels")
		}
		out = append(out, finding.Statement{Text: "the pods of " + short(q.new) + " have these labels now", At: k.at(q.new, labels)})
	}
	return out
}

// relabelled tells whether an edit may part a Service from its pods.
func (k *kube) relabelled() bool {
	for _, p := range k.pairs {
		if p.new.Type() == "Service" && p.edits("spec.selector") || p.edits("spec.template.metadata.labels") || p.new.Type() == "Pod" && p.edits("metadata.labels") {
			return true
		}
	}
	return false
}

// edits tells whether a field, or something in it, is edited.
func (p *pair) edits(field string) bool {
	for i := range p.Edits {
		if at := p.Edits[i].Path; at == field || within(at, field) || within(field, at) {
			return true
		}
	}
	return false
}

// applied is what stands when NEW has been applied: what is refused is as it
// was, and what NEW does not mention stays.
func (k *kube) applied() *side {
	var objects []*kubeobj.Object
	for _, p := range k.pairs {
		objects = append(objects, k.standing(p))
	}
	for _, o := range k.new.objects {
		if k.pairOf[o] == nil && k.again[o] == nil {
			objects = append(objects, o)
		}
	}
	for _, o := range k.old.objects {
		if w := k.old.graph.Workload(o); k.pairOf[o] == nil && (w == nil || w.Owner == nil) {
			objects = append(objects, o)
		}
	}
	return newSide(objects)
}

// standing is the object of a pair that stands afterwards.
func (k *kube) standing(p *pair) *kubeobj.Object {
	if p.has(fields.Refused) {
		return p.old
	}
	return p.new
}

// tops are the workloads that nothing made, and that go on running.
func tops(all []*workloads.Workload) []*workloads.Workload {
	var out []*workloads.Workload
	for _, w := range all {
		if w.Owner == nil && w.Object.Kind != "Job" && w.Object.Kind != "CronJob" {
			out = append(out, w)
		}
	}
	return out
}

func selectorText(service *kubeobj.Object) string {
	var parts []string
	for _, label := range service.Get("spec", "selector").Each() {
		parts = append(parts, label.Name+"="+label.Str())
	}
	return strings.Join(parts, ",")
}

func orDefault(namespace string) string {
	if namespace == "" {
		return "default"
	}
	return namespace
}
