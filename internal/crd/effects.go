package crd

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Where the effects come from.
const (
	handlerSource = "k8s.io/apiextensions-apiserver/pkg/apiserver, customresource_handler.go"
	versionsPage  = "Kubernetes documentation, Versions in CustomResourceDefinitions"
)

type observer struct {
	server kubeschema.Version
	object *kubeobj.Object
	crd    *apiextensionsv1.CustomResourceDefinition
	out    []Effect
}

// effects are what an accepted edit does to clients and to what is stored.
func effects(server kubeschema.Version, before, after *apiextensionsv1.CustomResourceDefinition, o *kubeobj.Object) []Effect {
	x := &observer{server: server, object: o, crd: after}
	kind := after.Spec.Names.Kind
	for _, name := range gone(before, after) {
		if version(before, name).Served {
			x.add("spec.versions[name="+name+"]", fields.Outcome{
				Mechanism: fields.InPlace, Source: handlerSource,
				Because: fmt.Sprintf("version %s goes: who asks for %s in it is answered 404", name, kind),
			})
		}
	}
	for i := range after.Spec.Versions {
		v := &after.Spec.Versions[i]
		x.version(version(before, v.Name), v, kind)
	}
	x.storage(before, after)
	x.conversion(before, after)
	x.names(&before.Spec.Names, &after.Spec.Names)
	return x.out
}

func (x *observer) add(path string, outcome fields.Outcome) {
	for i, v := range x.crd.Spec.Versions {
		if rest, ok := strings.CutPrefix(path, "spec.versions[name="+v.Name+"]"); ok {
			_, offset := locate(&x.object.Root, fmt.Sprintf("spec.versions[%d]%s", i, rest))
			x.out = append(x.out, Effect{Path: path, Offset: offset, Outcome: outcome})
			return
		}
	}
	_, offset := locate(&x.object.Root, path)
	x.out = append(x.out, Effect{Path: path, Offset: offset, Outcome: outcome})
}

func (x *observer) version(before, after *apiextensionsv1.CustomResourceDefinitionVersion, kind string) {
	at := "spec.versions[name=" + after.Name + "]"
	inPlace := func(path, because string) {
		x.add(at+path, fields.Outcome{Mechanism: fields.InPlace, Because: because, Source: handlerSource})
	}
	if before == nil {
		if after.Served {
			inPlace("", fmt.Sprintf("%s is served in version %s as well", kind, after.Name))
		}
		return
	}
	switch {
	case before.Served && !after.Served:
		inPlace(".served", fmt.Sprintf("version %s is not served any more: who asks for %s in it is answered 404", after.Name, kind))
	case !before.Served && after.Served:
		inPlace(".served", fmt.Sprintf("%s is served in version %s as well", kind, after.Name))
	}
	if !before.Deprecated && after.Deprecated {
		inPlace(".deprecated", "each request for this version is answered with a warning")
	}
	had, has := before.Subresources, after.Subresources
	status := func(s *apiextensionsv1.CustomResourceSubresources) bool { return s != nil && s.Status != nil }
	scale := func(s *apiextensionsv1.CustomResourceSubresources) bool { return s != nil && s.Scale != nil }
	switch {
	case !status(had) && status(has):
		inPlace(".subresources.status", "status is written through its subresource only: what writes it with the object writes it in vain")
	case status(had) && !status(has):
		inPlace(".subresources.status", "the status subresource is gone: controllers that write it are answered 404, and an apply may write status")
	}
	switch {
	case scale(had) && !scale(has):
		inPlace(".subresources.scale", "the scale subresource is gone: kubectl scale and autoscalers are answered 404")
	case scale(had) && scale(has) && !equality.Semantic.DeepEqual(had.Scale, has.Scale):
		inPlace(".subresources.scale", "kubectl scale and autoscalers read and write other fields")
	}
	x.schema(before.Schema, after.Schema, at+".schema.openAPIV3Schema")
}

func (x *observer) schema(before, after *apiextensionsv1.CustomResourceValidation, at string) {
	convert := func(v *apiextensionsv1.CustomResourceValidation) *apiextensions.JSONSchemaProps {
		out := &apiextensions.CustomResourceValidation{}
		if v == nil || apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(v, out, nil) != nil {
			return nil
		}
		return out.OpenAPIV3Schema
	}
	was, is := convert(before), convert(after)
	if was == nil || is == nil || equality.Semantic.DeepEqual(was, is) {
		return
	}
	x.compare(was, is, at)
}

// storage tells that another version is stored from now on.
func (x *observer) storage(before, after *apiextensionsv1.CustomResourceDefinition) {
	stored := func(crd *apiextensionsv1.CustomResourceDefinition) string {
		for _, v := range crd.Spec.Versions {
			if v.Storage {
				return v.Name
			}
		}
		return ""
	}
	was, is := stored(before), stored(after)
	if was == is {
		return
	}
	x.add("spec.versions[name="+is+"].storage", fields.Outcome{
		Mechanism: fields.Stored, Documented: true, Source: versionsPage,
		Because: fmt.Sprintf("objects are stored as %s when they are written the next time", is),
		Still:   fmt.Sprintf("objects that nobody writes stay stored as %s, and %s in status.storedVersions, until they are migrated", was, was),
	})
}

func (x *observer) conversion(before, after *apiextensionsv1.CustomResourceDefinition) {
	was, is := before.Spec.Conversion, after.Spec.Conversion
	if was == nil || is == nil || equality.Semantic.DeepEqual(was, is) {
		return
	}
	because := "objects of another version than the one asked for go through another webhook; while it does not answer, they cannot be read or written"
	switch {
	case was.Strategy == apiextensionsv1.NoneConverter:
		because = "objects of another version than the one asked for go through a webhook; while it does not answer, they cannot be read or written"
	case is.Strategy == apiextensionsv1.NoneConverter:
		because = "objects of another version than the one asked for get its apiVersion and lose the fields that it does not have; no webhook converts them any more"
	}
	x.add("spec.conversion", fields.Outcome{Mechanism: fields.InPlace, Because: because, Source: versionsPage, Documented: true})
}

func (x *observer) names(before, after *apiextensionsv1.CustomResourceDefinitionNames) {
	for _, n := range []struct {
		name    string
		was, is []string
	}{
		{"singular", []string{before.Singular}, []string{after.Singular}},
		{"listKind", []string{before.ListKind}, []string{after.ListKind}},
		{"shortNames", before.ShortNames, after.ShortNames},
		{"categories", before.Categories, after.Categories},
	} {
		if !slices.Equal(n.was, n.is) {
			x.add("spec.names."+n.name, fields.Outcome{
				Mechanism: fields.InPlace, Because: "discovery tells the new names, unless another definition of the group has them (condition NamesAccepted)",
				Source: "k8s.io/apiextensions-apiserver/pkg/controller/status, naming_controller.go",
			})
		}
	}
}
