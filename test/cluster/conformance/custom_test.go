package conformance

import (
	"encoding/json"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

const ship = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ships.conformance.example.org}
spec:
  group: conformance.example.org
  scope: Namespaced
  names: {plural: ships, singular: ship, kind: Ship}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.masts, statusReplicasPath: .status.masts, labelSelectorPath: .status.selector}
    additionalPrinterColumns:
    - {name: Port, type: string, jsonPath: .spec.port}
    - {name: Masts, type: integer, jsonPath: .spec.masts, priority: 1}
    selectableFields: [{jsonPath: .spec.port}]
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [port]
            x-kubernetes-validations:
            - {rule: "self.masts <= self.crew", message: a mast needs a hand}
            properties:
              port:
                type: string
                minLength: 3
                x-kubernetes-validations: [{rule: self == oldSelf, message: a ship keeps its home port}]
              masts: {type: integer, minimum: 0, maximum: 5, default: 2}
              crew: {type: integer, default: 4}
              cargo: {type: object, x-kubernetes-preserve-unknown-fields: true}
          status:
            type: object
            properties: {masts: {type: integer}, selector: {type: string}}`

// testCustomResource: what the schema of a custom resource does to its objects.
func testCustomResource(t *testing.T, s suite) {
	namespace := s.namespace(t)
	s.define(t, ship)
	ships := s.objects.Resource(schema.GroupVersionResource{Group: "conformance.example.org", Version: "v1", Resource: "ships"}).Namespace(namespace)
	manifest := "{apiVersion: conformance.example.org/v1, kind: Ship, metadata: {name: %s}, spec: {%s}}"

	t.Run("validation", func(t *testing.T) {
		for spec, want := range map[string]string{
			"masts: 1":                      "spec.port: Required value",
			"port: ab":                      "should be at least 3 chars long",
			"port: Kiel, masts: 6, crew: 9": "should be less than or equal to 5",
			"port: Kiel, masts: many":       `must be of type integer: "string"`,
			"port: Kiel, masts: 3, crew: 2": "a mast needs a hand",
		} {
			_, err := s.try(t, s.objects, namespace, manifest, "sunk", spec)
			refused(t, spec, err, apierrors.IsInvalid, want)
		}
	})
	t.Run("defaults and pruning", func(t *testing.T) {
		made := s.create(t, namespace, manifest, "gorch", "port: Kiel, sails: white, cargo: {tea: {tons: 3}}")
		if got, want := field(made, "spec"), `{"cargo":{"tea":{"tons":3}},"crew":4,"masts":2,"port":"Kiel"}`; got != want {
			t.Errorf("stored is %s, want %s", got, want)
		}
		strict := metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}
		_, err := create(t, s.objects, namespace, strict, manifest, "strict", "port: Kiel, sails: white")
		refused(t, "an unknown field under strict validation", err, apierrors.IsBadRequest, `unknown field "spec.sails"`)
	})
	t.Run("transition", func(t *testing.T) {
		_, err := ships.Patch(t.Context(), "gorch", types.MergePatchType, []byte(`{"spec": {"port": "Bremen"}}`), metav1.PatchOptions{})
		refused(t, "another port", err, apierrors.IsInvalid, "a ship keeps its home port")
		if _, err := ships.Patch(t.Context(), "gorch", types.MergePatchType, []byte(`{"spec": {"crew": 5}}`), metav1.PatchOptions{}); err != nil {
			t.Errorf("another crew: %v", err)
		}
	})
	t.Run("status", func(t *testing.T) {
		both := []byte(`{"spec": {"crew": 9}, "status": {"masts": 1, "selector": "a=b"}}`)
		got, err := ships.Patch(t.Context(), "gorch", types.MergePatchType, both, metav1.PatchOptions{}, "status")
		if err != nil {
			t.Fatal(err)
		}
		if field(got, "spec", "crew") != "5" || field(got, "status", "masts") != "1" || got.GetGeneration() != 2 {
			t.Errorf("a patch of the status made spec %s, status %s, generation %d", field(got, "spec"), field(got, "status"), got.GetGeneration())
		}
		got, err = ships.Patch(t.Context(), "gorch", types.MergePatchType, []byte(`{"spec": {"crew": 6}, "status": {"masts": 2}}`), metav1.PatchOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if field(got, "spec", "crew") != "6" || field(got, "status", "masts") != "1" || got.GetGeneration() != 3 {
			t.Errorf("a patch of the object made spec %s, status %s, generation %d", field(got, "spec"), field(got, "status"), got.GetGeneration())
		}
	})
	t.Run("scale", func(t *testing.T) {
		scale, err := ships.Get(t.Context(), "gorch", metav1.GetOptions{}, "scale")
		if err != nil {
			t.Fatal(err)
		}
		if scale.GetKind() != "Scale" || field(scale, "spec") != `{"replicas":2}` || field(scale, "status") != `{"replicas":1,"selector":"a=b"}` {
			t.Errorf("the scale is %v", scale.Object)
		}
		if _, err := ships.Patch(t.Context(), "gorch", types.MergePatchType, []byte(`{"spec": {"replicas": 3}}`), metav1.PatchOptions{}, "scale"); err != nil {
			t.Fatal(err)
		}
		if got, err := ships.Get(t.Context(), "gorch", metav1.GetOptions{}); err != nil || field(got, "spec", "masts") != "3" {
			t.Errorf("scaled to 3 it has %s masts, %v", field(got, "spec", "masts"), err)
		}
	})
	t.Run("table", func(t *testing.T) {
		text, err := s.admin.Discovery().RESTClient().Get().
			AbsPath("/apis/conformance.example.org/v1/namespaces", namespace, "ships").
			SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").Do(t.Context()).Raw()
		if err != nil {
			t.Fatal(err)
		}
		var table metav1.Table
		if err := json.Unmarshal(text, &table); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, column := range table.ColumnDefinitions {
			names = append(names, column.Name)
		}
		cells, _ := json.Marshal(table.Rows[0].Cells)
		if got := strings.Join(names, " "); got != "Name Port Masts" || len(table.Rows) != 1 || string(cells) != `["gorch","Kiel",3]` {
			t.Errorf("the table is %s: %s", got, cells)
		}
	})
	t.Run("selectable field", func(t *testing.T) {
		for port, want := range map[string]int{"Kiel": 1, "Bremen": 0} {
			list, err := ships.List(t.Context(), metav1.ListOptions{FieldSelector: "spec.port=" + port})
			if err != nil || len(list.Items) != want {
				t.Errorf("%s has %d ships, want %d; %v", port, len(list.Items), want, err)
			}
		}
	})
	t.Run("apply", func(t *testing.T) {
		apply := func(manager, spec string, force bool) error {
			_, err := ships.Apply(t.Context(), "sedov", read(t, manifest, "sedov", spec), metav1.ApplyOptions{FieldManager: manager, Force: force})
			return err
		}
		if err := apply("captain", "port: Riga, masts: 4", false); err != nil {
			t.Fatal(err)
		}
		if err := apply("owner", "port: Riga, cargo: {tea: 1}", false); err != nil {
			t.Errorf("the same value and another field: %v", err)
		}
		refused(t, "a field of the other manager", apply("owner", "port: Riga, masts: 3", false), apierrors.IsConflict, `conflict with "captain"`, ".spec.masts")
		if err := apply("owner", "port: Riga, masts: 3", true); err != nil {
			t.Errorf("by force: %v", err)
		}
		refused(t, "a field that was lost", apply("captain", "port: Riga, masts: 4", false), apierrors.IsConflict, `conflict with "owner"`)
		got, err := ships.Get(t.Context(), "sedov", metav1.GetOptions{})
		if err != nil || field(got, "spec") != `{"crew":4,"masts":3,"port":"Riga"}` {
			t.Errorf("cargo that nobody applies any more should be gone: %s, %v", field(got, "spec"), err)
		}
	})
}
