package netpol

import (
	"net/netip"

	"polygraph/internal/kubeobj"
)

// Kind is the kind of a policy.
type Kind uint8

// The kinds.
const (
	Network         Kind = iota // NetworkPolicy of networking.k8s.io
	Admin                       // AdminNetworkPolicy
	BaselineAdmin               // BaselineAdminNetworkPolicy
	ClusterAdmin                // ClusterNetworkPolicy of tier Admin
	ClusterBaseline             // ClusterNetworkPolicy of tier Baseline
	Cilium                      // CiliumNetworkPolicy
	CiliumCluster               // CiliumClusterwideNetworkPolicy
	Calico                      // NetworkPolicy of projectcalico.org
	CalicoGlobal                // GlobalNetworkPolicy
	Foreign                     // of an engine whose policies are not read: they may do anything
)

// Set is what the objects say about the network.
type Set struct {
	Policies []*Policy // in the order of the objects; a CiliumNetworkPolicy with specs is several
	Tiers    []Tier    // of Calico, as far as their objects are there
	Notes    []Note
}

// Policy is one policy.
type Policy struct {
	Object *kubeobj.Object
	Kind   Kind
	Spec   int // which of the specs of a CiliumNetworkPolicy; 0 otherwise
	// Subject are the pods that it is about. For a kind with a namespace that is
	// part of it: Namespace is "" for kinds without.
	Subject   Expr
	SubjectAt uint32
	Namespace string
	// Nodes: it is about hosts, not pods (nodeSelector of Cilium, host endpoints
	// only): no pod is selected.
	Nodes bool
	// Priority of the kinds of policy.networking.k8s.io: 0 is asked first.
	Priority int
	// Tier and Order are Calico's. Order is nil where none is written: asked last.
	Tier  string
	Order *float64
	// Staged policies are accepted in order to be looked at, and enforced by nobody.
	Staged          bool
	Ingress, Egress Section
	// Unsure is what the policy demands as a whole and nobody can tell here: it may
	// be in force, and may not.
	Unsure []Unsure
}

// Section is what a policy says about one direction.
type Section struct {
	// Applies: the policy has a say in this direction.
	Applies bool
	// Isolates: what none of the policies lets through is refused.
	Isolates bool
	Offset   uint32 // of the section, or of what says that there is one
	Rules    []Rule // in the order in which they are asked
}

// Action is what a rule does with what it matches.
type Action uint8

// The actions. Rules that only log are not among the rules.
const (
	Allow Action = iota
	Deny
	Pass // on to the next tier
)

// Rule is one rule of a section.
type Rule struct {
	Name    string // where rules have names
	Pointer string // spec.ingress[0]
	Offset  uint32
	Action  Action
	// Anyone matches every peer; Peers is nil then. Without Anyone and without
	// Peers, nobody is matched.
	Anyone bool
	Peers  []Peer
	// AnyPort matches every port of every protocol; Ports is nil then. Without both
	// nothing of TCP, UDP and SCTP is matched (ICMP only, for example).
	AnyPort bool
	Ports   []Port
	// Subject is what a rule further demands of the pod that the policy is about
	// (Calico); nil where nothing.
	Subject *Peer
	Unsure  []Unsure
}

// Unsure is a demand that cannot be judged from peers and ports.
type Unsure struct {
	Offset uint32
	Why    string // "HTTP rules: which requests pass is decided per request"
}

// Addresses is how a Peer's Block meets pods.
type Addresses uint8

const (
	// ByEngine: whether the address of a pod is matched depends on the engine
	// (ipBlock of a NetworkPolicy: "should be cluster-external IPs").
	ByEngine Addresses = iota
	// Always: every packet's address is compared (networks of ClusterNetworkPolicy,
	// nets of Calico).
	Always
	// Never: addresses of pods and nodes are not compared (CIDR of Cilium).
	Never
)

// Peer is one alternative of a rule: a conjunction. A pod is matched when Pods
// is there and true of it, and Block, if there is one, has its address. An
// address outside of the cluster is matched when Outside is set, and Block, if
// there is one, has it. A node, or a pod on its network, is matched when Nodes is
// there and true of the node, and Block, if there is one, has its address.
type Peer struct {
	Offset  uint32
	Pods    *Expr
	Outside bool
	Nodes   *Expr
	Block   *Block
	// Inside says how Block meets pods; it says nothing where Block is nil.
	Inside Addresses
	Unsure []Unsure
}

// Block is a set of addresses: those of Prefixes that are in none of Except.
type Block struct {
	Prefixes []netip.Prefix
	Except   []netip.Prefix
}

// Protocol is a protocol with ports.
type Protocol uint8

// The protocols.
const (
	TCP Protocol = iota
	UDP
	SCTP
	Protocols = 3
)

func (p Protocol) String() string { return [...]string{"TCP", "UDP", "SCTP"}[p] }

// Port is a range of ports of one protocol, or a name that the pod which is the
// destination gives to one of its ports. Without a number and a name it is all
// ports: 1-65535.
type Port struct {
	Protocol Protocol
	// AnyProtocol: a name alone names the port of whatever protocol (Calico,
	// ClusterNetworkPolicy's destinationNamedPort).
	AnyProtocol bool
	Low, High   uint16
	Name        string
	Offset      uint32
}

// Tier is a tier of Calico.
type Tier struct {
	Object *kubeobj.Object
	Name   string
	Order  *float64
	// Pass: what no policy of it decides goes on to the next tier; the default is to
	// refuse it.
	Pass bool
}

// Note is something about a policy that its author should hear of: a selector
// that is none, an unknown version, a field that nobody reads, a duplicate.
type Note struct {
	Object *kubeobj.Object
	Offset uint32
	Text   string
	Do     string
	// Breaks: because of it, what the policy does is not known.
	Breaks bool
}
