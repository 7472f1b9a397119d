package main

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/mutatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/resolver"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicy"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingadmissionpolicybinding"
	"k8s.io/kubernetes/pkg/registry/admissionregistration/validatingwebhookconfiguration"
	"k8s.io/kubernetes/pkg/registry/apps/controllerrevision"
	"k8s.io/kubernetes/pkg/registry/apps/daemonset"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
	"k8s.io/kubernetes/pkg/registry/batch/cronjob"
	"k8s.io/kubernetes/pkg/registry/batch/job"
	"k8s.io/kubernetes/pkg/registry/certificates/certificates"
	"k8s.io/kubernetes/pkg/registry/coordination/lease"
	"k8s.io/kubernetes/pkg/registry/core/configmap"
	"k8s.io/kubernetes/pkg/registry/core/endpoint"
	"k8s.io/kubernetes/pkg/registry/core/limitrange"
	"k8s.io/kubernetes/pkg/registry/core/namespace"
	"k8s.io/kubernetes/pkg/registry/core/node"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolume"
	"k8s.io/kubernetes/pkg/registry/core/persistentvolumeclaim"
	"k8s.io/kubernetes/pkg/registry/core/pod"
	"k8s.io/kubernetes/pkg/registry/core/podtemplate"
	"k8s.io/kubernetes/pkg/registry/core/replicationcontroller"
	"k8s.io/kubernetes/pkg/registry/core/resourcequota"
	"k8s.io/kubernetes/pkg/registry/core/secret"
	"k8s.io/kubernetes/pkg/registry/core/service"
	"k8s.io/kubernetes/pkg/registry/core/serviceaccount"
	"k8s.io/kubernetes/pkg/registry/discovery/endpointslice"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/flowschema"
	"k8s.io/kubernetes/pkg/registry/flowcontrol/prioritylevelconfiguration"
	"k8s.io/kubernetes/pkg/registry/networking/ingress"
	"k8s.io/kubernetes/pkg/registry/networking/ingressclass"
	"k8s.io/kubernetes/pkg/registry/networking/ipaddress"
	"k8s.io/kubernetes/pkg/registry/networking/networkpolicy"
	"k8s.io/kubernetes/pkg/registry/networking/servicecidr"
	"k8s.io/kubernetes/pkg/registry/node/runtimeclass"
	"k8s.io/kubernetes/pkg/registry/policy/poddisruptionbudget"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrole"
	"k8s.io/kubernetes/pkg/registry/rbac/clusterrolebinding"
	"k8s.io/kubernetes/pkg/registry/rbac/role"
	"k8s.io/kubernetes/pkg/registry/rbac/rolebinding"
	"k8s.io/kubernetes/pkg/registry/scheduling/priorityclass"
	"k8s.io/kubernetes/pkg/registry/storage/csidriver"
	"k8s.io/kubernetes/pkg/registry/storage/csinode"
	"k8s.io/kubernetes/pkg/registry/storage/csistoragecapacity"
	"k8s.io/kubernetes/pkg/registry/storage/storageclass"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattachment"
	"k8s.io/kubernetes/pkg/registry/storage/volumeattributesclass"
)

// subresource makes an entry of the core group; both strategies see whole objects.
type subresource func(kind, resource, name string, create rest.RESTCreateStrategy, update rest.RESTUpdateStrategy) entry

// strategies is the table of the kinds.
func strategies() []entry {
	one := func(group, version, kind, resource string, s strategy) entry {
		return entry{group: group, versions: []string{version}, kind: kind, resource: resource, create: s, update: s}
	}
	sub := func(kind, resource, subresource string, create rest.RESTCreateStrategy, update rest.RESTUpdateStrategy) entry {
		return entry{versions: []string{"v1"}, kind: kind, resource: resource, subresource: subresource, create: create, update: update}
	}
	several := func(e entry, versions ...string) entry {
		e.versions = versions
		return e
	}
	admission := "admissionregistration.k8s.io"
	// The strategies of policies ask which resource a kind has, to authorize reads of it. Who asks here may all.
	anyResource := resolver.ResourceResolverFunc(func(gvk schema.GroupVersionKind) (schema.GroupVersionResource, error) {
		return gvk.GroupVersion().WithResource("any"), nil
	})
	policy := validatingadmissionpolicy.NewStrategy(nil, anyResource)
	binding := validatingadmissionpolicybinding.NewStrategy(nil, nil, anyResource)
	return append([]entry{
		one("", "v1", "ConfigMap", "configmaps", configmap.Strategy),
		one("", "v1", "Endpoints", "endpoints", endpoint.Strategy),
		one("", "v1", "LimitRange", "limitranges", limitrange.Strategy),
		one("", "v1", "Namespace", "namespaces", namespace.Strategy),
		one("", "v1", "Node", "nodes", node.Strategy),
		one("", "v1", "PersistentVolume", "persistentvolumes", persistentvolume.Strategy),
		one("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", persistentvolumeclaim.Strategy),
		one("", "v1", "Pod", "pods", pod.Strategy),
		sub("Pod", "pods", "ephemeralcontainers", pod.Strategy, pod.EphemeralContainersStrategy),
		one("", "v1", "PodTemplate", "podtemplates", podtemplate.Strategy),
		one("", "v1", "ReplicationController", "replicationcontrollers", replicationcontroller.Strategy),
		one("", "v1", "ResourceQuota", "resourcequotas", resourcequota.Strategy),
		one("", "v1", "Secret", "secrets", secret.Strategy),
		one("", "v1", "Service", "services", service.Strategy),
		one("", "v1", "ServiceAccount", "serviceaccounts", serviceaccount.Strategy),
		one("apps", "v1", "ControllerRevision", "controllerrevisions", controllerrevision.Strategy),
		one("apps", "v1", "DaemonSet", "daemonsets", daemonset.Strategy),
		one("apps", "v1", "Deployment", "deployments", deployment.Strategy),
		one("apps", "v1", "ReplicaSet", "replicasets", replicaset.Strategy),
		one("apps", "v1", "StatefulSet", "statefulsets", statefulset.Strategy),
		one("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", horizontalpodautoscaler.Strategy),
		one("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", horizontalpodautoscaler.Strategy),
		one("batch", "v1", "CronJob", "cronjobs", cronjob.Strategy),
		one("batch", "v1", "Job", "jobs", job.Strategy),
		one("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", certificates.Strategy),
		one("coordination.k8s.io", "v1", "Lease", "leases", lease.Strategy),
		one("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", endpointslice.Strategy),
		one("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", flowschema.Strategy),
		one("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", prioritylevelconfiguration.Strategy),
		one("networking.k8s.io", "v1", "Ingress", "ingresses", ingress.Strategy),
		one("networking.k8s.io", "v1", "IngressClass", "ingressclasses", ingressclass.Strategy),
		several(one("networking.k8s.io", "", "IPAddress", "ipaddresses", ipaddress.Strategy), "v1", "v1beta1"),
		one("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", networkpolicy.Strategy),
		several(one("networking.k8s.io", "", "ServiceCIDR", "servicecidrs", servicecidr.Strategy), "v1", "v1beta1"),
		one("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", runtimeclass.Strategy),
		one("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", poddisruptionbudget.Strategy),
		one("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", clusterrole.Strategy),
		one("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", clusterrolebinding.Strategy),
		one("rbac.authorization.k8s.io", "v1", "Role", "roles", role.Strategy),
		one("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", rolebinding.Strategy),
		one("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", priorityclass.Strategy),
		one("storage.k8s.io", "v1", "CSIDriver", "csidrivers", csidriver.Strategy),
		one("storage.k8s.io", "v1", "CSINode", "csinodes", csinode.Strategy),
		one("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", csistoragecapacity.Strategy),
		one("storage.k8s.io", "v1", "StorageClass", "storageclasses", storageclass.Strategy),
		one("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", volumeattachment.Strategy),
		several(one("storage.k8s.io", "", "VolumeAttributesClass", "volumeattributesclasses", volumeattributesclass.Strategy), "v1", "v1beta1", "v1alpha1"),
		one(admission, "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", mutatingwebhookconfiguration.Strategy),
		several(one(admission, "", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", policy), "v1", "v1beta1"),
		several(one(admission, "", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", binding), "v1", "v1beta1"),
		one(admission, "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", validatingwebhookconfiguration.Strategy),
	}, strategiesOfRelease(sub)...)
}
