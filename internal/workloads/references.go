package workloads

import (
	"path"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// maxReads bounds what is kept of one workload: each mount of a projected volume
// reads each of its sources, so that a forged object could ask for millions. An
// object of the API has at most 1.5 MB, and real ones have dozens of references.
const maxReads = 20_000

// references collects those of one workload.
type references struct {
	w    *Workload
	out  []Read
	left int
}

func readsOf(w *Workload) []Read {
	if w.Template == nil {
		return nil
	}
	r := &references{w: w, left: maxReads}
	volumes := r.volumes()
	for i := range w.Containers {
		r.container(&w.Containers[i], volumes)
	}
	spec := join(w.Path, "spec")
	seen := map[string]bool{}
	for _, v := range w.Spec().Get("volumes").Each() { // in the order written
		name := v.Get("name").Str()
		list := volumes[name]
		for i := range list {
			if s := &list[i]; !s.used && !seen[name] {
				r.add(s.read(name))
			}
		}
		seen[name] = true
	}
	for i, s := range w.Spec().Get("imagePullSecrets").Each() {
		r.add(Read{Way: Pull, All: true, Target: r.target("Secret", s.Get("name")), Value: s.Get("name"), Path: item(spec+".imagePullSecrets", "name", s, i)})
	}
	return r.out
}

func (r *references) add(read Read) {
	if read.Target.Name == "" {
		return
	}
	if r.left--; r.left < 0 {
		r.w.Partial = true
		return
	}
	read.Reader, read.Workload = r.w.In, r.w
	r.out = append(r.out, read)
}

// target is in the namespace of the pods, which is the workload's.
func (r *references) target(kind string, name *kubeobj.Value) Key {
	return Key{"", kind, r.w.Object.Namespace, name.Str()}
}

func (r *references) container(c *Container, volumes map[string][]source) {
	for i, e := range c.Value.Get("env").Each() {
		for _, s := range [...]struct{ field, kind string }{{"configMapKeyRef", "ConfigMap"}, {"secretKeyRef", "Secret"}} {
			ref := e.Get("valueFrom", s.field)
			if !ref.Is(kubeobj.Map) {
				continue
			}
			read := Read{
				Way: Env, Container: c, Target: r.target(s.kind, ref.Get("name")), Value: ref, Variable: e.Get("name").Str(),
				Path: item(c.Path+".env", "name", e, i) + ".valueFrom." + s.field, Optional: isTrue(ref.Get("optional")),
			}
			if key := ref.Get("key").Str(); key != "" {
				read.Keys = []string{key}
			}
			r.add(read)
		}
	}
	for i, e := range c.Value.Get("envFrom").Each() {
		for _, s := range [...]struct{ field, kind string }{{"configMapRef", "ConfigMap"}, {"secretRef", "Secret"}} {
			if ref := e.Get(s.field); ref.Is(kubeobj.Map) {
				r.add(Read{
					Way: EnvFrom, Container: c, All: true, Target: r.target(s.kind, ref.Get("name")), Value: ref, Prefix: e.Get("prefix").Str(),
					Path: c.Path + ".envFrom[" + strconv.Itoa(i) + "]." + s.field, Optional: isTrue(ref.Get("optional")),
				})
			}
		}
	}
	for i, m := range c.Value.Get("volumeMounts").Each() {
		name := m.Get("name").Str()
		list := volumes[name]
		for j := range list {
			if list[j].way != Volume {
				continue
			}
			list[j].used = true
			if r.left <= 0 {
				r.w.Partial = true
				continue
			}
			read := list[j].read(name)
			read.Way, read.Container, read.Mount = Volume, c, m.Get("mountPath").Str()
			if sub, expr := m.Get("subPath").Str(), m.Get("subPathExpr").Str(); sub != "" || expr != "" {
				read.Way = SubPath
				read.Path = item(c.Path+".volumeMounts", "mountPath", m, i)
				read.Value = m
				if !r.narrow(&read, &list[j], sub, expr) {
					continue
				}
			}
			r.add(read)
		}
	}
}

// narrow leaves the keys that a subPath shows; false where it shows none of this
// source.
func (r *references) narrow(read *Read, s *source, sub, expr string) bool {
	if sub == "" {
		if strings.Contains(expr, "$(") {
			read.Keys, read.All, read.Unclear = nil, true, true
			return true
		}
		sub = expr
	}
	sub = path.Clean(sub)
	if sub == "." {
		return true
	}
	if s.paths == nil { // a key is a file of its name
		read.Keys, read.All = []string{sub}, false
		return true
	}
	read.Keys, read.All = nil, false
	r.left -= len(s.paths) / 16
	for i, p := range s.paths {
		if p == sub || strings.HasPrefix(p, sub+"/") {
			read.Keys = append(read.Keys, s.keys[i])
		}
	}
	return len(read.Keys) > 0
}
