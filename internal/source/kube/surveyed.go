package kube

import "k8s.io/apimachinery/pkg/runtime/schema"

// surveyed is a kind that a Survey lists.
type surveyed struct {
	schema.GroupVersionKind // in the version that the engines know
	// builtIn kinds are served by each Kubernetes API: that one is not is no proof
	// that there are no such objects.
	builtIn bool
	// sign: one object shows that the agent is there which makes them; there may be
	// one for each pod.
	sign bool
}

// surveyedKinds are in the order in which they are asked for: where not all can
// be held, what decides most is.
//
// What reads them: internal/netpol the policies and what they refer to,
// internal/reach what they select, internal/enforce the nodes, the DaemonSets, the
// ConfigMaps and what installers and agents leave behind.
func surveyedKinds() []surveyed {
	var out []surveyed
	add := func(s surveyed, group, version string, kinds ...string) {
		for _, kind := range kinds {
			s.GroupVersionKind = schema.GroupVersionKind{Group: group, Version: version, Kind: kind}
			out = append(out, s)
		}
	}
	kubernetes, custom, sign := surveyed{builtIn: true}, surveyed{}, surveyed{sign: true}

	add(kubernetes, "", "v1", "Namespace", "Node")
	add(kubernetes, "networking.k8s.io", "v1", "NetworkPolicy")
	add(kubernetes, "apps", "v1", "DaemonSet")

	add(custom, "policy.networking.k8s.io", "v1alpha1", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy")
	add(custom, "policy.networking.k8s.io", "v1alpha2", "ClusterNetworkPolicy")
	add(custom, "networking.k8s.aws", "v1alpha1", "ClusterNetworkPolicy", "ApplicationNetworkPolicy")
	add(custom, "cilium.io", "v2", "CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy", "CiliumCIDRGroup", "CiliumNodeConfig")
	add(sign, "cilium.io", "v2", "CiliumNode", "CiliumEndpoint")
	// The API server of Calico shows the first group, which others keep as the second.
	for _, group := range []schema.GroupVersion{{Group: "projectcalico.org", Version: "v3"}, {Group: "crd.projectcalico.org", Version: "v1"}} {
		add(custom, group.Group, group.Version,
			"NetworkPolicy", "GlobalNetworkPolicy", "StagedNetworkPolicy", "StagedGlobalNetworkPolicy", "StagedKubernetesNetworkPolicy",
			"Tier", "NetworkSet", "GlobalNetworkSet", "HostEndpoint", "KubeControllersConfiguration")
	}
	add(custom, "operator.tigera.io", "v1", "Installation")
	add(sign, "crd.antrea.io", "v1beta1", "AntreaAgentInfo")
	add(custom, "eks.amazonaws.com", "v1", "NodeClass")
	add(custom, "karpenter.sh", "v1", "NodePool")

	add(kubernetes, "", "v1", "ServiceAccount", "Service")
	add(kubernetes, "apps", "v1", "Deployment", "StatefulSet")
	add(kubernetes, "batch", "v1", "CronJob", "Job")
	add(kubernetes, "apps", "v1", "ReplicaSet")
	add(kubernetes, "", "v1", "Pod")
	add(kubernetes, "discovery.k8s.io", "v1", "EndpointSlice")
	return out
}
