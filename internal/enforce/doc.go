// Package enforce tells what stands behind network policies: which engines read
// them, whether those are switched on, and for which pods. A policy that the API
// server accepts and nobody enforces is the lie that this package finds.
//
//	objects ── Look ──> Truth
//	   Engines()     each that was found or told: on, off, unknown, and where that is written
//	   Policy(p)     does anything here read this kind of policy
//	   Holds(p, w)   does it hold where these pods run: Fargate, Windows, the node's network
//	   Fields(p)     what in a policy the engine leaves out
//	   Service(s, w) a Service whose port is not the container's
//	   Blocks()      how an ipBlock meets the addresses of pods
//
// What is decided, and why:
//
//   - Enforced needs an engine among the objects that is on. Where its manifest
//     was declared and not got from a cluster, Why says "as declared in FILE".
//     Each switch has to be there: an agent that is on beside a ConfigMap that
//     nobody has seen is Unknown.
//   - An agent is a DaemonSet (a Deployment only for controllers that run as one)
//     with a container whose name and image both fit; of the image the last part of
//     the repository counts. Where only one of both fits: Unknown. A Pod of which
//     nothing says who made it stands for its own node, while it is ready.
//   - NotEnforced for a whole cluster needs proof that no other engine is there.
//     The proof is a live CNI that is off or has no engine, live DaemonSets
//     (except where all nodes are of EKS Auto Mode or Fargate), live Nodes (except
//     where the controller of EKS is off), live Namespaces, a live object out of
//     each of them (each has at least the ConfigMap kube-root-ca.crt, so the
//     command in Missing always brings one),
//     no other engine, and nothing that could be one: a DaemonSet that may change
//     the node's network and of which not every container is known, objects that
//     only an agent makes.
//     The user's word (Options.CNI) is the other proof: "as you say".
//   - A manifest with the agent off proves nothing of a cluster: another engine
//     may be installed from elsewhere. It is Unknown, and says what is missing.
//   - Where an object is there both declared and live, the live one counts. Where
//     two of a sort disagree, the answer is Unknown.
//   - Of pods on several nodes the worst proven answer counts.
//   - Pods without a node in the evidence may run on each node: where the nodes
//     differ, or are not there and the cluster may have some on which no agent
//     runs (EKS), the answer is Unknown.
//   - A staged policy is NotEnforced by design.
//
// Known limits: engines that run outside of the cluster's objects (a Felix
// started by systemd) are not seen; endpoints that are set to audit by
// cilium-dbg are not written in any object; documents that could not be read are
// the caller's business: while there are any, NotEnforced for the whole is not
// proven. A CiliumNodeConfig and a SecurityGroupPolicy are seen when they are among
// the objects; that there is none is taken from their absence.
package enforce
