// Package conformance shows that a test cluster does what people rely on in Kubernetes, on every release
// that can be started. It is not the conformance suite of the Kubernetes project, which needs nodes: each
// test here is about something that a wrong flag, a missing controller or a wrong key of the harness would
// break, and fails then.
//
//	TestConformance ── 1.37 ── one cluster ── namespace-deletion, garbage, quota, rbac, node, ... side by side
//	                └─ 1.33 ── the next one, when the first is closed
//
// By default the newest release is tested; POLYGRAPH_CLUSTER_VERSIONS=all does all of them. To run one
// test: go test ./test/cluster/conformance -run TestConformance/1.37/quota
//
// # Where the releases differ
//
// The same tests pass on all of them but for what is listed here. Only what is stable is served unless
// somebody enables more (k8s.io/kubernetes pkg/controlplane/instance.go, DefaultAPIResourceConfigSource),
// so an API appears with the release in which it becomes stable and its gate is on by default:
//
//	                                                          from  k8s.io/kubernetes pkg/features and
//	                                                                k8s.io/apiserver pkg/features, kube_features.go
//	resource.k8s.io/v1 resourceclaims                         1.34  DynamicResourceAllocation
//	storage.k8s.io/v1 volumeattributesclasses                 1.34  VolumeAttributesClass
//	admissionregistration.k8s.io/v1 mutatingadmissionpolicies 1.36  MutatingAdmissionPolicy
//	certificates.k8s.io/v1 clustertrustbundles                1.37  ClusterTrustBundle
//	storagemigration.k8s.io/v1 storageversionmigrations       1.37  StorageVersionMigrator
//
// The etcd below is 3.7 with 1.37 and 3.5 with 1.33, as each release was tested with.
//
// # What takes its time
//
// Some waits are Kubernetes' own. A test that meets them is not slow because of the machine:
//
//   - a namespace is looked at 5 s after each event, and again 8 s after finalizers were found in it
//     (pkg/controller/namespace: namespaceDeletionGracePeriod; the estimate of 15 s, halved, and 1 s more);
//   - a deleted service account's token counts for up to 10 s where it was used before
//     (pkg/kubeapiserver/options: TokenSuccessCacheTTL);
//   - garbage collection and quota learn of a new custom resource within 30 s
//     (cmd/kube-controller-manager/app/core.go);
//   - the first object of a custom resource waits 2 s if its definition was established less than 2 s ago
//     (k8s.io/apiextensions-apiserver pkg/apiserver/customresource_handler.go);
//   - an admission policy counts about a second after it is written
//     (k8s.io/apiserver pkg/admission/plugin/policy/generic: policyRefreshInterval).
package conformance
