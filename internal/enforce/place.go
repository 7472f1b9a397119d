package enforce

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// place is where pods run, or may.
type place struct {
	node    *kubeobj.Object // nil where it is not known
	name    string          // of the node; "" where it is not known
	fargate bool
	windows bool
	// compute is the EKS compute type: auto, hybrid; "" for others.
	compute string
	in      *kubeobj.Object // what says so
	at      uint32
}

// onNode is the place that a node is.
//
// Source: EKS user guide: nodes have the label eks.amazonaws.com/compute-type with
// fargate, auto or hybrid; those of Fargate are called fargate-ip-...
func onNode(n *kubeobj.Object) place {
	p := place{node: n, name: n.Name, in: n, at: n.Root.Offset}
	if v := n.Get("metadata", "labels", computeType); v != nil {
		p.compute, p.at = v.Str(), v.Offset
	}
	p.fargate = p.compute == "fargate" || strings.HasPrefix(n.Name, "fargate-ip-")
	if v := n.Get("metadata", "labels", "kubernetes.io/os"); v.Str() == "windows" || n.Get("status", "nodeInfo", "operatingSystem").Str() == "windows" {
		p.windows = true
		if v != nil {
			p.at = v.Offset
		}
	}
	return p
}

// fargateRuling: on Fargate no engine runs at all.
//
// Sources: EKS user guide, "Simplify compute management with AWS Fargate":
// DaemonSets are not supported on Fargate; "Limit Pod traffic": policies cannot be
// applied to Fargate.
func (p place) fargateRuling() Ruling {
	return Ruling{
		Status: NotEnforced, Why: "the pods run on Fargate, where no engine enforces policies", In: p.in, At: p.at,
		Remedy: Remedy{Text: "Run the pods on nodes, or refuse the traffic with security groups (SecurityGroupPolicy)."},
	}
}

// hold tells whether an engine, when it is on, enforces at a place.
func (e *engine) hold(t *Truth, p place) Ruling {
	not := func(why string) Ruling {
		return Ruling{Status: NotEnforced, Why: why, In: p.in, At: p.at, Remedy: Remedy{Text: "Run the pods where " + e.Title + " runs."}}
	}
	unknown := func(why, missing, get string) Ruling {
		return Ruling{Why: why, In: p.in, At: p.at, Missing: []Missing{{missing, get}}}
	}
	switch {
	case p.fargate:
		return p.fargateRuling()
	case p.windows && e.windows:
		return Ruling{Status: Enforced}
	case p.windows && e.onWindows():
		return unknown("whether "+e.Title+" runs on the nodes with Windows is not known", "its DaemonSet for Windows", dump)
	case p.windows:
		return not(e.Title + " does not enforce on Windows")
	case e.Name == "eks-auto" && p.compute == "auto":
		return e.kernel(p)
	case e.Name == "eks-auto" && (p.node != nil || p.compute != ""):
		return not(e.Title + " is only on its own nodes")
	case e.Name == "vpc-cni" && (p.compute == "auto" || p.compute == "hybrid"):
		return not(e.Title + " is not on nodes of the compute type " + p.compute)
	case p.compute == "auto" && !e.isEKS():
		// Source: EKS user guide, "Alternate CNI plugins: Considerations for EKS Auto Mode".
		return unknown("EKS Auto Mode does not support "+e.Title+" on its nodes", "whether "+e.Title+" enforces there", "try a connection that a policy refuses")
	case e.Name == "k3s" && p.node != nil && k3sSign(p.node) == nil:
		return not(e.Title + " is not on nodes without k3s")
	case p.node == nil && !e.onlyPods():
		return e.somewhere(t, p)
	}
	if r := e.kernel(p); r.Status != Enforced {
		return r
	}
	return e.agentOn(t, p)
}

// onWindows tells engines that have an agent for Windows.
//
// Sources: docs.tigera.io/calico, "Calico for Windows"; antrea.io/docs, "Windows";
// learn.microsoft.com, "Azure Network Policy Manager" for Windows Server 2022.
func (e *engine) onWindows() bool {
	switch e.Name {
	case "calico", "antrea", "azure-npm", "kube-ovn", "ovn-kubernetes":
		return true
	}
	return false
}

// somewhere is a place without a node: it depends on whether there are nodes
// without the agent.
func (e *engine) somewhere(t *Truth, p place) Ruling {
	if t.onEKS() {
		return Ruling{
			Why: "on which compute the pods run is not known: on Fargate and on Windows no policy holds", In: p.in, At: p.at,
			Missing: []Missing{{"the Pods and Nodes of the cluster", dumpPods}},
		}
	}
	if e.In != nil && e.In.Live && !t.scene.liveNodes() {
		return Ruling{
			Why: "on which nodes the pods run is not known", In: p.in, At: p.at,
			Missing: []Missing{{"the Pods and Nodes of the cluster", dumpPods}},
		}
	}
	for _, a := range e.agents {
		if restricted(a.Spec()) {
			return Ruling{
				Why: here(a.Object) + " runs on some nodes only", In: a.Object, At: a.Object.Root.Offset,
				Missing: []Missing{{"the Pods and Nodes of the cluster", dumpPods}},
			}
		}
	}
	return Ruling{Status: Enforced}
}

// onEKS tells that the cluster is one of Amazon EKS.
func (t *Truth) onEKS() bool {
	for _, e := range t.engines {
		if e.isEKS() {
			return true
		}
	}
	for _, n := range t.scene.nodeList {
		if n.Get("metadata", "labels", computeType) != nil || n.Get("metadata", "labels", "eks.amazonaws.com/nodegroup") != nil {
			return true
		}
	}
	return false
}

// kernel: the agent of the VPC CNI needs Linux 5.10.
//
// Sources: EKS user guide, "Restrict Pod network traffic: Minimum Linux kernel
// version"; amazon-vpc-cni-k8s docs/network-policy-faq.md: the AMI of GPU
// instances lacked it (those since v20231116 have it).
func (e *engine) kernel(p place) Ruling {
	ok := Ruling{Status: Enforced}
	if !e.isEKS() || p.node == nil {
		return ok
	}
	v := p.node.Get("status", "nodeInfo", "kernelVersion")
	if v == nil {
		return ok
	}
	if yes, known := atLeast(v.Str(), 5, 10); known && !yes {
		return Ruling{
			Status: NotEnforced, Why: "the kernel of the node " + p.node.Name + " is " + v.Str() + "; the agent of " + e.Title + " needs 5.10", In: p.node, At: v.Offset,
			Remedy: Remedy{Text: "Use an AMI with Linux 5.10 or later."},
		}
	}
	return ok
}

// agentOn tells whether one of the agents runs on a node.
func (e *engine) agentOn(t *Truth, p place) Ruling {
	if len(e.agents) == 0 {
		return Ruling{Status: Enforced}
	}
	if e.onlyPods() {
		return e.podOn(p)
	}
	unsure := Ruling{}
	for _, a := range e.agents {
		yes, known := fits(a.Spec(), p.node)
		if !known {
			unsure = Ruling{
				Why: "whether " + here(a.Object) + " runs on the node " + p.node.Name + " is not judged here", In: a.Object, At: a.Object.Root.Offset,
				Missing: []Missing{{"the Pods of " + a.Object.Name, dumpPods}},
			}
		}
		if !yes || !known {
			continue
		}
		if r := a.readyOn(t, p.node); r.Status != Enforced {
			unsure = r
			continue
		}
		return Ruling{Status: Enforced}
	}
	if unsure.Why != "" {
		return unsure
	}
	return Ruling{
		Status: NotEnforced, Why: here(e.agents[0].Object) + " does not run on the node " + p.node.Name, In: p.node, At: p.node.Root.Offset,
		Remedy: Remedy{Text: "See which label or taint of the node keeps the DaemonSet " + e.agents[0].Object.Name + " away."},
	}
}

// onlyPods tells that the agents are Pods of which nothing says who made them.
func (e *engine) onlyPods() bool {
	for _, a := range e.agents {
		if a.Object.Kind != "Pod" {
			return false
		}
	}
	return len(e.agents) > 0
}

// podOn: a Pod is the agent of its own node. Whether others run elsewhere is not
// known.
func (e *engine) podOn(p place) Ruling {
	for _, a := range e.agents {
		if name := a.Object.Get("spec", "nodeName").Str(); name != "" && name == p.name {
			return Ruling{Status: Enforced}
		}
	}
	a := e.agents[0]
	where := "where the pods run"
	if p.name != "" {
		where = "on the node " + p.name
	}
	return Ruling{
		Why: here(a.Object) + " runs on its own node only, and none of " + e.Title + " was seen " + where, In: a.Object, At: a.Object.Root.Offset,
		Missing: []Missing{{"the DaemonSet of " + a.Object.Name + ", or its Pods and Nodes", dump}},
	}
}

// readyOn: where not all pods of the agent are ready, the one of the node has to
// be seen.
func (a *agent) readyOn(t *Truth, node *kubeobj.Object) Ruling {
	desired, ready, ok := a.counts()
	if !ok || !a.live || ready >= desired {
		return Ruling{Status: Enforced}
	}
	for _, w := range t.scene.graph.Pods(a.Workload) {
		if w.Object.Get("spec", "nodeName").Str() != node.Name {
			continue
		}
		if isReady(w.Object) {
			return Ruling{Status: Enforced}
		}
	}
	return Ruling{
		Why: "not all pods of " + here(a.Object) + " are ready, and that of the node " + node.Name + " was not seen to be", In: a.Object, At: a.Object.Get("status").Offset,
		Missing: []Missing{{"the Pods of " + a.Object.Name, dumpPods}},
	}
}
