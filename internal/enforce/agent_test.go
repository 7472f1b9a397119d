package enforce

import (
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// bones is what a survey of a small cluster brings besides its network: namespaces
// with an object in each, two nodes, and a workload with a pod on n1 and one with
// a pod on n2.
const bones = `
apiVersion: v1
kind: Namespace
metadata: {name: kube-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kube-root-ca.crt, namespace: kube-system}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.io/os: linux}}
---
apiVersion: v1
kind: Node
metadata: {name: n2, labels: {kubernetes.io/os: linux}}
---
apiVersion: v1
kind: Pod
metadata: {name: one, namespace: shop, labels: {app: one}}
spec: {nodeName: n1, containers: [{name: main, image: example.com/web}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: v1
kind: Pod
metadata: {name: two, namespace: shop, labels: {app: two}}
spec: {nodeName: n2, containers: [{name: main, image: example.com/web}]}
status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
---
`

const ready = "\nstatus: {phase: Running, conditions: [{type: Ready, status: \"True\"}]}\n"

// maker is a DaemonSet or the like with one container.
func maker(kind, name, container, image, status string) string {
	return "apiVersion: apps/v1\nkind: " + kind + "\nmetadata: {name: " + name + ", namespace: kube-system}\nspec:\n  selector: {matchLabels: {app: " + name + "}}\n  template:\n    metadata: {labels: {app: " + name + "}}\n    spec: {hostNetwork: true, tolerations: [{operator: Exists}], containers: [{name: " + container + ", image: \"" + image + "\", securityContext: {privileged: true}}]}\n" + status + "\n---\n"
}

// agentPod is a Pod with one container on n1.
func agentPod(container, image, status string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: agent, namespace: kube-system}\nspec: {nodeName: n1, hostNetwork: true, containers: [{name: " + container + ", image: \"" + image + "\"}]}\n" + status + "\n---\n"
}

func parsed(t *testing.T, live bool, text string) []*kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("x.yaml", []byte(text))
	if problem != nil || len(f.Unread) > 0 {
		t.Fatalf("%v %v\n%s", problem, f.Unread, text)
	}
	for _, o := range f.Objects {
		o.Live = live
	}
	return f.Objects
}

const (
	allReady  = "status: {desiredNumberScheduled: 2, numberReady: 2}"
	replicas1 = "status: {replicas: 1, readyReplicas: 1}"
)

// TestAgents: what counts as the agent of an engine. The last two are whether a
// NetworkPolicy holds for the pod on n1 and for that on n2.
func TestAgents(t *testing.T) {
	flannel := maker("DaemonSet", "kube-flannel-ds", "kube-flannel", "ghcr.io/flannel-io/flannel:v0.27.4", allReady)
	for _, tt := range []struct {
		name     string
		live     bool
		text     string
		n1, n2   Status
		says     string
		enforced bool // an engine that reads the policy is on
	}{
		{"a DaemonSet", true, maker("DaemonSet", "calico-node", "calico-node", "docker.io/calico/node:v3.31.5", allReady), Enforced, Enforced, "enforces", true},
		{"from a private mirror", true, maker("DaemonSet", "calico-node", "calico-node", "registry.corp:5000/mirror/calico/node@sha256:"+strings.Repeat("0", 64), allReady), Enforced, Enforced, "", true},
		{"from a flat mirror", true, maker("DaemonSet", "calico-node", "calico-node", "registry.corp/calico-node:v3.31.5", allReady), Enforced, Enforced, "", true},
		{"mirrored by Rancher", true, maker("DaemonSet", "cilium-router", "kube-router", "rancher/mirrored-cloudnativelabs-kube-router:v2", allReady), Enforced, Enforced, "", true},
		{"OpenShift's image has no name", true, maker("DaemonSet", "ovnkube-node", "ovnkube-controller", "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:"+strings.Repeat("0", 64), allReady), Enforced, Enforced, "", true},
		{"a declared Pod with another image", false, agentPod("kube-router", "alpine", ""), Unknown, Unknown, "alpine", false},
		{"a declared Pod", false, agentPod("kube-router", "docker.io/cloudnativelabs/kube-router:v2.5.0", ""), Unknown, Unknown, "Pod", false},
		{"the name without the image", true, maker("DaemonSet", "kube-router", "kube-router", "alpine:3", allReady), Unknown, Unknown, "alpine", false},
		{"the image without the name", true, maker("DaemonSet", "router", "router", "docker.io/cloudnativelabs/kube-router:v2.5.0", allReady), Unknown, Unknown, "called router", false},
		{"the name of flannel without its image", true, maker("DaemonSet", "kube-flannel-ds", "kube-flannel", "example.com/guard:1", allReady), Unknown, Unknown, "", false},
		{"Node.js is no agent", true, flannel + maker("DaemonSet", "log", "log", "docker.io/library/node:22", allReady), Unknown, Unknown, "DaemonSet kube-system/log is not known here", false},
		{"a Deployment", true, flannel + maker("Deployment", "calico-node", "calico-node", "docker.io/calico/node:v3.31.5", replicas1), Unknown, Unknown, "Deployment", false},
		{"a declared Deployment", false, maker("Deployment", "calico-node", "calico-node", "docker.io/calico/node:v3.31.5", ""), Unknown, Unknown, "Deployment", false},
		{"a Deployment without pods", true, strings.Replace(maker("Deployment", "kube-router", "kube-router", "docker.io/cloudnativelabs/kube-router:v2.5.0", "status: {}"), "selector:", "replicas: 0\n  selector:", 1), Unknown, Unknown, "", false},
		{"a Deployment beside a DaemonSet", true, maker("Deployment", "extra", "calico-node", "alpine", replicas1) + maker("DaemonSet", "calico-node", "calico-node", "docker.io/calico/node:v3.31.5", allReady), Enforced, Enforced, "", true},
		{"a DaemonSet for no node", true, maker("DaemonSet", "kube-router", "kube-router", "docker.io/cloudnativelabs/kube-router:v2.5.0", "status: {desiredNumberScheduled: 0, numberReady: 0}"), NotEnforced, NotEnforced, "no node", false},
		{"a Pod that failed", true, flannel + agentPod("calico-node", "docker.io/calico/node:v3.31.5", "status: {phase: Failed}"), NotEnforced, NotEnforced, "flannel", false},
		{"a Pod that is done", true, flannel + agentPod("calico-node", "docker.io/calico/node:v3.31.5", "status: {phase: Succeeded}"), NotEnforced, NotEnforced, "flannel", false},
		{"a Pod that is not ready", true, agentPod("calico-node", "docker.io/calico/node:v3.31.5", strings.Replace(ready, "True", "False", 1)), Unknown, Unknown, "not ready", false},
		{"a Pod that has not started", true, agentPod("calico-node", "docker.io/calico/node:v3.31.5", "status: {phase: Pending}"), Unknown, Unknown, "not ready", false},
		{"a Pod on one node", true, agentPod("calico-node", "docker.io/calico/node:v3.31.5", ready), Enforced, Unknown, "", true},
		{"a Pod with another image", true, agentPod("calico-node", "alpine", ready), Unknown, Unknown, "alpine", false},
		{"a controller", true, maker("Deployment", "kube-ovn-controller", "kube-ovn-controller", "docker.io/kubeovn/kube-ovn:v1.14.5", replicas1), Enforced, Enforced, "", true},
		{"a controller with another image", true, maker("Deployment", "kube-ovn-controller", "kube-ovn-controller", "alpine", replicas1), Unknown, Unknown, "alpine", false},
		{"a controller without pods", true, strings.Replace(maker("Deployment", "kube-ovn-controller", "kube-ovn-controller", "docker.io/kubeovn/kube-ovn:v1.14.5", "status: {}"), "selector:", "replicas: 0\n  selector:", 1), Unknown, Unknown, "replicas", false},
		{"a controller that is not ready", true, maker("Deployment", "kube-ovn-controller", "kube-ovn-controller", "docker.io/kubeovn/kube-ovn:v1.14.5", "status: {replicas: 1}"), Unknown, Unknown, "ready", false},
		{"a controller that is to have no pods", false, strings.Replace(maker("Deployment", "kube-ovn-controller", "kube-ovn-controller", "docker.io/kubeovn/kube-ovn:v1.14.5", ""), "selector:", "replicas: 0\n  selector:", 1), Unknown, Unknown, "replicas", false},
		{"the nodes' agent of the VPC CNI with another image", true, strings.Replace(maker("DaemonSet", "aws-node", "aws-node", "x/amazon-k8s-cni:v1.23.1", allReady), "}]}\n", "}, {name: aws-eks-nodeagent, image: alpine, args: [--enable-network-policy=true]}]}\n", 1) +
			"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: amazon-vpc-cni, namespace: kube-system}\ndata: {enable-network-policy-controller: \"true\"}\n---\n", Unknown, Unknown, "alpine", false},
		{"Weave with another image", true, strings.Replace(maker("DaemonSet", "weave-net", "weave", "weaveworks/weave-kube:2.8.1", allReady), "}]}\n", "}, {name: weave-npc, image: alpine}]}\n", 1), Unknown, Unknown, "alpine", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects := append(parsed(t, true, bones), parsed(t, tt.live, tt.text)...)
			truth := look(t, objects, "")
			policy := &netpol.Policy{}
			var said []string
			for name, want := range map[string]Status{"one": tt.n1, "two": tt.n2} {
				r := truth.Holds(policy, workloadNamed(objects, name))
				if r.Status != want {
					t.Errorf("%s: %s, want %s: %s", name, r.Status, want, r.Why)
				}
				if err := complete(r); err != nil {
					t.Error(err)
				}
				said = append(said, r.Why)
			}
			r := truth.Policy(policy)
			if (r.Status == Enforced) != tt.enforced {
				t.Errorf("the policy is %s: %s", r.Status, r.Why)
			}
			if err := complete(r); err != nil {
				t.Error(err)
			}
			if all := strings.Join(append(said, r.Why), "\n"); !strings.Contains(all, tt.says) {
				t.Errorf("nothing says %q:\n%s", tt.says, all)
			}
		})
	}
}

func workloadNamed(objects []*kubeobj.Object, name string) *reach.Workload {
	for _, w := range workloads.Build(objects).Workloads() {
		if w.Object.Namespace == "shop" && w.Object.Name == name {
			return &reach.Workload{Namespace: "shop", Name: name, Kind: w.Object.Kind, Labels: w.Labels(), Object: w.Object, Template: w.Template, In: w.In}
		}
	}
	return nil
}

// TestSuspects: beside a live flannel stands a DaemonSet. Whether it could be an
// engine decides whether "enforced by nothing" is proven.
func TestSuspects(t *testing.T) {
	flannel := bones + maker("DaemonSet", "kube-flannel-ds", "kube-flannel", "ghcr.io/flannel-io/flannel:v0.27.4", allReady)
	for _, tt := range []struct {
		name, spec string
		want       Status
	}{
		{"nothing special", "{containers: [{name: x, image: example.com/x}]}", NotEnforced},
		{"privileged, with the processes of the node", "{hostPID: true, containers: [{name: x, image: example.com/x, securityContext: {privileged: true}}]}", Unknown},
		{"privileged alone", "{containers: [{name: x, image: example.com/x, securityContext: {privileged: true}}]}", Unknown},
		{"privileged, yet to be filled in", "{containers: [{name: x, image: example.com/x, securityContext: {privileged: \"${P}\"}}]}", Unknown},
		{"the node's network alone, with what the runtime gives", "{hostNetwork: true, containers: [{name: x, image: example.com/x}]}", NotEnforced},
		{"the node's network and its processes", "{hostNetwork: true, hostPID: true, containers: [{name: x, image: example.com/x}]}", Unknown},
		{"the node's network and its files", "{hostNetwork: true, volumes: [{name: run, hostPath: {path: /run}}], containers: [{name: x, image: example.com/x}]}", Unknown},
		{"the node's network and its files, without capabilities", "{hostNetwork: true, volumes: [{name: run, hostPath: {path: /run}}], containers: [{name: x, image: example.com/x, securityContext: {capabilities: {drop: [ALL]}}}]}", NotEnforced},
		{"the folder of the network's plugins", "{volumes: [{name: cni, hostPath: {path: /opt/cni/bin}}], containers: [{name: x, image: example.com/x}]}", Unknown},
		{"files of the node alone", "{volumes: [{name: log, hostPath: {path: /var/log}}], containers: [{name: x, image: example.com/x}]}", NotEnforced},
		{"the node's network, yet to be filled in", "{hostNetwork: \"${H}\", containers: [{name: x, image: example.com/x, securityContext: {capabilities: {add: [NET_ADMIN]}}}]}", Unknown},
		{"the node's network with NET_ADMIN", "{hostNetwork: true, containers: [{name: x, image: example.com/x, securityContext: {capabilities: {drop: [ALL], add: [CAP_NET_ADMIN]}}}]}", Unknown},
		{"the node's network with a capability to be filled in", "{hostNetwork: true, containers: [{name: x, image: example.com/x, securityContext: {capabilities: {add: [\"${C}\"]}}}]}", Unknown},
		{"the node's network without capabilities", "{hostNetwork: true, containers: [{name: x, image: example.com/x, securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}}]}", NotEnforced},
		{"NET_ADMIN in a network of its own", "{containers: [{name: x, image: example.com/x, securityContext: {capabilities: {add: [NET_ADMIN]}}}]}", NotEnforced},
		{"SYS_ADMIN", "{containers: [{name: x, image: example.com/x, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]}", Unknown},
		{"a privileged container before the others", "{initContainers: [{name: x, image: example.com/x, securityContext: {privileged: true}}], containers: [{name: y, image: example.com/y}]}", Unknown},
		{"kube-proxy", "{hostNetwork: true, containers: [{name: kube-proxy, image: registry.k8s.io/kube-proxy:v1.34.0, securityContext: {privileged: true}}]}", NotEnforced},
		{"the name of kube-proxy with another image", "{hostNetwork: true, containers: [{name: kube-proxy, image: example.com/guard, securityContext: {privileged: true}}]}", Unknown},
		{"falco", "{hostPID: true, containers: [{name: falco, image: docker.io/falcosecurity/falco:0.42.0, securityContext: {privileged: true}}]}", NotEnforced},
		{"falco beside something", "{hostNetwork: true, containers: [{name: falco, image: docker.io/falcosecurity/falco:0.42.0, securityContext: {privileged: true}}, {name: x, image: example.com/x, securityContext: {privileged: true}}]}", Unknown},
		{"falco beside something that is not privileged", "{hostNetwork: true, containers: [{name: falco, image: docker.io/falcosecurity/falco:0.42.0, securityContext: {privileged: true}}, {name: x, image: example.com/x}]}", Unknown},
		{"datadog-agent beside something", "{hostNetwork: true, containers: [{name: agent, image: gcr.io/datadoghq/agent:7, securityContext: {privileged: true}}, {name: x, image: example.com/x, securityContext: {privileged: true}}]}", Unknown},
		{"the agent of Datadog", "{hostPID: true, containers: [{name: agent, image: gcr.io/datadoghq/agent:7}, {name: system-probe, image: gcr.io/datadoghq/agent:7, securityContext: {privileged: true}}]}", NotEnforced},
		{"an agent of somebody", "{hostPID: true, containers: [{name: x, image: example.com/agent:7, securityContext: {privileged: true}}]}", Unknown},
		{"flannel beside something", "{hostNetwork: true, containers: [{name: kube-flannel, image: flannel/flannel:v0.27, securityContext: {privileged: true}}, {name: x, image: example.com/x, securityContext: {privileged: true}}]}", Unknown},
		{"a driver of volumes", "{hostNetwork: true, containers: [{name: ebs-plugin, image: public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1, securityContext: {privileged: true}}, {name: node-driver-registrar, image: public.ecr.aws/csi-components/csi-node-driver-registrar:v2}, {name: liveness-probe, image: public.ecr.aws/csi-components/livenessprobe:v2}]}", NotEnforced},
	} {
		t.Run(tt.name, func(t *testing.T) {
			objects := parsed(t, true, flannel+"apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: guard, namespace: kube-system}\nspec:\n  selector: {matchLabels: {app: guard}}\n  template:\n    metadata: {labels: {app: guard}}\n    spec: "+tt.spec+"\n")
			truth := look(t, objects, "")
			r := truth.Holds(&netpol.Policy{}, workloadNamed(objects, "one"))
			if r.Status != tt.want {
				t.Errorf("%s, want %s: %s", r.Status, tt.want, r.Why)
			}
			if err := complete(r); err != nil {
				t.Error(err)
			}
		})
	}
}
