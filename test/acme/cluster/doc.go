// Package cluster plays the day before today's release of the shops of examples/acme and examples/acme-twin
// on a real Kubernetes, and then the release.
//
//	examples/SHOP/kubernetes, with before/SHOP laid over it
//	   └─ stage: applied by the tools of the house, changed by hand at night
//	        ├─ go test ./test/acme/cluster -record: examples/SHOP/cluster.yaml, as kubectl get prints it, and
//	        │  platform.yaml, what of the rest of the cluster decides about its network
//	        └─ the truth: the manifests of today applied, as dry run and for real; refused/SHOP.txt and the
//	           assertions of the tests say what happens
//
// Both have uids, addresses and times of the cluster on which they were recorded; they are recorded again
// when the story changes, and only then. No agent of a network runs there: the DaemonSets of tools are
// scheduled and Ready, and enforce nothing.
package cluster
