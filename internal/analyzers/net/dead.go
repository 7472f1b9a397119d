package net

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// dead judges whether each rule can decide anything.
func (w *world) dead() {
	c := newCovering(w.set.Policies)
	for _, p := range w.set.Policies {
		if p.Staged || p.Nodes || len(p.Unsure) > 0 {
			continue
		}
		sure, perhaps := w.model.Selected(p)
		if len(sure)+len(perhaps) == 0 {
			continue // NET007
		}
		for _, d := range []reach.Direction{reach.Ingress, reach.Egress} {
			s := d.Section(p)
			for i := range s.Rules {
				w.deadRule(p, &s.Rules[i], d, c)
			}
		}
	}
}

func (w *world) deadRule(p *netpol.Policy, r *netpol.Rule, d reach.Direction, c *covering) {
	subject := subjectOf(p.Object)
	f := finding.Finding{Subject: subject, Discriminator: r.Pointer, Verdict: finding.Refuted}
	name := short(p.Object) + " " + r.Pointer
	use := w.model.Use(p, r, d)
	at := w.at(p.Object, r.Offset)
	switch cover, why := c.covered(p, r, d); {
	case empty(r):
		f.Title = name + ": what it excepts is all that it names"
		f.Proof = []finding.Statement{{Text: "no address is left of its blocks", At: at}}
		f.Remedy.Text = "Name a larger block, or except less."
	case !use.Ports && len(use.Absent) > 0:
		f.Title = fmt.Sprintf("%s: no pod that it could concern has a port named %s", name, use.Absent[0].Name)
		for _, n := range use.Absent {
			f.Proof = append(f.Proof, finding.Statement{Text: "the name is looked up at the destination, and none of those pods has a port " + n.Name + protocolOf(n), At: w.at(p.Object, n.Offset)})
		}
		f.Remedy.Text = "Name the port as the containers do (spec.containers[].ports[].name, and its protocol), or write its number."
		if !w.knowsAll(p, r, d) {
			f.Verdict = finding.Unproven
			f.Missing = []finding.Missing{{Evidence: "all pods that it could concern: one that is not here may have such a port", Get: clusterCommand}}
		}
	case cover != nil:
		f.Title = name + ": " + why
		f.Proof = []finding.Statement{{Text: "this rule", At: at}, {Text: "is covered by " + short(cover.policy.Object) + " " + cover.rule.Pointer, At: w.at(cover.policy.Object, cover.rule.Offset)}}
		f.Remedy.Text = "Take one of the two out: if this rule is meant to be the limit, the other one has to go."
	case use.Workloads+use.Outside == 0 && use.Perhaps && !r.Anyone && len(r.Unsure) == 0:
		f.Verdict = finding.Unproven
		f.Title = name + ": whether it matches anybody depends on what is not here"
		f.Proof = []finding.Statement{{Text: "its peers go by it", At: at}}
		f.Missing = []finding.Missing{{Evidence: "the labels of the Namespaces, or the addresses of the pods", Get: "kubectl get namespaces,pods -A -o yaml > cluster.yaml"}}
	case use.Workloads+use.Outside == 0 && !use.Perhaps && !r.Anyone:
		f.Title = name + ": it matches nobody who is there"
		f.Proof = []finding.Statement{{Text: "none of the pods here is matched by its peers", At: at}}
		f.Remedy.Text = "Compare its selectors with the labels of the pods and of their namespaces: polygraph net list shows who is there."
		if !w.o.Surveyed || len(w.unread) > 0 {
			f.Verdict = finding.Unproven
			f.Missing = []finding.Missing{{Evidence: "all pods and namespaces of the cluster: the one that it means may be elsewhere", Get: clusterCommand}}
		}
	default:
		w.Hold(deadRule, p.Object.Path, subject, r.Pointer)
		return
	}
	w.Report(deadRule, f)
}

// clusterCommand gets what tells that something is not there.
const clusterCommand = "polygraph net --kube-context CONTEXT"

// knowsAll tells that each pod that is the destination of a rule is among the
// objects: the whole namespace of the policy is here, or the selector asks for
// all labels by which a workload knows its own pods.
func (w *world) knowsAll(p *netpol.Policy, r *netpol.Rule, d reach.Direction) bool {
	if len(w.unread) > 0 {
		return false
	}
	if w.o.Surveyed {
		return true
	}
	if d == reach.Ingress {
		return isNamespaced(p.Kind) && p.Object.Live && w.allPods(p.Namespace) || w.owned(&p.Subject)
	}
	return len(r.Peers) > 0 && !slices.ContainsFunc(r.Peers, func(q netpol.Peer) bool { return q.Pods == nil || !w.owned(q.Pods) })
}

// owned tells that what a selector matches has one owner, which is here: it asks
// for the namespace and each label of the owner's own selector. Of two owners with
// one selector each would take the other's pods for its own.
func (w *world) owned(e *netpol.Expr) bool {
	asks := map[[2]string]bool{}
	namespace := ""
	var read func(e *netpol.Expr)
	read = func(e *netpol.Expr) {
		switch {
		case e.Op == netpol.And:
			for i := range e.Terms {
				read(&e.Terms[i])
			}
		case e.Op == netpol.In && len(e.Values) == 1 && e.On == netpol.Namespace:
			namespace = e.Values[0]
		case e.Op == netpol.In && len(e.Values) == 1 && e.On == netpol.PodLabel:
			asks[[2]string{e.Key, e.Values[0]}] = true
		}
	}
	read(e)
	for _, end := range w.model.Endpoints() {
		of := end.Workload
		if of == nil || of.Namespace != namespace || of.Object == w.dns {
			continue
		}
		own := of.Object.Get("spec", "selector", "matchLabels")
		if !own.Empty() && of.Object.Get("spec", "selector", "matchExpressions").Empty() &&
			!slices.ContainsFunc(own.Items, func(l kubeobj.Value) bool { return !asks[[2]string{l.Name, l.Str()}] }) {
			return true
		}
	}
	return false
}

func protocolOf(p netpol.Port) string {
	if p.AnyProtocol {
		return ""
	}
	return " of " + p.Protocol.String()
}

// empty tells that all peers of a rule are blocks of which nothing is left.
func empty(r *netpol.Rule) bool {
	return !r.Anyone && len(r.Peers) > 0 && !slices.ContainsFunc(r.Peers, func(p netpol.Peer) bool { return p.Block == nil || !reach.Emptied(p.Block) })
}

// everyPod tells a selector that only names a namespace.
func everyPod(e *netpol.Expr) bool {
	switch e.Op {
	case netpol.All:
		return true
	case netpol.In:
		return e.On == netpol.Namespace
	case netpol.And:
		return !slices.ContainsFunc(e.Terms, func(t netpol.Expr) bool { return !everyPod(&t) })
	}
	return false
}

// nothing judges whether each policy selects a pod.
func (w *world) nothing() {
	told := map[*kubeobj.Object]bool{}
	for _, p := range w.set.Policies {
		if p.Staged || p.Nodes {
			continue
		}
		subject := subjectOf(p.Object)
		sure, perhaps := w.model.Selected(p)
		hosts := w.hosts(p)
		nowhere := w.nowhere(p)
		if len(sure)+len(hosts) > 0 || everyPod(&p.Subject) && len(p.Unsure) == 0 && !nowhere {
			w.Hold(nothingRule, p.Object.Path, subject, specOf(p))
			continue
		}
		f := finding.Finding{Subject: subject, Discriminator: specOf(p), Verdict: finding.Unproven, Title: short(p.Object) + " selects no pod that is there"}
		f.Proof = []finding.Statement{{Text: "its selector", At: w.at(p.Object, p.SubjectAt)}}
		f.Proof = append(f.Proof, w.labelsThere(p)...)
		f.Remedy.Text = "Compare the selector with the labels of the pods: kubectl get pods --show-labels -n " + cmp.Or(p.Namespace, "default")
		switch {
		case nowhere:
			f.Title = short(p.Object) + " names no namespace, and the pods that are there do"
			f.Missing = []finding.Missing{{Evidence: "the namespace into which it is applied", Get: "write metadata.namespace, or render it with the namespace into which it is applied"}}
		case len(p.Unsure) > 0:
			if told[p.Object] {
				continue
			}
			told[p.Object] = true
			f.Title = short(p.Object) + ": what it selects, and whether it is in force, is not known: " + p.Unsure[0].Why
			f.Missing = []finding.Missing{{Evidence: "a policy that the server takes, and that is there once: " + p.Unsure[0].Why, Get: "polygraph net list says what to do about it"}}
		case len(perhaps) > 0:
			f.Title = short(p.Object) + ": whether it selects a pod depends on labels that are not here"
			f.Missing = []finding.Missing{{Evidence: "the labels of the namespaces", Get: "kubectl get namespaces -o yaml > namespaces.yaml"}}
		case len(w.unread) > 0:
			f.Missing = []finding.Missing{unreadMissing(w.unread)}
			f.Missing[0].Evidence = strings.Replace(f.Missing[0].Evidence, "a policy may", "the pods may", 1)
		case w.o.Surveyed || p.Object.Live && isNamespaced(p.Kind) && w.allPods(p.Namespace):
			f.Verdict = finding.Refuted
		case isNamespaced(p.Kind):
			f.Missing = []finding.Missing{{Evidence: "all that runs in namespace " + cmp.Or(p.Namespace, "default") + ": the pods that it means may be declared elsewhere", Get: everything(p.Namespace)}}
		default:
			f.Missing = []finding.Missing{{Evidence: "all pods of the cluster: those that it means may be declared elsewhere", Get: clusterCommand}}
		}
		w.Report(nothingRule, f)
	}
}

func specOf(p *netpol.Policy) string {
	if p.Spec == 0 {
		return ""
	}
	return fmt.Sprintf("spec %d", p.Spec+1)
}

// labelsThere are labels of pods of the namespace under the keys that a selector
// asks for: where a letter is wrong, it shows.
func (w *world) labelsThere(p *netpol.Policy) []finding.Statement {
	var keys []string
	var walk func(e *netpol.Expr)
	walk = func(e *netpol.Expr) {
		if e.Op >= netpol.In && e.On == netpol.PodLabel && !slices.Contains(keys, e.Key) {
			keys = append(keys, e.Key)
		}
		for i := range e.Terms {
			walk(&e.Terms[i])
		}
	}
	walk(&p.Subject)
	var out []finding.Statement
	for _, e := range w.model.Endpoints() {
		of := e.Workload
		if of == nil || of.Namespace != p.Namespace || of.Object == w.dns || len(out) == maxListed {
			continue
		}
		for _, k := range keys {
			if v, ok := of.Labels[k]; ok {
				at := of.Template
				if l := of.Template.Get("metadata", "labels", k); l.Is(kubeobj.String) {
					at = l
				}
				out = append(out, finding.Statement{Text: workloadName(of) + " has " + k + "=" + v, At: w.at(of.In, at.Offset)})
				break
			}
		}
	}
	return out
}
