package fields

import (
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Edit is one field that the server would store otherwise than it does now.
type Edit struct {
	// Path is where, with the keys of list items, as people and kubectl write it:
	// spec.template.spec.containers[name=web].image
	Path string
	// Field is the same without keys and indices, for rules and tables; a key of a
	// map of any names is a star: spec.template.metadata.labels.*
	Field string
	// Old and New are the values as written; nil where the field is not there. Of
	// a struct, map or list that comes or goes as a whole there is one Edit.
	Old, New *kubeobj.Value
	// Secret values may be compared and never printed.
	Secret bool
	// Unknown is a field that the kind does not have on this version: the server
	// drops it (kubectl refuses it first, unless --validate is off).
	Unknown bool
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
