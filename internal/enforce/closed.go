package enforce

import (
	"slices"
	"strings"
)

// close tells whether no other engine than those found can be there. Status
// NotEnforced says that it is proven.
func (t *Truth) close() Ruling {
	if t.told != "" {
		return t.asTold()
	}
	s := t.scene
	live := slices.ContainsFunc(t.engines, func(e *engine) bool { return e.live })
	open := func(why, missing, get string) Ruling {
		return Ruling{Why: why, Missing: []Missing{{missing, get}}}
	}
	if !live {
		what := "no network of a cluster is among the evidence"
		if len(t.engines) > 0 && t.engines[0].doubtful {
			what = "which network the cluster has is not proven"
		} else if len(t.engines) > 0 && t.engines[0].In != nil {
			o := t.engines[0].In
			what = bare(o) + " in " + o.Path + " is only declared: another engine may be installed from elsewhere"
		}
		return open(what, "the DaemonSets, Namespaces, Nodes and ConfigMaps of the cluster", dump)
	}
	if !s.liveDaemonSets() && !s.onlyManaged() {
		return open("no DaemonSet of the cluster is among the evidence: an engine may be one", "the DaemonSets of the cluster", dump)
	}
	if len(s.namespaces) == 0 {
		return open("an engine may be in another namespace", "the Namespaces of the cluster", dump)
	}
	for _, n := range s.namespaces {
		if builtin(n.Name) || n.Get("status", "phase").Str() == "Terminating" || s.covered[n.Name] {
			continue
		}
		return open("nothing of the namespace "+n.Name+" is among the evidence: an engine may be there", "the DaemonSets of the namespace "+n.Name, dump)
	}
	if !s.liveNodes() && !t.controllerOff() {
		return open("an engine may be built into the nodes", "the Nodes of the cluster", "kubectl get nodes -o yaml > nodes.yaml")
	}
	if o, v := t.suspect(); o != nil {
		return Ruling{
			Why: here(o) + " is not known here and could be an engine of policies", In: o, At: v.Offset,
			Missing: []Missing{{"what the network of the cluster is", "say it with --cni, one of " + strings.Join(Known(), ", ")}},
		}
	}
	return Ruling{Status: NotEnforced, Why: "no other engine is among the DaemonSets of the cluster"}
}

// liveDaemonSets tells whether DaemonSets were got from the cluster.
func (s *scene) liveDaemonSets() bool {
	return slices.ContainsFunc(s.agents, func(a *agent) bool { return a.live && a.Object.Kind == "DaemonSet" })
}

// onlyManaged tells that all nodes are of EKS Auto Mode or Fargate, which have no
// DaemonSet of a network: there it is no sign that none is among the evidence.
//
// Source: EKS user guide, "Alternate CNI plugins": Auto Mode supports no other
// network and no other engine of policies, and Fargate no DaemonSets.
func (s *scene) onlyManaged() bool {
	for _, n := range s.nodeList {
		if c := n.Label(computeType); !n.Live || c != "auto" && c != "fargate" {
			return false
		}
	}
	return len(s.nodeList) > 0
}

// builtin tells namespaces that the server makes and in which nothing is
// installed.
func builtin(name string) bool {
	return name == "default" || name == "kube-public" || name == "kube-node-lease"
}

// asTold: the user's word closes the world, unless the objects show that it is
// wrong.
func (t *Truth) asTold() Ruling {
	if t.told != "none" {
		return Ruling{Status: NotEnforced, Why: "there is no other engine, as you say"}
	}
	for _, e := range t.engines {
		if !e.def.none && e.On != NotEnforced {
			return Ruling{
				Why: "you say that there is no engine, and there is " + here(e.In), In: e.In, At: e.At,
				Missing: []Missing{{"whether " + e.Title + " runs", dump}},
			}
		}
	}
	return Ruling{Status: NotEnforced, Why: "there is no engine of policies, as you say"}
}

// controllerOff: on EKS nothing on the nodes enforces while the controller is off,
// so that nodes with a built-in agent need not be looked for.
func (t *Truth) controllerOff() bool {
	if t.engine("vpc-cni") == nil {
		return false
	}
	c := t.scene.controller()
	return c.in != nil && c.in.Live && (c.found == absent || c.found != unseen && !c.isTrue())
}

func (t *Truth) engine(name string) *engine {
	for _, e := range t.engines {
		if e.Name == name {
			return e
		}
	}
	return nil
}
