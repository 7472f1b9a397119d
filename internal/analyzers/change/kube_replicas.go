package change

import (
	"fmt"
	"strconv"

	"polygraph/internal/fields"
	"polygraph/internal/finding"
	"polygraph/internal/workloads"
)

// scaled judges whether a manifest states the number that an autoscaler writes.
func (k *kube) scaled() {
	for _, w := range k.new.graph.Workloads() {
		for _, s := range k.scalers(w) {
			if !s.WritesReplicas() || s.From != nil {
				continue
			}
			f := finding.Finding{Subject: objectSubject(w.Object), Verdict: finding.Refuted}
			if w.Replicas == nil && k.returned(w, &s) {
				break
			}
			if w.Replicas == nil {
				k.Hold(scaledRule, w.Object.Path, f.Subject, "")
				break
			}
			f.Title = fmt.Sprintf("%s: replicas: %s, and %s writes it too", short(w.Object), clip(w.Replicas.Text), short(s.Object))
			f.Proof = []finding.Statement{
				{Text: w.ReplicasPath + ": " + clip(w.Replicas.Text) + " is written with every apply", At: k.at(w.Object, w.Replicas)},
				{Text: short(s.Object) + " scales it" + between(&s), At: k.at(s.Object, s.Target)},
			}
			f.Remedy = finding.Remedy{
				Text:     "Take replicas out of what was applied last, then out of the manifest: removed from the manifest alone, it would return to 1.",
				Commands: []string{"kubectl apply edit-last-applied " + kindName(w.Object)},
			}
			k.Report(scaledRule, f)
			break
		}
	}
}

// returned reports a number that is taken out of the manifest: the apply takes it
// out of the object, and the default returns until the autoscaler looks again.
func (k *kube) returned(w *workloads.Workload, s *workloads.Scaler) bool {
	p := k.pairOf[w.Object]
	if p == nil || p.has(fields.Refused) {
		return false
	}
	for i := range p.Edits {
		e := &p.Edits[i]
		if e.Path != w.ReplicasPath || e.New != nil || e.Old == nil {
			continue
		}
		k.Report(scaledRule, finding.Finding{
			Subject: objectSubject(w.Object), Verdict: finding.Refuted,
			Title: fmt.Sprintf("%s: without replicas in the manifest the apply sets it to %s, and %s has to scale it up again", short(w.Object), value(nil, e.NewDefault), short(s.Object)),
			Proof: []finding.Statement{
				{Text: e.Path + ": " + difference(e), At: k.at(p.old, e.Old)},
				{Text: short(s.Object) + " scales it" + between(s), At: k.at(s.Object, s.Target)},
			},
			Remedy: finding.Remedy{
				Text:     "Take replicas out of what was applied last first: then the apply leaves the number alone.",
				Commands: []string{"kubectl apply edit-last-applied " + kindName(w.Object)},
			},
		})
		return true
	}
	return false
}

// scalers of a workload of NEW, from NEW and from what the cluster has beside it.
func (k *kube) scalers(w *workloads.Workload) []workloads.Scaler {
	if s := k.after.graph.Scalers(w); len(s) > 0 {
		return s
	}
	if p := k.pairOf[w.Object]; p != nil {
		if before := k.old.graph.Workload(p.old); before != nil {
			var kept []workloads.Scaler
			for _, s := range k.old.graph.Scalers(before) {
				if s.Object.Live || k.pairOf[s.Object] != nil {
					kept = append(kept, s)
				}
			}
			return kept
		}
	}
	return nil
}

func between(s *workloads.Scaler) string {
	text := ""
	if n, ok := s.Least(); ok {
		text = " from " + strconv.Itoa(n)
	}
	if s.Max != nil {
		text += " to " + clip(s.Max.Text)
	}
	return text
}

// zero judges whether what a Service selects keeps a pod.
func (k *kube) zero() {
	g := k.after.graph
	for _, w := range g.Workloads() {
		if w.Object.Kind == "Job" || w.Object.Kind == "CronJob" || w.Object.Kind == "Pod" {
			continue
		}
		served := k.serves(w)
		if served.first == nil {
			continue
		}
		f := finding.Finding{Subject: objectSubject(w.Object), Verdict: finding.Refuted}
		proof, title := k.floor(w)
		if title == "" || !served.dead && !k.alone[w] { // others behind each of its Services run
			k.Hold(zeroRule, w.Object.Path, f.Subject, "")
			continue
		}
		f.Title = short(w.Object) + ": " + title + ", and service " + served.first.Name + " leads to it"
		f.Proof = append(proof, finding.Statement{Text: "service " + served.first.Name + " selects its pods", At: k.at(served.first, served.first.Get("spec", "selector"))})
		for _, r := range g.Routes(served.first) {
			f.Proof = append(f.Proof, finding.Statement{Text: short(r.Object) + " leads to the Service", At: k.at(r.Object, r.Value)})
			break
		}
		f.Remedy.Text = "Keep at least one pod. If it is meant to go, take the Service and its routes away first, so that callers are refused by name and not by silence."
		k.Report(zeroRule, f)
	}
}

// floor is what lets a workload run no pod, and nothing where nothing does.
func (k *kube) floor(w *workloads.Workload) ([]finding.Statement, string) {
	for _, s := range k.after.graph.Scalers(w) {
		if n, ok := s.Least(); ok && n == 0 && s.WritesReplicas() {
			at, text := s.Min, s.MinPath+": 0"
			if at == nil {
				at, text = s.Target, s.MinPath+" is not written, which is 0"
			}
			return []finding.Statement{{Text: text, At: k.at(s.Object, at)}}, short(s.Object) + " may scale it to none"
		}
		if s.WritesReplicas() && w.Replicas == nil {
			return nil, ""
		}
	}
	if n, ok := w.Count(); !ok || n > 0 {
		return nil, ""
	}
	text := w.ReplicasPath + ": 0"
	if p := k.pairOf[w.Object]; p != nil && !p.has(fields.Refused) {
		if before := k.old.graph.Workload(p.old); before != nil {
			if n, ok := before.Count(); ok && n > 0 {
				text = fmt.Sprintf("%s: %d -> 0", w.ReplicasPath, n)
			}
		}
	}
	return []finding.Statement{{Text: text, At: k.at(w.Object, w.Replicas)}}, "no replicas"
}
