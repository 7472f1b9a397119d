package net

import (
	"fmt"
	"slices"
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
	w.unreadPolicies()
	var groups []*group
	by := map[string]*group{}
	for _, p := range w.set.Policies {
		if p.Staged {
			continue // its kind says that it is there to be looked at: nobody claims more
		}
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
		names := make([]string, 0, len(g.policies))
		for _, p := range g.policies {
			names = append(names, short(p.Object))
		}
		are := "is"
		if len(g.policies) > 1 {
			are = "are"
		}
		f.Title = fmt.Sprintf("%s of kind %s %s accepted, and enforced by nothing: %s", plural(len(g.policies), "policy", "policies"), first.Object.Kind, are, g.ruling.Why)
		if g.ruling.Status == enforce.Unknown {
			f.Title = fmt.Sprintf("what enforces %s of kind %s is not shown: %s", plural(len(g.policies), "policy", "policies"), first.Object.Kind, g.ruling.Why)
		}
		f.Proof = w.because(g.ruling)
		f.Proof = append(f.Proof, finding.Statement{Text: "accepted: " + some(names), At: w.at(first.Object, first.Object.Root.Offset)})
		f.Missing, f.Remedy = missingOf(g.ruling), remedyOf(g.ruling)
		w.Report(enforcedRule, f)
	}
}

// unreadPolicies says that policies, or an engine, may stand in what was not read.
func (w *world) unreadPolicies() {
	if len(w.unread) == 0 || w.o.List == nil && len(w.set.Policies) == 0 {
		return
	}
	f := finding.Finding{Subject: policiesSubject("what is not read"), Verdict: finding.Unproven, Missing: []finding.Missing{unreadMissing(w.unread)}}
	f.Title = plural(len(w.unread), "document", "documents") + " could not be read: a policy, or an engine, may be among them"
	for i, u := range w.unread {
		if i < maxListed {
			f.Proof = append(f.Proof, finding.Statement{Text: u.reason, At: u.at})
		}
	}
	w.Report(enforcedRule, f)
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
	if !w.knownGaps(p) {
		return
	}
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

// knownGaps tells that the one engine that reads a policy is of those of which
// package enforce knows what they leave out: of others nothing was examined.
func (w *world) knownGaps(p *netpol.Policy) bool {
	known := false
	for _, e := range w.truth.Engines() {
		switch {
		case e.On == enforce.NotEnforced:
		case e.Name == "vpc-cni", e.Name == "eks-auto", e.Name == "cilium":
			known = true
		default:
			return false
		}
	}
	return known && p.Kind == netpol.Network && p.Object.Group != "networking.k8s.aws"
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
// their nodes or not. Policies of which that is not known are NET001's.
func (w *world) about(e *reach.Endpoint) []*netpol.Policy {
	var out []*netpol.Policy
	if e.Workload.Host {
		for _, p := range w.set.Policies {
			if isNamespaced(p.Kind) && w.read(p).Status == enforce.Enforced && w.hosts(p)[e.Workload] {
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

// hosts are the workloads on the network of their nodes whose labels a policy
// asks for.
func (w *world) hosts(p *netpol.Policy) map[*reach.Workload]bool {
	if m, ok := w.onHosts[p]; ok {
		return m
	}
	m := map[*reach.Workload]bool{}
	for _, e := range w.model.Endpoints() {
		if of := e.Workload; of != nil && of.Host && len(p.Unsure) == 0 && byLabels(&p.Subject) && p.Subject.Match(labelled{of}) {
			m[of] = true
		}
	}
	if w.onHosts == nil {
		w.onHosts = map[*netpol.Policy]map[*reach.Workload]bool{}
	}
	w.onHosts[p] = m
	return m
}

// byLabels tells a selector that looks at nothing but what labelled has.
func byLabels(e *netpol.Expr) bool {
	if e.Op >= netpol.In {
		return e.On == netpol.PodLabel || e.On == netpol.Namespace
	}
	return !slices.ContainsFunc(e.Terms, func(t netpol.Expr) bool { return !byLabels(&t) })
}

// labelled is what a selector of pods of one namespace looks at.
type labelled struct{ *reach.Workload }

// Attribute implements netpol.Attributes.
func (l labelled) Attribute(on netpol.Attribute, key string) (string, bool) {
	switch on {
	case netpol.PodLabel:
		v, ok := l.Labels[key]
		return v, ok
	case netpol.Namespace:
		return l.Namespace, true
	}
	return "", false
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

// behindOtherPorts judges Services whose port is not the containers': where
// clients are isolated for egress, an engine may look at the one or the other.
func (w *world) behindOtherPorts() {
	// Where clients may use every port, it makes no difference.
	limited := map[int]bool{}
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || !w.model.Isolation(e.Index, reach.Egress).Isolated {
			continue
		}
		for to, cell := range w.model.From(e.Index) {
			limited[to] = limited[to] || !cell.Allowed.All()
		}
	}
	if len(limited) == 0 {
		return
	}
	for _, o := range w.objects {
		if o.Type() != "Service" {
			continue
		}
		for _, e := range w.model.Endpoints() {
			if e.Workload == nil || e.Workload.Object == w.dns || !limited[e.Index] || !selects(o, e.Workload) {
				continue
			}
			r, ok := w.truth.Service(o, e.Workload)
			if !ok || r.Status == enforce.Enforced {
				continue
			}
			w.Report(partlyRule, finding.Finding{
				Subject: subjectOf(o), Verdict: verdictOf(r.Status), Title: short(o) + ": " + r.Why,
				Proof: []finding.Statement{{Text: r.Why, At: w.at(o, r.At)}}, Missing: missingOf(r), Remedy: remedyOf(r),
			})
			break
		}
	}
}
