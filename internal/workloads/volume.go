package workloads

import (
	"path"
	"strconv"

	"polygraph/internal/kubeobj"
)

// source is a ConfigMap or a Secret in a volume.
type source struct {
	way      Way // Volume or Driver
	target   Key
	value    *kubeobj.Value
	path     string
	keys     []string // nil: all
	paths    []string // of the keys, in the volume; nil where a key is a file of its name
	optional bool
	used     bool
}

func (s *source) read(volume string) Read {
	read := Read{
		Way: Unmounted, Target: s.target, Value: s.value, Path: s.path, Keys: s.keys, All: s.keys == nil,
		Volume: volume, Optional: s.optional,
	}
	if s.way == Driver {
		read.Way = Driver
	}
	return read
}

// drivers are the volumes that name a Secret for whoever mounts them.
//
// Source: k8s.io/api v0.37.2 core/v1 VolumeSource.
var drivers = [...]struct{ volume, field, name string }{
	{"csi", "nodePublishSecretRef", "name"},
	{"flexVolume", "secretRef", "name"},
	{"cephfs", "secretRef", "name"},
	{"rbd", "secretRef", "name"},
	{"iscsi", "secretRef", "name"},
	{"scaleIO", "secretRef", "name"},
	{"storageos", "secretRef", "name"},
	{"cinder", "secretRef", "name"},
	{"azureFile", "", "secretName"},
}

// volumes are the sources of the volumes of a template, by the volume's name.
func (r *references) volumes() map[string][]source {
	out := map[string][]source{}
	list := join(r.w.Path, "spec.volumes")
	left := maxReads
	for i, v := range r.w.Spec().Get("volumes").Each() {
		name, at := v.Get("name").Str(), item(list, "name", v, i)
		add := func(s source) {
			if left--; left < 0 {
				r.w.Partial = true
				return
			}
			if s.target.Name != "" {
				out[name] = append(out[name], s)
			}
		}
		if s := v.Get("configMap"); s.Is(kubeobj.Map) {
			add(r.source("ConfigMap", s, s.Get("name"), at+".configMap"))
		}
		if s := v.Get("secret"); s.Is(kubeobj.Map) {
			add(r.source("Secret", s, s.Get("secretName"), at+".secret"))
		}
		for j, p := range v.Get("projected", "sources").Each() {
			from := at + ".projected.sources[" + strconv.Itoa(j) + "]"
			if s := p.Get("configMap"); s.Is(kubeobj.Map) {
				add(r.source("ConfigMap", s, s.Get("name"), from+".configMap"))
			}
			if s := p.Get("secret"); s.Is(kubeobj.Map) {
				add(r.source("Secret", s, s.Get("name"), from+".secret"))
			}
		}
		for _, d := range drivers {
			s, p := v.Get(d.volume), at+"."+d.volume
			if s != nil && d.field != "" {
				s, p = s.Get(d.field), p+"."+d.field
			}
			if n := s.Get(d.name); n.Str() != "" {
				add(source{way: Driver, target: r.target("Secret", n), value: n, path: p + "." + d.name})
			}
		}
	}
	return out
}

func (r *references) source(kind string, v, name *kubeobj.Value, at string) source {
	s := source{way: Volume, target: r.target(kind, name), value: v, path: at, optional: isTrue(v.Get("optional"))}
	// An empty list of items is all keys: MakePayload, kubernetes v1.37.2
	// pkg/volume/configmap/configmap.go and pkg/volume/secret/secret.go.
	for _, it := range v.Get("items").Each() {
		s.keys = append(s.keys, it.Get("key").Str())
		s.paths = append(s.paths, path.Clean(it.Get("path").Str()))
	}
	return s
}
