// Package kubeobj reads Kubernetes objects: manifests as people write them and
// as helm and kustomize print them, and objects as kubectl gets them from a
// cluster. Each value knows the byte at which it stands.
//
//	bytes -> documents -> Value (a tree) -> Object (a group, kind, namespace, name)
//
// It knows the shape of an object (apiVersion, kind, metadata, List) and nothing
// about kinds: what a field means is package fields' business, which fields a
// kind has is package kubeschema's.
package kubeobj
