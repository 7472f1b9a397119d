package enforce

import (
	"cmp"
	"strings"

	"polygraph/internal/netpol"
	"polygraph/internal/workloads"
)

// isCilium tells Cilium's agent from that of GKE, which is built from it.
func isCilium(c *workloads.Container) fit {
	if isDataplane(c) != unfit {
		return unfit
	}
	return program{names: []string{"cilium-agent", "cilium"}, images: []string{"cilium", "cilium-ci"}}.fit(c)
}

// isDataplane tells the agent of GKE Dataplane V2, which is called anetd.
//
// Source: Google Cloud documentation, "About GKE Dataplane V2": the DaemonSet
// anetd, Kubernetes NetworkPolicy "always on".
func isDataplane(c *workloads.Container) fit {
	repository, last, _ := image(c)
	google := last == "anetd" || last == "cilium" && (strings.Contains(repository, "gke.gcr.io/") || strings.Contains(repository, "/gke-release/"))
	return fitOf(c.Name == "anetd" || google && (c.Name == "cilium-agent" || c.Name == "cilium"), google)
}

// cilium: enable-policy never and policy-audit-mode switch all policies off,
// enable-k8s-networkpolicy and its like one kind.
//
// Sources: docs.cilium.io, "Policy Enforcement Modes" and "Creating Policies from
// Verdicts" ("when Policy Audit Mode is enabled, no network policy is enforced");
// Cilium 1.20 agent options enable-k8s-networkpolicy, enable-cilium-network-policy,
// enable-cilium-clusterwide-network-policy (true), enable-k8s-cluster-network-policy
// (false), and its documentation "Network Policy" (since 1.20).
func cilium(s *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(NotEnforced)
	e.rule(Enforced, e.Title+" reads it", netpol.Cilium, netpol.CiliumCluster)
	if a == nil {
		e.is(Enforced, "you say that Cilium is used; its default is to enforce", nil, 0)
		e.rule(Unknown, "Cilium 1.20 and later reads it where enable-k8s-cluster-network-policy is true", netpol.ClusterAdmin, netpol.ClusterBaseline)
		return
	}
	_, _, e.Version = image(c)
	option := func(name string, isSwitch bool) setting {
		if f := flagOf(c, a.In, name, isSwitch); f.found != unset {
			return f
		}
		v := s.config(a.Object.Namespace, "cilium-config", name)
		if v.found == absent {
			v = setting{why: "the ConfigMap that " + here(a.Object) + " reads is not cilium-config"}
		}
		return v
	}
	get := "kubectl get configmap cilium-config --namespace " + cmp.Or(a.Object.Namespace, "kube-system") + " -o yaml > cilium-config.yaml"
	mode, audit := option("enable-policy", false), option("policy-audit-mode", true)
	remedy := Remedy{Text: "Set policyEnforcementMode: default and policyAuditMode: false in the values of Cilium's chart, and restart its agents."}
	switch {
	case mode.found == set && strings.EqualFold(mode.value, "never"):
		e.is(NotEnforced, "enable-policy is never in "+here(mode.in), mode.in, mode.at)
		e.Remedy = remedy
	case audit.isTrue():
		e.is(NotEnforced, "policy-audit-mode is on in "+here(audit.in)+": what policies refuse is logged and let through", audit.in, audit.at)
		e.Remedy = remedy
	case mode.found == unseen:
		e.unclear(mode, get)
	case audit.found == unseen:
		e.unclear(audit, get)
	case mode.found == set && !strings.EqualFold(mode.value, "default") && !strings.EqualFold(mode.value, "always"):
		mode.why = "enable-policy of " + here(mode.in) + " is none of default, always and never"
		e.unclear(mode, get)
	default:
		e.is(Enforced, here(a.Object)+" enforces", a.Object, c.Value.Offset)
	}
	if v := option("policy-cidr-match-mode", false); v.found == set && strings.Contains(v.value, "nodes") || v.found == unseen {
		e.nodeBlocks = true
	}
	e.ciliumNodes(s)
	for _, k := range []struct {
		option string
		kind   netpol.Kind
	}{
		{"enable-k8s-networkpolicy", netpol.Network},
		{"enable-cilium-network-policy", netpol.Cilium},
		{"enable-cilium-clusterwide-network-policy", netpol.CiliumCluster},
	} {
		switch v := option(k.option, true); {
		case v.isFalse():
			e.ruleBy(NotEnforced, k.option+" is false in "+here(v.in), v, k.kind)
		case v.found == unseen:
			e.ruleBy(Unknown, v.why, v, k.kind)
		}
	}
	cluster := option("enable-k8s-cluster-network-policy", true)
	status, why := NotEnforced, "Cilium reads it where enable-k8s-cluster-network-policy is true, since 1.20"
	if cluster.isTrue() {
		status, why = between(e.Version, [2]int{1, 20}, never), why+"; this one is "+versionOf(e)
	} else if cluster.found == unseen {
		status = Unknown
	}
	e.ruleBy(status, why, cluster, netpol.ClusterAdmin, netpol.ClusterBaseline)
}

// ciliumNodes: a CiliumNodeConfig overrides options on some nodes.
//
// Source: docs.cilium.io, "Per-node configuration".
func (e *engine) ciliumNodes(s *scene) {
	for _, o := range s.objects {
		if o.Type() != "CiliumNodeConfig.cilium.io" {
			continue
		}
		for _, name := range []string{"enable-policy", "policy-audit-mode", "enable-k8s-networkpolicy"} {
			if v := o.Get("spec", "defaults", name); v != nil && e.On == Enforced {
				e.is(Unknown, name+" is another on the nodes of "+here(o), o, v.Offset)
				e.Missing = append(e.Missing, Missing{"on which nodes " + o.Name + " holds", dumpPods})
			}
		}
	}
}

// dataplane: NetworkPolicy is always on; CiliumNetworkPolicy is not served, and
// CiliumClusterwideNetworkPolicy is where the cluster has it switched on.
//
// Source: Google Cloud documentation, "About GKE Dataplane V2", "Control
// cluster-wide communication using network policies".
func dataplane(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(Unknown)
	e.rule(Unknown, "GKE reads it where the cluster has enableCiliumClusterwideNetworkPolicy", netpol.CiliumCluster)
	e.rule(Unknown, "whether GKE reads it is not documented", netpol.Cilium)
	e.found(a, c)
}
