package enforce

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// Holds tells whether a policy is enforced for the pods of a workload: by one
// engine that reads its kind, is on, and runs where they do. Of the policy only
// its kind, its group and Staged count: whoever asks about many keeps the answer
// for each of these.
func (t *Truth) Holds(p *netpol.Policy, w *reach.Workload) Ruling {
	if r, ok := staged(p); ok {
		return r
	}
	return t.over(w, func(e *engine, at place) Ruling {
		return both(e.policy(p), e.holdFor(t, at, w))
	}, "a "+kindName(p))
}

// both is a conjunction.
func both(a, b Ruling) Ruling {
	switch {
	case a.Status == NotEnforced:
		return a
	case b.Status == NotEnforced, b.Status == Unknown && a.Status == Enforced:
		return b
	}
	return a
}

// over asks about each place of the pods. Of places where there are pods the
// worst answer counts; places where there may be some have to agree.
func (t *Truth) over(w *reach.Workload, question func(*engine, place) Ruling, what string) Ruling {
	if w.Host && len(t.engines) > 0 {
		return t.host(w)
	}
	places, sure := t.places(w)
	var out Ruling
	for i, p := range places {
		r := Ruling{}
		if p.fargate {
			r = p.fargateRuling()
		} else {
			r = t.ask(func(e *engine) Ruling { return question(e, p) }, what)
		}
		switch {
		case i == 0:
			out = r
		case r.Status == out.Status:
		case !sure:
			return t.differ(w, out, r)
		case r.Status == NotEnforced, r.Status == Unknown && out.Status == Enforced:
			out = r
		}
		if sure && out.Status == NotEnforced {
			break
		}
	}
	return out
}

// differ is what is said where pods may be at places that do not agree.
func (t *Truth) differ(w *reach.Workload, a, b Ruling) Ruling {
	where := Missing{"the Pods of " + w.Name + " and their nodes", dumpPods}
	for _, r := range []Ruling{a, b} {
		if r.Status == Unknown {
			r.Missing = append(r.Missing[:len(r.Missing):len(r.Missing)], where)
			return r
		}
	}
	if a.Status == Enforced {
		a = b
	}
	return Ruling{
		Why: "on which nodes the pods run is not known, and on some policies do not hold: " + a.Why,
		In:  a.In, At: a.At, Missing: []Missing{where},
	}
}

// host: pods on their node's network are no endpoints of any engine known here.
//
// Sources: kubernetes.io/docs, "Network Policies: NetworkPolicy and hostNetwork
// pods"; amazon-vpc-cni-k8s docs/network-policy-faq.md, "Can Network Policies be
// applied in host networking mode? No"; docs.okd.io, "About network policy": "Pods
// with host networking enabled are unaffected".
func (t *Truth) host(w *reach.Workload) Ruling {
	r := Ruling{
		Status: NotEnforced, Why: "the pods are on the network of their node, where policies of pods do not hold", In: w.In,
		Remedy: Remedy{Text: "Remove hostNetwork, or guard the node itself (security groups, a host policy of Cilium or Calico)."},
	}
	if v := podSpec(w).Get("hostNetwork"); v != nil {
		r.At = v.Offset
	} else if w.In != nil {
		r.At = w.In.Root.Offset
	}
	return r
}

func podSpec(w *reach.Workload) *kubeobj.Value { return w.Template.Get("spec") }

// holdFor is hold, with what the pods themselves say.
func (e *engine) holdFor(t *Truth, p place, w *reach.Workload) Ruling {
	r := e.hold(t, p)
	if r.Status == Enforced && e.Name == "calico" {
		return e.besideGroups(t, w)
	}
	if r.Status != Enforced || !e.isEKS() {
		return r
	}
	// The agent names pods by their name without its last part.
	// Sources: EKS user guide, "Limit Pod traffic: Considerations"; issue 327 of
	// aws-network-policy-agent (open in 2026): "there might be some inconsistencies".
	if w.Object != nil && w.Object.Kind == "Pod" && w.Object.Get("metadata", "ownerReferences").Empty() {
		return Ruling{
			Why: "the pod has no owner: " + policyGuide + ", says that policies are not applied to such pods", In: w.Object, At: w.Object.Root.Offset,
			Missing: []Missing{{"whether policies hold for the pod " + w.Name, "make it a Deployment, or try a connection that its policies refuse"}},
		}
	}
	if v := w.Template.Get("metadata", "annotations", "k8s.v1.cni.cncf.io/networks"); v != nil && v.Str() != "" {
		return Ruling{
			Why: "the pods have further network interfaces, and " + e.Title + " enforces on eth0 only", In: w.In, At: v.Offset,
			Missing: []Missing{{"which traffic takes the other interfaces", "kubectl get network-attachment-definitions --all-namespaces -o yaml"}},
		}
	}
	return r
}

// besideGroups: pods with security groups of their own have a network interface
// that Calico does not see.
//
// Source: EKS user guide, "Alternate CNI plugins": traffic of pods with associated
// security groups is not subjected to Calico network policy enforcement.
func (e *engine) besideGroups(t *Truth, w *reach.Workload) Ruling {
	pods := t.pods(w)
	live := false
	for _, pod := range pods {
		live = live || pod.Live
		if v := pod.Get("metadata", "annotations", "vpc.amazonaws.com/pod-eni"); v != nil {
			return Ruling{
				Status: NotEnforced, Why: "the pods have security groups of their own, and Calico does not enforce on their interface", In: pod, At: v.Offset,
				Remedy: Remedy{Text: "Guard the pods with their security groups, or with the network policy agent of the VPC CNI."},
			}
		}
	}
	if live {
		return Ruling{Status: Enforced}
	}
	for _, o := range t.scene.objects {
		if o.Type() == "SecurityGroupPolicy.vpcresources.k8s.aws" && o.Namespace == w.Namespace && maySelect(o.Get("spec", "podSelector"), w.Labels) {
			return Ruling{
				Why: "a SecurityGroupPolicy of the namespace may give the pods security groups of their own, where Calico does not enforce", In: o, At: o.Root.Offset,
				Missing: []Missing{{"the Pods of " + w.Name, dumpPods}},
			}
		}
	}
	return Ruling{Status: Enforced}
}

// maySelect tells that nothing of a selector is known to be false of labels.
func maySelect(selector *kubeobj.Value, labels map[string]string) bool {
	for _, want := range selector.Get("matchLabels").Each() {
		if labels[want.Name] != want.Text {
			return false
		}
	}
	return true
}

// places are where the pods of a workload are; sure is false where they only may
// be there. There is always one.
func (t *Truth) places(w *reach.Workload) (out []place, sure bool) {
	s := t.scene
	seen := map[string]bool{}
	for _, pod := range t.pods(w) {
		node := pod.Get("spec", "nodeName")
		if p, ok := fromPod(pod); ok {
			out = append(out, p)
			continue
		}
		if node.Str() == "" || seen[node.Str()] {
			continue
		}
		seen[node.Str()] = true
		switch n := s.nodes[node.Str()]; {
		case n != nil:
			out = append(out, onNode(n))
		default:
			out = append(out, place{in: pod, name: node.Str(), at: node.Offset, fargate: strings.HasPrefix(node.Str(), "fargate-ip-"), windows: forWindows(pod.Get("spec")) != nil})
		}
	}
	if len(out) > 0 {
		return out, true
	}
	declared := t.asDeclared(w)
	if declared.fargate || declared.windows || declared.compute != "" && !s.liveNodes() {
		return []place{declared}, true
	}
	if out = t.possible(podSpec(w)); len(out) > 0 {
		return out, false
	}
	return []place{declared}, true
}

// possible are the places of live nodes on which pods of a spec may be, one of
// each group of nodes. A Fargate profile takes pods whatever their spec says.
func (t *Truth) possible(spec *kubeobj.Value) (out []place) {
	if !t.scene.liveNodes() {
		return nil
	}
	anywhere := spec.Get("affinity", "nodeAffinity").Empty()
	for _, want := range spec.Get("nodeSelector").Each() {
		anywhere = anywhere && want.Name == "kubernetes.io/os"
	}
	seen := make([]bool, len(t.first))
	try := func(i int) {
		if seen[t.groups[i]] {
			return
		}
		n := t.scene.nodeList[i]
		p := onNode(n)
		if yes, known := fits(spec, n); yes || !known || p.fargate {
			seen[t.groups[i]] = true
			out = append(out, p)
		}
	}
	if anywhere {
		for _, i := range t.first {
			try(i)
		}
		return out
	}
	for i := range t.groups {
		try(i)
	}
	return out
}

// group puts nodes together on which the same holds and that have the same
// taints and system, so that a workload is not asked about each of a thousand.
func (t *Truth) group() {
	ids := map[string]int{}
	for i, n := range t.scene.nodeList {
		p := onNode(n)
		var b strings.Builder
		if p.fargate {
			b.WriteByte('f')
		}
		for _, e := range t.engines {
			b.WriteByte('0' + byte(e.hold(t, p).Status))
		}
		b.WriteString(n.Label("kubernetes.io/os"))
		if taints := n.Get("spec", "taints"); !taints.Empty() {
			text, _ := taints.JSON()
			b.Write(text)
		}
		id, ok := ids[b.String()]
		if !ok {
			id = len(ids)
			ids[b.String()] = id
			t.first = append(t.first, i)
		}
		t.groups = append(t.groups, id)
	}
}

// fromPod is what a live pod says of its place itself.
//
// Source: EKS user guide, "Define which Pods use AWS Fargate when launched": the
// server's webhook sets the label and the scheduler.
func fromPod(o *kubeobj.Object) (place, bool) {
	if !o.Live {
		return place{}, false
	}
	if v := o.Get("metadata", "labels", "eks.amazonaws.com/fargate-profile"); v != nil {
		return place{in: o, at: v.Offset, fargate: true}, true
	}
	if v := o.Get("spec", "schedulerName"); v.Str() == "fargate-scheduler" {
		return place{in: o, at: v.Offset, fargate: true}, true
	}
	return place{}, false
}

// asDeclared is what the template says. A label fargate-profile in it is a wish: a
// profile that selects the pods has to be there too.
func (t *Truth) asDeclared(w *reach.Workload) place {
	spec := podSpec(w)
	p := place{in: w.In}
	if w.In != nil {
		p.at = w.In.Root.Offset
	}
	if v := spec.Get("schedulerName"); v.Str() == "fargate-scheduler" {
		p.fargate, p.at = true, v.Offset
	}
	if v := forWindows(spec); v != nil {
		p.windows, p.at = true, v.Offset
	}
	if v := spec.Get("nodeSelector", computeType); v != nil {
		p.compute, p.at = v.Str(), v.Offset
		p.fargate = p.fargate || p.compute == "fargate"
	}
	return p
}

// pods are the pods of a workload among the objects.
func (t *Truth) pods(w *reach.Workload) []*kubeobj.Object {
	if w.Object == nil {
		return nil
	}
	if w.Object.Kind == "Pod" {
		return []*kubeobj.Object{w.Object}
	}
	g := t.scene.graph
	owner := g.Workload(w.Object)
	if owner == nil {
		return nil
	}
	var out []*kubeobj.Object
	for _, p := range g.Pods(owner) {
		if alike(p, w.Labels) {
			out = append(out, p.Object)
		}
	}
	return out
}

// alike tells the pods of a workload from others of the same owner, of another
// variant.
func alike(p *workloads.Workload, labels map[string]string) bool {
	have := p.Labels()
	for k, v := range labels {
		if have[k] != v {
			return false
		}
	}
	return true
}

// Blocks is how the engine that enforces NetworkPolicy compares an ipBlock with
// the addresses of pods.
//
// Sources: docs.cilium.io, "Kubernetes Network Policy: known missing feature, ipBlock
// set with a pod IP" (issue 9209); the others program addresses: PolicyEndpoint of
// networking.k8s.aws has CIDRs (aws-network-policy-agent api/v1alpha1), ipsets of
// Calico, kube-router and Azure, flows of Antrea, ACLs of OVN.
func (t *Truth) Blocks() reach.BlockMatching {
	out, n := reach.BlocksUnknown, 0
	for _, e := range t.engines {
		if e.def.none || e.On == NotEnforced || e.reads[netpol.Network].Status == NotEnforced {
			continue
		}
		if n++; n > 1 && out != e.def.blocks || e.nodeBlocks {
			return reach.BlocksUnknown
		}
		out = e.def.blocks
	}
	return out
}
