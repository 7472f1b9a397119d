// Package pairwise evaluates NetworkPolicies the slow and obvious way: it takes
// each ordered pair of workloads, and of a workload and a range of addresses,
// and walks the policies that select them. It shares nothing with package
// reach: it decodes with the types of k8s.io/api and selects with
// k8s.io/apimachinery.
//
// It knows networking.k8s.io/v1 NetworkPolicy, workloads that are a Pod or have
// a pod template, and addresses of pods from their status. Pods on the network
// of their node are none of its business: Read refuses them.
package pairwise
