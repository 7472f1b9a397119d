package net

import (
	"fmt"
	"strings"

	"polygraph/internal/enforce"
	"polygraph/internal/finding"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// enforced judges whether anything reads the policies: once for each kind of
// policy and reason, because one agent that is off is one lie and not forty.
func (w *world) enforced() {
	type group struct {
		ruling   enforce.Ruling
		kind     string
		policies []*netpol.Policy
	}
	var groups []*group
	by := map[string]*group{}
	for _, p := range w.set.Policies {
		r := w.read(p)
		if r.Status == enforce.Enforced {
			w.Hold(enforcedRule, p.Object.Path, policiesSubject(p.Object.Type()), "")
			w.partly(p)
			continue
		}
		key := p.Object.Type() + "\x00" + r.Status.String() + "\x00" + r.Why
		g := by[key]
		if g == nil {
			g = &group{r, p.Object.Type(), nil}
			by[key] = g
			groups = append(groups, g)
		}
		g.policies = append(g.policies, p)
	}
	for _, g := range groups {
		first := g.policies[0]
		f := finding.Finding{Subject: policiesSubject(g.kind), Verdict: verdictOf(g.ruling.Status)}
		if g.ruling.Status == enforce.NotEnforced && first.Staged {
			f.Discriminator = "staged"
		}
		names := make([]string, 0, len(g.policies))
		for _, p := range g.policies {
			names = append(names, short(p.Object))
		}
		what := plural(len(g.policies), "policy is", "policies are")
		f.Title = fmt.Sprintf("%s of kind %s accepted, and enforced by nothing: %s", what, first.Object.Kind, g.ruling.Why)
		if g.ruling.Status == enforce.Unknown {
			f.Title = fmt.Sprintf("what enforces %s of kind %s is not shown: %s", plural(len(g.policies), "policy", "policies"), first.Object.Kind, g.ruling.Why)
		}
		f.Proof = w.because(g.ruling)
		f.Proof = append(f.Proof, finding.Statement{Text: "accepted: " + some(names), At: w.at(first.Object, first.Object.Root.Offset)})
		f.Missing, f.Remedy = missingOf(g.ruling), remedyOf(g.ruling)
		w.Report(enforcedRule, f)
	}
}

// policiesSubject are all policies of a kind, as one thing.
func policiesSubject(kind string) finding.Subject {
	return finding.Subject{Kind: "network-policies", Identity: kind}
}

func verdictOf(s enforce.Status) finding.Verdict {
	if s == enforce.NotEnforced {
		return finding.Refuted
	}
	return finding.Unproven
}

func (w *world) because(r enforce.Ruling) []finding.Statement {
	if r.In == nil {
		return nil
	}
	return []finding.Statement{{Text: r.Why, At: w.at(r.In, r.At)}}
}

func missingOf(r enforce.Ruling) (out []finding.Missing) {
	if r.Status != enforce.Unknown {
		return nil
	}
	for _, m := range r.Missing {
		out = append(out, finding.Missing(m))
	}
	if out == nil {
		out = []finding.Missing{{Evidence: "the engine that enforces network policies, and where it runs", Get: "kubectl get daemonsets,nodes,namespaces,pods -A -o yaml > cluster.yaml"}}
	}
	return out
}

func remedyOf(r enforce.Ruling) finding.Remedy {
	return finding.Remedy{Text: r.Remedy.Text, Commands: r.Remedy.Commands}
}

// partly judges what in a policy its engine leaves out.
func (w *world) partly(p *netpol.Policy) {
	subject := subjectOf(p.Object)
	left := w.truth.Fields(p)
	if len(left) == 0 {
		w.Hold(partlyRule, p.Object.Path, subject, "")
		return
	}
	for _, r := range left {
		f := finding.Finding{Subject: subject, Verdict: verdictOf(r.Status), Discriminator: r.Why, Title: short(p.Object) + ": " + r.Why}
		if f.Proof = w.because(r); f.Proof == nil {
			f.Proof = []finding.Statement{{Text: r.Why, At: w.at(p.Object, p.Object.Root.Offset)}}
		}
		f.Missing, f.Remedy = missingOf(r), remedyOf(r)
		w.Report(partlyRule, f)
	}
}

// outside judges whether policies hold for the pods that they select.
func (w *world) outside() {
	type reason struct {
		ruling    enforce.Ruling
		workloads []*reach.Workload
	}
	var open []*reason
	unknown := map[string]*reason{}
	for _, e := range w.model.Endpoints() {
		of := e.Workload
		if of == nil || of.Object == w.dns {
			continue
		}
		policies := w.about(e)
		if len(policies) == 0 {
			continue
		}
		subject := subjectOf(of.Object)
		r, p := w.worst(policies, of)
		switch r.Status {
		case enforce.Enforced:
			w.Hold(outsideRule, of.Object.Path, subject, of.Variant)
		case enforce.NotEnforced:
			f := finding.Finding{Subject: subject, Discriminator: of.Variant, Verdict: finding.Refuted}
			f.Title = fmt.Sprintf("%s %s: %s, which selects it, does not hold for it: %s", strings.ToLower(of.Kind), workloadName(of), short(p.Object), r.Why)
			if f.Proof = w.because(r); f.Proof == nil {
				f.Proof = []finding.Statement{{Text: r.Why, At: w.at(of.In, of.Template.Offset)}}
			}
			f.Proof = append(f.Proof, finding.Statement{Text: "selected by " + short(p.Object), At: w.at(p.Object, p.SubjectAt)})
			f.Remedy = remedyOf(r)
			w.Report(outsideRule, f)
		default:
			if unknown[r.Why] == nil {
				unknown[r.Why] = &reason{ruling: r}
				open = append(open, unknown[r.Why])
			}
			unknown[r.Why].workloads = append(unknown[r.Why].workloads, of)
		}
	}
	for _, u := range open {
		names := make([]string, 0, len(u.workloads))
		for _, of := range u.workloads {
			names = append(names, workloadName(of))
		}
		first := u.workloads[0]
		f := finding.Finding{
			Subject: finding.Subject{Kind: "network-policies", Identity: "the pods that they select"}, Discriminator: u.ruling.Why, Verdict: finding.Unproven,
			Title: fmt.Sprintf("whether policies hold for %s is not shown: %s", plural(len(names), "workload", "workloads"), u.ruling.Why),
			Proof: append(w.because(u.ruling), finding.Statement{Text: "selected: " + some(names), At: w.at(first.In, first.Template.Offset)}), Missing: missingOf(u.ruling),
		}
		w.Report(outsideRule, f)
	}
}

// about are the policies that select the pods of an endpoint, on the network of
// their nodes or not. Policies that nothing reads at all are NET001's.
func (w *world) about(e *reach.Endpoint) []*netpol.Policy {
	var out []*netpol.Policy
	if e.Workload.Host {
		for _, p := range w.set.Policies {
			if isNamespaced(p.Kind) && w.read(p).Status != enforce.NotEnforced && w.hosts(p)[e.Workload] {
				out = append(out, p)
			}
		}
		return out
	}
	for _, d := range []reach.Direction{reach.Ingress, reach.Egress} {
		for _, p := range w.model.Isolation(e.Index, d).Policies {
			if w.read(p).Status == enforce.Enforced {
				out = append(out, p)
			}
		}
	}
	return out
}

func (w *world) hosts(p *netpol.Policy) map[*reach.Workload]bool {
	if w.onHosts == nil {
		w.onHosts = map[*netpol.Policy]map[*reach.Workload]bool{}
	}
	m, ok := w.onHosts[p]
	if !ok {
		m = map[*reach.Workload]bool{}
		for _, of := range w.model.Hosts(p) {
			m[of] = true
		}
		w.onHosts[p] = m
	}
	return m
}

// worst is the ruling of the policy that holds least.
func (w *world) worst(policies []*netpol.Policy, of *reach.Workload) (enforce.Ruling, *netpol.Policy) {
	var out enforce.Ruling
	var by *netpol.Policy
	for _, p := range policies {
		r := w.ruling(p, of)
		if by == nil || r.Status == enforce.NotEnforced || out.Status == enforce.Enforced && r.Status == enforce.Unknown {
			out, by = r, p
		}
		if out.Status == enforce.NotEnforced {
			break
		}
	}
	return out, by
}
