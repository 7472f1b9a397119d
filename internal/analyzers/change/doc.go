// Package change tests what people believe about a Terraform plan.
//
// Its table answers the first question about any change, by which mechanism it
// happens: is it the same object afterwards, or a new one under the old name?
// That is announced by the plan and so no lie. Its rules are about what the
// plan does not announce:
//
//	CHG001  one edit draws a cascade of other changes
//	CHG002  data is destroyed and nothing keeps it
//	CHG003  an object is destroyed and created again under another address
//	CHG004  a change made outside of Terraform is reverted
//
// One file per rule; rules.go has their prose. The engines (tfplan, cascade,
// stateful, twin) know nothing of rules.
package change
