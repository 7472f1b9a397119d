package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// gated is a field that a server takes and throws away while its feature gate is
// off, unless the old object has it already.
type gated struct {
	kinds  string // "" is every pod template, below which fields are meant
	fields string
	gate   string
	from   kubeschema.Version // the first version that has the field, 0 is all
	on     kubeschema.Version // the first with the gate on, 0 is none up to 1.37
	leaves string             // what the server says where nothing is left beside it, and it refuses that
	stored string             // what is stored in its place, where that is not nothing
	filled string             // a field around it that the server fills in, and so stores without it
	source string
}

const podDrops = "pkg/api/pod dropDisabledFields; pkg/features kube_features.go"

// gates are the defaults of pkg/features/kube_features.go, 1.29.6 to 1.37.2.
var gates = []gated{
	{fields: "hostUsers", gate: "UserNamespacesSupport", on: 33, source: podDrops},
	{fields: "securityContext.supplementalGroupsPolicy", gate: "SupplementalGroupsPolicy", from: 31, on: 33, source: podDrops},
	{fields: "resources", gate: "PodLevelResources", from: 32, on: 34, source: podDrops},
	{fields: "CONTAINERS.securityContext.procMount", gate: "ProcMountType", on: 33, stored: "Default", source: podDrops},
	{fields: "affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.matchLabelKeys affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.mismatchLabelKeys affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.matchLabelKeys affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.mismatchLabelKeys affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm.matchLabelKeys affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm.mismatchLabelKeys affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm.matchLabelKeys affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution.podAffinityTerm.mismatchLabelKeys", gate: "MatchLabelKeysInPodAffinity", on: 31, source: podDrops},
	{fields: "resourceClaims CONTAINERS.resources.claims", gate: "DynamicResourceAllocation", on: 34, source: podDrops},
	{fields: "volumes.projected.sources.clusterTrustBundle", gate: "ClusterTrustBundleProjection", on: 37, source: podDrops},
	{fields: "volumes.projected.sources.podCertificate", gate: "PodCertificateRequest", from: 34, on: 37, source: podDrops},
	{fields: "volumes.secret.defaultUser volumes.configMap.defaultUser volumes.downwardAPI.defaultUser volumes.projected.defaultUser volumes.secret.items.user volumes.configMap.items.user volumes.downwardAPI.items.user volumes.projected.sources.secret.items.user volumes.projected.sources.configMap.items.user volumes.projected.sources.downwardAPI.items.user volumes.projected.sources.serviceAccountToken.user volumes.projected.sources.clusterTrustBundle.user volumes.projected.sources.podCertificate.user", gate: "AtomicWriteVolumeUserFields", from: 37, source: podDrops},
	{fields: "schedulingGroup", gate: "GenericWorkload", from: 36, source: podDrops},
	{fields: "workloadRef", gate: "GenericWorkload", from: 35, source: podDrops},
	{fields: "CONTAINERS.livenessProbe.grpc.mode CONTAINERS.readinessProbe.grpc.mode CONTAINERS.startupProbe.grpc.mode", gate: "GRPCContainerProbeTLS", from: 37, source: podDrops},
	{fields: "CONTAINERS.livenessProbe.httpGet.protocol CONTAINERS.readinessProbe.httpGet.protocol CONTAINERS.startupProbe.httpGet.protocol CONTAINERS.lifecycle.preStop.httpGet.protocol CONTAINERS.lifecycle.postStart.httpGet.protocol", gate: "H2CContainerProbe", from: 37, source: podDrops},
	{fields: "evictionResponders", gate: "EvictionRequestAPI", from: 37, source: podDrops},
	{fields: "CONTAINERS.resizePolicy", gate: "InPlacePodVerticalScaling", on: 33, source: podDrops},
	{fields: "CONTAINERS.restartPolicyRules containers.restartPolicy", gate: "ContainerRestartRules", from: 34, on: 35, source: podDrops},
	{fields: "CONTAINERS.volumeMounts.recursiveReadOnly", gate: "RecursiveReadOnlyMounts", from: 30, on: 31, source: podDrops},
	{fields: "CONTAINERS.volumeMounts.bindMountOptions", gate: "VolumeBindMountOptions", from: 37, source: podDrops},
	{fields: "volumes.emptyDir.mode", gate: "EmptyDirVolumeMode", from: 37, source: podDrops},
	{fields: "hostnameOverride", gate: "HostnameOverride", from: 34, on: 35, source: podDrops},
	{fields: "CONTAINERS.env.valueFrom.fileKeyRef", gate: "EnvFiles", from: 34, on: 35, leaves: "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`", source: podDrops},
	{fields: "volumes.image", gate: imageVolume, from: 31, on: 35, source: podDrops},
	{fields: "securityContext.seLinuxChangePolicy", gate: "SELinuxChangePolicy", from: 32, on: 33, source: podDrops},
	{fields: "CONTAINERS.lifecycle.stopSignal", gate: "ContainerStopSignals", from: 33, source: podDrops},
	{fields: "CONTAINERS.lifecycle.preStop.sleep CONTAINERS.lifecycle.postStart.sleep", gate: "PodLifecycleSleepAction", on: 30, leaves: "must specify a handler type", source: podDrops},

	{kinds: "StatefulSet.apps", fields: "spec.updateStrategy.rollingUpdate.maxUnavailable", gate: "MaxUnavailableStatefulSet", on: 37, source: "pkg/registry/apps/statefulset dropStatefulSetDisabledFields"},
	{kinds: "HorizontalPodAutoscaler.autoscaling", fields: "spec.behavior.scaleUp.tolerance spec.behavior.scaleDown.tolerance", gate: "HPAConfigurableTolerance", from: 33, on: 35, filled: "spec.behavior", source: "pkg/registry/autoscaling/horizontalpodautoscaler dropDisabledFields"},
	{kinds: "PersistentVolumeClaim", fields: "spec.volumeAttributesClassName", gate: "VolumeAttributesClass", on: 34, source: "pkg/api/persistentvolumeclaim DropDisabledFields"},
	{kinds: "PersistentVolume", fields: "spec.volumeAttributesClassName", gate: "VolumeAttributesClass", from: 31, on: 34, source: "pkg/api/persistentvolume DropDisabledSpecFields"},
	{kinds: "Job.batch", fields: "spec.successPolicy", gate: "JobSuccessPolicy", from: 30, on: 31, source: "pkg/registry/batch/job PrepareForUpdate"},
	{kinds: "Job.batch", fields: "spec.scheduling", gate: "WorkloadWithJob", from: 37, source: "pkg/api/job DropDisabledFields"},
	{kinds: "CronJob.batch", fields: "spec.jobTemplate.spec.scheduling", gate: "WorkloadWithJob", from: 37, source: "pkg/api/job DropDisabledFields"},
	{kinds: "Service", fields: "spec.trafficDistribution", gate: "ServiceTrafficDistribution", from: 30, on: 31, source: "pkg/registry/core/service dropServiceDisabledFields"},
	{kinds: "Lease.coordination.k8s.io", fields: "spec.strategy spec.preferredHolder", gate: "CoordinatedLeaderElection", from: 31, source: "pkg/registry/coordination/lease PrepareForUpdate"},
	{kinds: "CSIDriver.storage.k8s.io", fields: "spec.nodeAllocatableUpdatePeriodSeconds", gate: "MutableCSINodeAllocatableCount", from: 33, on: 35, source: "pkg/registry/storage/csidriver PrepareForUpdate"},
	{kinds: "CSIDriver.storage.k8s.io", fields: "spec.preventPodSchedulingIfMissing", gate: "VolumeLimitScaling", from: 36, on: 37, source: "pkg/registry/storage/csidriver PrepareForUpdate"},
	{kinds: "Node", fields: "spec.podPreemptionPolicy", gate: "InPlacePodVerticalScalingSchedulerPreemption", from: 37, source: "pkg/registry/core/node dropDisabledFields"},
	{kinds: "EndpointSlice.discovery.k8s.io", fields: "endpoints.hints.forNodes", gate: "PreferSameTrafficDistribution", from: 33, on: 34, source: "pkg/registry/discovery/endpointslice dropDisabledFieldsOnUpdate"},
	{kinds: "CustomResourceDefinition.apiextensions.k8s.io", fields: "spec.versions.selectableFields", gate: "CustomResourceFieldSelectors", from: 30, on: 31, source: "apiextensions-apiserver pkg/registry/customresourcedefinition dropDisabledFields"},
	{kinds: "CustomResourceDefinition.apiextensions.k8s.io", fields: "spec.versions.schema.openAPIV3Schema.x-kubernetes-validations.optionalOldSelf", gate: "CRDValidationRatcheting", on: 30, source: "apiextensions-apiserver pkg/registry/customresourcedefinition dropDisabledFields"},
}

// podSpecs are where each kind has its pod.
var podSpecs = map[string]string{
	"Pod": "spec", "PodTemplate": "template.spec", "CronJob.batch": "spec.jobTemplate.spec.template.spec",
	"Deployment.apps": "spec.template.spec", "ReplicaSet.apps": "spec.template.spec", "DaemonSet.apps": "spec.template.spec",
	"StatefulSet.apps": "spec.template.spec", "ReplicationController": "spec.template.spec", "Job.batch": "spec.template.spec",
}

// kept is a field that an update cannot write: the server puts back its own
// value.
type kept struct {
	rule
	because string
	source  string
}

const ownStatus = "Pod Deployment.apps ReplicaSet.apps DaemonSet.apps StatefulSet.apps ReplicationController Job.batch CronJob.batch Service Namespace Node " +
	"PersistentVolume PersistentVolumeClaim ResourceQuota HorizontalPodAutoscaler.autoscaling PodDisruptionBudget.policy Ingress.networking.k8s.io " +
	"CertificateSigningRequest.certificates.k8s.io FlowSchema.flowcontrol.apiserver.k8s.io PriorityLevelConfiguration.flowcontrol.apiserver.k8s.io " +
	"VolumeAttachment.storage.k8s.io ValidatingAdmissionPolicy.admissionregistration.k8s.io CustomResourceDefinition.apiextensions.k8s.io " +
	"APIService.apiregistration.k8s.io ResourceClaim.resource.k8s.io PodCertificateRequest.certificates.k8s.io"

var keptFields = []kept{
	{
		rule:    rule{kinds: ownStatus, fields: "status"},
		because: "status is written through its subresource; an update of the object keeps the old one", source: "PrepareForUpdate of the kind, 1.37.2",
	},
	{
		rule:    rule{kinds: "ServiceCIDR.networking.k8s.io CSINode.storage.k8s.io", fields: "status", from: 36},
		because: "status is written through its subresource; an update of the object keeps the old one", source: "PrepareForUpdate of the kind, 1.37.2",
	},
	{
		rule:    rule{fields: "metadata.generation metadata.creationTimestamp metadata.managedFields metadata.selfLink"},
		because: "the server writes it", source: "apiserver pkg/registry/rest BeforeUpdate, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.namespace", asks: "it is left out, or objects of the kind have none", when: func(c *change, e *Edit) answer {
			namespaced, _ := kubeschema.Namespaced(c.new.Group, c.new.Kind)
			return when(!namespaced || blank(e.New))
		}},
		because: "it follows from where the object is written to", source: "apiserver pkg/registry/rest EnsureObjectNamespaceMatchesRequestNamespace, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.uid metadata.deletionGracePeriodSeconds", asks: "it is left out", when: func(_ *change, e *Edit) answer {
			return when(blank(e.New))
		}},
		because: "the server writes it", source: "apiserver pkg/registry/rest BeforeUpdate, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.deletionTimestamp", asks: "the object is being deleted", when: func(c *change, _ *Edit) answer {
			return when(!c.was("metadata.deletionTimestamp").Empty())
		}},
		because: "a deletion cannot be taken back", source: "apiserver pkg/registry/rest BeforeUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "Namespace", fields: "spec.finalizers"},
		because: "finalizers of a namespace are written through its finalize subresource", source: "pkg/registry/core/namespace PrepareForUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "CertificateSigningRequest.certificates.k8s.io", fields: "spec"},
		because: "a request is made once; an update keeps the old spec", source: "pkg/registry/certificates/certificates PrepareForUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Node", fields: "spec.configSource", asks: "the node had none", when: func(c *change, _ *Edit) answer {
			return when(c.was("spec.configSource").Empty())
		}},
		because: "kubelets are no longer configured through the API", source: "pkg/registry/core/node dropDisabledFields, 1.37.2",
	},
	{
		rule: rule{kinds: "DaemonSet.apps", fields: "metadata.annotations", asks: "it is deprecated.daemonset.template.generation", when: func(_ *change, e *Edit) answer {
			return when(named(e, "deprecated.daemonset.template.generation"))
		}},
		because: "the server counts the changes of the template itself", source: "pkg/registry/apps/daemonset PrepareForUpdate, 1.37.2",
	},
	{
		rule:    rule{kinds: "Service", fields: "spec.clusterIP spec.clusterIPs spec.healthCheckNodePort spec.ports.nodePort spec.ipFamilies spec.ipFamilyPolicy", asks: "it is left out and the type still needs it", when: allocated},
		because: "what the server gave stays until the type no longer needs it", source: "pkg/registry/core/service/storage patchAllocatedValues, initIPFamilyFields, 1.37.2",
	},
	{
		rule:    rule{kinds: "ServiceAccount", fields: "secrets.kind secrets.namespace secrets.uid secrets.apiVersion secrets.resourceVersion secrets.fieldPath"},
		because: "of a secret only the name is kept", source: "pkg/registry/core/serviceaccount cleanSecretReferences, 1.37.2",
	},
	{
		rule:    rule{kinds: "EndpointSlice.discovery.k8s.io", fields: "endpoints.deprecatedTopology"},
		because: "what is written to it through v1 is dropped", source: "pkg/registry/discovery/endpointslice dropTopologyOnV1, 1.37.2",
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.dataSource spec.dataSourceRef", asks: "it is left out and the other of dataSource and dataSourceRef stays", when: func(c *change, e *Edit) answer {
			return when(e.New == nil && (e.Field == "spec.dataSource" && !c.is("spec.dataSourceRef").Empty() || e.Field == "spec.dataSourceRef" && !c.is("spec.dataSource").Empty()))
		}},
		because: "the server writes each of dataSource and dataSourceRef from the other", source: "pkg/api/persistentvolumeclaim NormalizeDataSources, 1.37.2",
	},
	{
		rule: rule{kinds: "PersistentVolumeClaim", fields: "spec.dataSource", asks: "the claim had no source, and this one is neither a claim nor a snapshot", when: func(c *change, _ *Edit) answer {
			if !c.was("spec.dataSource").Empty() || !c.was("spec.dataSourceRef").Empty() || !c.is("spec.dataSourceRef").Empty() {
				return no
			}
			group, kind := c.is("spec.dataSource.apiGroup").Str(), c.is("spec.dataSource.kind").Str()
			return when((group != "" || kind != "PersistentVolumeClaim") && (group != "snapshot.storage.k8s.io" || kind != "VolumeSnapshot"))
		}},
		because: "dataSource takes claims and snapshots; anything else goes into dataSourceRef, when the claim is made", source: "pkg/api/persistentvolumeclaim EnforceDataSourceBackwardsCompatibility, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.internalTrafficPolicy", asks: "the type is ExternalName", when: func(c *change, _ *Edit) answer {
			return when(serviceType(c.is("spec.type")) == "ExternalName")
		}},
		because: "a Service that is a name has no traffic of its own", source: "pkg/registry/core/service/storage defaultOnReadInternalTrafficPolicy, 1.37.2",
	},
	{
		rule: rule{kinds: "Pod", fields: "spec.resources", from: 37, asks: "it is left out", when: func(_ *change, e *Edit) answer {
			return when(e.Field == "spec.resources" && e.New == nil)
		}},
		because: "the server keeps the pod's resources where a client leaves them out", source: "pkg/registry/core/pod PrepareForUpdate, 1.37.2",
	},
}

// dropped says which edits the server takes and does not store.
func (c *change) dropped(e *Edit) (Outcome, bool) {
	for _, k := range c.book.kept {
		if k.in(c.version) && (belowAny(e.Field, k.fields) || onlyAny(e, k.fields)) && k.holds(c, e) == yes {
			return Outcome{Mechanism: Dropped, Because: k.because, Source: k.source}, true
		}
	}
	for _, g := range c.book.gated {
		if g.filled != "" && within(g.filled, e.Field) || g.gate == imageVolume && within(e.Field, g.field) {
			continue
		}
		if !g.off(c.version) || !within(e.Field, g.field) && !only(e, g.field) && !c.dropsItem(g, e) && (e.New == nil || g.leaves == "" || !touches(e, g.field)) {
			continue
		}
		if uses(&c.old.Root, g.field, g.stored) || g.stored != "" && (e.Old == nil || e.New == nil) { // in use, the field is as good as any other
			continue
		}
		if g.leaves != "" && !c.bare(g) {
			if !within(e.Field, g.field) && !only(e, g.field) {
				continue
			}
			return g.outcome(c.version, false), true
		}
		return g.outcome(c.version, g.leaves != ""), true
	}
	return Outcome{}, false
}

func (g *gated) outcome(v kubeschema.Version, refused bool) Outcome {
	o := Outcome{Mechanism: Dropped, Because: g.because(), Source: g.source + ", " + v.String()}
	if refused {
		o.Mechanism, o.Rule = Refused, g.leaves
	}
	return o
}

func (g *gated) because() string {
	if g.on == 0 {
		return "the feature gate " + g.gate + " is off, as it is on each server up to 1.37 unless somebody turned it on"
	}
	return "the feature gate " + g.gate + " is off before " + g.on.String() + ", unless somebody turned it on"
}

// bare tells whether a field stands alone where the server, having dropped it,
// looks for something in its place. It does not look at the template of a
// StatefulSet before 1.34.
func (c *change) bare(g *gatedField) bool {
	if c.kind == "StatefulSet.apps" && c.version <= 33 {
		return false
	}
	i := strings.LastIndexByte(g.field, '.')
	return alone(&c.new.Root, g.field[:i], g.field[i+1:])
}

// alone tells whether somewhere at a path there is a map with one key only, this
// one.
func alone(v *kubeobj.Value, path, key string) bool {
	if v.Is(kubeobj.List) {
		for _, item := range v.Each() {
			if alone(item, path, key) {
				return true
			}
		}
		return false
	}
	if path == "" {
		return v.Is(kubeobj.Map) && len(v.Items) == 1 && v.Items[0].Name == key
	}
	name, rest, _ := strings.Cut(path, ".")
	return alone(v.Get(name), rest, key)
}

// uses tells whether there is a value at a path, other than the one that is
// stored in its place.
func uses(v *kubeobj.Value, field, other string) bool {
	if other == "" {
		return holds(v, field)
	}
	if v.Is(kubeobj.List) {
		for _, item := range v.Each() {
			if uses(item, field, other) {
				return true
			}
		}
		return false
	}
	if field == "" {
		return v != nil && v.Text != other
	}
	name, rest, _ := strings.Cut(field, ".")
	return uses(v.Get(name), rest, other)
}

// off tells whether a version has the field, and its gate off.
func (g *gated) off(v kubeschema.Version) bool { return v >= g.from && (g.on == 0 || v < g.on) }

// of are the fields that are meant in a kind.
func (g *gated) of(kind string) []string {
	prefix := ""
	if g.kinds == "" {
		spec := podSpecs[kind]
		if spec == "" {
			return nil
		}
		prefix = spec + "."
	} else if !(&rule{kinds: g.kinds}).covers(kind) {
		return nil
	}
	var all []string
	for f := range strings.FieldsSeq(g.fields) {
		rest, every := strings.CutPrefix(f, "CONTAINERS.")
		if !every {
			all = append(all, prefix+f)
			continue
		}
		for _, list := range []string{"containers.", "initContainers.", "ephemeralContainers."} {
			all = append(all, prefix+list+rest)
		}
	}
	return all
}

// imageVolume is the gate without which a volume is dropped as a whole, and its
// mounts with it: pkg/api/pod dropImageVolumes, 1.33.13. A volume that was of
// another kind goes too, which changes the pods.
const imageVolume = "ImageVolume"

// dropsItem tells whether an edit adds a volume that is dropped as a whole, or
// a mount of it.
func (c *change) dropsItem(g *gatedField, e *Edit) bool {
	if g.gate != imageVolume || e.Old != nil || !e.New.Is(kubeobj.Map) {
		return false
	}
	volumes := strings.TrimSuffix(g.field, ".image")
	if e.Field == volumes {
		return holds(e.New, "image")
	}
	if !strings.HasPrefix(e.Field, strings.TrimSuffix(volumes, "volumes")) || !strings.HasSuffix(e.Field, "ontainers.volumeMounts") {
		return false
	}
	for _, v := range c.is(volumes).Each() {
		if v.Get("name").Str() == e.New.Get("name").Str() && holds(v, "image") {
			return true
		}
	}
	return false
}

func belowAny(field, fields string) bool {
	for f := range strings.FieldsSeq(fields) {
		if within(field, f) {
			return true
		}
	}
	return false
}

// allocated tells whether an edit leaves out what the server gave a Service and
// would keep.
func allocated(c *change, e *Edit) answer {
	if !blank(e.New) || !blank(c.is(e.Field)) {
		return no
	}
	was, is := serviceType(c.was("spec.type")), serviceType(c.is("spec.type"))
	switch e.Field {
	case "spec.ports.nodePort":
		return when(is != "ClusterIP" && is != "ExternalName" && was != "ClusterIP" && was != "ExternalName")
	case "spec.healthCheckNodePort":
		return when(is == "LoadBalancer" && text(c.is("spec.externalTrafficPolicy"), "Cluster") == "Local")
	}
	return when(was != "ExternalName" && is != "ExternalName")
}

// only tells whether an edit is of something that has the field in it and
// nothing else.
func only(e *Edit, field string) bool {
	if !within(field, e.Field) || field == e.Field {
		return false
	}
	v := e.New
	if v == nil {
		v = e.Old
	}
	return v != nil && lonely(v, field[len(e.Field)+1:])
}

func lonely(v *kubeobj.Value, field string) bool {
	if field == "" {
		return true
	}
	if v.Kind == kubeobj.List && len(v.Items) == 1 {
		return lonely(&v.Items[0], field)
	}
	name, rest, _ := strings.Cut(field, ".")
	return v.Kind == kubeobj.Map && len(v.Items) == 1 && v.Items[0].Name == name && lonely(&v.Items[0], rest)
}

func onlyAny(e *Edit, fields string) bool {
	for f := range strings.FieldsSeq(fields) {
		if only(e, f) {
			return true
		}
	}
	return false
}

// parts says which fields of what an edit adds are dropped.
func (c *change) parts(e *Edit) string {
	if e.New == nil {
		return ""
	}
	for _, g := range c.book.gated {
		if g.gate == imageVolume && g.off(c.version) && within(e.Field, g.field) && !uses(&c.old.Root, g.field, "") {
			return "; the volume goes, and its mounts: " + g.because()
		}
		if g.stored != "" && g.off(c.version) && e.Field == g.field && e.New.Str() != g.stored && !uses(&c.old.Root, g.field, g.stored) {
			return "; " + g.stored + " is stored in its place: " + g.because()
		}
		if g.off(c.version) && within(g.field, e.Field) && g.field != e.Field && holds(e.New, g.field[len(e.Field)+1:]) && !uses(&c.old.Root, g.field, g.stored) {
			return "; " + g.field[len(e.Field)+1:] + " in it is dropped: " + g.because()
		}
	}
	return ""
}
