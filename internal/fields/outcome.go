package fields

// Mechanism is how a change happens.
type Mechanism uint8

// The mechanisms. Unknown is the zero value: nothing is known about the kind, or
// what decides is not in the evidence; Because says which.
const (
	Unknown   Mechanism = iota
	InPlace             // the object changes, what runs goes on
	Scaled              // pods are added or removed, the others go on
	Replaced            // every pod is replaced
	Resized             // pods are resized in place, through the resize subresource
	Restarted           // containers are restarted in their pods
	Refused             // the server does not accept it
	Stored              // accepted and stored, and not in effect for what runs
	Dropped             // accepted, and not stored: unknown field, or its feature gate is off
	Partly              // some pods are replaced, the others keep the old value
	Recreated           // the object is deleted and created anew, by the tool that applies it
)

func (m Mechanism) String() string {
	return [...]string{
		"unknown", "in place", "scaled", "every pod replaced", "resized in place", "containers restarted",
		"refused", "stored, not in effect", "dropped", "some pods replaced", "recreated",
	}[m]
}

// Outcome is what becomes of an Edit.
type Outcome struct {
	Mechanism Mechanism
	Because   string // one clause: "the template is part of the identity of a Job"
	// Rule is the server's own message where it refuses: "field is immutable".
	Rule string
	// Still says who runs the old value, where it is stored and not in effect, and
	// until when: "the pods with ordinals below 2, until partition is lowered".
	Still string
	// By is who deletes the object and creates it anew, where it is Recreated.
	By string
	// Source is where the fact comes from: a function of Kubernetes, or a page of
	// its documentation with the version.
	Source string
	// Documented is true when the outcome is argued from documentation, because
	// only a kubelet could show it.
	Documented bool
}
