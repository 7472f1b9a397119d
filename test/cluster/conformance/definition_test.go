package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// definitions is the resource of CustomResourceDefinitions, for which client-go has no typed client.
func definitions() schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
}

// define makes a definition and waits until it is established and served.
func (s suite) define(t *testing.T, definition string, values ...any) *unstructured.Unstructured {
	t.Helper()
	made := s.create(t, "", definition, values...)
	s.established(t, made.GetName())
	group, _, _ := unstructured.NestedString(made.Object, "spec", "group")
	plural, _, _ := unstructured.NestedString(made.Object, "spec", "names", "plural")
	versions, _, _ := unstructured.NestedSlice(made.Object, "spec", "versions")
	for _, v := range versions {
		name := v.(map[string]any)["name"].(string)
		eventually(t, made.GetName()+" is served", func(ctx context.Context) error {
			_, err := s.objects.Resource(schema.GroupVersionResource{Group: group, Version: name, Resource: plural}).List(ctx, metav1.ListOptions{})
			return err
		})
	}
	return made
}

func (s suite) established(t *testing.T, name string) {
	t.Helper()
	eventually(t, name+" is established", func(ctx context.Context) error {
		got, err := s.objects.Resource(definitions()).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if condition(got, "Established") != "True InitialNamesAccepted" {
			return errors.New(field(got, "status"))
		}
		return nil
	})
}

// condition is status and reason of a condition of an object, or nothing.
func condition(object *unstructured.Unstructured, kind string) string {
	all, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, one := range all {
		if c, ok := one.(map[string]any); ok && c["type"] == kind {
			return fmt.Sprint(c["status"], " ", c["reason"])
		}
	}
	return ""
}

const gadget = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[1]s.conformance.example.org}
spec:
  group: conformance.example.org
  scope: Namespaced
  names: {plural: %[1]s, singular: %[2]s, kind: %[3]s, shortNames: [%[4]s]}
  versions:
  - name: v1
    served: true
    storage: false
    schema: &schema
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer}}}}
  - name: v2
    served: true
    storage: true
    schema: *schema`

// testDefinition: the life of a definition, which the API server's own controllers lead.
func testDefinition(t *testing.T, s suite) {
	namespace := s.namespace(t)
	name := s.define(t, gadget, "gadgets", "gadget", "Gadget", "gd").GetName()
	v1 := schema.GroupVersionResource{Group: "conformance.example.org", Version: "v1", Resource: "gadgets"}
	v2 := v1.GroupVersion().WithResource("gadgets")
	v2.Version = "v2"

	s.create(t, namespace, "{apiVersion: conformance.example.org/v1, kind: Gadget, metadata: {name: one}, spec: {size: 3}}")
	for _, version := range []schema.GroupVersionResource{v1, v2} {
		got, err := s.objects.Resource(version).Namespace(namespace).Get(t.Context(), "one", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got.GetAPIVersion() != version.GroupVersion().String() || field(got, "spec") != `{"size":3}` {
			t.Errorf("as %s it is %s %s", version.Version, got.GetAPIVersion(), field(got, "spec"))
		}
	}
	definition, err := s.objects.Resource(definitions()).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if stored := field(definition, "status", "storedVersions"); stored != `["v2"]` {
		t.Errorf("stored as %s", stored)
	}
	eventually(t, "kubectl can find it by its short name", func(context.Context) error {
		list, err := s.admin.Discovery().ServerResourcesForGroupVersion("conformance.example.org/v2")
		if err != nil {
			return err
		}
		for _, resource := range list.APIResources {
			if resource.Name == "gadgets" && resource.Kind == "Gadget" && strings.Join(resource.ShortNames, " ") == "gd" {
				return nil
			}
		}
		return fmt.Errorf("there is %v", list.APIResources)
	})

	// Another definition may not take a name that is taken.
	taken := s.create(t, "", gadget, "widgetries", "widgetry", "Gadget", "wd").GetName()
	eventually(t, "the second kind of that name is not accepted", func(ctx context.Context) error {
		got, err := s.objects.Resource(definitions()).Get(ctx, taken, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if condition(got, "NamesAccepted") != "False ListKindConflict" || strings.HasPrefix(condition(got, "Established"), "True") {
			return errors.New(field(got, "status", "conditions"))
		}
		return nil
	})
	_, err = s.try(t, s.objects, "", strings.ReplaceAll(gadget, "{type: integer}", "{type: integer, default: many}"), "broken", "brok", "Broken", "br")
	refused(t, "a default of the wrong type", err, apierrors.IsInvalid, "default")
	_, err = s.try(t, s.objects, "", strings.ReplaceAll(gadget, "{type: integer}", "{}"), "broken", "brok", "Broken", "br")
	refused(t, "a schema that is not structural", err, apierrors.IsInvalid, "Required value: must not be empty for specified object fields")

	if err := s.objects.Resource(definitions()).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the definition goes and takes its objects along", func(ctx context.Context) error {
		_, err := s.objects.Resource(definitions()).Get(ctx, name, metav1.GetOptions{})
		return gone(err)
	})
	// Defined again, there is nothing of the old ones. The second definition waited for the name.
	s.established(t, taken)
	s.define(t, gadget, "gadgets", "gadget", "OtherGadget", "gd")
	list, err := s.objects.Resource(v2).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 0 {
		t.Errorf("after the definition was deleted and made again: %v, %v", list, err)
	}
}
