// Package change tests what people believe about a change made with Terraform:
// what the plan does, what is in effect after the apply, what moves although
// nobody edited it, who else writes, and whether the name still means the same
// object.
//
// The table of a plan answers the first question about any change, by which
// mechanism it happens. That is announced by the plan and so no lie. The rules
// are about what it does not announce:
//
//	CHG001-004  what the plan does: cascade, loss, twins, drift    cascade.go, loss.go, twin.go, drift*.go
//	CHG010-037  applied, and not in effect                         effect*.go, over package effect
//	CHG050-059  references that can be moved                       reference*.go, over package pinning
//	CHG070-074  two owners of one thing                            owners*.go, over package owners
//	CHG080      the floor of what serves traffic                   effect_serving.go
//	CHG090-091  identity, in a command of its own (Identity)       identity*.go, over package identity
//
// The prose of each rule is a value beside its judgement. The engines know
// nothing of rules.
package change
