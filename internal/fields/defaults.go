package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// fill puts in what the server fills in, from the top down as Kubernetes does
// (pkg/apis/*/v*/defaults.go and zz_generated.defaults.go of k8s.io/kubernetes;
// read in 1.29 to 1.37): first what a function of the type does, then what the
// declaration says (+default=), then the same for what is inside.
func (f *form) fill(s *stored) {
	if s.kind != kubeobj.Map && s.kind != kubeobj.List {
		return
	}
	if s.typ != nil && s.kind == kubeobj.Map {
		switch s.typ.Shape {
		case kubeschema.Struct:
			f.function(s)
			for _, i := range s.typ.Defaulted {
				if d := &s.typ.Fields[i]; d.Since <= f.version && f.version <= d.Until && !s.has(d.Name) {
					f.declared(s, d)
				}
			}
		case kubeschema.Map:
			if s.typ.Elem.Shape == kubeschema.Quantity {
				for i := range s.items {
					s.items[i].text = toMilli(s.items[i].text)
				}
			}
		}
	}
	for i := range s.items {
		f.fill(&s.items[i])
	}
}

// declared fills in a default that stands in the declaration of the field.
func (f *form) declared(s *stored, d *kubeschema.Field) {
	switch {
	case strings.HasPrefix(d.Default, "{"):
		// The only objects are those of one empty field: {"single": {}}.
		name := strings.Trim(strings.SplitN(d.Default, ":", 2)[0], `{" `)
		if in := f.object(s, d.Name); in != nil {
			f.object(in, name)
		}
	default:
		f.set(s, d.Name, strings.Trim(d.Default, `"`))
	}
}

// set fills in a scalar where the field is not there, or empty.
func (f *form) set(s *stored, name, text string) {
	if s == nil || s.kind != kubeobj.Map || s.has(name) {
		return
	}
	f.become(s, name, text)
}

// become sets a scalar whatever is there.
func (f *form) become(s *stored, name, text string) {
	decl, ok := s.typ.Field(name, f.version)
	if !ok {
		return
	}
	v := stored{name: name, text: text, typ: decl.Type, decl: decl, kind: kubeobj.String}
	switch {
	case decl.Type.Shape == kubeschema.IntOrString && plainInteger(text):
		v.kind = kubeobj.Number
	case decl.Type.Shape != kubeschema.Scalar || decl.Type.Basic == "string":
	case decl.Type.Basic == "bool":
		v.kind = kubeobj.Bool
	default:
		v.kind = kubeobj.Number
	}
	s.put(v)
}

// object is a struct field, filled in where it is not there; nil where this
// version has no such field, or what is written there is no object.
func (f *form) object(s *stored, name string) *stored {
	if s == nil || s.kind != kubeobj.Map {
		return nil
	}
	if v := s.at(name); v != nil {
		if v.kind != kubeobj.Map {
			return nil
		}
		return v
	}
	decl, ok := s.typ.Field(name, f.version)
	if !ok {
		return nil
	}
	return s.put(stored{name: name, typ: decl.Type, decl: decl, kind: kubeobj.Map})
}

// list fills in a list of one item for each call's objects or texts; it is
// filled in where the field is not there.
func (f *form) list(s *stored, name string, n int) *stored {
	decl, ok := s.typ.Field(name, f.version)
	if !ok || s.has(name) {
		return nil
	}
	v := stored{name: name, typ: decl.Type, decl: decl, kind: kubeobj.List, items: make([]stored, n)}
	for i := range v.items {
		v.items[i] = stored{typ: decl.Type.Elem, kind: kubeobj.Map}
		if decl.Type.Elem.Shape == kubeschema.Scalar {
			v.items[i].kind = kubeobj.String
		}
	}
	return s.put(v)
}

func (f *form) texts(s *stored, name string, texts ...string) {
	if l := f.list(s, name, len(texts)); l != nil {
		for i := range texts {
			l.items[i].text = texts[i]
		}
	}
}

// copied fills in a copy of a value under another name.
func (f *form) copied(s *stored, name string, from *stored) {
	decl, ok := s.typ.Field(name, f.version)
	if !ok || from == nil || s.has(name) {
		return
	}
	v := from.clone()
	v.name, v.decl = name, decl
	s.put(v)
}

// clone is a copy that counts as filled in.
func (s *stored) clone() stored {
	c := *s
	c.value = nil
	c.items = make([]stored, len(s.items))
	for i := range s.items {
		c.items[i] = s.items[i].clone()
	}
	return c
}

// function does what Kubernetes' defaulting function of the type does. The names
// are those of the functions: SetDefaults_Container.
func (f *form) function(s *stored) {
	group, name, _ := strings.Cut(s.typ.Name, ".")
	switch group {
	case "core/v1":
		f.core(s, name)
	case "apps/v1", "apps/v1beta1", "apps/v1beta2":
		f.apps(s, name)
	case "batch/v1", "batch/v1beta1":
		f.batch(s, name)
	case "autoscaling/v1", "autoscaling/v2":
		f.autoscaling(s, s.typ.Name)
	case "networking/v1", "discovery/v1", "rbac/v1", "storage/v1", "scheduling/v1":
		f.small(s, s.typ.Name)
	case "apiextensions/v1", "apiregistration/v1":
		f.extension(s, name)
	default:
		switch {
		case strings.HasPrefix(group, "admissionregistration/"):
			f.admission(s, name)
		case strings.HasPrefix(group, "flowcontrol/"):
			f.flow(s, name)
		case strings.HasPrefix(group, "resource/"):
			f.device(s, name)
		}
	}
}
