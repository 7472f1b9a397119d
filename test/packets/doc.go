// Package packets asks the Linux kernel who may talk to whom.
//
//	seed ──> pods, namespaces, random policies (YAML)
//	           ├── typed structs of the APIs ──> nftables rules of each pod ──> real packets
//	           └── kubeobj, netpol, reach ─────> verdicts
//	every packet that arrives, and every one that is refused, against its verdict
//
// A world is a bridge and, on it, a network namespace for each pod and for two
// hosts outside of the cluster, with IPv4, IPv6 or both. A namespace belongs to a
// process, which is this test binary once more: no name, no file and no interface
// of the machine itself is touched, and when the process ends, by whatever cause,
// the kernel takes all of it away. The processes listen on every port that is
// tried. TCP is a connection with a question and an answer, UDP a datagram and its
// answer, SCTP an INIT and its INIT ACK through raw sockets, because few kernels
// have SCTP itself; connection tracking knows all three.
//
// The rules are written from the text of the APIs (k8s.io/api v0.37.2
// networking/v1; sigs.k8s.io/network-policy-api v0.2.0 apis/v1alpha1 and
// v1alpha2) and share nothing with packages netpol and reach. What is refused is
// rejected, not dropped: an answer came back or a refusal did, and a packet of
// which nothing is heard fails the test.
//
// It needs root, ip (iproute2) and nft (nftables). Where one is missing the tests
// are skipped, and fail under POLYGRAPH_STRICT=1.
//
//	POLYGRAPH_PACKETS_SEEDS=2000  that many policy sets
//	POLYGRAPH_PACKETS_SEED=17     this one only, and all that is known about it
package packets
