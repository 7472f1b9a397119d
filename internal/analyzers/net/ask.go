package net

import (
	"fmt"
	"maps"
	"slices"
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
	counts := map[string]int{}
	shown := 0
	for _, s := range from {
		for _, d := range to {
			if s.Index == d.Index && len(from)*len(to) > 1 || s.Workload == nil && d.Workload == nil {
				continue
			}
			a := w.model.Ask(s.Index, d.Index, d.protocol, d.port)
			for _, end := range []*party{&s, &d.party} {
				if six, known := end.six(); known {
					a = w.model.AskFamily(s.Index, d.Index, d.protocol, d.port, six)
				}
			}
			if s.Index == d.Index && s.Workload.Pods == 1 {
				// Source: kubernetes.io/docs/concepts/services-networking/network-policies: "A pod
				// cannot block access to itself".
				a = reach.Answer{Outcome: reach.Allowed}
			}
			counts[w.inWords(&s, &d, &a)]++
			if shown++; shown <= maxHops {
				w.hops(&s, &d, &a)
			}
			w.judge(q, &s, &d, &a)
		}
	}
	if shown > maxHops {
		w.Row(run.Row{Table: "hops", Cells: []run.Cell{{Name: "connection", Value: fmt.Sprintf("and %d more", shown-maxHops)}, {Name: "hop"}, {Name: "verdict"}, {Name: "by"}}})
	}
	if shown == 0 {
		return &Unfound{Text: "neither end is a workload", Do: "policies are about pods: name one of them"}
	}
	q.Answer = answer(counts)
	if len(w.unread) > 0 {
		q.Answer = strings.TrimSuffix(q.Answer, ".") + ", as far as could be read."
	}
	return nil
}

// maxHops is of how many connections the hops are shown.
const maxHops = 200

// inWords is what becomes of a connection.
func (w *world) inWords(s *party, d *destination, a *reach.Answer) string {
	switch a.Outcome {
	case reach.Allowed:
		return "ALLOWED"
	case reach.Open:
		return "DENIED BY A POLICY THAT NOTHING ENFORCES: the packet arrives"
	case reach.Unknown:
		return "NOT KNOWN"
	}
	if by, r := w.denied(s, d, a); by != nil && r.Status != enforce.Enforced {
		return "DENIED, IF ANYTHING ENFORCES IT"
	}
	return "DENIED"
}

func answer(counts map[string]int) string {
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		if len(counts) > 1 {
			word = fmt.Sprintf("%d %s", counts[word], word)
		}
		parts = append(parts, word)
	}
	return strings.Join(parts, ", ") + "."
}

func (w *world) hops(s *party, d *destination, a *reach.Answer) {
	name := s.String() + " -> " + d.String()
	put := func(hop, verdict, by string) {
		w.Row(run.Row{Table: "hops", Cells: []run.Cell{{Name: "connection", Value: name}, {Name: "hop", Value: hop}, {Name: "verdict", Value: verdict}, {Name: "by", Value: by}}})
	}
	if d.via != "" {
		put("service", "leads here", d.via)
	}
	if s.Index == d.Index && s.Workload.Pods == 1 {
		put("itself", "allowed", "a pod reaches itself, whatever policies say")
		return
	}
	if s.Workload != nil {
		put("egress of "+s.String(), actionOf(&a.Egress), w.witness(&a.Egress))
	}
	if d.Workload != nil {
		put("ingress of "+d.party.String(), actionOf(&a.Ingress), w.witness(&a.Ingress))
	}
	for _, of := range []*reach.Endpoint{s.Endpoint, d.Endpoint} {
		if r, p := w.decides(of, s.Endpoint, a); p != nil {
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
func (w *world) judge(q *Asking, s *party, d *destination, a *reach.Answer) {
	rule := passesRule
	if q.Denied {
		rule = refusedRule
	}
	subject := endpointSubject(s.Endpoint)
	if s.address.IsValid() && s.Workload == nil {
		subject.Identity = s.String()
	}
	discriminator := variant(s.Endpoint) + " to " + d.String()
	verdict := verdictOn(a.Outcome, q.Denied)
	denier, enforced := w.denied(s, d, a)
	if a.Outcome == reach.Denied && enforced.Status == enforce.Unknown && denier != nil {
		verdict = finding.Unproven
	}
	f := finding.Finding{Subject: subject, Discriminator: discriminator, Verdict: verdict}
	f.Title = s.String() + " -> " + d.String() + ": " + a.Outcome.String()
	f.Proof = w.proof(s, d, a)
	unread := w.inDoubt(s, d, f.Proof)
	if verdict == finding.Holds && unread == nil {
		w.Hold(rule, fileOf(s.Endpoint, d.Endpoint), subject, discriminator)
		return
	}
	if verdict == finding.Unproven || unread != nil {
		f.Verdict = finding.Unproven
		switch {
		case unread != nil:
			f.Title += ", as far as could be read"
			f.Missing = unread
		case a.Outcome == reach.Denied:
			f.Title += ", if anything enforces it"
			f.Missing = missingOf(enforced)
		default:
			why := a.Egress.Why
			if why == "" {
				why = a.Ingress.Why
			}
			if why == "" {
				why = "what decides at one of the two ends"
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
	if f.Remedy.Text = remedyText(q.Denied, a); f.Verdict == finding.Unproven && a.Outcome == reach.Denied {
		f.Remedy.Text = "Show what enforces the policies: name the objects of the cluster too, or say --cni."
	}
	w.Report(rule, f)
}

// inDoubt is why an answer may be another one: a policy may stand in what was not
// read, and kustomize may make something else of what was. Where nothing enforces
// policies, as the user says, they make no difference.
func (w *world) inDoubt(s *party, d *destination, proof []finding.Statement) []finding.Missing {
	if w.o.CNI == "none" {
		return nil
	}
	for _, p := range proof {
		if made, ok := w.rendered[p.At.File]; ok {
			return []finding.Missing{{Evidence: "what kustomize makes of " + p.At.File, Get: made.Command()}}
		}
	}
	for _, e := range []*reach.Endpoint{s.Endpoint, d.Endpoint} {
		if e.Workload != nil {
			if m := w.unseen(e.Workload.Namespace); m != nil {
				return m
			}
		}
	}
	return nil
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
func (w *world) denied(s *party, d *destination, a *reach.Answer) (*netpol.Policy, enforce.Ruling) {
	var by *netpol.Policy
	var out enforce.Ruling
	for _, x := range []struct {
		d   *reach.Decision
		end *reach.Endpoint
	}{{&a.Egress, s.Endpoint}, {&a.Ingress, d.Endpoint}} {
		if x.d.Outcome != reach.Denied || x.d.Policy == nil || x.end.Workload == nil {
			continue
		}
		if r := w.ruling(x.d.Policy, x.end.Workload); by == nil || r.Status == enforce.Enforced {
			by, out = x.d.Policy, r
		}
	}
	return by, out
}

func (w *world) proof(s *party, d *destination, a *reach.Answer) (out []finding.Statement) {
	type half struct {
		d   *reach.Decision
		end *reach.Endpoint
		way string
	}
	halves := []half{{&a.Egress, s.Endpoint, "egress of "}, {&a.Ingress, d.Endpoint, "ingress of "}}
	// What decides comes first: that is where a reader looks.
	slices.SortStableFunc(halves, func(x, y half) int { return weight(y.d) - weight(x.d) })
	for _, x := range halves {
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
		if r, p := w.decides(x.end, s.Endpoint, a); p != nil && r.Status == enforce.NotEnforced {
			out = append(out, finding.Statement{Text: "and nothing enforces it: " + r.Why, At: w.at(p.Object, p.SubjectAt)})
		}
	}
	return out
}

// weight is how much a decision has to do with the outcome.
func weight(d *reach.Decision) int {
	switch {
	case d.Outcome == reach.Denied:
		return 3
	case d.Outcome == reach.Unknown:
		return 2
	case d.Rule != nil:
		return 1
	}
	return 0
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
