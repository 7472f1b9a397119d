package net

import (
	"slices"

	"polygraph/internal/enforce"
	"polygraph/internal/finding"
	"polygraph/internal/reach"
)

// report makes one finding for each destination to which something was opened.
func (d *difference) report() {
	unread := append(slices.Clone(d.unread), d.unreadOld...)
	same := 0
	for j, t := range d.now.model.Endpoints() {
		if len(d.was[j]) == 0 {
			continue
		}
		subject := endpointSubject(t)
		file := ""
		if t.Workload != nil {
			file = t.Workload.Object.Path
		} else if len(d.now.objects) > 0 {
			file = d.now.objects[0].Path
		}
		gains := d.gains[j]
		switch {
		case len(gains) > 0:
		case len(unread) > 0:
			same++
			continue
		default:
			d.Hold(openedRule, file, subject, variant(t))
			continue
		}
		f := finding.Finding{Subject: subject, Discriminator: variant(t), Verdict: finding.Unproven}
		var from []string
		for _, g := range gains {
			if !g.unknown {
				f.Verdict = finding.Refuted
			}
		}
		for _, g := range gains {
			if g.unknown == (f.Verdict == finding.Unproven) {
				from = append(from, nameOf(d.now.model.Endpoints()[g.from])+" ("+g.text()+")")
				if len(f.Proof) < maxListed {
					f.Proof = append(f.Proof, d.statement(g))
				}
			}
		}
		f.Title = nameOf(t) + " is reached from " + some(from) + ", which it was not"
		if f.Verdict == finding.Unproven {
			f.Title = nameOf(t) + " may be reached from " + some(from)
			a := d.now.model.Explain(gains[0].from, j, false)
			why := "what the policies look at"
			for _, s := range a {
				if s.Outcome == reach.Unknown {
					why = "what decides: " + s.Egress.Why + s.Ingress.Why
				}
			}
			f.Missing = []finding.Missing{{Evidence: why, Get: "kubectl get pods,namespaces,networkpolicies -A -o yaml > cluster.yaml, and name it beside NEW"}}
		}
		if f.Verdict == finding.Refuted && len(unread) > 0 {
			f.Verdict, f.Missing = finding.Unproven, []finding.Missing{unreadMissing(unread)}
		}
		f.Remedy.Text = "Take back what opens it, or accept it for once with an exception that says why."
		d.Report(openedRule, f)
	}
	if same > 0 {
		d.Report(openedRule, finding.Finding{
			Subject: finding.Subject{Kind: "network-policies", Identity: "what is not read"}, Verdict: finding.Unproven,
			Title:   "whether the change opens a connection to " + plural(same, "other endpoint", "other endpoints") + " is not known: not all of it could be read",
			Missing: []finding.Missing{unreadMissing(unread)},
		})
	}
}

func variant(e *reach.Endpoint) string {
	if e.Workload == nil {
		return ""
	}
	return e.Workload.Variant
}

func endpointSubject(e *reach.Endpoint) finding.Subject {
	if e.Workload != nil {
		return subjectOf(e.Workload.Object)
	}
	return finding.Subject{Kind: "addresses", Identity: nameOf(e)}
}

// statement says which rule lets it through now; where none does, that none holds
// it back any more.
func (d *difference) statement(g gain) finding.Statement {
	for _, s := range d.now.model.Explain(g.from, g.to, true) {
		if s.Ports.Intersect(g.ports).Empty() {
			continue
		}
		for _, x := range []reach.Decision{s.Ingress, s.Egress} {
			if x.Rule != nil {
				return finding.Statement{Text: g.text() + ": " + short(x.Policy.Object) + " " + x.Rule.Pointer, At: d.now.at(x.Policy.Object, x.Rule.Offset)}
			}
		}
	}
	ends := d.now.model.Endpoints()
	for _, e := range []*reach.Endpoint{ends[g.to], ends[g.from]} {
		if w := e.Workload; w != nil {
			text := g.text() + ": no policy holds it back any more"
			if r := d.unenforced(w); r != "" {
				text = g.text() + ": " + r
			}
			return finding.Statement{Text: text, At: d.now.at(w.In, w.Template.Offset)}
		}
	}
	return finding.Statement{Text: g.text()}
}

// unenforced says that a policy is about the pods, and nothing enforces it.
func (d *difference) unenforced(of *reach.Workload) string {
	for _, dir := range []reach.Direction{reach.Ingress, reach.Egress} {
		for _, p := range d.now.model.Isolation(of.Index, dir).Policies {
			if r := d.now.ruling(p, of); r.Status == enforce.NotEnforced {
				return short(p.Object) + " holds it back, and is enforced by nothing: " + r.Why
			}
		}
	}
	return ""
}
