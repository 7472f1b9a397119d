package enforce

import (
	"encoding/json"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

// k3sSign: the version of the kubelet names k3s; rke2 has another name and runs
// its network as DaemonSets.
func k3sSign(o *kubeobj.Object) *kubeobj.Value {
	if o.Type() == "Node" {
		if v := o.Get("status", "nodeInfo", "kubeletVersion"); strings.Contains(v.Str(), "+k3s") {
			return v
		}
	}
	return nil
}

// k3s: the servers run the controller of kube-router within themselves, unless
// they were started with --disable-network-policy. What they were started with
// is an annotation of their nodes.
//
// Sources: docs.k3s.io, "Networking Services: Network Policy Controller"; k3s-io/k3s
// issue 7244: k3s.io/node-args: '["server","--disable-network-policy","true"]'.
func k3s(s *scene, e *engine, _ *agent, _ *workloads.Container) {
	e.defaults(NotEnforced)
	servers := 0
	for _, n := range s.nodeList {
		v := n.Get("metadata", "annotations", "k3s.io/node-args")
		var args []string
		if v == nil || json.Unmarshal([]byte(v.Str()), &args) != nil || len(args) == 0 || args[0] != "server" {
			continue
		}
		servers++
		if disabled(args) {
			e.is(NotEnforced, "the server "+n.Name+" was started with --disable-network-policy", n, v.Offset)
			e.Remedy = Remedy{Text: "Start the servers of k3s without --disable-network-policy."}
			return
		}
		e.is(Enforced, "k3s enforces: "+here(n)+" was started without --disable-network-policy", n, v.Offset)
	}
	if servers > 0 {
		return
	}
	if e.In == nil {
		e.is(Enforced, "you say that k3s is used; its default is to enforce", nil, 0)
		return
	}
	e.On, e.Why = Unknown, "with which arguments the servers of k3s were started is not among the evidence"
	e.Missing = []Missing{{"the annotation k3s.io/node-args of the servers", "kubectl get nodes -o yaml > nodes.yaml"}}
}

func disabled(args []string) bool {
	out := false
	for i, a := range args {
		name, value, assigned := strings.Cut(strings.TrimLeft(a, "-"), "=")
		if name != "disable-network-policy" {
			continue
		}
		// From a configuration file the value comes as an argument of its own.
		if !assigned && i+1 < len(args) {
			value = args[i+1]
		}
		on, err := strconv.ParseBool(value)
		out = err != nil || on
	}
	return out
}
