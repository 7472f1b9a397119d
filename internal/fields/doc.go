// Package fields says what a change of a field of a Kubernetes object means: is
// it the same value after all, does the server accept it, and what happens to
// what already runs.
//
//	Compare(old, new, options)      -> []Edit     which fields differ, as the server would store them
//	Judge(version, old, new, edits) -> []Outcome  one for each edit: by which mechanism, or why refused
//
// Compare reads both sides into typed trees (canonical.go), merges NEW into what
// is live where there is a cluster (three_way.go), leaves out what is empty,
// fills in the defaults (defaults*.go), and walks both (compare_*.go). Defaults
// are written by hand after Kubernetes' functions, and test/oracle holds that
// there is an edit if and only if Kubernetes stores something else.
//
// It decides about built-in kinds; objects of CustomResourceDefinitions go
// through package crd. What another object decides (a StorageClass that forbids
// expansion, a Pod that reads the ConfigMap) is said by the rules, which see the
// graph.
//
// Refusals are rules written by hand, each with the function of Kubernetes that
// it restates, and held against those very functions by test/oracle. What only a
// kubelet or a controller shows is argued from documentation, and says so in its
// Source.
package fields
