package reach

import (
	"net/netip"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// Options say what the objects do not.
type Options struct {
	// Blocks is how the engine of the cluster compares an ipBlock with the addresses
	// of pods and nodes.
	Blocks BlockMatching
	// PodRanges are where pods have their addresses, when that is known; a block
	// that contains all of them contains each pod.
	PodRanges []netip.Prefix
	// In tells whether a policy is in force for the pods of a workload; nil: all are.
	// What a policy refuses that is not in force is Open.
	In func(*netpol.Policy, *Workload) bool
}

// BlockMatching is how an engine compares ipBlock with pods.
type BlockMatching uint8

// The ways. BlocksUnknown makes what depends on it unknown.
const (
	BlocksUnknown BlockMatching = iota
	BlocksMatchPods
	BlocksMatchOutsideOnly
)

// Workload is pods that are alike: of one owner, with the same labels, ports,
// account and network.
type Workload struct {
	Index     int
	Namespace string
	Name      string
	Kind      string            // Deployment, StatefulSet, Pod
	Variant   string            // tells workloads of one owner apart: the labels in which their pods differ; "" mostly
	Labels    map[string]string // of the pods
	Host      bool              // on its node's network
	Object    *kubeobj.Object   // the owner that nobody made
	Template  *kubeobj.Value    // metadata and spec of the pods
	In        *kubeobj.Object   // in which Template stands
	Addresses []netip.Addr      // of its pods, as far as they are known
	Pods      int               // how many pods are in the evidence, or asked for; 0 where that is not known
}

// Endpoint is one end of a connection: a workload, or a set of addresses outside
// of the cluster between which no policy tells a difference.
type Endpoint struct {
	Index    int
	Workload *Workload      // nil for addresses
	Ranges   []netip.Prefix // of addresses, sorted; nil for a workload
}

// Outcome is what becomes of a connection as far as policies decide it.
type Outcome uint8

// The outcomes.
const (
	Allowed Outcome = iota
	Denied
	Unknown
	// Open is refused by a policy, and nothing enforces that policy.
	Open
)

func (o Outcome) String() string {
	return [...]string{"allowed", "denied", "unknown", "not enforced"}[o]
}

// Decision is what one direction says about one port.
type Decision struct {
	Outcome Outcome
	// Policy and Rule (of its section) decided; Rule is nil where the policy isolates
	// and none of its rules matches, and both are nil where no policy has a say.
	Policy *netpol.Policy
	Rule   *netpol.Rule
	// Isolating are all policies that isolate the pods in this direction, when the
	// outcome is Denied by isolation.
	Isolating []*netpol.Policy
	// Why says why the outcome is Unknown.
	Why string
}

// Answer is a Decision of each direction and their conjunction.
type Answer struct {
	Outcome Outcome
	// Egress and Ingress are decided by all policies that were accepted.
	Egress, Ingress Decision
	// InForce is the answer of the policies that are in force, where it is another one;
	// nil otherwise.
	InForce *Answer
	// Families: it is Unknown because IPv4 and IPv6 differ.
	Families bool
	// NoFamily: one end has only IPv4 and the other only IPv6.
	NoFamily bool
	// Node: policies refuse it, and it is Unknown because one end is on the network
	// of its node, which reaches the pods that run there all the same.
	Node bool
}

// Cell is what passes from one endpoint to another: for Ports the outcome is
// Allowed, for Unknown it is Unknown, for Open it is Open. IPv4 and IPv6 are what passes in one family
// only, between endpoints that have both. All others are Denied.
type Cell struct {
	Allowed, Unknown, Open, IPv4, IPv6 Ports
}
