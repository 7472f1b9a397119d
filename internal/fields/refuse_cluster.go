package fields

import (
	"maps"

	"polygraph/internal/kubeobj"
)

var networkRefusals = []refusal{
	{
		rule: rule{kinds: "IngressClass.networking.k8s.io", fields: "spec.controller"},
		says: immutable, because: "a class belongs to one controller", source: "pkg/apis/networking/validation validateIngressClassSpecUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "IPAddress.networking.k8s.io", fields: "spec.parentRef"},
		says: immutable, because: "an address belongs to one object", source: "pkg/apis/networking/validation ValidateIPAddressUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "ServiceCIDR.networking.k8s.io", fields: "spec.cidrs", to: 32},
		says: immutable, because: "a range keeps its addresses; from 1.33 on a second family may be added", source: "pkg/apis/networking/validation ValidateServiceCIDRUpdate, 1.32.13",
	},
	{
		rule: rule{kinds: "ServiceCIDR.networking.k8s.io", fields: "spec.cidrs", from: 33, asks: "it is more than a second range after the first", when: func(c *change, _ *Edit) answer {
			was, is := items(c.was("spec.cidrs")), items(c.is("spec.cidrs"))
			return when(len(was) != 1 || len(is) != 2 || was[0].Str() != is[0].Str())
		}},
		says: immutable, because: "a range keeps its addresses; only a second family may be added", source: "pkg/apis/networking/validation ValidateServiceCIDRUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "EndpointSlice.discovery.k8s.io", fields: "addressType"},
		says: immutable, because: "a slice holds addresses of one family", source: "pkg/apis/discovery/validation ValidateEndpointSliceUpdate, 1.37.2",
	},
}

const rbacValidation = "pkg/apis/rbac/validation "

var clusterRefusals = []refusal{
	{
		rule: rule{kinds: "RoleBinding.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io", fields: "roleRef", to: 36},
		says: "cannot change roleRef", because: "a binding gives one role; another role is another binding",
		source: rbacValidation + "ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate, 1.36.3",
	},
	{
		rule: rule{kinds: "RoleBinding.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io", fields: "roleRef", from: 37},
		says: immutable, because: "a binding gives one role; another role is another binding",
		source: rbacValidation + "ValidateRoleBindingUpdate, ValidateClusterRoleBindingUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "PriorityClass.scheduling.k8s.io", fields: "value"},
		says: "may not be changed in an update.", because: "a class keeps its value; pods have it copied", source: "pkg/apis/scheduling/validation ValidatePriorityClassUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "PriorityClass.scheduling.k8s.io", fields: "preemptionPolicy"},
		says: immutable, because: "a class keeps its policy; pods have it copied", source: "pkg/apis/scheduling/validation ValidatePriorityClassUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "RuntimeClass.node.k8s.io", fields: "handler"},
		says: immutable, because: "another runtime is another class", source: "pkg/apis/node/validation ValidateRuntimeClassUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "ControllerRevision.apps", fields: "data"},
		says: immutable, because: "a revision is history", source: appsValidation + "ValidateControllerRevisionUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "ResourceQuota", fields: "spec.scopes", asks: "it is not the same set", when: func(c *change, _ *Edit) answer {
			was, is := set(c.was("spec.scopes")), set(c.is("spec.scopes"))
			return when(!maps.Equal(was, is))
		}},
		says: immutable, because: "what a quota counts is set once (scopeSelector may change)", source: coreValidation + "ValidateResourceQuotaUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Node", fields: "spec.podCIDR spec.podCIDRs", asks: "it was set", when: func(c *change, _ *Edit) answer {
			if c.was("spec.podCIDRs").Empty() && c.was("spec.podCIDR").Empty() {
				return no
			}
			return yes
		}},
		says: `node updates may not change podCIDR except from "" to valid`, because: "a node is given its range of pods once", source: coreValidation + "ValidateNodeUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Node", fields: "spec.providerID", to: 36, asks: "it was set", when: func(_ *change, e *Edit) answer {
			return when(e.Old.Str() != "")
		}},
		says: `node updates may not change providerID except from "" to valid`, because: "a node is one machine", source: coreValidation + "ValidateNodeUpdate, 1.36.3",
	},
	{
		rule: rule{kinds: "Node", fields: "spec.providerID", from: 37, asks: "it was set", when: func(_ *change, e *Edit) answer {
			return when(e.Old.Str() != "")
		}},
		says: "field cannot be modified once set", because: "a node is one machine", source: coreValidation + "ValidateNodeUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Node", fields: "spec.externalID"},
		says: "may not be updated", because: "a node is one machine", source: coreValidation + "ValidateNodeUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "ClusterTrustBundle.certificates.k8s.io", fields: "spec.signerName"},
		says: immutable, because: "a bundle belongs to one signer", source: "pkg/apis/certificates/validation ValidateClusterTrustBundleUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "PodCertificateRequest.certificates.k8s.io", fields: "spec"},
		says: immutable, because: "a request is made once", source: "pkg/apis/certificates/validation ValidatePodCertificateRequestUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "LeaseCandidate.coordination.k8s.io", fields: "spec.leaseName"},
		says: immutable, because: "a candidate is for one lease", source: "pkg/apis/coordination/validation ValidateLeaseCandidateSpecUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "StorageVersionMigration.storagemigration.k8s.io", fields: "spec"},
		says: immutable, because: "a migration is of one resource", source: "pkg/apis/storagemigration/validation ValidateStorageVersionMigrationUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "ResourceClaim.resource.k8s.io ResourceClaimTemplate.resource.k8s.io", fields: "spec"},
		says: immutable, because: "a claim keeps what it asked for", source: "pkg/apis/resource/validation ValidateResourceClaimUpdate, ValidateResourceClaimTemplateUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "CustomResourceDefinition.apiextensions.k8s.io", fields: "spec.group spec.names.plural"},
		says: immutable, because: "they are the name of the resource", source: "apiextensions-apiserver pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionSpecUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "CustomResourceDefinition.apiextensions.k8s.io", fields: "spec.scope spec.names.kind", when: established, asks: "the definition is established"},
		says: immutable, because: "the definition is established: objects are stored under its scope and kind", source: "apiextensions-apiserver pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionSpecUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "CustomResourceDefinition.apiextensions.k8s.io", fields: "spec.versions", when: lostVersion, asks: "a version goes that is in status.storedVersions"},
		says:    "must remain in spec.versions until a storage migration ensures no data remains persisted in it and removes it from status.storedVersions",
		because: "objects may be stored in the version that goes: store them anew and take it from status.storedVersions first",
		source:  "apiextensions-apiserver pkg/apis/apiextensions/validation ValidateCustomResourceDefinitionStoredVersions, 1.37.2",
	},
	{
		rule: rule{kinds: "APIService.apiregistration.k8s.io", fields: "spec.version spec.group", asks: "the name does not follow", when: func(c *change, _ *Edit) answer {
			return when(c.new.Name != c.is("spec.version").Str()+"."+c.is("spec.group").Str())
		}},
		says: "must be `spec.version+\".\"+spec.group`", because: "the name of an APIService is made of both", source: "kube-aggregator pkg/apis/apiregistration/validation ValidateAPIService, 1.37.2",
	},
}

func set(list *kubeobj.Value) map[string]bool {
	m := map[string]bool{}
	for _, v := range list.Each() {
		m[v.Text] = true
	}
	return m
}

// lostVersion tells whether a version goes in which objects may be stored.
func lostVersion(c *change, _ *Edit) answer {
	names := map[string]bool{}
	for _, v := range c.is("spec.versions").Each() {
		names[v.Get("name").Str()] = true
	}
	if c.observed() {
		for _, v := range c.was("status.storedVersions").Each() {
			if !names[v.Str()] {
				return yes
			}
		}
		return no
	}
	for _, v := range c.was("spec.versions").Each() {
		if !names[v.Get("name").Str()] {
			return unsure
		}
	}
	return no
}

// established tells whether a definition is in use; one of a cluster is, unless
// its conditions say otherwise.
func established(c *change, _ *Edit) answer {
	if !c.observed() {
		return unsure
	}
	for _, s := range c.was("status.conditions").Each() {
		if s.Get("type").Str() == "Established" {
			return when(s.Get("status").Str() == "True")
		}
	}
	return no
}

var scalingRefusals = []refusal{
	{
		rule: rule{kinds: "HorizontalPodAutoscaler.autoscaling", fields: "spec.minReplicas spec.maxReplicas", asks: "minReplicas is above maxReplicas", when: func(c *change, _ *Edit) answer {
			return when(integer(c.is("spec.minReplicas"), 1) > integer(c.is("spec.maxReplicas"), 1<<31))
		}},
		says: "must be greater than or equal to `minReplicas`", because: "there is no number between the two", source: "pkg/apis/autoscaling/validation validateHorizontalPodAutoscalerSpec, 1.37.2",
	},
	{
		rule: rule{kinds: "HorizontalPodAutoscaler.autoscaling", fields: "spec.minReplicas", to: 36, asks: "it becomes 0", when: func(c *change, _ *Edit) answer {
			return when(integer(c.is("spec.minReplicas"), 1) == 0 && integer(c.was("spec.minReplicas"), 1) != 0)
		}},
		says: "must be greater than or equal to 1", because: "the gate HPAScaleToZero is off before 1.37", source: "pkg/registry/autoscaling/horizontalpodautoscaler ValidateUpdate, 1.36.3",
	},
	{
		rule: rule{kinds: "HorizontalPodAutoscaler.autoscaling", fields: "spec.minReplicas spec.metrics", asks: "minReplicas is 0 and no metric is of an Object or External", when: func(c *change, _ *Edit) answer {
			if integer(c.is("spec.minReplicas"), 1) != 0 {
				return no
			}
			for _, m := range c.is("spec.metrics").Each() {
				if t := m.Get("type").Str(); t == "Object" || t == "External" {
					return no
				}
			}
			return yes
		}},
		says: "must specify at least one Object or External metric to support scaling to zero replicas", because: "what has no pods has no metric of its pods to come back by", source: "pkg/apis/autoscaling/validation validateMetrics, 1.37.2",
	},
	{
		rule: rule{kinds: "PodDisruptionBudget.policy", fields: "spec.minAvailable spec.maxUnavailable", asks: "both are set", when: func(c *change, _ *Edit) answer {
			return when(!c.is("spec.minAvailable").Empty() && !c.is("spec.maxUnavailable").Empty())
		}},
		says: "minAvailable and maxUnavailable cannot be both set", because: "a budget is one of the two: set the other to null", source: "pkg/apis/policy/validation ValidatePodDisruptionBudgetSpec, 1.37.2",
	},
}
