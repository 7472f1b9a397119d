package crd

import (
	"fmt"
	"slices"
	"sync/atomic"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Group is that of the definitions.
const Group = "apiextensions.k8s.io"

// Set knows the kinds of some definitions. It may be used from several
// goroutines.
type Set struct {
	version kubeschema.Version
	kinds   map[groupKind]*definition
	// spent counts the CEL cost of all objects.
	spent atomic.Int64
}

type groupKind struct{ group, kind string }

// definition is one CustomResourceDefinition.
type definition struct {
	object *kubeobj.Object
	spec   *apiextensionsv1.CustomResourceDefinition // with the defaults of its own fields
	serves map[string]*served
	// why objects of it cannot be judged, although its name is known
	unknown string
}

// Is tells definitions from other objects.
func Is(o *kubeobj.Object) bool {
	return o.Group == Group && o.Kind == "CustomResourceDefinition"
}

// Read takes the definitions out of objects and judges them as a server of this
// version does: a new one as if it were created, one that a cluster printed as if
// it were written unchanged. Other objects are left alone. Where two define the
// same kind the last one counts, as it does when both are applied.
func Read(version kubeschema.Version, objects []*kubeobj.Object) (*Set, []Problem) {
	s := &Set{version: version, kinds: make(map[groupKind]*definition)}
	var problems []Problem
	for _, o := range objects {
		if !Is(o) {
			continue
		}
		d, found := readDefinition(version, o)
		problems = append(problems, found...)
		if d == nil {
			continue
		}
		key := groupKind{d.spec.Spec.Group, d.spec.Spec.Names.Kind}
		if before := s.kinds[key]; before != nil {
			problems = append(problems, Problem{Object: before.object, Unknown: true, Refusal: Refusal{
				Path: "spec.names.kind", Offset: int64(before.object.Root.Offset), At: -1,
				Rule: fmt.Sprintf("%s defines the same kind; the objects are judged by that one", o.Identity()),
			}})
		}
		s.kinds[key] = d
	}
	return s, problems
}

func readDefinition(version kubeschema.Version, o *kubeobj.Object) (*definition, []Problem) {
	spec, _, problem := decodeDefinition(o)
	if problem != nil {
		return nil, []Problem{*problem}
	}
	d := &definition{object: o, spec: spec, serves: make(map[string]*served)}
	before := (*apiextensionsv1.CustomResourceDefinition)(nil)
	if o.Live {
		before = spec
	}
	refusals, unknown := checkDefinition(version, spec, before, o)
	var problems []Problem
	for _, r := range refusals {
		problems = append(problems, Problem{Object: o, Refusal: r})
	}
	if unknown != "" {
		problems = append(problems, Problem{Object: o, Unknown: true, Refusal: Refusal{Offset: int64(o.Root.Offset), At: -1, Rule: unknown}})
	}
	switch {
	case unknown != "":
		d.unknown = "its CustomResourceDefinition could not be judged: " + unknown
	case len(refusals) > 0 && !o.Live: // what is stored is served, whatever is said of it today
		d.unknown = "the server refuses its CustomResourceDefinition: " + refusals[0].Path + ": " + refusals[0].Rule
	default:
		for i := range spec.Spec.Versions {
			v := &spec.Spec.Versions[i]
			if v.Served || v.Storage {
				d.serves[v.Name] = &served{definition: d, version: v, index: i, server: version}
			}
		}
	}
	return d, problems
}

// Knows tells whether objects of the kind, in this version, can be judged.
func (s *Set) Knows(group, version, kind string) bool {
	d := s.kinds[groupKind{group, kind}]
	return d != nil && d.unknown == "" && d.serves[version] != nil && d.serves[version].version.Served
}

// Defines tells whether there is a definition of the kind at all, in whichever
// versions, refused or not, and returns it.
func (s *Set) Defines(group, kind string) *kubeobj.Object {
	if d := s.kinds[groupKind{group, kind}]; d != nil {
		return d.object
	}
	return nil
}

// Namespaced tells the scope of a kind; ok is false of kinds that are not known.
func (s *Set) Namespaced(group, kind string) (namespaced, ok bool) {
	d := s.kinds[groupKind{group, kind}]
	if d == nil {
		return false, false
	}
	return d.spec.Spec.Scope == apiextensionsv1.NamespaceScoped, true
}

// storage is the version in which objects are stored.
func (d *definition) storage() *served {
	i := slices.IndexFunc(d.spec.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool { return v.Storage })
	if i < 0 {
		return nil
	}
	return d.serves[d.spec.Spec.Versions[i].Name]
}

func (d *definition) converts() bool {
	c := d.spec.Spec.Conversion
	return c != nil && c.Strategy == apiextensionsv1.WebhookConverter
}
