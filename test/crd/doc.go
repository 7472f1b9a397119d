// Package crd holds what internal/crd says about custom resources and their
// definitions against Kubernetes: against a server of test/cluster, and for
// definitions also against the function that a server calls,
// k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation, which the
// product does not link.
package crd
