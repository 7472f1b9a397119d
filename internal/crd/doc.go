// Package crd judges objects of CustomResourceDefinitions as the API server
// does: structural schemas, defaults, pruning, and CEL rules, those that compare
// with the old object (oldSelf) too. The work is done by
// k8s.io/apiextensions-apiserver.
package crd
