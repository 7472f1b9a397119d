package net

import (
	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

var (
	objectKinds = []*evidence.Kind{evidence.KubernetesManifest(), evidence.KubernetesLive()}

	enforcementRules = []*analysis.Rule{enforcedRule, outsideRule, partlyRule}
	rules            = []*analysis.Rule{
		enforcedRule, outsideRule, ingressRule, egressRule, namesRule, deadRule, nothingRule, conflictRule, databaseRule, partlyRule,
	}
	compareRules = []*analysis.Rule{openedRule}
	askRules     = []*analysis.Rule{passesRule, refusedRule}

	enforcedRule = &analysis.Rule{
		ID: "NET001", Severity: finding.Critical, Any: objectKinds, Unit: "network policies",
		Title:    "accepted, and enforced by nothing",
		Claim:    "Something in this cluster enforces its network policies.",
		Claimant: "`networkpolicy.networking.k8s.io/db created`: the API server stores a policy whether or not anybody reads it",
		Why: "A network policy is only a wish. The API server accepts it, kubectl lists it, an auditor ticks it off; whether a packet is held back " +
			"is up to an agent on each node. The VPC CNI ships that agent switched off, EKS Auto Mode waits for a ConfigMap, Flannel has none, and no " +
			"engine reads the policies of another one.",
		Fix: "Switch the agent on, or install an engine that reads this kind of policy, and check again with the live objects.",
		Sources: []string{
			"NetworkPolicy: creating a NetworkPolicy resource without a controller that implements it will have no effect (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)",
			"Amazon EKS user guide: Limit Pod traffic with Kubernetes network policies; Network policies for EKS Auto Mode",
			"aws/amazon-vpc-cni-k8s and aws/aws-network-policy-agent: --enable-network-policy is off by default (v1.23.2, v1.4.3)",
		},
	}

	outsideRule = &analysis.Rule{
		ID: "NET002", Severity: finding.High, Any: objectKinds, Unit: "workloads that a network policy selects",
		Title:    "selected by a policy that does not reach it",
		Claim:    "The pods that a policy selects are held to it.",
		Claimant: "the policy, whose podSelector matches them",
		Why: "Enforcement has holes in it that no selector shows: pods on the network of their node, on Fargate, on Windows, on nodes without the agent. " +
			"They match the policy, and every packet passes.",
		Fix:           "Move the pods to nodes where the engine runs, take hostNetwork away from them, or guard them with security groups instead.",
		Discriminator: "",
		Sources: []string{
			"Amazon EKS user guide: network policies do not apply to Fargate and Windows nodes, nor to pods with hostNetwork",
			"NetworkPolicy and hostNetwork pods (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37): behaviour is undefined, and most implementations ignore such pods",
		},
	}

	ingressRule = &analysis.Rule{
		ID: "NET003", Severity: finding.Medium, Any: objectKinds, Unit: "namespaces with network policies",
		Title:    "no default deny for ingress",
		Claim:    "In this namespace nobody gets in whose name is not on the list.",
		Claimant: "a namespace that has network policies: `kubectl get networkpolicy` shows a list",
		Why: "A pod that no policy selects for ingress takes connections from everybody, whatever the policies beside it say. Policies only guard " +
			"the pods that they name, so each new workload starts with its door open.",
		Fix: "Add a policy that selects every pod of the namespace and allows nothing, and keep the others as the list of what may pass.",
		Sources: []string{
			"Default deny all ingress traffic; pods that no NetworkPolicy selects are non-isolated (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)",
		},
	}

	egressRule = &analysis.Rule{
		ID: "NET004", Severity: finding.Low, Any: objectKinds, Unit: "namespaces with network policies",
		Title:    "no default deny for egress",
		Claim:    "What runs in this namespace reaches only what its policies allow.",
		Claimant: "a namespace that has network policies",
		Why: "Ingress rules say who may come; a program that was broken into goes out. A pod that no policy selects for egress reaches the whole " +
			"cluster, the metadata service and the internet.",
		Fix: "Add a policy that selects every pod for egress and allows DNS only, then allow what each workload needs.",
		Sources: []string{
			"Default deny all egress traffic (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)",
		},
	}

	namesRule = &analysis.Rule{
		ID: "NET005", Severity: finding.High, Any: objectKinds, Unit: "workloads that egress policies isolate",
		Title:    "cut off from DNS by its own policies",
		Claim:    "The pods can still resolve the names that they use.",
		Claimant: "the author of a default deny for egress, who listed what the pods talk to",
		Why: "Everything begins with a question to the cluster's DNS. A policy that allows the database and forgets port 53 lets no packet to the " +
			"database ever be sent: the name does not resolve, and the error in the log speaks of a host that is not found.",
		Fix: "Allow UDP and TCP 53 to the DNS pods in the same policy that denies the rest.",
		Sources: []string{
			"CoreDNS runs as pods with the label k8s-app=kube-dns in kube-system (kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers, 1.37)",
			"dnsPolicy of a pod: ClusterFirst is the default (kubernetes.io/docs/concepts/services-networking/dns-pod-service, 1.37)",
		},
	}

	deadRule = &analysis.Rule{
		ID: "NET006", Severity: finding.Medium, Any: objectKinds, Unit: "rules of network policies",
		Title:    "a rule that never decides anything",
		Claim:    "Each rule of the policy lets through, or holds back, what it says.",
		Claimant: "the author of the rule",
		Why: "A rule that can match nothing, or that another one always comes before, is read by people and by no packet. Either what it should " +
			"allow does not work, or what it should limit is open.",
		Fix:           "Mend what it names, or take it out.",
		Discriminator: "the rule",
		Sources: []string{
			"NetworkPolicyPort.port: a name is looked up at the destination pod; rules of several policies add up (k8s.io/api/networking/v1, v0.37.2)",
			"AdminNetworkPolicy, ClusterNetworkPolicy: the first rule that matches decides (network-policy-api v0.2.0)",
		},
	}

	nothingRule = &analysis.Rule{
		ID: "NET007", Severity: finding.Medium, Any: objectKinds, Unit: "network policies",
		Title:    "a policy that selects nothing",
		Claim:    "The policy is about the pods that its author had in mind.",
		Claimant: "the policy's name",
		Why: "A selector that matches no pod is no error. The policy is accepted and listed, and the pods that it was written for go on " +
			"without it: one letter in a label is enough.",
		Fix: "Compare the selector with the labels of the pods, not of the Deployment.",
		Sources: []string{
			"NetworkPolicySpec.podSelector selects pods of the policy's own namespace by their labels (k8s.io/api/networking/v1, v0.37.2)",
		},
	}

	conflictRule = &analysis.Rule{
		ID: "NET008", Severity: finding.High, Any: objectKinds, Unit: "cluster-wide policies with a priority",
		Title:    "two policies of one priority disagree",
		Claim:    "Which policy decides is written down.",
		Claimant: "each of the policies, in its priority",
		Why: "Of two policies with the same priority that do opposite things with one packet, the API leaves open which one decides. It may be " +
			"another one after the next restart, or on another node.",
		Fix:           "Give them different priorities: the lower number is asked first.",
		Discriminator: "the other policy",
		Sources: []string{
			"AdminNetworkPolicySpec.priority (v1alpha1) and ClusterNetworkPolicySpec.priority (v1alpha2): the behaviour is undefined if two policies with the same priority conflict (network-policy-api v0.2.0)",
		},
	}

	databaseRule = &analysis.Rule{
		ID: "NET009", Severity: finding.High, Any: objectKinds, Unit: "databases that run in the cluster",
		Title:    "everything may reach the database",
		Claim:    "Only what needs it reaches the database.",
		Claimant: "everybody who runs a database beside other workloads",
		Why: "By default every pod reaches every pod. Whoever gets into the least of them, a test tool or a picture resizer, stands at the " +
			"database's door with nothing but a password in between.",
		Fix: "Select the database with a policy that allows its port from the workloads that use it, and nothing else.",
		Sources: []string{
			"By default, pods are non-isolated for ingress: all inbound connections are allowed (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)",
		},
	}

	partlyRule = &analysis.Rule{
		ID: "NET013", Severity: finding.High, Any: objectKinds, Unit: "network policies that an engine reads",
		Title:    "a part of the policy that the engine leaves out",
		Claim:    "The engine does all that the policy says.",
		Claimant: "the API server, which accepted every field of it",
		Why: "Engines differ in what they read. A field that one of them does not know is accepted like all others, and either ignored, so that " +
			"more passes than is written, or it makes the engine drop the whole policy.",
		Fix:           "Write it in a way that the engine reads, or change the engine.",
		Discriminator: "the field",
		Sources: []string{
			"Amazon EKS user guide: for your Kubernetes services, the service port must be the same as the container port (network policy considerations)",
			"docs.cilium.io, Kubernetes Network Policy: known missing features",
		},
	}

	openedRule = &analysis.Rule{
		ID: "NET010", Severity: finding.High, Any: []*evidence.Kind{evidence.KubernetesBefore()}, Unit: "workloads and addresses that were there before",
		Title:    "the change opens a connection",
		Claim:    "This change opens nothing.",
		Claimant: "the pull request that says it tidies up labels and policies",
		Why: "Policies add up, and labels decide whom they are about: an edited label, a policy taken away or one more `namespaceSelector: {}` opens " +
			"doors that no diff shows.",
		Fix: "Leave it closed, or say in the pull request which connection is opened, and for whom.",
		Sources: []string{
			"NetworkPolicies are additive (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)",
		},
	}

	passesRule = &analysis.Rule{
		ID: "NET011", Severity: finding.Medium, Any: objectKinds, Unit: "connections that were asked about",
		Title:         "the packet is held back",
		Claim:         "The connection is let through.",
		Claimant:      "whoever asks",
		Why:           "Both ends have a say: the egress policies of the source and the ingress policies of the destination, each in their own namespace and often of other teams.",
		Fix:           "Allow it on the side that the answer names.",
		Discriminator: "the destination and port",
		Sources:       []string{"Both the egress policy on the source pod and the ingress policy on the destination pod need to allow a connection (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)"},
	}

	refusedRule = &analysis.Rule{
		ID: "NET012", Severity: finding.High, Any: objectKinds, Unit: "connections that were asked about",
		Title:         "the packet is not held back",
		Claim:         "The connection is refused.",
		Claimant:      "whoever asks with --expect denied",
		Why:           "That a policy is written does not say that a packet is held back: another policy may allow it, and nothing may enforce any of them.",
		Fix:           "Take the rule out that lets it through, or switch enforcement on.",
		Discriminator: "the destination and port",
		Sources:       []string{"NetworkPolicies are additive, and need a network plugin that enforces them (kubernetes.io/docs/concepts/services-networking/network-policies, 1.37)"},
	}
)
