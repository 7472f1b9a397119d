// Package edits holds what `polygraph change OLD NEW` says of edits of Kubernetes objects against a real
// Kubernetes: a random sample of edits is applied with kubectl, each to an object of its own, and what became
// of it is compared with the rows that were printed before.
//
//	testdata/bases ──> objects ─── kubectl apply ──> live
//	testdata/people.yaml ─┐                            │
//	a walk of kubeschema ─┴─ sample ──> NEW ───────────┤
//	                polygraph change OLD NEW  ──> what we say, once with the manifests as OLD, once with live
//	                kubectl apply NEW ──> accepted or refused, stored or not, pods replaced, scaled or let alone
//
// The pods are kwok's: they are made, scheduled, Ready and deleted, and nothing runs in them. So the words of
// the product that only a kubelet could show (containers restarted, resized in place) are held to what is left
// of them, that the pod stays, and counted apart. A value that a create refuses too says nothing about
// updates, and is counted apart as well, as in test/oracle.
//
// POLYGRAPH_EDITS_SEED draws another sample, POLYGRAPH_CLUSTER_VERSIONS names the versions of Kubernetes.
package edits
