// Package reach answers who may talk to whom: it evaluates the policies of
// package netpol between all pods of a cluster and the addresses outside of it,
// exactly, and keeps for each answer the rule that gives it.
//
//	objects ── units: pods with the same labels, ports, account and owner
//	policies ─ selectors ──> bitsets over units ──> classes: units that no
//	           selector tells apart, and ranges of addresses that no CIDR does
//	programs: the stages of one class in one direction, each a list of rules in
//	           order; the same list once, however many classes have it
//	Between(a, b) = egress program of a asked about b, and ingress program of b
//	           asked about a; a Decision is a partition of ports with witnesses
//
// What is kept grows with the number of programs times the number of classes,
// and not with pods. A pair is put together when it is asked for.
//
// A match has three values. Where evidence is missing (the address of a pod, an
// HTTP rule) a rule may match, and the outcome is Unknown unless the rule makes
// no difference.
//
// Whether anything enforces the policies is package enforce's business.
package reach
