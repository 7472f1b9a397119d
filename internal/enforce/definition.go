package enforce

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// definition is an engine as its documentation describes it.
type definition struct {
	name, title string
	// is tells the container of its agent.
	is func(*workloads.Container) fit
	// judge fills in what the agent says; a is nil where the user only named the
	// engine, and c with it.
	judge  func(s *scene, e *engine, a *agent, c *workloads.Container)
	blocks reach.BlockMatching
	// controller: its pods are not on each node, and say nothing of where it runs.
	controller bool
	// beside are containers of further DaemonSets of it.
	beside *program
	// none: it never enforces anything.
	none bool
}

const (
	dump     = "kubectl get daemonsets,namespaces,nodes,configmaps --all-namespaces -o yaml > cluster.yaml"
	dumpPods = "kubectl get pods,nodes --all-namespaces -o yaml > pods.yaml"
)

// definitions are all engines, in the order of their names. It is the table of
// contents of this package.
func definitions() []*definition {
	pods, outside := reach.BlocksMatchPods, reach.BlocksMatchOutsideOnly
	antreaImages := []string{"antrea-agent-ubuntu", "antrea-agent-ubi", "antrea-agent", "antrea-agent-windows", "antrea-ubuntu", "antrea-ubi", "antrea-windows"}
	// The images of OpenShift have no names.
	ovnImages := []string{"ovn-kube-ubuntu", "ovn-kube-fedora", "ovn-kube", "ovn-kube-u", "ovn-kube-f", "ovn-kubernetes", "ocp-v4.0-art-dev", "okd-content", "scos-content"}
	return []*definition{
		{name: "antrea", title: "Antrea", is: program{names: []string{"antrea-agent"}, images: antreaImages[:4], shared: antreaImages}.fit, judge: antrea, blocks: pods},
		{name: "azure-npm", title: "Azure Network Policy Manager", is: one("azure-npm"), judge: always, blocks: pods},
		{name: "calico", title: "Calico", is: isCalico, judge: calico, blocks: pods},
		{name: "cilium", title: "Cilium", is: isCilium, judge: cilium, blocks: outside},
		{name: "eks-auto", title: "EKS Auto Mode", judge: eksAuto, blocks: pods},
		{name: "flannel", title: "flannel", is: program{names: []string{"kube-flannel", "flannel"}, images: []string{"flannel"}}.fit, judge: flannel, none: true},
		{name: "gke-dataplane-v2", title: "GKE Dataplane V2", is: isDataplane, judge: dataplane, blocks: outside},
		{name: "k3s", title: "the network policy controller of k3s", judge: k3s, blocks: pods},
		{name: "kindnet", title: "kindnet", is: program{names: []string{"kindnet-cni", "kindnetd", "kindnet"}, images: []string{"kindnetd", "kindnet"}}.fit, judge: kindnet, blocks: pods},
		{name: "kube-network-policies", title: "kube-network-policies", is: one("kube-network-policies"), judge: kubeNetworkPolicies, blocks: pods},
		{
			name: "kube-ovn", title: "Kube-OVN", is: program{names: []string{"kube-ovn-controller"}, shared: []string{"kube-ovn"}}.fit, judge: kubeOVN, blocks: pods, controller: true,
			beside: &program{names: []string{"cni-server", "openvswitch", "pinger"}, shared: []string{"kube-ovn"}},
		},
		{name: "kube-router", title: "kube-router", is: one("kube-router"), judge: kubeRouter, blocks: pods},
		{
			name: "ovn-kubernetes", title: "OVN-Kubernetes", is: program{names: []string{"ovnkube-controller", "ovnkube-node", "ovnkube-controller-with-node"}, shared: ovnImages}.fit, judge: ovn, blocks: pods,
			beside: &program{names: []string{"ovs-daemons", "ovn-controller"}, shared: ovnImages},
		},
		{
			name: "vpc-cni", title: "the Amazon VPC CNI", is: program{names: []string{"aws-node"}, images: []string{"amazon-k8s-cni"}}.fit, judge: vpcCNI, blocks: pods,
			beside: nodeAgent(),
		},
		{
			name: "weave", title: "Weave Net", is: program{names: []string{"weave"}, images: []string{"weave-kube"}}.fit, judge: weave, blocks: pods,
			beside: weaveNPC(),
		},
	}
}

// one is the test for a program whose container and image have its name.
func one(name string) func(*workloads.Container) fit {
	return program{names: []string{name}, images: []string{name}}.fit
}

// Known are the names that Options.CNI may have, sorted. "none" is a cluster
// whose network has no engine of policies.
func Known() []string {
	var out []string
	for _, d := range definitions() {
		if out = append(out, d.name); d.name == "kube-router" {
			out = append(out, "none")
		}
	}
	return out
}

// alias are other names of an engine, as users know them.
func alias(name string) string {
	switch name {
	case "canal":
		return "calico"
	case "azure", "aks":
		return "azure-npm"
	case "aws", "aws-vpc-cni", "amazon-vpc-cni":
		return "vpc-cni"
	case "ovn-k", "ovnk":
		return "ovn-kubernetes"
	case "gke":
		return "gke-dataplane-v2"
	case "kindnetd", "kind":
		return "kindnet"
	}
	return name
}

// isEKS tells the engines of Amazon EKS.
func (e *engine) isEKS() bool { return e.Name == "vpc-cni" || e.Name == "eks-auto" }

// rule sets what the engine does with kinds.
func (e *engine) rule(status Status, why string, of ...netpol.Kind) {
	for _, k := range of {
		e.reads[k] = Ruling{Status: status, Why: why}
	}
}

// ruleBy is rule with the place that says so.
func (e *engine) ruleBy(status Status, why string, by setting, of ...netpol.Kind) {
	for _, k := range of {
		e.reads[k] = Ruling{Status: status, Why: why, In: by.in, At: by.at}
	}
}

// is sets whether the engine is on, and where that is written.
func (e *engine) is(status Status, why string, in *kubeobj.Object, at uint32) {
	e.On, e.Why = status, why
	if in != nil {
		e.In, e.At = in, at
	}
}

// unclear makes the engine Unknown for want of a setting.
func (e *engine) unclear(by setting, get string) {
	e.is(Unknown, by.why, by.in, by.at)
	e.Missing = append(e.Missing, Missing{Evidence: strings.TrimSuffix(by.why, " is not among the evidence"), Get: get})
}

var admin = []netpol.Kind{netpol.Admin, netpol.BaselineAdmin, netpol.ClusterAdmin, netpol.ClusterBaseline}

// defaults are what an engine reads unless its own code says otherwise:
// NetworkPolicy, and neither the kinds of other vendors nor, where admins is
// NotEnforced, those of policy.networking.k8s.io.
//
// Source: network-policy-api.sigs.k8s.io/implementations (2026): AdminNetworkPolicy
// and its successors are implemented by Antrea, Calico, Cilium, Kube-OVN,
// kube-network-policies and OVN-Kubernetes.
func (e *engine) defaults(admins Status) {
	e.rule(Enforced, e.Title+" reads it", netpol.Network)
	e.rule(NotEnforced, "only Cilium reads it", netpol.Cilium, netpol.CiliumCluster)
	e.rule(NotEnforced, "only Calico reads it", netpol.Calico, netpol.CalicoGlobal)
	why := e.Title + " does not read it"
	if admins == Unknown {
		why = "whether " + e.Title + " reads it is not known: it depends on its version and its configuration"
	}
	e.rule(admins, why, admin...)
}
