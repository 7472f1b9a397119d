package stateful

import (
	"slices"
	"strconv"
	"strings"
)

// ReadOn is the day on which the sources of the catalogue were read.
const ReadOn = "2026-11-22"

// Class is the kind of data that a resource holds.
type Class string

// The classes.
const (
	Database    Class = "database"
	ObjectStore Class = "object store"
	Volume      Class = "volume"
	FileSystem  Class = "file system"
	Queue       Class = "queue"
	Stream      Class = "stream"
	Log         Class = "log"
	Key         Class = "key"
	Secret      Class = "secret"
	Registry    Class = "registry"
	Search      Class = "search"
	Cache       Class = "cache"
	Backup      Class = "backup"
	Identity    Class = "identity"
	Config      Class = "config"
)

// Loss says how much a loss weighs.
type Loss string

// The weights.
const (
	Primary Loss = "primary" // the source of truth: nothing else has it
	Derived Loss = "derived" // can be rebuilt from somewhere else: a cache, a replica, an index, images
)

// Effect is the way in which a guard keeps data.
type Effect string

// The effects. The empty Effect means that the evidence does not tell which of them it is, although
// each one that is possible keeps the data.
const (
	Snapshot Effect = "snapshot" // a copy is taken before the object goes
	Refuses  Effect = "refuses"  // provider or API refuses the destroy
	Retains  Effect = "retains"  // the object, or a copy made earlier, stays behind, for ever or for a window
)

// Test is what the value of an attribute is compared with.
type Test string

// The tests.
const (
	IsTrue   Test = "is true"
	IsFalse  Test = "is false"
	Positive Test = "is above zero"
	NonEmpty Test = "is not empty"
	OneOf    Test = "is one of"
	// Always holds whatever the value is: the service offers no setting that would switch it off (a
	// KMS key is scheduled for deletion, never deleted at once). The attribute only tells how long.
	Always Test = "always"
)

// Condition is a test of one attribute.
type Condition struct {
	Attribute string   // path in the object: "skip_final_snapshot", "root_block_device.0.delete_on_termination"
	Keeps     Test     // the test that has to succeed
	Values    []string // for OneOf
	Default   any      // what the provider takes for null: bool, number or string; nil when null fails every test
	Otherwise string   // for OneOf, a valid value that fails, where Default is none
	Since     string   // provider version that brought the attribute, or a lower bound of it; "" when old or unknown
	// Outside marks evidence that the object itself can never carry: a setting of the provider block,
	// an attribute of another resource, a date that has to be ahead. Attribute then says in words
	// what would have to be known. Such a condition is always unknown here.
	Outside bool
}

// Guard decides whether the destroy of a resource keeps its data. It holds when its own condition and
// all of With hold. Most guards need one attribute; With exists for those that one attribute does not
// decide: automated backups outlive an instance only when there are any.
type Guard struct {
	Condition
	With   []Condition
	Effect Effect
	// Needs names an attribute without which the provider refuses to take the snapshot and with it
	// the destroy: skip_final_snapshot = false and no final_snapshot_identifier is an error, not a
	// loss. It changes the effect, never the verdict.
	Needs string
}

// Entry is one resource type that holds data.
type Entry struct {
	Type        string
	Holds       string // what is lost, in a few words
	Class       Class
	Guards      []Guard // any one that holds keeps the data; none: nothing can
	Loss        Loss
	DerivedWhen *Condition // when it holds the object is only a copy, and Loss is Derived
	Source      string     // where the facts were read, at which version
	Note        string     // a trap worth printing
}

// At returns the entry as a given version of the provider knows it: without the guards whose attribute
// came later. A plan of an older provider lacks such an attribute, which [Entry.Judge] cannot tell
// from an attribute that somebody cut out; who knows the version (from the lock file, or from an upper
// bound of the version constraint) asks At first. A version that cannot be read changes nothing.
func (e Entry) At(version string) Entry {
	var guards []Guard
	for _, g := range e.Guards {
		if newer(g.Since, version) {
			continue
		}
		g.With = slices.DeleteFunc(slices.Clone(g.With), func(c Condition) bool { return newer(c.Since, version) })
		guards = append(guards, g)
	}
	e.Guards = guards
	return e
}

// newer tells whether version a comes after version b. Unreadable versions are not newer.
func newer(a, b string) bool {
	x, okX := numbers(a)
	y, okY := numbers(b)
	return okX && okY && slices.Compare(x, y) > 0
}

// numbers reads "6.25.0" or "v6.25.0-beta1"; what follows the digits of the third number is dropped.
func numbers(version string) ([]int, bool) {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "-")
	out := make([]int, 3)
	if version == "" {
		return nil, false
	}
	for i, part := range strings.SplitN(version, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			return nil, false
		}
		out[i] = n
	}
	return out, true
}

func (e Entry) clone() Entry {
	e.Guards = slices.Clone(e.Guards)
	for i := range e.Guards {
		e.Guards[i].With = slices.Clone(e.Guards[i].With)
	}
	if e.DerivedWhen != nil {
		c := *e.DerivedWhen
		e.DerivedWhen = &c
	}
	return e
}
