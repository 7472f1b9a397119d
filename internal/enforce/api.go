package enforce

import (
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// Status is whether policies are enforced.
type Status uint8

// The statuses. Unknown is the zero value.
const (
	Unknown Status = iota
	Enforced
	NotEnforced // accepted, but not enforced
)

func (s Status) String() string {
	return [...]string{"unknown", "enforced", "not enforced"}[s]
}

// Ruling is a Status and what proves it.
type Ruling struct {
	Status Status
	Why    string // a sentence without a full stop
	// In and At are the object that says so, and the byte; In is nil where no object
	// does.
	In      *kubeobj.Object
	At      uint32
	Missing []Missing // where Status is Unknown
	Remedy  Remedy    // where Status is NotEnforced
}

// Missing is evidence that would settle an Unknown.
type Missing struct {
	Evidence string // what is not there
	Get      string // how to get it: a command, or a sentence
}

// Remedy is what to do about policies that are not enforced.
type Remedy struct {
	Text     string
	Commands []string // shell commands, in order
}

// Engine is something that may enforce policies.
type Engine struct {
	Name    string // as in Known
	Title   string // for people
	Version string // of the image; "" where it is not known
	In      *kubeobj.Object
	At      uint32
	On      Status
	// Mode of the VPC CNI and of EKS Auto Mode is what happens to a pod before its
	// policies are in place: "standard" lets all pass, "strict" nothing. "" of others.
	Mode string
	// Told: the user named it. In may be nil then.
	Told    bool
	Why     string
	Missing []Missing
	Remedy  Remedy
}

const kinds = int(netpol.CalicoGlobal) + 1

// engine is an Engine with what it reads and where it runs.
type engine struct {
	Engine
	def *definition
	// reads is of each kind whether the engine reads it, given that it is on. The
	// object is the engine's where a ruling has none.
	reads [kinds]Ruling
	// live: it, and not only its configuration, was seen in a cluster.
	live bool
	// doubtful: it may be another program, or not run.
	doubtful bool
	// agents are the templates of its pods on nodes.
	agents []*agent
	// windows: an agent for Windows is among the objects.
	windows bool
	// family is "4" or "6" where the agent only handles one; "" where that is not
	// known or both are.
	family string
	// nodeBlocks: addresses of nodes may be matched by a block (Cilium).
	nodeBlocks bool
}

// Truth is what the objects of one cluster say about enforcement. It does not
// change.
type Truth struct {
	scene   *scene
	engines []*engine
	told    string
	closed  Ruling // NotEnforced: nothing else is there; Unknown: what is missing for that
	// groups are of each node of the scene the number of its group, and first of each
	// group the first node.
	groups, first []int
}

// Engines are those that were found, in the order of Known, and the one that the
// user named.
func (t *Truth) Engines() []Engine {
	out := make([]Engine, len(t.engines))
	for i, e := range t.engines {
		out[i] = e.Engine
	}
	return out
}
