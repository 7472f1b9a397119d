// Package cascade finds what in a plan is there only because something else
// is: one edit replaces a resource, its identifiers become unknown, and
// everything that was computed from them is changed too.
//
//	root: replaced or updated, its attribute a is not known until apply
//	  └─ drawn: attribute x refers to root.a and is unknown; nothing else of
//	     it was edited, or what replaces it is exactly x
//
// Links come from three places that have to agree: the configuration (x is
// computed from root.a, through variables and outputs), the plan of the root (a
// is unknown) and the plan of the drawn change (x is unknown). A value that
// comes through a local cannot be followed, because the plan JSON has no
// locals; it is attributed only when a single cause is possible at all, and is
// otherwise Open. Without a configuration in the plan everything is Open.
//
// A change may have several causes: then it is listed under each and says so,
// because taking one of them back does not undo it. What is replaced is drawn by
// what forces the replacement, whatever else is edited or unknown about it.
//
// Instances are told apart by module instance. Where the instances of one block
// in one module changed together they are one root.
package cascade
