// Package mutability is what is documented about the edits that an object
// survives: for a Terraform type and attribute it says whether the object is
// changed in place or replaced by a new one, and where that is written.
//
//	provider's schema ─┐
//	CloudFormation  ───┼─ table.txt ── Lookup(type, field) ──> Answer{Verdict, Views}
//	a plan          ───┘ (Observe)
//
// A View is what one source says. Strongest is a plan, which names the attributes
// that force a replacement; then the provider's own source and documentation; then
// CloudFormation's view of the same service, which is not Terraform's: of the
// attributes that the provider replaces for, CloudFormation calls some mutable.
// Where they disagree, all are shown, the provider first.
//
// An attribute that the provider does not mark where its schema was read is no
// proof that it changes in place: schemas grow. It counts only where another
// source says the same.
//
// The package judges no infrastructure, and no rule refutes by it.
package mutability
