package enforce

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

const (
	vpcConfig    = "amazon-vpc-cni"
	vpcConfigKey = "enable-network-policy-controller"
	getVPCConfig = "kubectl get configmaps --namespace kube-system -o yaml > configmaps.yaml"
	computeType  = "eks.amazonaws.com/compute-type"
	policyGuide  = "EKS user guide, Limit Pod traffic with Kubernetes network policies"
)

// controller is whether the network policy controller of EKS is on. It reads a
// ConfigMap, and is off without it. A controller that the cluster runs itself
// may not ask it.
//
// Source: aws/amazon-network-policy-controller-k8s pkg/config/configmap_manager.go
// getCurrentEnabledConfig, cmd/main.go EnableConfigMapCheck.
func (s *scene) controller() setting {
	for _, a := range s.agents {
		if n, known := a.Count(); known && n == 0 {
			continue
		}
		if c := a.container(imageIs("amazon-network-policy-controller-k8s")); c != nil {
			if f := flagOf(c, a.Object, "enable-configmap-check", true); f.isFalse() {
				f.value = "true"
				return f
			}
		}
	}
	return s.config("kube-system", vpcConfig, vpcConfigKey)
}

// vpcCNI: aws-node with the container aws-eks-nodeagent (v1.14 and later), its
// switch --enable-network-policy, which is off by default, and the controller.
// NETWORK_POLICY_ENFORCING_MODE stands in the container aws-node.
//
// Sources: EKS user guide, "Limit Pod traffic with Kubernetes network policies"
// and "Restrict Pod network traffic"; aws/aws-network-policy-agent README v1.4,
// "enable-network-policy: default false"; amazon-vpc-cni-k8s v1.23.1
// config/master/aws-k8s-cni.yaml.
func vpcCNI(s *scene, e *engine, a *agent, c *workloads.Container) {
	awsKinds(e)
	if a == nil {
		e.On, e.Why = Unknown, "you say that "+e.Title+" is used; its network policy agent is off unless it was switched on"
		e.Missing = []Missing{{"the DaemonSet aws-node and the ConfigMap " + vpcConfig + " of kube-system", dump}}
		return
	}
	_, _, e.Version = image(c)
	e.Mode = "standard"
	switch mode := env(c, a.In, "NETWORK_POLICY_ENFORCING_MODE"); {
	case mode.found == unseen:
		e.Mode = ""
	case mode.found == set && mode.value == "strict":
		e.Mode = "strict"
	}
	node, how := a.fitting(nodeAgent().fit)
	if node == nil {
		e.is(NotEnforced, here(a.In)+" has no network policy agent (the container aws-eks-nodeagent, since v1.14)", a.In, c.Value.Offset)
		e.Remedy = switchOn()
		return
	}
	if why := misfit(a, node, how, "the network policy agent"); why != "" {
		e.half(why, node)
		return
	}
	if v6 := flagOf(node, a.In, "enable-ipv6", true); v6.isTrue() {
		e.family = "6"
	} else if v6.found == unset || v6.isFalse() {
		e.family = "4"
	}
	on := flagOf(node, a.In, "enable-network-policy", true)
	switch {
	case on.found == unseen:
		e.unclear(on, dump)
		return
	case on.found == unset:
		e.is(NotEnforced, "the agent of "+here(a.In)+" is off: --enable-network-policy is not written, and off by default", a.In, node.Value.Offset)
		e.Remedy = switchOn()
		return
	case on.isFalse():
		e.is(NotEnforced, "the agent of "+here(a.In)+" is off: --enable-network-policy="+on.value, on.in, on.at)
		e.Remedy = switchOn()
		return
	case !on.isTrue():
		on.why = "--enable-network-policy of " + here(a.In) + " is neither true nor false"
		e.unclear(on, dump)
		return
	}
	e.controlled(s, on, "the agent of "+here(a.In)+" is on")
}

// nodeAgent is the program that enforces.
func nodeAgent() *program {
	return &program{names: []string{"aws-eks-nodeagent", "aws-network-policy-agent"}, images: []string{"aws-network-policy-agent"}}
}

// controlled says what the controller's switch makes of an agent that is on.
func (e *engine) controlled(s *scene, agent setting, on string) {
	switch control := s.controller(); {
	case control.found == unseen:
		e.unclear(control, getVPCConfig)
		e.Why = on + ", but " + e.Why + ", and it switches the controller"
	case control.found == absent:
		e.is(NotEnforced, "the network policy controller is off: kube-system has no ConfigMap "+vpcConfig, agent.in, agent.at)
		e.Remedy = switchOn()
	case !control.isTrue():
		e.is(NotEnforced, "the network policy controller is off: "+here(control.in)+" has no "+vpcConfigKey+": \"true\"", control.in, control.at)
		e.Remedy = switchOn()
	default:
		e.is(Enforced, on+", and "+here(control.in)+" switches the controller on", agent.in, agent.at)
	}
}

func switchOn() Remedy {
	return Remedy{
		Text: "Switch network policies on: in the add-on vpc-cni, or in the Helm chart, enableNetworkPolicy: \"true\"; in EKS Auto Mode the ConfigMap " + vpcConfig + " of kube-system needs " + vpcConfigKey + ": \"true\".",
		Commands: []string{
			`aws eks update-addon --cluster-name "$CLUSTER" --addon-name vpc-cni --resolve-conflicts PRESERVE --configuration-values '{"enableNetworkPolicy":"true"}'`,
		},
	}
}

// awsKinds: besides NetworkPolicy the controller reads kinds of its own group.
//
// Source: EKS user guide, "Use Network Policies with EKS Auto Mode":
// ClusterNetworkPolicy and ApplicationNetworkPolicy are of networking.k8s.aws.
func awsKinds(e *engine) {
	e.defaults(NotEnforced)
	e.rule(NotEnforced, e.Title+" does not read policy.networking.k8s.io: its ClusterNetworkPolicy is of networking.k8s.aws", admin...)
}

// awsGroup is the group of the controller's own kinds.
const awsGroup = "networking.k8s.aws"

// awsOwn rules about a policy of the controller's own group. Of v1.21.0 the two
// sources do not agree: the guide names it, and the right of aws-node to read
// ClusterPolicyEndpoint came with v1.21.1.
//
// Sources: EKS user guide, "Restrict Pod network traffic with Kubernetes network
// policies: Minimum VPC CNI version" (1.21 for admin policies) and "Use Network
// Policies with EKS Auto Mode" (ApplicationNetworkPolicy is of Auto Mode);
// aws/amazon-vpc-cni-k8s pull 3550 (release v1.21.1), aws/aws-network-policy-agent
// pull 496 (2025-12).
func awsOwn(e *engine, kind string) Ruling {
	switch e.Name {
	case "eks-auto":
		return Ruling{Status: Enforced, Why: e.Title + " reads it"}
	case "vpc-cni":
		if kind != "ClusterNetworkPolicy" {
			return Ruling{Why: kind + " is documented for EKS Auto Mode only: what " + e.Title + " does with it on other nodes is not known"}
		}
		status := between(e.Version, [2]int{1, 21}, never)
		if version, _, _ := strings.Cut(e.Version, "-"); version == "v1.21.0" {
			status = Unknown
		}
		return Ruling{Status: status, Why: e.Title + " reads it since v1.21.1; this one is " + versionOf(e)}
	}
	return Ruling{Status: NotEnforced, Why: "only the network policy controller of EKS reads " + awsGroup}
}

func versionOf(e *engine) string {
	if e.Version == "" {
		return "of an unknown version"
	}
	return e.Version
}

// eksAuto: nodes of EKS Auto Mode have the agent built in; the ConfigMap switches
// the controller on. It is found by its nodes, node classes and node pools.
//
// Source: EKS user guide, "Use Network Policies with EKS Auto Mode", "Create a
// Node Class": networkPolicy is DefaultAllow unless DefaultDeny is written.
func eksAuto(s *scene, e *engine, _ *agent, _ *workloads.Container) {
	awsKinds(e)
	e.Mode = "standard"
	modes := map[string]bool{}
	for _, o := range s.objects {
		if o.Type() == "NodeClass.eks.amazonaws.com" {
			modes[o.Get("spec", "networkPolicy").Str()] = true
		}
	}
	if modes["DefaultDeny"] {
		if e.Mode = "strict"; len(modes) > 1 {
			e.Mode = ""
		}
	}
	e.controlled(s, setting{in: e.In, at: e.At}, "the agent of its nodes is built in")
}

// autoSign is the object by which EKS Auto Mode is recognised.
func autoSign(o *kubeobj.Object) *kubeobj.Value {
	switch o.Type() {
	case "Node":
		if v := o.Get("metadata", "labels", computeType); v.Str() == "auto" {
			return v
		}
	case "NodeClass.eks.amazonaws.com":
		return &o.Root
	case "NodePool.karpenter.sh":
		if v := o.Get("spec", "template", "spec", "nodeClassRef", "group"); v.Str() == "eks.amazonaws.com" {
			return v
		}
	}
	return nil
}
