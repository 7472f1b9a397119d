// Package cluster starts a real Kubernetes API in seconds, so that a verdict about Kubernetes is tested
// against Kubernetes.
//
//	binary ─── the programs, built from source into a cache
//	pki ────── an authority, certificates, signing keys, in memory
//	   └─> Start(Options) ── etcd ── kube-apiserver ── kube-controller-manager, kube-scheduler, kwok
//	            │                        │
//	            │                        └─ audit log ── audit: every call, by user agent
//	            └─> Cluster: Admin, User(name, groups...), Kubeconfig ── client-go, kubectl
//	                         Stop, Kill, Pause, Resume, Run of each Part; Ready; Died; Memory; Close
//	Test, Shared ── one for a test, one for all tests of a package, which get a Namespace each
//	podrunner ─ a node whose containers are processes of this machine
//
// Everything listens on loopback, on ports that were free, with certificates that no other cluster
// accepts, and keeps its data in one temporary folder. [Cluster.Close] ends the processes and removes the
// folder; a process that dies without closing takes its cluster along, because each part holds a pipe to it.
//
// What is real: the API with its admission, validation, defaulting, RBAC, quota, garbage collection,
// namespace deletion, custom resources, server-side apply, and the controllers that are chosen. What is
// not here: a container runtime (podrunner runs commands, not images), kube-proxy (the address of a
// Service leads nowhere; its EndpointSlices are right), DNS, storage and a cloud.
//
// The package is for tests and for people who try something (`make cluster`). Nothing of the product
// imports it.
package cluster
