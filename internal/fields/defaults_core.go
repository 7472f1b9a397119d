package fields

import (
	"strings"

	"github.com/distribution/reference"

	"polygraph/internal/kubeobj"
)

// core is pkg/apis/core/v1/defaults.go.
func (f *form) core(s *stored, name string) {
	switch name {
	case "Container", "EphemeralContainer":
		f.set(s, "imagePullPolicy", pullPolicy(s.says("image")))
		f.set(s, "terminationMessagePath", "/dev/termination-log")
		f.set(s, "terminationMessagePolicy", "File")
	case "PodSpec":
		f.podSpec(s)
	case "Pod":
		f.object(s, "spec")
		f.pod(s.at("spec"))
	case "PodTemplateSpec", "PersistentVolumeClaimTemplate":
		f.object(s, "spec")
	case "PodTemplate":
		f.object(s, "template")
	case "NodeSpec":
		f.node(s)
	case "Probe":
		f.set(s, "timeoutSeconds", "1")
		f.set(s, "periodSeconds", "10")
		f.set(s, "successThreshold", "1")
		f.set(s, "failureThreshold", "3")
	case "HTTPGetAction":
		f.set(s, "path", "/")
		f.set(s, "scheme", "HTTP")
	case "Volume":
		f.volume(s)
	case "SecretVolumeSource", "ConfigMapVolumeSource", "DownwardAPIVolumeSource", "ProjectedVolumeSource":
		f.set(s, "defaultMode", "420")
	case "ServiceAccountTokenProjection":
		f.set(s, "expirationSeconds", "3600")
	case "HostPathVolumeSource":
		f.set(s, "type", "")
	case "AzureDiskVolumeSource":
		f.set(s, "cachingMode", "ReadWrite")
		f.set(s, "kind", "Shared")
	case "ObjectFieldSelector":
		f.set(s, "apiVersion", "v1")
	case "ResourceFieldSelector":
		// A divisor of 0 is none, in whatever unit.
		if s.says("divisor") == "0" {
			s.drop("divisor")
		}
	case "Service":
		f.service(f.object(s, "spec"))
	case "Secret":
		f.secret(s)
	case "PersistentVolume":
		spec := f.object(s, "spec")
		f.set(spec, "persistentVolumeReclaimPolicy", "Retain")
		f.set(spec, "volumeMode", "Filesystem")
	case "PersistentVolumeClaim":
		f.object(s, "spec")
	case "PersistentVolumeClaimSpec":
		f.claimSpec(s)
	case "ReplicationController":
		f.replicationController(s)
	case "Namespace":
		f.namespace(s)
	case "LimitRangeItem":
		f.limits(s)
	case "EndpointPort":
		f.set(s, "protocol", "TCP")
	}
}

func (f *form) podSpec(s *stored) {
	// serviceAccount is an alias of serviceAccountName, which wins (1.37
	// SetDefaults_PodSpec, before that Convert_v1_PodSpec_To_core_PodSpec).
	if old := s.at("serviceAccount"); old != nil && old.bad == "" {
		if !s.has("serviceAccountName") {
			v := *old
			v.name = "serviceAccountName"
			v.decl, _ = s.typ.Field(v.name, f.version)
			s.put(v)
		}
		s.drop("serviceAccount")
	}
	f.set(s, "dnsPolicy", "ClusterFirst")
	f.set(s, "restartPolicy", "Always")
	f.object(s, "securityContext")
	f.set(s, "terminationGracePeriodSeconds", "30")
	f.set(s, "schedulerName", "default-scheduler")
}

// pod is SetDefaults_Pod, which does not concern templates.
func (f *form) pod(spec *stored) {
	if spec == nil || spec.kind != kubeobj.Map {
		return
	}
	if strings.HasPrefix(spec.says("terminationGracePeriodSeconds"), "-") && f.version >= 30 {
		f.become(spec, "terminationGracePeriodSeconds", "1")
	}
	f.set(spec, "enableServiceLinks", "true")
	host := spec.says("hostNetwork") == "true"
	for _, containers := range []string{"containers", "initContainers"} {
		list := spec.at(containers)
		if list == nil {
			continue
		}
		for i := range list.items {
			f.requests(&list.items[i])
			if ports := list.items[i].at("ports"); host && ports != nil {
				for j := range ports.items {
					f.set(&ports.items[j], "hostPort", ports.items[j].says("containerPort"))
				}
			}
		}
	}
}

// requests are the limits where no requests are written.
func (f *form) requests(container *stored) {
	limits := container.at("resources", "limits")
	if limits == nil || limits.kind != kubeobj.Map {
		return
	}
	if requests := f.object(container.at("resources"), "requests"); requests != nil {
		limits = container.at("resources", "limits")
		for i := range limits.items {
			if l := &limits.items[i]; !requests.has(l.name) {
				requests.put(l.clone())
			}
		}
	}
}

// volume is empty where it has no source.
func (f *form) volume(s *stored) {
	source := false
	for i := range s.items {
		source = source || s.items[i].name != "name" && s.items[i].decl != nil
	}
	if !source {
		f.object(s, "emptyDir")
	}
	if image := s.at("image"); image != nil && image.kind == kubeobj.Map && f.version >= 35 { // ImageVolume, on since 1.35
		f.set(image, "pullPolicy", pullPolicy(image.says("reference")))
	}
}

// pullPolicy depends on the tag (pkg/util/parsers.ParseImageName).
func pullPolicy(image string) string {
	const always, ifNotPresent = "Always", "IfNotPresent"
	for i := range len(image) {
		if c := image[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && !strings.ContainsRune("./-_:@", rune(c)) {
			return strictPolicy(image)
		}
	}
	if image == "" || strings.Contains(image, "@") {
		return strictPolicy(image)
	}
	name := image[strings.LastIndexByte(image, '/')+1:]
	_, tag, tagged := strings.Cut(name, ":")
	if !tagged && len(image) < 64 || tag == "latest" {
		return always
	}
	if !tagged {
		return strictPolicy(image)
	}
	return ifNotPresent
}

// strictPolicy parses the name as Kubernetes does: a name that is none has no tag.
func strictPolicy(image string) string {
	named, err := reference.ParseNormalizedNamed(image)
	if err != nil {
		return "IfNotPresent"
	}
	tag := ""
	if t, ok := named.(reference.Tagged); ok {
		tag = t.Tag()
	}
	if _, digested := named.(reference.Digested); tag == "latest" || tag == "" && !digested {
		return "Always"
	}
	return "IfNotPresent"
}

// secret merges stringData over data (Convert_v1_Secret_To_core_Secret).
func (f *form) secret(s *stored) {
	f.set(s, "type", "Opaque")
	texts := s.at("stringData")
	if texts == nil || texts.kind != kubeobj.Map {
		return
	}
	items := texts.items
	s.drop("stringData")
	data := f.object(s, "data")
	if data == nil {
		return
	}
	merged := make([]stored, 0, len(data.items)+len(items))
	written := data.items
	for _, item := range items {
		for len(written) > 0 && written[0].name < item.name {
			merged, written = append(merged, written[0]), written[1:]
		}
		item.typ = data.typ.Elem
		if len(written) > 0 && written[0].name == item.name {
			if written[0].bad != "" {
				item.bad = written[0].bad // data is decoded first
			}
			written = written[1:]
		}
		merged = append(merged, item)
	}
	data.items = append(merged, written...)
}

func (f *form) claimSpec(s *stored) {
	f.set(s, "volumeMode", "Filesystem")
	// NormalizeDataSources (pkg/registry/core/persistentvolumeclaim/strategy.go):
	// each is filled in from the other, unless the reference crosses namespaces.
	source, ref := s.at("dataSource"), s.at("dataSourceRef")
	switch {
	case source != nil && ref == nil:
		f.converted(s, "dataSourceRef", source)
	case source == nil && ref != nil && !ref.has("namespace"):
		f.converted(s, "dataSource", ref)
	}
}

// converted copies a struct into another type with the same fields.
func (f *form) converted(s *stored, name string, from *stored) {
	if from.kind != kubeobj.Map {
		return
	}
	texts := from.clone()
	if to := f.object(s, name); to != nil {
		for i := range texts.items {
			f.set(to, texts.items[i].name, texts.items[i].text)
		}
	}
}

func (f *form) replicationController(s *stored) {
	f.object(s, "spec")
	labels := s.at("spec", "template", "metadata", "labels")
	if labels == nil {
		return
	}
	labelled := labels.clone()
	f.copied(s.at("spec"), "selector", &labelled)
	f.copied(f.object(s, "metadata"), "labels", &labelled)
}

// node keeps podCIDR and podCIDRs in step (Convert_v1_NodeSpec_To_core_NodeSpec).
func (f *form) node(s *stored) {
	one, list := s.at("podCIDR"), s.at("podCIDRs")
	switch {
	case one == nil && list != nil && list.kind == kubeobj.List:
		f.set(s, "podCIDR", list.items[0].text)
	case one != nil && (list == nil || list.kind == kubeobj.List && list.items[0].text != one.text):
		text := one.text
		s.drop("podCIDRs")
		f.texts(s, "podCIDRs", text)
	}
}

// namespace labels itself (SetDefaults_Namespace) and keeps its finalizer
// (PrepareForCreate of its strategy).
func (f *form) namespace(s *stored) {
	if name := s.says("metadata", "name"); name != "" {
		if labels := f.object(s.at("metadata"), "labels"); labels != nil {
			label := stored{name: "kubernetes.io/metadata.name", text: name, typ: labels.typ.Elem, kind: kubeobj.String}
			if old := labels.at(label.name); old != nil {
				label.value = old.value
			}
			labels.put(label)
		}
	}
	f.texts(f.object(s, "spec"), "finalizers", "kubernetes")
}

// limits are filled in from each other, for containers.
func (f *form) limits(s *stored) {
	if s.says("type") != "Container" {
		return
	}
	for _, pair := range [][2]string{{"max", "default"}, {"default", "defaultRequest"}, {"min", "defaultRequest"}} {
		from := s.at(pair[0])
		if from == nil || from.kind != kubeobj.Map {
			continue
		}
		values := from.clone()
		if to := f.object(s, pair[1]); to != nil {
			for _, v := range values.items {
				if !to.has(v.name) {
					to.put(v)
				}
			}
		}
	}
}
