package enforce

import (
	"strconv"
	"strings"

	"polygraph/internal/netpol"
	"polygraph/internal/workloads"
)

// found is what the presence of the agent alone says: it is on.
func (e *engine) found(a *agent, c *workloads.Container) {
	if a == nil {
		e.is(Enforced, "you say that "+e.Title+" is used; its default is to enforce", nil, 0)
		return
	}
	if e.Version == "" {
		_, _, e.Version = image(c)
	}
	e.is(Enforced, here(a.Object)+" enforces", a.Object, c.Value.Offset)
}

// always: there is no switch.
//
// Source: learn.microsoft.com, "Secure traffic between pods by using network
// policies in AKS".
func always(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(NotEnforced)
	e.found(a, c)
}

// switched reads a switch that is on by default.
func (e *engine) switched(a *agent, c *workloads.Container, name string) {
	e.found(a, c)
	if a == nil {
		return
	}
	switch v := flagOf(c, a.In, name, true); {
	case v.found == unseen:
		e.unclear(v, dump)
	case v.isFalse():
		e.is(NotEnforced, "--"+name+" is false in "+here(a.In), v.in, v.at)
		e.Remedy = Remedy{Text: "Remove --" + name + "=false from " + a.Object.Name + "."}
	case v.found == set && !v.isTrue():
		v.why = "--" + name + " of " + here(a.In) + " is neither true nor false"
		e.unclear(v, dump)
	}
}

// Source: kube-router v2 docs/user-guide.md: --run-firewall, default true.
func kubeRouter(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(NotEnforced)
	e.switched(a, c, "run-firewall")
}

// Source: kubeovn/kube-ovn pkg/controller/config.go: enable-np (true), enable-anp
// (false) for AdminNetworkPolicy and BaselineAdminNetworkPolicy.
func kubeOVN(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(Unknown)
	e.switched(a, c, "enable-np")
	if a == nil {
		return
	}
	switch v := flagOf(c, a.In, "enable-anp", true); {
	case v.isTrue():
		e.ruleBy(Enforced, "--enable-anp is on in "+here(a.In), v, netpol.Admin, netpol.BaselineAdmin)
	case v.found == unset || v.isFalse():
		e.ruleBy(NotEnforced, "--enable-anp is off in "+here(a.In), v, netpol.Admin, netpol.BaselineAdmin)
	}
}

// antrea: kinds of policy.networking.k8s.io are behind a feature gate that is off
// by default, in a ConfigMap whose name may end in a hash.
//
// Source: antrea.io/docs, "AdminNetworkPolicy API Support in Antrea" (v1.13).
func antrea(s *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(Unknown)
	e.found(a, c)
	if a == nil {
		return
	}
	for _, o := range s.objects {
		if o.Type() != "ConfigMap" || !strings.HasPrefix(o.Name, "antrea-config") {
			continue
		}
		v := o.Get("data", "antrea-controller.conf")
		if v == nil {
			continue
		}
		by := setting{in: o, at: v.Offset}
		status, why := NotEnforced, "the feature gate AdminNetworkPolicy is off in "+here(o)
		for line := range strings.Lines(v.Text) {
			line, _, _ = strings.Cut(line, "#")
			if name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name == "AdminNetworkPolicy" || name == "AllAlpha" {
				if on, err := strconv.ParseBool(strings.TrimSpace(value)); err == nil && on {
					status, why = Enforced, "the feature gate "+name+" is on in "+here(o)
				} else if name == "AdminNetworkPolicy" {
					status, why = NotEnforced, "the feature gate AdminNetworkPolicy is off in "+here(o)
					break
				}
			}
		}
		e.ruleBy(status, why, by, netpol.Admin, netpol.BaselineAdmin)
	}
}

// ovn: AdminNetworkPolicy needs --enable-admin-network-policy, which is often put
// together by a script.
//
// Source: ovn-org/ovn-kubernetes dist/images/ovnkube.sh.
func ovn(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(Unknown)
	e.found(a, c)
	if a == nil {
		return
	}
	if v := flagOf(c, a.In, "enable-admin-network-policy", true); v.isTrue() {
		e.ruleBy(Enforced, "--enable-admin-network-policy is on in "+here(a.In), v, netpol.Admin, netpol.BaselineAdmin)
	} else if v.isFalse() {
		e.ruleBy(NotEnforced, "--enable-admin-network-policy is off in "+here(a.In), v, netpol.Admin, netpol.BaselineAdmin)
	}
}

// weave: the container weave-npc enforces.
//
// Source: weaveworks/weave v2.8 site/kubernetes/kube-addon.md: remove weave-npc
// and set EXPECT_NPC=0 to switch network policies off.
func weave(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(NotEnforced)
	e.found(a, c)
	if a == nil {
		return
	}
	npc, how := a.fitting(weaveNPC().fit)
	if why := misfit(a, npc, how, "weave-npc"); why != "" {
		e.half(why, npc)
	} else if npc == nil {
		e.is(NotEnforced, here(a.In)+" has no container weave-npc", a.In, c.Value.Offset)
		e.Remedy = Remedy{Text: "Put the container weave-npc back, and remove EXPECT_NPC=0."}
	}
}

// weaveNPC is the program that enforces.
func weaveNPC() *program {
	return &program{names: []string{"weave-npc"}, images: []string{"weave-npc"}}
}

// half: what should enforce may be another program.
func (e *engine) half(why string, c *workloads.Container) {
	e.is(Unknown, why, e.In, c.Value.Offset)
	e.Missing = []Missing{{"what the container " + c.Name + " runs", "use the image of its documentation, or a mirror that keeps the last part of its name"}}
}

// flannel connects pods and has no engine; its chart can put kube-network-policies
// beside it, which is found as itself.
//
// Source: flannel-io/flannel Documentation/netpol.md and chart/kube-flannel.
func flannel(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(NotEnforced)
	for k := range e.reads {
		e.reads[k] = Ruling{Status: NotEnforced, Why: "flannel reads no policies"}
	}
	if a != nil {
		_, _, e.Version = image(c)
		e.is(NotEnforced, here(a.Object)+" is flannel, which has no engine of policies", a.Object, c.Value.Offset)
	} else {
		e.is(NotEnforced, "you say that flannel is used, which has no engine of policies", nil, 0)
	}
	e.Remedy = Remedy{Text: "Install an engine beside flannel: its chart has netpol.enabled=true, which adds kube-network-policies; Canal adds Calico."}
}

// kindnet: images of kind are named by date. Those of kind v0.23 do not enforce,
// those of v0.24 do.
//
// Sources: kubernetes-sigs/kind pull 3612 and release v0.24.0 (kindnetd:v20240813),
// issue 3705 (v0.23.0 with v20240513 does not); kubernetes/minikube issue 19871:
// kindnet of its own project since v1.3.0.
func kindnet(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(NotEnforced)
	e.found(a, c)
	if a == nil {
		e.is(Unknown, "you say that kindnet is used; it enforces since kind v0.24", nil, 0)
		e.Missing = []Missing{{"the image of the DaemonSet kindnet", dump}}
		return
	}
	date, isDate := strings.CutPrefix(e.Version, "v20")
	status := between(e.Version, [2]int{1, 3}, never)
	if isDate && len(date) >= 6 {
		switch {
		case date[:6] >= "240813":
			status = Enforced
		case date[:6] <= "240513":
			status = NotEnforced
		}
	}
	switch status {
	case NotEnforced:
		e.is(NotEnforced, here(a.In)+" runs kindnet "+e.Version+", which reads no policies", a.In, c.Image.Offset)
		e.Remedy = Remedy{Text: "Make the cluster with kind v0.24 or later."}
	case Unknown:
		e.is(Unknown, here(a.In)+" runs kindnet "+versionOf(e)+"; it enforces since kind v0.24 (v20240813)", a.In, c.Value.Offset)
		e.Missing = []Missing{{"which kindnet " + versionOf(e) + " is", "use an image with its own tag"}}
	}
}

// kubeNetworkPolicies: the kinds of policy.networking.k8s.io are behind flags in
// v0, and in images of their own since v1.
//
// Source: kubernetes-sigs/kube-network-policies install.yaml, install-anp.yaml
// (v0.2.0: -admin-network-policy=true), install-cnp.yaml (v1.0.0-npa-v1alpha2).
func kubeNetworkPolicies(_ *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(Unknown)
	e.found(a, c)
	if a == nil {
		return
	}
	old, known := atLeast(e.Version, 1, 0)
	old = known && !old
	for _, k := range []struct {
		flag string
		kind netpol.Kind
	}{{"admin-network-policy", netpol.Admin}, {"baseline-admin-network-policy", netpol.BaselineAdmin}} {
		switch v := flagOf(c, a.In, k.flag, true); {
		case v.isTrue():
			e.ruleBy(Enforced, "-"+k.flag+" is on in "+here(a.In), v, k.kind)
		case old && (v.found == unset || v.isFalse()):
			e.ruleBy(NotEnforced, "-"+k.flag+" is off in "+here(a.In), v, k.kind)
		}
	}
	switch {
	case strings.HasSuffix(e.Version, "-npa-v1alpha2"):
		e.rule(Enforced, "the image "+e.Version+" reads it", netpol.ClusterAdmin, netpol.ClusterBaseline)
	case known:
		e.rule(NotEnforced, "the image "+e.Version+" does not read it: those that do end in -npa-v1alpha2", netpol.ClusterAdmin, netpol.ClusterBaseline)
	}
}
