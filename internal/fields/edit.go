package fields

import (
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Edit is one field that the server would store otherwise than it does now.
type Edit struct {
	// Path is where, with the keys of list items, as people and kubectl write it:
	// spec.template.spec.containers[name=web].image. The key of a map stands in
	// brackets where it is no plain word: metadata.labels[app.kubernetes.io/name].
	Path string
	// Field is the same without keys and indices, for rules and tables; a key of a
	// map of any names is a star: spec.template.metadata.labels.*
	Field string
	// Old and New are the values as written; nil where the field is not there. Of
	// a struct that comes or goes as a whole there is one Edit, of a list item
	// too; of a map there is one for each entry.
	Old, New *kubeobj.Value
	// OldDefault and NewDefault are what the server filled in, or fills in, where
	// nothing is written; "" where it fills in nothing. Both Old and New are nil
	// where a default follows another edit: a new tag, another imagePullPolicy.
	OldDefault, NewDefault string
	// Order is true when a list has the same items in another order; Old and New
	// are the lists.
	Order bool
	// Mistyped says what is wrong with the type of New: the server cannot decode
	// it, and refuses the object.
	Mistyped string
	// Secret values may be compared and never printed.
	Secret bool
	// Unknown is a field that the kind does not have on this version: the server
	// drops it (kubectl refuses it first, unless --validate is off).
	Unknown bool
}

// Comparison is what differs between two states of an object.
type Comparison struct {
	Edits []Edit
	// Notes are what the comparison could not see, a sentence each.
	Notes []string
	// Lacks are those of the Notes that leave edits unseen.
	Lacks []string
}

// Options say what OLD is.
type Options struct {
	Version kubeschema.Version
	// Live is true when OLD came out of a cluster: what NEW does not mention is
	// then kept, unless the applier set it before and now leaves it out
	// (last-applied-configuration, managedFields).
	Live bool
	// Applier is the field manager that will apply NEW; "" is kubectl.
	Applier string
}
