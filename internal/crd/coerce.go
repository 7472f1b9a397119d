package crd

import (
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// coerce does to an object what the server does to what it decodes: metadata
// that is none is refused, or left out of what was stored long ago; unknown
// fields are pruned, with nulls that are not allowed; embedded objects likewise
// (customresource_handler.go, unstructuredSchemaCoercer). It returns the paths
// that it dropped.
func (v *served) coerce(m map[string]any, stored bool) ([]string, *field.Error) {
	meta, hasMeta, dropped, err := objectmeta.GetObjectMetaWithOptions(m, objectmeta.ObjectMetaOptions{
		DropMalformedFields: stored, ReturnUnknownFieldPaths: true,
	})
	if err != nil {
		return nil, field.Invalid(field.NewPath("metadata"), nil, "cannot be decoded as ObjectMeta")
	}
	apiVersion, kind := m["apiVersion"], m["kind"]
	if !v.preserves() {
		dropped = append(dropped, pruning.PruneWithOptions(m, v.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})...)
		defaulting.PruneNonNullableNullsWithoutDefaults(m, v.structural)
	}
	fault, unknown := objectmeta.CoerceWithOptions(nil, m, v.structural, false, objectmeta.CoerceOptions{
		DropInvalidFields: stored, ReturnUnknownFieldPaths: true,
	})
	if fault != nil {
		return nil, fault
	}
	m["apiVersion"], m["kind"] = apiVersion, kind
	if hasMeta {
		if err := objectmeta.SetObjectMeta(m, meta); err != nil {
			return nil, field.Invalid(field.NewPath("metadata"), nil, "cannot be decoded as ObjectMeta")
		}
		if meta.CreationTimestamp.IsZero() {
			delete(m["metadata"].(map[string]any), "creationTimestamp")
		}
	}
	return append(dropped, unknown...), nil
}

// fill puts in the defaults.
func (v *served) fill(m map[string]any) { defaulting.Default(m, v.structural) }

// decode is coerce and fill, in the order in which a request goes through them.
func (v *served) decode(m map[string]any) ([]string, *field.Error) {
	dropped, err := v.coerce(m, false)
	if err == nil {
		v.fill(m)
	}
	return dropped, err
}

// store is the way of an accepted object into the store and back: it is pruned
// by the schema of the storage version, and filled in by it when it is read. A
// webhook's conversion is not known; then the object comes back as it went in.
func (v *served) store(m map[string]any) []string {
	s := v.definition.storage()
	if s == nil || s == v || v.definition.converts() || s.build() != nil {
		return nil
	}
	group := v.definition.spec.Spec.Group
	m["apiVersion"] = group + "/" + s.version.Name
	dropped, _ := s.coerce(m, true)
	s.fill(m)
	m["apiVersion"] = group + "/" + v.version.Name
	_, _ = v.coerce(m, true)
	return dropped
}

// metadata is that of an object after coerce.
func metadata(m map[string]any) *metav1.ObjectMeta {
	meta, _, _, err := objectmeta.GetObjectMetaWithOptions(m, objectmeta.ObjectMetaOptions{DropMalformedFields: true})
	if err != nil || meta == nil {
		return &metav1.ObjectMeta{}
	}
	return meta
}
