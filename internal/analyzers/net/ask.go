package net

import (
	"fmt"
	"strings"

	"polygraph/internal/enforce"
	"polygraph/internal/finding"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/run"
)

// Asking is the question of net explain.
type Asking struct {
	From, To string
	Port     string // 5432, udp/53, a name of a container port; "" with a Service that has one port
	Denied   bool   // the user claims that it is refused
	Answer   string // for people, in one line
}

// ask answers one question: a row for each hop, and the verdict on the claim.
func (w *world) ask(q *Asking) error {
	from, err := w.find(q.From)
	if err != nil {
		return err
	}
	to, err := w.destination(q.To, q.Port)
	if err != nil {
		return err
	}
	counts := map[reach.Outcome]int{}
	shown := 0
	for _, s := range from {
		for _, d := range to {
			if s.Index == d.end.Index && len(from)*len(to) > 1 {
				continue
			}
			a := w.model.Ask(s.Index, d.end.Index, d.protocol, d.port)
			counts[a.Outcome]++
			if shown++; shown <= maxHops {
				w.hops(s, &d, &a)
			}
			w.judge(q, s, &d, &a)
		}
	}
	if shown > maxHops {
		w.Row(run.Row{Table: "hops", Cells: []run.Cell{{Name: "connection", Value: fmt.Sprintf("and %d more", shown-maxHops)}, {Name: "hop"}, {Name: "verdict"}, {Name: "by"}}})
	}
	q.Answer = answer(counts)
	return nil
}

// maxHops is of how many connections the hops are shown.
const maxHops = 200

func answer(counts map[reach.Outcome]int) string {
	words := []string{"ALLOWED", "DENIED", "NOT KNOWN", "DENIED BY A POLICY THAT NOTHING ENFORCES: the packet arrives"}
	var parts []string
	for o, word := range words {
		if n := counts[reach.Outcome(o)]; n > 0 {
			if len(counts) > 1 {
				word = fmt.Sprintf("%d %s", n, word)
			}
			parts = append(parts, word)
		}
	}
	return strings.Join(parts, ", ") + "."
}

func (w *world) hops(s *reach.Endpoint, d *destination, a *reach.Answer) {
	name := nameOf(s) + " -> " + d.String()
	put := func(hop, verdict, by string) {
		w.Row(run.Row{Table: "hops", Cells: []run.Cell{{Name: "connection", Value: name}, {Name: "hop", Value: hop}, {Name: "verdict", Value: verdict}, {Name: "by", Value: by}}})
	}
	if s.Workload != nil {
		put("egress of "+nameOf(s), actionOf(&a.Egress), w.witness(&a.Egress))
	}
	if d.end.Workload != nil {
		put("ingress of "+nameOf(d.end), actionOf(&a.Ingress), w.witness(&a.Ingress))
	}
	for _, of := range []*reach.Endpoint{s, d.end} {
		if r, p := w.decides(of, s, a); p != nil {
			put("enforcement at "+nameOf(of), r.Status.String(), short(p.Object)+": "+r.Why)
		}
	}
	switch {
	case a.Node:
		put("node", "not known", "a pod on the network of its node is reached from there, and reaches the pods that run there, whatever policies say")
	case a.Families:
		put("address family", "not known", "IPv4 and IPv6 differ: ask for an address instead")
	case a.NoFamily:
		put("address family", "denied", "one end has IPv4 only, and the other IPv6")
	}
	put("in all", a.Outcome.String(), "")
}

// decides is the ruling about the policy that decides at one end.
func (w *world) decides(of, src *reach.Endpoint, a *reach.Answer) (enforce.Ruling, *netpol.Policy) {
	d := &a.Ingress
	if of == src {
		d = &a.Egress
	}
	if of.Workload == nil || d.Policy == nil {
		return enforce.Ruling{}, nil
	}
	return w.ruling(d.Policy, of.Workload), d.Policy
}

// judge is the verdict on what the user claims.
func (w *world) judge(q *Asking, s *reach.Endpoint, d *destination, a *reach.Answer) {
	rule := passesRule
	if q.Denied {
		rule = refusedRule
	}
	of := d.end
	if s.Workload != nil {
		of = s
	}
	subject := endpointSubject(s)
	discriminator := variant(s) + " to " + d.String()
	verdict := verdictOn(a.Outcome, q.Denied)
	denier, enforced := w.denied(s, d, a)
	if a.Outcome == reach.Denied && enforced.Status == enforce.Unknown && denier != nil {
		verdict = finding.Unproven
	}
	if verdict == finding.Holds {
		w.Hold(rule, fileOf(of, d.end), subject, discriminator)
		return
	}
	f := finding.Finding{Subject: subject, Discriminator: discriminator, Verdict: verdict}
	f.Title = nameOf(s) + " -> " + d.String() + ": " + a.Outcome.String()
	f.Proof = w.proof(s, d, a)
	if verdict == finding.Unproven {
		switch {
		case a.Outcome == reach.Denied:
			f.Title += ", if anything enforces it"
			f.Missing = missingOf(enforced)
		default:
			why := a.Egress.Why
			if why == "" {
				why = a.Ingress.Why
			}
			if a.Node {
				why = "on which nodes the pods run: a node reaches the pods that run on it"
			}
			if a.Families {
				why = "of which family the addresses are: IPv4 and IPv6 differ"
			}
			f.Missing = []finding.Missing{{Evidence: why, Get: "kubectl get pods,namespaces,nodes,networkpolicies -A -o yaml > cluster.yaml"}}
		}
	}
	f.Remedy.Text = remedyText(q.Denied, a)
	w.Report(rule, f)
}

func verdictOn(o reach.Outcome, denied bool) finding.Verdict {
	switch o {
	case reach.Unknown:
		return finding.Unproven
	case reach.Denied:
		if denied {
			return finding.Holds
		}
		return finding.Refuted
	}
	if denied {
		return finding.Refuted
	}
	return finding.Holds
}

// denied is the policy that refuses, and whether it is enforced.
func (w *world) denied(s *reach.Endpoint, d *destination, a *reach.Answer) (*netpol.Policy, enforce.Ruling) {
	var by *netpol.Policy
	var out enforce.Ruling
	for _, x := range []struct {
		d   *reach.Decision
		end *reach.Endpoint
	}{{&a.Egress, s}, {&a.Ingress, d.end}} {
		if x.d.Outcome != reach.Denied || x.d.Policy == nil || x.end.Workload == nil {
			continue
		}
		if r := w.ruling(x.d.Policy, x.end.Workload); by == nil || r.Status == enforce.Enforced {
			by, out = x.d.Policy, r
		}
	}
	return by, out
}

func (w *world) proof(s *reach.Endpoint, d *destination, a *reach.Answer) (out []finding.Statement) {
	for _, x := range []struct {
		d   *reach.Decision
		end *reach.Endpoint
		way string
	}{{&a.Egress, s, "egress of "}, {&a.Ingress, d.end, "ingress of "}} {
		if x.end.Workload == nil {
			continue
		}
		text := x.way + nameOf(x.end) + ": " + actionOf(x.d)
		switch {
		case x.d.Rule != nil:
			out = append(out, finding.Statement{Text: text + ", " + short(x.d.Policy.Object) + " " + x.d.Rule.Pointer, At: w.at(x.d.Policy.Object, x.d.Rule.Offset)})
		case x.d.Policy != nil:
			out = append(out, finding.Statement{Text: text + ", " + short(x.d.Policy.Object), At: w.at(x.d.Policy.Object, x.d.Policy.SubjectAt)})
		default:
			out = append(out, finding.Statement{Text: text, At: w.at(x.end.Workload.In, x.end.Workload.Template.Offset)})
		}
		if r, p := w.decides(x.end, s, a); p != nil && r.Status == enforce.NotEnforced {
			out = append(out, finding.Statement{Text: "and nothing enforces it: " + r.Why, At: w.at(p.Object, p.SubjectAt)})
		}
	}
	return out
}

func remedyText(denied bool, a *reach.Answer) string {
	switch {
	case !denied && a.Egress.Outcome == reach.Denied:
		return "Allow it in the egress rules of the source; the destination has to allow it too."
	case !denied:
		return "Allow it in the ingress rules of the destination."
	case a.Outcome == reach.Open:
		return "Switch enforcement on: polygraph net says where it is off."
	}
	return "Take out the rule that allows it, or deny it with one that is asked earlier."
}

func fileOf(list ...*reach.Endpoint) string {
	for _, e := range list {
		if e.Workload != nil {
			return e.Workload.Object.Path
		}
	}
	return ""
}
