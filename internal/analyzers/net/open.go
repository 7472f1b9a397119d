package net

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// open judges whether the namespaces that have policies deny by default.
func (w *world) open() {
	policies := map[string][]*netpol.Policy{}
	var names []string
	for _, p := range w.set.Policies {
		if isNamespaced(p.Kind) && !p.Staged {
			if policies[p.Namespace] == nil {
				names = append(names, p.Namespace)
			}
			policies[p.Namespace] = append(policies[p.Namespace], p)
		}
	}
	slices.Sort(names)
	for _, ns := range names {
		for _, d := range []reach.Direction{reach.Ingress, reach.Egress} {
			w.openNamespace(ns, policies[ns], d)
		}
	}
}

func (w *world) openNamespace(ns string, policies []*netpol.Policy, d reach.Direction) {
	rule := ingressRule
	if d == reach.Egress {
		rule = egressRule
	}
	var open, perhaps []*reach.Endpoint
	pods, addresses := 0, 0
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || e.Workload.Namespace != ns || e.Workload.Host || e.Workload.Object == w.dns {
			continue
		}
		pods++
		switch is := w.model.Isolation(e.Index, d); {
		case is.Isolated:
		case is.Perhaps:
			perhaps = append(perhaps, e)
		case len(is.Policies) == 0:
			open = append(open, e)
		default: // policies of the cluster have a say, and none of them isolates
			switch {
			case w.model.Defaults(e.Index, d, w.isPeer):
				open = append(open, e)
			case w.model.Defaults(e.Index, d, isAddresses):
				open = append(open, e)
				addresses++
			}
		}
	}
	subject := finding.Subject{Kind: "kubernetes-namespace", Identity: ns}
	if ns == "" {
		subject.Identity = "(none written)"
	}
	first := policies[0]
	everybody := slices.ContainsFunc(policies, func(p *netpol.Policy) bool {
		return d.Section(p).Isolates && len(p.Unsure) == 0 && !p.Nodes && everyPod(&p.Subject)
	})
	switch {
	case pods == 0 && w.nowhere(first):
		return // which namespace this is, nobody has written down: NET007 says so
	case everybody && len(open)+len(perhaps) == 0:
		w.Hold(rule, first.Object.Path, subject, "")
		return
	case pods == 0:
		return // NET007 says that there are no pods
	}
	f := finding.Finding{Subject: subject, Verdict: finding.Refuted}
	if len(open) == 0 {
		open = perhaps
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "whether a policy selects them: it goes by labels of Namespaces that are not here, or is itself in doubt", Get: "kubectl get namespaces,networkpolicies -A -o yaml > policies.yaml"}}
	}
	if len(open) == 0 {
		if w.allPods(ns) {
			w.Hold(rule, first.Object.Path, subject, "")
			return
		}
		f.Title = subject.Identity + ": each workload here is selected, and no policy selects whatever else runs there"
		f.Missing = []finding.Missing{{Evidence: "all that runs in namespace " + cmp.Or(ns, "default"), Get: everything(ns)}}
		f.Proof = []finding.Statement{{Text: plural(len(policies), "policy is", "policies are") + " about this namespace, the first of them " + short(first.Object), At: w.at(first.Object, first.SubjectAt)}}
		f.Remedy = denyAll(ns, d)
		w.Report(rule, f)
		return
	}
	if m := w.unseen(ns); f.Verdict == finding.Refuted && m != nil {
		f.Verdict, f.Missing = finding.Unproven, m
	}
	var list []string
	for _, e := range open {
		list = append(list, strings.ToLower(e.Workload.Kind)+" "+e.Workload.Name)
	}
	way := "take connections from everybody"
	if len(open) == 1 {
		way = "takes connections from everybody"
	}
	if d == reach.Egress {
		way = "may connect to everybody"
	}
	if addresses == len(open) {
		way = strings.Replace(way, "everybody", "any address outside of the cluster", 1)
	}
	f.Title = fmt.Sprintf("%s: %d of %s %s: %s", subject.Identity, len(open), plural(pods, "workload", "workloads"), way, some(list))
	f.Proof = append(f.Proof, finding.Statement{Text: plural(len(policies), "policy is", "policies are") + " about this namespace, the first of them " + short(first.Object), At: w.at(first.Object, first.SubjectAt)})
	for i, e := range open {
		if i == maxListed {
			break
		}
		at := e.Workload.Template.Get("metadata", "labels")
		if at == nil {
			at = e.Workload.Template
		}
		f.Proof = append(f.Proof, finding.Statement{Text: fmt.Sprintf("no policy selects %s %s for %s", strings.ToLower(e.Workload.Kind), e.Workload.Name, d), At: w.at(e.Workload.In, at.Offset)})
	}
	f.Remedy = denyAll(ns, d)
	w.Report(rule, f)
}

// isPeer tells workloads that are there.
func (w *world) isPeer(e *reach.Endpoint) bool {
	return e.Workload != nil && e.Workload.Object != w.dns
}

func isAddresses(e *reach.Endpoint) bool { return e.Workload == nil }

// allPods tells that whatever runs in a namespace is among the objects: they were
// got from the cluster, its pods and what makes pods.
func (w *world) allPods(ns string) bool {
	if w.o.Surveyed {
		return true
	}
	if w.live == nil {
		w.live = map[string]int{}
		for _, o := range w.objects {
			switch {
			case !o.Live:
			case o.Type() == "Pod":
				w.live[o.Namespace] |= 1
			case o.Kind != "ReplicaSet" && workloads.Template(o) != nil:
				w.live[o.Namespace] |= 2
			}
		}
	}
	return w.live[ns] == 3
}

// everything is the command that gets all that runs in a namespace.
func everything(ns string) string {
	return "kubectl get pods,deployments,statefulsets,daemonsets,jobs,cronjobs,services,networkpolicies -n " + cmp.Or(ns, "default") + " -o yaml > namespace.yaml"
}

// denyAll is the policy that is missing.
func denyAll(ns string, d reach.Direction) finding.Remedy {
	meta := "metadata:\n  name: default-deny-" + d.String() + "\n"
	if ns != "" {
		meta += "  namespace: " + ns + "\n"
	}
	r := finding.Remedy{Language: "yaml", Text: "See who talks to whom now (polygraph net list), allow what is needed, and add the policy that denies the rest."}
	r.Patch = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n" + meta + "spec:\n  podSelector: {}\n"
	if d == reach.Ingress {
		r.Patch += "  policyTypes: [Ingress]\n"
		return r
	}
	r.Patch += "  policyTypes: [Egress]\n" + allowDNS
	return r
}
