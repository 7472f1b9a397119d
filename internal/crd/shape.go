package crd

import (
	"maps"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"

	"polygraph/internal/kubeschema"
)

// Type is the schema of a kind as package kubeschema writes types, for those who
// compare objects field by field: which fields there are, and by which keys the
// items of lists are told apart. metadata is not in it. Defaults are not either:
// Normalize fills them in. It is nil where nothing is known.
func (s *Set) Type(group, version, kind string) *kubeschema.Type {
	if !s.Knows(group, version, kind) {
		return nil
	}
	v := s.kinds[groupKind{group, kind}].serves[version]
	if v.build() != nil || v.structural == nil {
		return nil
	}
	t := shape(v.structural)
	t.Name = kind
	if t.Shape == kubeschema.Struct {
		t.Fields = slices.DeleteFunc(t.Fields, func(f kubeschema.Field) bool {
			return f.Name == "metadata" || f.Name == "apiVersion" || f.Name == "kind"
		})
	}
	return t
}

func shape(s *schema.Structural) *kubeschema.Type {
	if s.XIntOrString {
		return &kubeschema.Type{Shape: kubeschema.IntOrString}
	}
	// Below what is preserved anything may stand.
	if s.XPreserveUnknownFields || s.XEmbeddedResource {
		return &kubeschema.Type{Shape: kubeschema.Raw}
	}
	switch s.Type {
	case "object":
		if a := s.AdditionalProperties; a != nil {
			if a.Structural == nil {
				return &kubeschema.Type{Shape: kubeschema.Raw}
			}
			return &kubeschema.Type{Shape: kubeschema.Map, Elem: shape(a.Structural)}
		}
		t := &kubeschema.Type{Shape: kubeschema.Struct}
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			child := s.Properties[name]
			t.Fields = append(t.Fields, kubeschema.Field{
				Name: name, Type: shape(&child), Since: kubeschema.Oldest, Until: kubeschema.Newest,
				Required: s.ValueValidation != nil && slices.Contains(s.ValueValidation.Required, name),
				Pointer:  true, // an empty value is stored as such
				Atomic:   child.XMapType != nil && *child.XMapType == "atomic",
			})
		}
		return t
	case "array":
		t := &kubeschema.Type{Shape: kubeschema.List, Elem: &kubeschema.Type{Shape: kubeschema.Raw}}
		if s.Items != nil {
			t.Elem = shape(s.Items)
		}
		if s.XListType != nil {
			t.Set = *s.XListType == "set"
			if *s.XListType == "map" {
				t.Keys = slices.Clone(s.XListMapKeys)
			}
		}
		return t
	default:
		basic := map[string]string{"string": "string", "boolean": "bool", "integer": "int64", "number": "float64"}[s.Type]
		if basic == "" {
			return &kubeschema.Type{Shape: kubeschema.Raw}
		}
		return &kubeschema.Type{Shape: kubeschema.Scalar, Basic: basic}
	}
}
