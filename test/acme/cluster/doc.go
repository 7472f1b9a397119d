// Package cluster plays the day before today's release of the shops of examples/acme and examples/acme-twin
// on a real Kubernetes, and then the release.
//
//	examples/SHOP/kubernetes, with before/SHOP laid over it
//	   └─ stage: applied by the tools of the house, changed by hand at night
//	        ├─ go test ./test/acme/cluster -record: examples/SHOP/cluster.yaml, as kubectl get prints it
//	        └─ the truth: the manifests of today applied, as dry run and for real; refused/SHOP.txt and the
//	           assertions of the tests say what happens
//
// cluster.yaml has uids, addresses and times of the cluster on which it was recorded; it is recorded again
// when the story changes, and only then.
package cluster
