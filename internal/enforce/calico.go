package enforce

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/workloads"
)

// isCalico tells calico-node, of the project, of Tigera's, of canal, and for
// Windows. Its image is calico/node: "node" alone is also that of Node.js.
//
// Sources: projectcalico/calico v3.32 manifests/calico.yaml, calico-windows.yaml
// (the containers node and felix); rancher/image-build-calico: hardened-calico.
func isCalico(c *workloads.Container) fit {
	repository, last, _ := image(c)
	windows := last == "node-windows"
	name := c.Name == "calico-node" || c.Name == "calico-node-windows" || windows && (c.Name == "node" || c.Name == "felix")
	js := repository == "node" || strings.HasSuffix(repository, "library/node") || repository == "docker.io/node"
	plain := (windows || last == "node") && !js
	return fitOf(name, imaged(c, []string{"calico-node", "calico-node-windows", "cnx-node", "cnx-node-windows", "calico"}) && last != "calico" ||
		plain && (name || strings.Contains(repository, "calico")))
}

// calico enforces wherever calico-node runs, also where another CNI hands out the
// addresses (the operator's Installation with cni.type AmazonVPC, and canal).
//
// Sources: docs.tigera.io/calico, "Install Calico for policy (EKS)"; release notes
// of Calico v3.29 (AdminNetworkPolicy), projectcalico/calico pull 9464 for v3.30
// (BaselineAdminNetworkPolicy), issue 10745 and kubernetes-sigs/network-policy-api
// pull 376: v3.32 replaces both by ClusterNetworkPolicy.
func calico(s *scene, e *engine, a *agent, c *workloads.Container) {
	e.defaults(Unknown)
	e.rule(Enforced, e.Title+" reads it", netpol.Calico, netpol.CalicoGlobal)
	if c != nil {
		if _, last, tag := image(c); last == "node" {
			e.Version = tag
		}
	}
	for _, k := range []struct {
		kind     netpol.Kind
		from, to [2]int
		why      string
	}{
		{netpol.Admin, [2]int{3, 29}, [2]int{3, 32}, "Calico reads it from v3.29 to v3.31"},
		{netpol.BaselineAdmin, [2]int{3, 30}, [2]int{3, 32}, "Calico reads it from v3.30 to v3.31"},
		{netpol.ClusterAdmin, [2]int{3, 32}, never, "Calico reads it since v3.32"},
		{netpol.ClusterBaseline, [2]int{3, 32}, never, "Calico reads it since v3.32"},
	} {
		e.rule(between(e.Version, k.from, k.to), k.why+"; this one is "+versionOf(e), k.kind)
	}
	if a == nil && e.In != nil {
		e.installation()
		return
	}
	e.found(a, c)
	if a == nil {
		return
	}
	// Without the Kubernetes datastore another program copies NetworkPolicies over.
	if v := env(c, a.In, "DATASTORE_TYPE"); v.found == set && v.value != "kubernetes" {
		e.ruleBy(Unknown, "Calico keeps its own datastore ("+v.value+"): NetworkPolicies get there by calico-kube-controllers", v, netpol.Network)
	}
}

// installation: the operator makes calico-node of it.
//
// Source: docs.tigera.io/calico, "Installation reference": operator.tigera.io/v1.
func (e *engine) installation() {
	if e.In.Live {
		e.On, e.Why = Unknown, here(e.In)+" asks for Calico; whether calico-node runs its DaemonSet says"
		e.Missing = []Missing{{"the DaemonSets of the namespace calico-system", dump}}
		return
	}
	e.On, e.Why = Enforced, here(e.In)+": the operator installs Calico, which enforces wherever it runs"
}

// calicoSign is the object by which the operator is told to install Calico.
func calicoSign(o *kubeobj.Object) *kubeobj.Value {
	if o.Type() == "Installation.operator.tigera.io" {
		return &o.Root
	}
	return nil
}
