package main

import "strings"

// valuesOfType are valid values by type, the likeliest first.
var valuesOfType = merged(enumerations(), map[string][]tree{
	"meta.Time": v(`"2031-02-03T04:05:06Z"`), "meta.MicroTime": v(`"2031-02-03T04:05:06.000000Z"`), "meta.Duration": v(`"1h0m0s"`), "meta.FieldsV1": v(`{"f:metadata":{}}`),
	"intstr.IntOrString": v(`1`, `"50%"`, `8081`, `"changed"`, `0`, `"0%"`), "runtime.RawExtension": v(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"changed"}}`),
	"apiextensions.JSON": v(`"changed"`, `1`, `{"a":"b"}`), "apiextensions.JSONSchemaPropsOrArray": v(`{"type":"string"}`), "apiextensions.JSONSchemaPropsOrBool": v(`true`, `{"type":"string"}`),
	"apiextensions.JSONSchemaPropsOrStringArray": v(`["changed"]`),
	"meta.LabelSelector":                         v(`{"matchLabels":{"changed":"yes"}}`, `{}`), "meta.LabelSelectorRequirement": v(`{"key":"changed","operator":"Exists"}`), "meta.OwnerReference": v(`{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"changed","uid":"changed"}`),
	"core.Container": v(`{"name":"changed","image":"example.com/changed:1","imagePullPolicy":"IfNotPresent","terminationMessagePolicy":"File"}`), "core.EphemeralContainer": v(`{"name":"changed","image":"example.com/changed:1","imagePullPolicy":"IfNotPresent","terminationMessagePolicy":"File"}`),
	"core.Volume": v(`{"name":"changed","emptyDir":{}}`), "core.VolumeMount": v(`{"name":"data","mountPath":"/changed"}`), "core.VolumeDevice": v(`{"name":"block","devicePath":"/dev/changed"}`),
	"core.EnvVar": v(`{"name":"CHANGED","value":"yes"}`), "core.EnvFromSource": v(`{"configMapRef":{"name":"changed"}}`, `{"secretRef":{"name":"changed"}}`), "core.ContainerPort": v(`{"containerPort":8099,"protocol":"TCP"}`),
	"core.Probe": v(`{"tcpSocket":{"port":8080}}`), "core.ProbeHandler": v(`{"tcpSocket":{"port":8080}}`), "core.LifecycleHandler": v(`{"exec":{"command":["changed"]}}`), "core.HTTPGetAction": v(`{"port":8081}`), "core.TCPSocketAction": v(`{"port":8081}`),
	"core.GRPCAction": v(`{"port":8081}`), "core.SleepAction": v(`{"seconds":3}`), "core.ResourceRequirements": v(`{"requests":{"cpu":"100m"}}`), "core.Toleration": v(`{"key":"changed","operator":"Exists"}`), "core.HostAlias": v(`{"ip":"10.0.7.7","hostnames":["changed"]}`),
	"core.TopologySpreadConstraint": v(`{"maxSkew":1,"topologyKey":"changed","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app":"demo"}}}`), "core.PodReadinessGate": v(`{"conditionType":"example.com/changed"}`),
	"core.PodSchedulingGate": v(`{"name":"example.com/changed"}`), "core.LocalObjectReference": v(`{"name":"changed"}`), "core.Sysctl": v(`{"name":"kernel.shm_rmid_forced","value":"1"}`, `{"name":"net.ipv4.tcp_syncookies","value":"1"}`), "core.PodDNSConfigOption": v(`{"name":"changed","value":"1"}`),
	"core.NodeSelector": v(`{"nodeSelectorTerms":[{"matchExpressions":[{"key":"changed","operator":"Exists"}]}]}`), "core.NodeSelectorTerm": v(`{"matchExpressions":[{"key":"changed","operator":"Exists"}]}`), "core.NodeSelectorRequirement": v(`{"key":"changed","operator":"Exists"}`, `{"key":"metadata.name","operator":"In","values":["changed"]}`),
	"core.PreferredSchedulingTerm": v(`{"weight":1,"preference":{"matchExpressions":[{"key":"changed","operator":"Exists"}]}}`), "core.PodAffinityTerm": v(`{"topologyKey":"changed","labelSelector":{"matchLabels":{"app":"demo"}}}`),
	"core.WeightedPodAffinityTerm": v(`{"weight":1,"podAffinityTerm":{"topologyKey":"changed","labelSelector":{"matchLabels":{"app":"demo"}}}}`), "core.SeccompProfile": v(`{"type":"RuntimeDefault"}`), "core.AppArmorProfile": v(`{"type":"RuntimeDefault"}`),
	"core.ContainerResizePolicy": v(`{"resourceName":"cpu","restartPolicy":"NotRequired"}`, `{"resourceName":"memory","restartPolicy":"NotRequired"}`), "core.ContainerRestartRule": v(`{"action":"Restart","exitCodes":{"operator":"In","values":[42]}}`),
	"core.PodResourceClaim": v(`{"name":"changed","resourceClaimName":"changed"}`), "core.ResourceClaim": v(`{"name":"changed"}`), "core.KeyToPath": v(`{"key":"changed","path":"changed"}`), "core.DownwardAPIVolumeFile": v(`{"path":"changed","fieldRef":{"fieldPath":"metadata.name"}}`),
	"core.ObjectFieldSelector": v(`{"apiVersion":"v1","fieldPath":"metadata.namespace"}`), "core.ResourceFieldSelector": v(`{"containerName":"main","resource":"limits.cpu"}`, `{"resource":"limits.cpu"}`), "core.VolumeProjection": v(`{"configMap":{"name":"changed"}}`),
	"core.PersistentVolumeClaim": v(`{"metadata":{"name":"changed"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}`), "core.PersistentVolumeClaimTemplate": v(`{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}`),
	"core.TypedLocalObjectReference": v(`{"kind":"PersistentVolumeClaim","name":"changed"}`), "core.TypedObjectReference": v(`{"kind":"PersistentVolumeClaim","name":"changed"}`), "core.VolumeResourceRequirements": v(`{"requests":{"storage":"1Gi"}}`),
	"core.ServicePort": v(`{"name":"changed","port":8099,"targetPort":8099}`), "core.SessionAffinityConfig": v(`{"clientIP":{"timeoutSeconds":300}}`), "core.ClientIPConfig": v(`{"timeoutSeconds":300}`), "core.LimitRangeItem": v(`{"type":"Pod","max":{"cpu":"2"}}`),
	"core.ScopedResourceSelectorRequirement": v(`{"scopeName":"PriorityClass","operator":"Exists"}`), "core.EndpointSubset": v(`{"addresses":[{"ip":"10.0.7.7"}],"ports":[{"port":8080}]}`), "core.EndpointAddress": v(`{"ip":"10.0.7.8"}`), "core.EndpointPort": v(`{"name":"changed","port":8099}`),
	"core.Taint": v(`{"key":"changed","effect":"NoSchedule"}`), "core.SELinuxOptions": v(`{"level":"s0:c1,c2"}`), "core.CrossVersionObjectReference": nil, "core.ObjectReference": v(`{"kind":"Pod","namespace":"default","name":"changed"}`), "core.SecretReference": v(`{"name":"changed","namespace":"default"}`),
	"core.VolumeNodeAffinity": v(`{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"changed","operator":"Exists"}]}]}}`), "core.PodTemplateSpec": v(`{"metadata":{"labels":{"app":"demo"}},"spec":{"containers":[{"name":"main","image":"example.com/changed:1"}]}}`),
	"apps.RollingUpdateDeployment": v(`{"maxSurge":1,"maxUnavailable":0}`), "apps.RollingUpdateDaemonSet": v(`{"maxUnavailable":1}`), "apps.RollingUpdateStatefulSetStrategy": v(`{"partition":1}`), "apps.StatefulSetOrdinals": v(`{"start":1}`),
	"batch.PodFailurePolicyRule": v(`{"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]}`, `{"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}`), "batch.PodFailurePolicyOnPodConditionsPattern": v(`{"type":"Changed","status":"True"}`),
	"batch.SuccessPolicy": v(`{"rules":[{"succeededCount":1}]}`), "batch.SuccessPolicyRule": v(`{"succeededCount":1}`), "batch.PodFailurePolicy": v(`{"rules":[{"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]}]}`),
	"autoscaling.MetricSpec":   v(`{"type":"Resource","resource":{"name":"memory","target":{"type":"Utilization","averageUtilization":70}}}`, `{"type":"External","external":{"metric":{"name":"changed"},"target":{"type":"Value","value":"10"}}}`),
	"autoscaling.MetricTarget": v(`{"type":"Value","value":"10"}`, `{"type":"AverageValue","averageValue":"10"}`), "autoscaling.HPAScalingPolicy": v(`{"type":"Pods","value":3,"periodSeconds":30}`), "autoscaling.HPAScalingRules": v(`{"stabilizationWindowSeconds":60,"selectPolicy":"Max","policies":[{"type":"Pods","value":3,"periodSeconds":30}]}`),
	"autoscaling.CrossVersionObjectReference": v(`{"apiVersion":"apps/v1","kind":"Deployment","name":"changed"}`),
	"networking.IngressRule":                  v(`{"host":"changed.example.com","http":{"paths":[{"path":"/","pathType":"Prefix","backend":{"service":{"name":"changed","port":{"number":80}}}}]}}`), "networking.HTTPIngressPath": v(`{"path":"/changed","pathType":"Prefix","backend":{"service":{"name":"changed","port":{"number":80}}}}`),
	"networking.IngressBackend": v(`{"service":{"name":"changed","port":{"number":80}}}`), "networking.IngressServiceBackend": v(`{"name":"changed","port":{"number":80}}`), "networking.HTTPIngressRuleValue": v(`{"paths":[{"path":"/changed","pathType":"Prefix","backend":{"service":{"name":"changed","port":{"number":80}}}}]}`),
	"networking.IngressTLS": v(`{"hosts":["changed.example.com"],"secretName":"changed"}`), "networking.IngressClassParametersReference": v(`{"kind":"Changed","name":"changed","scope":"Cluster"}`), "networking.NetworkPolicyPeer": v(`{"podSelector":{"matchLabels":{"changed":"yes"}}}`), "networking.NetworkPolicyPort": v(`{"port":8081}`),
	"networking.IPBlock": v(`{"cidr":"10.7.0.0/16"}`), "networking.NetworkPolicyIngressRule": v(`{"from":[{"podSelector":{"matchLabels":{"changed":"yes"}}}]}`), "networking.NetworkPolicyEgressRule": v(`{"to":[{"podSelector":{"matchLabels":{"changed":"yes"}}}]}`), "networking.ParentReference": v(`{"resource":"services","namespace":"default","name":"changed"}`),
	"rbac.PolicyRule": v(`{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}`), "rbac.Subject": v(`{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"changed"}`), "rbac.RoleRef": v(`{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"changed"}`), "rbac.AggregationRule": v(`{"clusterRoleSelectors":[{"matchLabels":{"changed":"yes"}}]}`),
	"storage.TokenRequest": v(`{"audience":"changed"}`), "storage.CSINodeDriver": v(`{"name":"changed.example.com","nodeID":"changed","topologyKeys":["changed"]}`), "core.TopologySelectorTerm": v(`{"matchLabelExpressions":[{"key":"changed","values":["changed"]}]}`), "core.TopologySelectorLabelRequirement": v(`{"key":"changed","values":["changed"]}`),
	"discovery.Endpoint": v(`{"addresses":["10.0.7.7"]}`), "discovery.EndpointPort": v(`{"name":"changed","port":8099,"protocol":"TCP"}`), "discovery.ForZone": v(`{"name":"changed"}`), "discovery.ForNode": v(`{"name":"changed"}`),
	"flowcontrol.PolicyRulesWithSubjects": v(`{"subjects":[{"kind":"User","user":{"name":"changed"}}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["/changed"]}]}`), "flowcontrol.Subject": v(`{"kind":"User","user":{"name":"changed"}}`),
	"flowcontrol.ResourcePolicyRule": v(`{"verbs":["get"],"apiGroups":[""],"resources":["pods"],"namespaces":["*"]}`), "flowcontrol.NonResourcePolicyRule": v(`{"verbs":["get"],"nonResourceURLs":["/changed"]}`),
	"admissionregistration.RuleWithOperations": v(`{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}`), "admissionregistration.NamedRuleWithOperations": v(`{"operations":["CREATE"],"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"]}`),
	"admissionregistration.MatchCondition": v(`{"name":"changed","expression":"true"}`), "admissionregistration.Validation": v(`{"expression":"true","message":"changed"}`), "admissionregistration.AuditAnnotation": v(`{"key":"changed","valueExpression":"'changed'"}`), "admissionregistration.Variable": v(`{"name":"changed","expression":"true"}`),
	"admissionregistration.ServiceReference": v(`{"namespace":"default","name":"changed"}`), "admissionregistration.ParamKind": v(`{"apiVersion":"v1","kind":"ConfigMap"}`), "admissionregistration.ParamRef": v(`{"name":"changed","parameterNotFoundAction":"Allow"}`),
	"admissionregistration.ValidatingWebhook": v(`{"name":"changed.example.com","clientConfig":{"url":"https://example.com/changed"},"sideEffects":"None","admissionReviewVersions":["v1"]}`), "admissionregistration.MutatingWebhook": v(`{"name":"changed.example.com","clientConfig":{"url":"https://example.com/changed"},"sideEffects":"None","admissionReviewVersions":["v1"]}`),
	"apiextensions.CustomResourceDefinitionVersion": v(`{"name":"v9","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object"}}}`), "apiextensions.JSONSchemaProps": v(`{"type":"string"}`), "apiextensions.ValidationRule": v(`{"rule":"true","message":"changed"}`),
	"apiextensions.CustomResourceColumnDefinition": v(`{"name":"Changed","type":"string","jsonPath":".spec.size"}`), "apiextensions.SelectableField": v(`{"jsonPath":".spec.size"}`), "apiextensions.WebhookConversion": v(`{"clientConfig":{"url":"https://example.com/changed"},"conversionReviewVersions":["v1"]}`),
	"apiextensions.CustomResourceSubresourceScale": v(`{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas"}`), "apiextensions.ServiceReference": v(`{"namespace":"default","name":"changed"}`),
})

// valuesOfField are valid values by field, where the type does not say enough.
var valuesOfField = map[string][]tree{
	"core.Container.image": s("example.com/changed:2"), "core.PodSpec.priority": nil, "meta.LabelSelector.matchLabels": v(`{"tier":"web"}`, `{"app":"demo","tier":"web"}`, `{"changed":"yes"}`), "core.PodSpec.hostname": s("changed"),
	"core.PersistentVolumeClaimSpec.accessModes": v(`["ReadWriteMany"]`, `["ReadOnlyMany"]`), "core.PersistentVolumeSpec.accessModes": v(`["ReadWriteMany"]`), "core.ServiceSpec.clusterIP": s("10.0.200.7 None"), "core.ServiceSpec.clusterIPs": v(`["10.0.200.7"]`, `["10.0.200.8","fd00::7"]`, `["None"]`),
	"core.ServiceSpec.ipFamilies": v(`["IPv6"]`, `["IPv4","IPv6"]`, `["IPv4"]`), "core.ServiceSpec.loadBalancerSourceRanges": v(`["10.7.0.0/16"]`), "core.ServiceSpec.healthCheckNodePort": v(`32111`), "core.ServicePort.nodePort": v(`32112`), "core.ServiceSpec.loadBalancerClass": s("example.com/changed"),
	"batch.CronJobSpec.schedule": v(`"7 * * * *"`), "batch.CronJobSpec.timeZone": s("Etc/UTC Europe/Berlin"), "batch.JobSpec.managedBy": s("example.com/changed"), "batch.PodFailurePolicyOnExitCodesRequirement.containerName": s("main"), "batch.SuccessPolicyRule.succeededIndexes": s("0-1 0"),
	"core.ObjectFieldSelector.fieldPath": s("metadata.namespace metadata.name metadata.labels metadata.uid"), "core.ResourceFieldSelector.resource": s("limits.cpu requests.memory limits.memory"), "core.ResourceFieldSelector.divisor": s("1m 1Ki 1 1Mi"), "core.ResourceFieldSelector.containerName": s("main init"),
	"core.PodSpec.overhead": v(`{"cpu":"250m"}`), "core.PodSpec.dnsConfig": v(`{"nameservers":["10.0.7.7"]}`), "core.PodOS.name": s("linux windows"), "core.SeccompProfile.localhostProfile": s("changed.json"), "core.ResourceRequirements.limits": v(`{"cpu":"2","memory":"2Gi"}`), "core.ResourceRequirements.requests": v(`{"cpu":"100m"}`, `{"memory":"64Mi"}`),
	"core.PersistentVolumeClaimSpec.storageClassName": s("changed standard"), "core.PersistentVolumeClaimSpec.volumeAttributesClassName": s("changed"), "core.VolumeResourceRequirements.requests": v(`{"storage":"1Gi"}`), "core.VolumeResourceRequirements.limits": v(`{"storage":"100Gi"}`), "core.PersistentVolumeSpec.capacity": v(`{"storage":"20Gi"}`),
	"core.ResourceQuotaSpec.hard": v(`{"pods":"10"}`, `{"cpu":"2"}`), "core.LimitRangeItem.max": v(`{"cpu":"8"}`, `{"storage":"8Gi"}`), "core.LimitRangeItem.min": v(`{"cpu":"10m"}`, `{"storage":"1Mi"}`), "core.LimitRangeItem.default": v(`{"cpu":"500m"}`), "core.LimitRangeItem.defaultRequest": v(`{"cpu":"100m"}`), "core.LimitRangeItem.maxLimitRequestRatio": v(`{"cpu":"10"}`, `{"memory":"10"}`),
	"meta.ObjectMeta.uid": s("99999999-2222-3333-4444-555555555555"), "core.PodSecurityContext.fsGroup": v(`2001`), "core.CSIPersistentVolumeSource.driver": s("changed.example.com"), "coordination.LeaseSpec.preferredHolder": s("changed"), "coordination.LeaseSpec.strategy": s("OldestEmulationVersion"),
	"storage.StorageClass.provisioner": s("example.com/changed"), "storage.StorageClass.mountOptions": v(`["ro"]`), "storage.CSIDriverSpec.nodeAllocatableUpdatePeriodSeconds": v(`30`, `60`), "discovery.EndpointSlice.endpoints": v(`[{"addresses":["10.0.7.7"]}]`), "networking.ServiceCIDRSpec.cidrs": v(`["10.7.0.0/16"]`, `["10.7.0.0/16","fd07::/112"]`),
	"certificates.CertificateSigningRequestSpec.usages": v(`["client auth","digital signature"]`), "certificates.CertificateSigningRequestSpec.expirationSeconds": v(`3600`), "certificates.CertificateSigningRequestSpec.signerName": s("example.com/changed"), "certificates.CertificateSigningRequestSpec.username": s("changed"),
	"flowcontrol.FlowSchemaSpec.matchingPrecedence": v(`500`, `501`), "flowcontrol.LimitResponse.type": s("Queue Reject"), "flowcontrol.ResourcePolicyRule.namespaces": v(`["*"]`, `["default"]`), "admissionregistration.ValidatingWebhook.matchPolicy": s("Exact Equivalent"), "admissionregistration.Validation.reason": s("Forbidden Invalid Unauthorized"),
	"admissionregistration.Validation.messageExpression": s(`'changed'`), "admissionregistration.Validation.expression": s("1==1"), "admissionregistration.MatchCondition.expression": s("1==1"), "admissionregistration.Variable.expression": s("1==1"), "admissionregistration.AuditAnnotation.valueExpression": s("'other'"),
	"apiextensions.CustomResourceDefinitionSpec.group": s("changed.example.com"), "apiextensions.ValidationRule.rule": s("1==1"), "apiextensions.ValidationRule.messageExpression": s("'changed'"), "apiextensions.CustomResourceColumnDefinition.type": s("string integer"), "apiextensions.JSONSchemaProps.type": s("string integer object"), "apiextensions.JSONSchemaProps.format": s("int32 date-time"),
	"rbac.Subject.kind": s("User Group ServiceAccount"), "rbac.RoleRef.kind": s("ClusterRole Role"), "core.HostAlias.ip": s("10.0.7.7"), "autoscaling.ResourceMetricSource.name": s("memory cpu"), "admissionregistration.WebhookClientConfig.caBundle": nil, "apiextensions.WebhookClientConfig.caBundle": nil,
}

// valuesOfName are values by the field's name in lower case.
var valuesOfName = map[string][]tree{
	"apiversion": s("v1 apps/v1 example.com/v1"), "kind": s("ConfigMap"), "ip": s("10.0.7.7"), "cidr": s("10.7.0.0/16"), "hostip": s("10.0.7.7"), "path": s("/changed changed"), "mountpath": s("/changed"), "scheme": s("HTTPS"), "nodeid": s("changed"), "address": s("10.0.7.7"), "addresse": s("10.0.7.7"), "nameserver": s("10.0.7.7"), "externalip": s("10.0.7.7"),
	"host": s("changed.example.com"), "hostname": s("changed changed.example.com"), "uid": s("changed"), "fstype": s("ext4"), "url": s("https://example.com/changed"), "except": s("10.7.7.0/24"), "verb": s("get list"), "key": s("changed"), "operator": s("In Exists"), "nonresourceurl": s("/changed"), "finalizer": s("example.com/changed"),
}

// enumerations are the words as values.
func enumerations() map[string][]tree {
	table := map[string][]tree{}
	for name, list := range words {
		table[name] = s(list)
		for i, word := range table[name] {
			table[name][i] = strings.ReplaceAll(word.(string), "%20", " ")
		}
	}
	return table
}

func merged(tables ...map[string][]tree) map[string][]tree {
	all := map[string][]tree{}
	for _, table := range tables {
		for name, values := range table {
			all[name] = values
		}
	}
	return all
}

// unions are structures of which one field at most is set: another goes when one comes. The rest of a
// structure that is not a union as a whole is named.
var unions = map[string][]string{
	"core.VolumeSource": nil, "core.PersistentVolumeSource": nil, "core.ProbeHandler": nil, "core.LifecycleHandler": nil, "core.EnvVarSource": nil, "core.VolumeProjection": nil,
	"core.EnvVar": {"value", "valueFrom"}, "core.EnvFromSource": {"configMapRef", "secretRef"}, "core.DownwardAPIVolumeFile": {"fieldRef", "resourceFieldRef"}, "policy.PodDisruptionBudgetSpec": {"minAvailable", "maxUnavailable"},
	"networking.IngressBackend": nil, "networking.NetworkPolicyPeer": nil, "networking.ServiceBackendPort": nil, "admissionregistration.WebhookClientConfig": {"url", "service"}, "apiextensions.WebhookClientConfig": {"url", "service"},
	"batch.PodFailurePolicyRule": {"onExitCodes", "onPodConditions"}, "autoscaling.MetricTarget": {"value", "averageValue", "averageUtilization"}, "admissionregistration.ParamRef": {"name", "selector"}, "core.PodResourceClaim": {"resourceClaimName", "resourceClaimTemplateName"},
	"storage.VolumeAttachmentSource": nil, "flowcontrol.PriorityLevelConfigurationSpec": {"limited", "exempt"}, "core.PersistentVolumeClaimSpec": {"dataSource", "dataSourceRef"}, "rbac.PolicyRule": {"nonResourceURLs", "resources"}, "apiextensions.JSONSchemaProps": {"properties", "additionalProperties"},
}
