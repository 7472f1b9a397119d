package enforce

import (
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

// suspect is a live object that could be an engine, or that only the agent of one
// makes, where that engine was not found.
func (t *Truth) suspect() (*kubeobj.Object, *kubeobj.Value) {
	for _, o := range t.scene.objects {
		if !o.Live {
			continue
		}
		owner := ""
		switch o.Type() {
		case "CiliumNode.cilium.io", "CiliumEndpoint.cilium.io":
			owner = "cilium"
		case "AntreaAgentInfo.crd.antrea.io":
			owner = "antrea"
		}
		if owner != "" && t.engine(owner) == nil && !(owner == "cilium" && t.engine("gke-dataplane-v2") != nil) {
			return o, &o.Root
		}
	}
	for _, a := range t.scene.agents {
		if a.live && a.Object.Kind == "DaemonSet" && a.mayEnforce() && !t.known(a) {
			return a.Object, &a.Object.Root
		}
	}
	return nil, nil
}

// mayEnforce tells that some container may change the network of its node, or that
// the pods put files where plugins of the network are looked for.
func (a *agent) mayEnforce() bool {
	for _, v := range a.Spec().Get("volumes").Each() {
		path := v.Get("hostPath", "path")
		if strings.HasPrefix(path.Str(), "/opt/cni") || strings.HasPrefix(path.Str(), "/etc/cni") || path.Placeholder() {
			return true
		}
	}
	return slices.ContainsFunc(a.Containers, func(c workloads.Container) bool { return a.powerful(&c) })
}

// reachesNode tells that the pods see files or processes of their node.
func (a *agent) reachesNode() bool {
	for _, v := range a.Spec().Get("volumes").Each() {
		if v.Get("hostPath") != nil {
			return true
		}
	}
	return maybeTrue(a.Spec().Get("hostPID")) || maybeTrue(a.Spec().Get("hostIPC"))
}

// powerful tells that a container may change the network of its node: it is
// privileged, or has a capability for that. Where none are written it has those of
// the runtime, without NET_ADMIN; on the node's network, with files or processes of
// the node at hand, that is not enough to rely on. What is yet to be filled in may
// be either.
//
// Sources: kubernetes.io/docs, "Configure a Security Context"; capabilities(7):
// CAP_NET_ADMIN is of the network namespace, CAP_SYS_ADMIN, CAP_SYS_MODULE and
// CAP_BPF reach further; moby/moby oci/caps/defaults.go and cri-o
// docs/crio.conf.5.md, default_capabilities.
func (a *agent) powerful(c *workloads.Container) bool {
	security := c.Value.Get("securityContext")
	host := maybeTrue(a.Spec().Get("hostNetwork"))
	for _, v := range []*kubeobj.Value{
		security.Get("privileged"), security.Get("windowsOptions", "hostProcess"), a.Spec().Get("securityContext", "windowsOptions", "hostProcess"),
	} {
		if maybeTrue(v) {
			return true
		}
	}
	capabilities := security.Get("capabilities")
	for _, add := range capabilities.Get("add").Each() {
		switch strings.TrimPrefix(strings.ToUpper(add.Str()), "CAP_") {
		case "ALL", "SYS_ADMIN", "SYS_MODULE", "BPF":
			return true
		case "NET_ADMIN":
			if host {
				return true
			}
		default:
			if add.Placeholder() {
				return true
			}
		}
	}
	return host && capabilities.Empty() && a.reachesNode() && c.Sort != workloads.Init && c.Sort != workloads.Ephemeral
}

func maybeTrue(v *kubeobj.Value) bool {
	return v != nil && v.Kind != kubeobj.Null && !(v.Is(kubeobj.Bool) && v.Text == "false")
}

// known tells that a DaemonSet is one of an engine, which is judged as such, or is
// known not to be one. That holds when each of its containers is known; those that
// run before the others count when they are powerful themselves.
func (t *Truth) known(a *agent) bool {
	var own []string // repositories of the engine's containers
	for i := range a.Containers {
		if c := &a.Containers[i]; isEngine(c) {
			repository, _, _ := image(c)
			own = append(own, repository)
		}
	}
	for i := range a.Containers {
		c := &a.Containers[i]
		repository, _, _ := image(c)
		switch {
		case c.Sort == workloads.Ephemeral:
		case c.Sort == workloads.Init && (own != nil || !a.powerful(c)):
		case isEngine(c), slices.Contains(own, repository), t.isBeside(c), harmless(c):
		default:
			return false
		}
	}
	return true
}

func isEngine(c *workloads.Container) bool {
	if c.Sort == workloads.Init || c.Sort == workloads.Ephemeral {
		return false
	}
	return slices.ContainsFunc(definitions(), func(d *definition) bool { return d.is != nil && d.is(c) == bothFit })
}

// isBeside tells a further container of an engine that was found.
func (t *Truth) isBeside(c *workloads.Container) bool {
	return slices.ContainsFunc(t.engines, func(e *engine) bool { return e.def.beside != nil && e.def.beside.fit(c) == bothFit })
}

// harmless tells programs that do not read policies, by their images. Where that
// is one of many, the name has to fit too.
func harmless(c *workloads.Container) bool {
	return program{
		images: []string{
			"kube-proxy", "kube-proxy-amd64", "kube-proxy-arm64", "k8s-dns-node-cache", "node-local-dns",
			"multus-cni", "aws-ebs-csi-driver", "aws-efs-csi-driver", "aws-fsx-csi-driver", "csi-node-driver-registrar",
			"node-driver-registrar", "livenessprobe", "kube-rbac-proxy", "eks-pod-identity-agent",
			"eks-node-monitoring-agent", "aws-node-termination-handler", "node-exporter", "k8s-device-plugin",
			"cilium-envoy", "ip-masq-agent", "install-cni", "falco", "falco-no-driver", "falcoctl", "falco-driver-loader",
			"fluent-bit", "aws-for-fluent-bit", "cloud-node-manager", "azure-cloud-node-manager",
		},
		names:  []string{"kube-multus", "speaker", "keepalived"},
		shared: []string{"multus", "speaker", "keepalived"},
	}.fit(c) >= byImage || datadog(c)
}

// datadog tells the agent of Datadog, whose image is called "agent".
//
// Source: DataDog/helm-charts charts/datadog values.yaml: gcr.io/datadoghq/agent.
func datadog(c *workloads.Container) bool {
	repository, last, _ := image(c)
	return last == "datadog-agent" || last == "agent" && strings.Contains(repository, "datadog")
}
