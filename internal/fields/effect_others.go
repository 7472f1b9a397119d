package fields

const newPods = "the pods that run; pods made from now on have it"

var configurationEffects = []effect{
	{
		rule:    rule{kinds: "ConfigMap Secret", fields: "immutable"},
		Outcome: Outcome{Mechanism: InPlace, Because: "from now on the content cannot change, and kubelets stop watching it", Source: "kubernetes.io/docs/concepts/configuration/configmap, immutable ConfigMaps, 1.37"},
	},
	{
		rule:    rule{kinds: "ConfigMap Secret"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the object has the new content; who read the old one, and how, decides who runs it still", Source: "kubernetes.io/docs/concepts/configuration/configmap, mounted ConfigMaps are updated automatically, 1.37"},
	},
	{
		rule:    rule{kinds: "ServiceAccount", fields: "imagePullSecrets automountServiceAccountToken"},
		Outcome: Outcome{Mechanism: Stored, Because: "it is written into pods when they are made", Still: newPods, Source: "plugin/pkg/admission/serviceaccount Admit, 1.37.2"},
	},
	{
		rule:    rule{kinds: "ServiceAccount"},
		Outcome: Outcome{Mechanism: InPlace, Because: "pods keep their tokens", Source: "plugin/pkg/admission/serviceaccount Admit, 1.37.2"},
	},
	{
		rule:    rule{kinds: "LimitRange"},
		Outcome: Outcome{Mechanism: Stored, Because: "limits and defaults are looked at when pods and claims are made", Still: newPods, Source: "plugin/pkg/admission/limitranger, 1.37.2"},
	},
	{
		rule:    rule{kinds: "ResourceQuota"},
		Outcome: Outcome{Mechanism: InPlace, Because: "what exists stays, also above the quota; it counts for what is made or grows from now on", Source: "apiserver pkg/admission/plugin/resourcequota CheckRequest, 1.37.2"},
	},
	{
		rule:    rule{kinds: "PriorityClass.scheduling.k8s.io", fields: "value preemptionPolicy globalDefault"},
		Outcome: Outcome{Mechanism: Stored, Because: "a pod is given its priority when it is made", Still: newPods, Source: "plugin/pkg/admission/priority admitPod, 1.37.2"},
	},
	{
		rule:    rule{kinds: "PriorityClass.scheduling.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it is for people to read: pods take the value and the policy of a class, and nothing else", Source: "plugin/pkg/admission/priority admitPod, 1.37.2"},
	},
	{
		rule:    rule{kinds: "RuntimeClass.node.k8s.io"},
		Outcome: Outcome{Mechanism: Stored, Because: "overhead and scheduling are written into pods when they are made", Still: newPods, Source: "plugin/pkg/admission/runtimeclass Admit, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Namespace"},
		Outcome: Outcome{Mechanism: InPlace, Because: "what is in the namespace goes on", Source: "pkg/registry/core/namespace PrepareForUpdate, 1.37.2"},
	},
}

var networkEffects = []effect{
	{
		rule: rule{kinds: "Service", fields: "spec.type", asks: "it becomes ExternalName", when: func(c *change, _ *Edit) answer {
			return when(serviceType(c.is("spec.type")) == "ExternalName")
		}},
		Outcome: Outcome{Mechanism: InPlace, Because: "the name now stands for another name, and the address and ports are given back for others to have", Source: "pkg/registry/core/service/storage releaseClusterIPs, dropTypeDependentFields, 1.37.2"},
	},
	{
		rule: rule{kinds: "Service", fields: "spec.type", asks: "it was LoadBalancer", when: func(c *change, _ *Edit) answer {
			return when(serviceType(c.was("spec.type")) == "LoadBalancer")
		}},
		Outcome: Outcome{Mechanism: InPlace, Because: "the load balancer is deleted, and its address with it; ports of the nodes are given back where the type needs none", Source: "cloud-provider controllers/service syncLoadBalancerIfNeeded, dropTypeDependentFields, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Service", fields: "spec.type"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the address inside the cluster stays", Source: "pkg/registry/core/service/storage txnUpdateClusterIPs, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Service", fields: "spec.selector"},
		Outcome: Outcome{Mechanism: InPlace, Because: "traffic goes to the pods of the new selector at once, without waiting for them", Source: "pkg/controller/endpointslice syncService, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Service", fields: "spec.ports.nodePort"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the old port of the nodes is closed and given back", Source: "pkg/registry/core/service/storage txnUpdateNodePorts, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Service"},
		Outcome: Outcome{Mechanism: InPlace, Because: "each node's proxy writes its rules anew; pods go on", Source: "pkg/proxy, kubernetes.io/docs/reference/networking/virtual-ips, 1.37"},
	},
	{
		rule: rule{kinds: "NetworkPolicy.networking.k8s.io"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "the network plugin applies it to the pods that run; whether open connections are cut is the plugin's choice",
			Source: "kubernetes.io/docs/concepts/services-networking/network-policies, 1.37", Documented: true,
		},
	},
	{
		rule:    rule{kinds: "Ingress.networking.k8s.io IngressClass.networking.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the ingress controller reads it anew; pods go on", Source: "kubernetes.io/docs/concepts/services-networking/ingress, 1.37", Documented: true},
	},
	{
		rule:    rule{kinds: "Endpoints EndpointSlice.discovery.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "traffic goes where it says, until its controller writes it again", Source: "pkg/controller/endpointslice syncService, 1.37.2"},
	},
	{
		rule:    rule{kinds: "IPAddress.networking.k8s.io ServiceCIDR.networking.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "addresses that were given stay", Source: "kubernetes.io/docs/tasks/network/extend-service-ip-ranges, 1.37"},
	},
}

var storageEffects = []effect{
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.resources.requests"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "the volume grows if its class allows it; the file system grows while it is mounted, or when a pod next mounts it, as the driver can",
			Source: "kubernetes.io/docs/concepts/storage/persistent-volumes, expanding persistent volume claims, 1.37", Documented: true,
		},
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName"},
		Outcome: Outcome{
			Mechanism: InPlace, Because: "the driver changes the volume while it is used",
			Source: "kubernetes.io/docs/concepts/storage/volume-attributes-classes, 1.37", Documented: true,
		},
	},
	{
		rule:    rule{kinds: "PersistentVolumeClaim"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the claim can be bound by it", Source: "pkg/controller/volume/persistentvolume syncUnboundClaim, 1.37.2"},
	},
	{
		rule:    rule{kinds: "PersistentVolume", fields: "spec.mountOptions"},
		Outcome: Outcome{Mechanism: Stored, Because: "options count when the volume is mounted", Still: "the pods that have it mounted", Source: "kubernetes.io/docs/concepts/storage/persistent-volumes, mount options, 1.37", Documented: true},
	},
	{
		rule:    rule{kinds: "PersistentVolume", fields: "spec.persistentVolumeReclaimPolicy"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it decides what becomes of the data when the claim is deleted", Source: "pkg/controller/volume/persistentvolume reclaimVolume, 1.37.2"},
	},
	{
		rule:    rule{kinds: "PersistentVolume"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the volume and what is on it stay", Source: "pkg/controller/volume/persistentvolume syncVolume, 1.37.2"},
	},
	{
		rule:    rule{kinds: "StorageClass.storage.k8s.io", fields: "allowVolumeExpansion"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts for each claim of the class from now on", Source: "plugin/pkg/admission/storage/persistentvolume/resize Validate, 1.37.2"},
	},
	{
		rule:    rule{kinds: "StorageClass.storage.k8s.io"},
		Outcome: Outcome{Mechanism: Stored, Because: "a class says how volumes are made", Still: "the volumes there are; those made from now on have it", Source: "kubernetes.io/docs/concepts/storage/storage-classes, 1.37"},
	},
	{
		rule:    rule{kinds: "CSIDriver.storage.k8s.io"},
		Outcome: Outcome{Mechanism: Stored, Because: "kubelets ask it when a volume is mounted", Still: "the volumes that are mounted", Source: "kubernetes-csi.github.io/docs/csi-driver-object.html; pkg/volume/csi, 1.37.2", Documented: true},
	},
	{
		rule:    rule{kinds: "CSINode.storage.k8s.io CSIStorageCapacity.storage.k8s.io VolumeAttachment.storage.k8s.io VolumeAttributesClass.storage.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the scheduler and the driver read it; volumes stay", Source: "kubernetes.io/docs/concepts/storage/storage-capacity, 1.37"},
	},
}

const nextRequest = "it counts from the next request on"

var clusterEffects = []effect{
	{
		rule: rule{kinds: "Node", fields: "spec.taints", asks: "a taint is NoExecute", when: func(c *change, _ *Edit) answer {
			for _, t := range c.is("spec.taints").Each() {
				if t.Get("effect").Str() == "NoExecute" {
					return yes
				}
			}
			return no
		}},
		Outcome: Outcome{Mechanism: InPlace, Because: "pods that do not tolerate the taint are evicted from the node", Source: "pkg/controller/tainteviction handleNodeUpdate, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Node"},
		Outcome: Outcome{Mechanism: InPlace, Because: "pods on the node go on; it counts for new ones", Source: "kubernetes.io/docs/concepts/architecture/nodes, 1.37"},
	},
	{
		rule:    rule{kinds: "HorizontalPodAutoscaler.autoscaling"},
		Outcome: Outcome{Mechanism: InPlace, Because: "the autoscaler may scale its target at its next look, within 15 seconds by default", Source: "pkg/controller/podautoscaler reconcileAutoscaler, 1.37.2"},
	},
	{
		rule:    rule{kinds: "PodDisruptionBudget.policy"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it counts from the next eviction on", Source: "pkg/registry/core/pod/storage EvictionREST Create, 1.37.2"},
	},
	{
		rule:    rule{kinds: "Role.rbac.authorization.k8s.io ClusterRole.rbac.authorization.k8s.io RoleBinding.rbac.authorization.k8s.io ClusterRoleBinding.rbac.authorization.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: nextRequest, Source: "plugin/pkg/auth/authorizer/rbac Authorize, 1.37.2"},
	},
	{
		rule: rule{kinds: "ValidatingWebhookConfiguration.admissionregistration.k8s.io MutatingWebhookConfiguration.admissionregistration.k8s.io " +
			"ValidatingAdmissionPolicy.admissionregistration.k8s.io ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io " +
			"MutatingAdmissionPolicy.admissionregistration.k8s.io MutatingAdmissionPolicyBinding.admissionregistration.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: nextRequest + "; what exists is not looked at again", Source: "kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers, 1.37"},
	},
	{
		rule:    rule{kinds: "CustomResourceDefinition.apiextensions.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "objects that exist stay as they are stored, and meet the new schema when they are next written", Source: "kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning, 1.37"},
	},
	{
		rule:    rule{kinds: "APIService.apiregistration.k8s.io FlowSchema.flowcontrol.apiserver.k8s.io PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: nextRequest, Source: "kube-aggregator pkg/apiserver AddAPIService; apiserver pkg/util/flowcontrol, 1.37.2"},
	},
	{
		rule: rule{kinds: "ControllerRevision.apps Lease.coordination.k8s.io LeaseCandidate.coordination.k8s.io Event Event.events.k8s.io " +
			"CertificateSigningRequest.certificates.k8s.io ClusterTrustBundle.certificates.k8s.io PodCertificateRequest.certificates.k8s.io " +
			"StorageVersion.internal.apiserver.k8s.io StorageVersionMigration.storagemigration.k8s.io ComponentStatus " +
			"ResourceClaim.resource.k8s.io ResourceClaimTemplate.resource.k8s.io DeviceClass.resource.k8s.io ResourceSlice.resource.k8s.io"},
		Outcome: Outcome{Mechanism: InPlace, Because: "it is for controllers to read; no pod is touched", Source: "kubernetes.io/docs/reference/kubernetes-api, 1.37"},
	},
}
