// Package identity answers what id() answers for a variable: is what the name
// means now the object that it meant before?
//
//	state, plan or dumps (before) ─┐
//	                               ├─ Compare ──> one Row per name: kept, new, next revision, moved, gone, added, cannot be told
//	state, plan or dumps (after) ──┘
//	what runs after ────────────────── Behind ──> who still runs an older version than its owner says
//
// An identity is only what a cloud gives out once. Where the id is the name that
// the user chose, as with a bucket, an object that was destroyed and made again
// has the same id: then another attribute has to tell (Type lists which), or
// nothing can be told. What can only be replaced, such as a task definition, has
// revisions: the next one of the same family is no other thing. Two objects are never called the same, and never
// different, for want of evidence.
//
// It knows no rules and opens no files. Values that the evidence marks as
// sensitive take no part and are never shown.
package identity
