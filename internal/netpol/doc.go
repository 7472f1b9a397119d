// Package netpol reads network policies of every engine that a cluster may run
// into one model: who is selected, in which order rules are asked, whom and
// which ports they match. Each part knows the byte at which it stands.
//
//	[]*kubeobj.Object ── Read ──> Set
//	    Policy            one object, or one spec of it
//	      Subject  Expr   the pods it is about
//	      Ingress, Egress Section: does it isolate, and its rules in order
//	        Rule          Action, Peers, Ports
//	          Peer        a conjunction: pods, addresses, nodes
//
// It reads networking.k8s.io NetworkPolicy; policy.networking.k8s.io
// AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1) and
// ClusterNetworkPolicy (v1alpha2); cilium.io CiliumNetworkPolicy and
// CiliumClusterwideNetworkPolicy; projectcalico.org (and crd.projectcalico.org)
// NetworkPolicy, GlobalNetworkPolicy, their staged twins, and Tier. Policies of
// Antrea and of EKS' own group are seen and not read: what they may be about is
// unknown.
//
// What a rule further demands and nobody can tell from a port and a peer (an
// HTTP path, a domain name, an authentication, a source port) stands in Unsure:
// the rule then may match, and may not. Nothing is decided here: package reach
// does that.
package netpol
