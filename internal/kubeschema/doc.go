// Package kubeschema knows which fields the built-in kinds of Kubernetes have,
// in each minor version from Oldest to Newest: their types, how their lists are
// keyed, and from which version to which the kind is served.
//
// The table is generated from the source of Kubernetes' API types of each
// version (k8s.io/api, apimachinery, apiextensions-apiserver, kube-aggregator);
// this package reads it and adds nothing by hand. Of defaults it has those that
// stand in the declaration of a field; those of functions are package fields'
// business, and so is what a server drops because a feature gate is off.
package kubeschema
