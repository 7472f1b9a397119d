// Package owners knows who else holds, writes or makes an object: another state,
// another root, autoscaling, or a second resource of the same configuration.
//
//	states, plans ── Held ───────> one object in two of them
//	plans ────────── Made ───────> one name made by two of them
//	configuration ── Backend ────> whether the backend locks the state
//	a plan ───────── Capacity, Collections: cases of package effect
//
// What is not shown is not known: ids that are unique only within an account or
// a region prove nothing without them, and an inline block is only taken for
// written where the plan shows that it is. The package accuses nobody; rules do.
package owners
