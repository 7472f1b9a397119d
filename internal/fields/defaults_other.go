package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// small are pkg/apis/{networking,discovery,rbac,storage,scheduling}/v1/defaults.go.
func (f *form) small(s *stored, name string) {
	const rbacGroup = "rbac.authorization.k8s.io"
	switch name {
	case "networking/v1.NetworkPolicyPort":
		f.set(s, "protocol", "TCP")
	case "networking/v1.NetworkPolicy":
		if spec := f.object(s, "spec"); spec != nil {
			types := []string{"Ingress"}
			if spec.has("egress") {
				types = append(types, "Egress")
			}
			f.texts(spec, "policyTypes", types...)
		}
	case "networking/v1.IngressClassParametersReference":
		f.set(s, "scope", "Cluster")
	case "discovery/v1.EndpointPort":
		f.set(s, "name", "")
		f.set(s, "protocol", "TCP")
	case "rbac/v1.RoleBinding", "rbac/v1.ClusterRoleBinding":
		f.object(s, "roleRef")
	case "rbac/v1.RoleRef":
		f.set(s, "apiGroup", rbacGroup)
	case "rbac/v1.Subject":
		if kind := s.says("kind"); kind == "User" || kind == "Group" {
			f.set(s, "apiGroup", rbacGroup)
		}
	case "storage/v1.StorageClass":
		f.set(s, "reclaimPolicy", "Delete")
		f.set(s, "volumeBindingMode", "Immediate")
	case "storage/v1.CSIDriver":
		spec := f.object(s, "spec")
		if spec == nil {
			return
		}
		f.set(spec, "attachRequired", "true")
		for _, off := range []string{"podInfoOnMount", "storageCapacity", "requiresRepublish", "seLinuxMount"} {
			f.set(spec, off, "false")
		}
		f.set(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType")
		f.texts(spec, "volumeLifecycleModes", "Persistent")
		if f.version >= 37 { // VolumeLimitScaling, on since 1.37
			f.set(spec, "preventPodSchedulingIfMissing", "false")
		}
	case "scheduling/v1.PriorityClass":
		f.set(s, "preemptionPolicy", "PreemptLowerPriority")
	}
}

// extension is pkg/apis/apiextensions/v1/defaults.go of apiextensions-apiserver,
// and apiregistration's of kube-aggregator.
func (f *form) extension(s *stored, name string) {
	switch name {
	case "ServiceReference":
		f.set(s, "port", "443")
	case "CustomResourceDefinitionNames":
		if kind := s.says("kind"); kind != "" {
			f.set(s, "singular", strings.ToLower(kind))
			f.set(s, "listKind", kind+"List")
		}
	case "CustomResourceDefinitionSpec":
		f.object(s, "names")
		if !s.has("conversion") {
			f.set(f.object(s, "conversion"), "strategy", "None")
		}
	case "CustomResourceConversion":
		// Convert_v1_CustomResourceConversion_To_apiextensions takes it apart.
		if w := s.at("webhook"); w != nil && w.kind == kubeobj.Map && len(w.items) == 0 {
			s.drop("webhook")
		}
	case "CustomResourceDefinition":
		f.object(s, "spec")
	}
}

// admission is pkg/apis/admissionregistration/v1/defaults.go.
func (f *form) admission(s *stored, name string) {
	switch name {
	case "ValidatingWebhook", "MutatingWebhook":
		f.set(s, "failurePolicy", "Fail")
		f.set(s, "matchPolicy", "Equivalent")
		f.object(s, "namespaceSelector")
		f.object(s, "objectSelector")
		f.set(s, "timeoutSeconds", "10")
		if name == "MutatingWebhook" {
			f.set(s, "reinvocationPolicy", "Never")
		}
	case "RuleWithOperations", "NamedRuleWithOperations", "Rule":
		f.set(s, "scope", "*")
	case "ServiceReference":
		f.set(s, "port", "443")
	case "ValidatingAdmissionPolicy", "MutatingAdmissionPolicy":
		f.object(s, "spec")
	case "ValidatingAdmissionPolicySpec", "MutatingAdmissionPolicySpec":
		f.set(s, "failurePolicy", "Fail")
	case "MatchResources":
		f.set(s, "matchPolicy", "Equivalent")
		f.object(s, "namespaceSelector")
		f.object(s, "objectSelector")
	}
}

// flow is pkg/apis/flowcontrol/v1/defaults.go.
func (f *form) flow(s *stored, name string) {
	switch name {
	case "FlowSchema":
		f.object(s, "spec")
	case "FlowSchemaSpec":
		f.set(s, "matchingPrecedence", "1000")
	case "ExemptPriorityLevelConfiguration":
		f.set(s, "nominalConcurrencyShares", "0")
		f.set(s, "lendablePercent", "0")
	case "LimitedPriorityLevelConfiguration":
		f.set(s, "nominalConcurrencyShares", "30")
		f.set(s, "lendablePercent", "0")
	case "QueuingConfiguration":
		f.set(s, "handSize", "8")
		f.set(s, "queues", "64")
		f.set(s, "queueLengthLimit", "50")
	}
}

// device is pkg/apis/resource/v1/defaults.go.
func (f *form) device(s *stored, name string) {
	switch name {
	case "ExactDeviceRequest", "DeviceSubRequest":
	case "DeviceRequest":
		// In v1 the fields stand in exactly; before, they do beside firstAvailable.
		if l := s.at("firstAvailable"); l != nil && l.kind == kubeobj.List {
			return
		}
	default:
		return
	}
	f.set(s, "allocationMode", "ExactCount")
	if s.says("allocationMode") == "ExactCount" {
		f.set(s, "count", "1")
	}
}
