package net

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
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
	pods := 0
	for _, e := range w.model.Endpoints() {
		if e.Workload == nil || e.Workload.Namespace != ns || e.Workload.Host || e.Workload.Object == w.dns {
			continue
		}
		pods++
		switch is := w.model.Isolation(e.Index, d); {
		case is.Isolated:
		case is.Perhaps:
			perhaps = append(perhaps, e)
		default:
			open = append(open, e)
		}
	}
	subject := finding.Subject{Kind: "kubernetes-namespace", Identity: ns}
	if ns == "" {
		subject.Identity = "(none written)"
	}
	first := policies[0]
	switch {
	case pods == 0:
		return // NET007 says that there are no pods
	case len(open)+len(perhaps) == 0:
		w.Hold(rule, first.Object.Path, subject, "")
		return
	}
	f := finding.Finding{Subject: subject, Verdict: finding.Refuted}
	if len(open) == 0 {
		open = perhaps
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "the labels of Namespace " + ns + ", by which a policy selects", Get: "kubectl get namespaces -o yaml > namespaces.yaml"}}
	}
	if f.Verdict == finding.Refuted && len(w.unread) > 0 {
		f.Verdict = finding.Unproven
		f.Missing = []finding.Missing{{Evidence: "documents that could not be read: a policy may be among them", Get: w.unread[0].do}}
	}
	var list []string
	for _, e := range open {
		list = append(list, strings.ToLower(e.Workload.Kind)+" "+e.Workload.Name)
	}
	way := "take connections from everybody"
	if d == reach.Egress {
		way = "may connect to everybody"
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
	r.Patch += "  policyTypes: [Egress]\n  egress:\n    - to:\n        - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}\n" +
		"          podSelector: {matchLabels: {k8s-app: kube-dns}}\n      ports:\n        - {protocol: UDP, port: 53}\n        - {protocol: TCP, port: 53}\n"
	return r
}
