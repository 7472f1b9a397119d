// Package kubeschema knows which fields the built-in kinds of Kubernetes have,
// in each minor version from Oldest to Newest: their types, how their lists are
// keyed, what an absent field means (defaults), and which fields a server drops
// because a feature gate is off.
//
// The tables are generated from Kubernetes' own types and functions
// (test/oracle); this package reads them and adds nothing by hand.
package kubeschema
