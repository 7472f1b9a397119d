package workloads

import (
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// Claim is a volumeClaimTemplate of a StatefulSet and what was made of it.
type Claim struct {
	Name     string
	Template *kubeobj.Value
	Path     string // spec.volumeClaimTemplates[name=data]
	Class    Class  // which the template asks for
	Existing []ExistingClaim
}

// ExistingClaim is a PersistentVolumeClaim of a StatefulSet among the objects.
type ExistingClaim struct {
	Object    *kubeobj.Object
	Ordinal   int
	Requested *kubeobj.Value // spec.resources.requests.storage
	Actual    *kubeobj.Value // status.capacity.storage; nil where there is no status
	Class     Class
}

// Class is a StorageClass.
type Class struct {
	Name   string          // "" where none is used, or where it is Unknown
	Object *kubeobj.Object // nil where it is not among the objects
	// Unknown: the default class is used, and which that is the objects do not say.
	Unknown bool
}

// Expands tells whether the class lets claims grow; known is false where its
// object is not there.
//
// Source: PersistentVolumeClaimResize admission plugin, kubernetes v1.37.2
// plugin/pkg/admission/storage/persistentvolume/resize: allowVolumeExpansion must
// be true.
func (c Class) Expands() (yes, known bool) {
	if c.Object == nil {
		return false, false
	}
	return isTrue(c.Object.Get("allowVolumeExpansion")), true
}

type existingClaim struct {
	object  *kubeobj.Object
	ordinal int
}

// claim files a claim under its name without the ordinal.
func (g *Graph) claim(o *kubeobj.Object) {
	i := strings.LastIndexByte(o.Name, '-')
	if i < 0 {
		return
	}
	n, err := strconv.Atoi(o.Name[i+1:])
	if err != nil || n < 0 || strconv.Itoa(n) != o.Name[i+1:] {
		return
	}
	k := KeyOf(o)
	k.Name = o.Name[:i]
	g.claims[k] = append(g.claims[k], existingClaim{o, n})
}

// Claims are the volumeClaimTemplates of a StatefulSet, in the order written, each
// with its claims by ordinal.
//
// Source: getPersistentVolumeClaimName, kubernetes v1.37.2
// pkg/controller/statefulset/stateful_set_utils.go: template-set-ordinal.
func (g *Graph) Claims(set *kubeobj.Object) []Claim {
	if set.Kind != "StatefulSet" {
		return nil
	}
	var out []Claim
	for i, t := range set.Get("spec", "volumeClaimTemplates").Each() {
		name := t.Get("metadata", "name").Str()
		c := Claim{Name: name, Template: t, Path: "spec.volumeClaimTemplates[" + strconv.Itoa(i) + "]", Class: g.class(t)}
		for _, e := range g.claims[Key{"", "PersistentVolumeClaim", set.Namespace, name + "-" + set.Name}] {
			c.Existing = append(c.Existing, ExistingClaim{
				Object: e.object, Ordinal: e.ordinal, Requested: e.object.Get("spec", "resources", "requests", "storage"),
				Actual: e.object.Get("status", "capacity", "storage"), Class: g.class(&e.object.Root),
			})
		}
		slices.SortStableFunc(c.Existing, func(a, b ExistingClaim) int { return a.Ordinal - b.Ordinal })
		out = append(out, c)
	}
	return out
}

// ClassOf is the StorageClass of a PersistentVolumeClaim.
func (g *Graph) ClassOf(claim *kubeobj.Object) Class { return g.class(&claim.Root) }

// class finds the class of a claim or of a template of one. An empty name is no
// class; an absent one is the default class, which must then be the only one that
// says so: of several the newest is taken, and creation times are not compared
// here.
//
// Source: Kubernetes documentation, "Storage Classes: Default StorageClass".
func (g *Graph) class(claim *kubeobj.Value) Class {
	name := claim.Get("metadata", "annotations", "volume.beta.kubernetes.io/storage-class")
	if name == nil {
		name = written(claim.Get("spec", "storageClassName"))
	}
	if name.Is(kubeobj.String) {
		c := Class{Name: name.Text}
		if list := g.Find(Key{"storage.k8s.io", "StorageClass", "", name.Text}); len(list) == 1 {
			c.Object = list[0]
		}
		return c
	}
	var defaults []*kubeobj.Object
	for _, o := range g.byKind[kind{"storage.k8s.io", "StorageClass"}] {
		if o.Annotation("storageclass.kubernetes.io/is-default-class") == "true" ||
			o.Annotation("storageclass.beta.kubernetes.io/is-default-class") == "true" {
			defaults = append(defaults, o)
		}
	}
	if name != nil || len(defaults) != 1 {
		return Class{Unknown: true}
	}
	return Class{Name: defaults[0].Name, Object: defaults[0]}
}
