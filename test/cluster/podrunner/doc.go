// Package podrunner is a node for tests: its containers are processes of this machine, so that probes,
// restarts, back-offs and graceful ends are those of real processes and need neither images nor a runtime.
//
//	Start(ctx, config, Options) ──> Runner ── Node, Lease ──────────────────────────────> API
//	        pods of the node ──> pod (one goroutine each: sync, as the kubelet's pod worker)
//	                              ├─ container ── life: process, hooks, probes
//	                              └─ status ── writer: patches what changed ────────────> API
//
// A [Runner] needs no more than a kubelet may do (user system:node:NAME, group system:nodes). What a
// kubelet may not, removing its Node and binding pods, is done with Options.Administrator.
//
// Each pod has an address of its own on the loopback device, so that a hundred pods can listen on port 80.
// It carries a lifetime that the runner renews: those of a crashed run vanish by themselves. Adding one
// needs CAP_NET_ADMIN: root, or anybody inside `unshare --user --map-root-user --net`, where [Prepare] comes
// before the start of a cluster. Linux and IPv4 only.
//
// What is as on a kubelet: init containers, sidecars, restart policies and rules, CrashLoopBackOff (with
// shorter delays), probes of kind exec, httpGet and tcpSocket, postStart and preStop, graceful
// termination, active deadlines, readiness gates, phases, conditions and container statuses, events, the
// limit of pods.
//
// What is not here:
//   - Images: a container needs a command. It runs in an empty folder of its own, with PATH, HOME and TMPDIR
//     of this process and HOSTNAME set to the pod's name. A pod with a container without command is refused:
//     its containers wait with the reason NoCommand.
//   - Mounts: a pod that mounts anything but the token of its service account (which is not there either)
//     waits with the reason MountsNotSupported. Termination messages come from logs, or there are none.
//   - Probes of kind grpc: such a pod waits with the reason ProbeNotSupported.
//   - Limits, security contexts, ephemeral containers, resizing, hostPort, and the environment variables of
//     Services, whose addresses lead nowhere here.
//   - kubectl logs, exec, attach and port-forward: nothing listens for them. [Runner.Log] is the file.
//   - Isolation: all pods share the network of this machine. A command has to listen on its pod's own
//     address (an environment variable from status.podIP); 0.0.0.0 would take the port from all pods. A
//     process that leaves its process group (setsid) survives its container.
package podrunner
