// Package effect knows which changes are stored and not in effect when an apply
// returns, and who runs the old version until when.
//
//	*tfplan.Plan ── Over ──> World{objects by type} ── Case.Ask(World, Object) ──> []Outcome
//
// A Case is one documented behaviour of a service. It is asked about every
// object of its Types and answers for each claim about it: in effect, not in
// effect, or unknown. Who runs the old version is found by value: what an
// object names in its `before` is what it runs now. Objects that the apply
// creates or replaces run the new version.
//
// Values are read again from the plan, one object at a time; at most maxHeld
// bytes of its text are kept as values. What it marks as sensitive stays sealed.
// A case says at most MostOutcomes and one more about an object.
//
// A case refutes only by values that the plan has. What is known only after
// apply, belongs to another root or depends on what no plan shows is Unknown.
package effect
