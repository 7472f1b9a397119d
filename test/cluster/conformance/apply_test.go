package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// testApply: server-side apply of a built-in type, whose lists are merged by key.
func testApply(t *testing.T, s suite) {
	namespace := s.namespace(t)
	deployments := in(s.objects, groupVersion(t, "apps/v1").WithResource("deployments"), namespace)
	manifest := `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  %s
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - %s`
	apply := func(manager string, force bool, spec, container string) (*unstructured.Unstructured, error) {
		return deployments.Apply(t.Context(), "web", read(t, manifest, spec, container), metav1.ApplyOptions{FieldManager: manager, Force: force})
	}
	must := func(got *unstructured.Unstructured, err error) *unstructured.Unstructured {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	must(apply("team", false, "replicas: 2", "{name: main, image: 'one', env: [{name: A, value: '1'}]}"))
	// Another manager adds a container of its own and shares what it does not change.
	both := must(apply("mesh", false, "", "{name: proxy, image: 'two'}"))
	containers, _, _ := unstructured.NestedSlice(both.Object, "spec", "template", "spec", "containers")
	if len(containers) != 2 {
		t.Errorf("two managers, each with a container, make %d", len(containers))
	}
	if got := managers(both); got != "mesh Apply, team Apply" {
		t.Errorf("the managers are %s", got)
	}
	_, err := apply("mesh", false, "replicas: 3", "{name: proxy, image: 'two'}")
	refused(t, "a field of another manager", err, apierrors.IsConflict, `conflict with "team"`, ".spec.replicas")
	forced := must(apply("mesh", true, "replicas: 3", "{name: proxy, image: 'two'}"))
	if field(forced, "spec", "replicas") != "3" {
		t.Errorf("by force it has %s replicas", field(forced, "spec", "replicas"))
	}
	// What a manager stops to apply goes, unless another manages it too.
	without := must(apply("team", false, "", "{name: main, image: 'one'}"))
	if field(without, "spec", "replicas") != "3" || strings.Contains(field(without, "spec", "template"), `"env"`) {
		t.Errorf("after the environment was left out: %s", field(without, "spec"))
	}
	before := without.GetResourceVersion()
	if again := must(apply("team", false, "", "{name: main, image: 'one'}")); again.GetResourceVersion() != before {
		t.Errorf("the same again made version %s of %s", again.GetResourceVersion(), before)
	}
	// An update takes the fields that it changes, and is told apart by its user agent or its field manager.
	patched, err := deployments.Patch(t.Context(), "web", types.MergePatchType, []byte(`{"spec": {"replicas": 5}}`), metav1.PatchOptions{FieldManager: "scaler"})
	if got := managers(must(patched, err)); got != "mesh Apply, scaler Update, team Apply" {
		t.Errorf("the managers are %s", got)
	}
	_, err = apply("mesh", false, "replicas: 3", "{name: proxy, image: 'two'}")
	refused(t, "a field that an update took", err, apierrors.IsConflict, `conflict with "scaler"`)
}

// managers lists who manages fields of an object, and how.
func managers(object *unstructured.Unstructured) string {
	var all []string
	for _, entry := range object.GetManagedFields() {
		all = append(all, fmt.Sprintf("%s %s", entry.Manager, entry.Operation))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// testDryRun: every verb answers as if it were done, and nothing is.
func testDryRun(t *testing.T, s suite) {
	namespace := s.namespace(t)
	for _, name := range []string{"one", "two"} {
		s.create(t, namespace, configMap, name, "", "1")
	}
	configMaps := in(s.objects, groupVersion(t, "v1").WithResource("configmaps"), namespace)
	state := func() string {
		t.Helper()
		list, err := configMaps.List(t.Context(), metav1.ListOptions{LabelSelector: "tier"})
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, one := range list.Items {
			all = append(all, fmt.Sprint(one.GetName(), one.GetUID(), one.GetResourceVersion(), field(&one, "data"), one.GetDeletionTimestamp()))
		}
		return strings.Join(all, "\n")
	}
	before, dry := state(), []string{metav1.DryRunAll}

	made, err := s.dry(t, namespace, configMap, "three", "", "1")
	if err != nil || made.GetUID() == "" {
		t.Errorf("created: %v, %v", made, err)
	}
	_, err = s.dry(t, namespace, configMap, "one", "", "1")
	refused(t, "one that exists", err, apierrors.IsAlreadyExists)
	patch := []byte(`{"data": {"size": "2"}}`)
	patched, err := configMaps.Patch(t.Context(), "one", types.MergePatchType, patch, metav1.PatchOptions{DryRun: dry})
	if err != nil || field(patched, "data", "size") != `"2"` {
		t.Errorf("patched: %v, %v", patched, err)
	}
	updated, err := configMaps.Update(t.Context(), patched, metav1.UpdateOptions{DryRun: dry})
	if err != nil || field(updated, "data", "size") != `"2"` {
		t.Errorf("updated: %v, %v", updated, err)
	}
	applied, err := configMaps.Apply(t.Context(), "four", read(t, configMap, "four", "", "4"), metav1.ApplyOptions{FieldManager: "test", DryRun: dry})
	if err != nil || field(applied, "data", "size") != `"4"` {
		t.Errorf("applied: %v, %v", applied, err)
	}
	if err := configMaps.Delete(t.Context(), "one", metav1.DeleteOptions{DryRun: dry}); err != nil {
		t.Errorf("deleted: %v", err)
	}
	if err := configMaps.DeleteCollection(t.Context(), metav1.DeleteOptions{DryRun: dry}, metav1.ListOptions{}); err != nil {
		t.Errorf("deleted all: %v", err)
	}
	if after := state(); after != before {
		t.Errorf("dry runs changed\n%s\ninto\n%s", before, after)
	}
	// The comparison would see a change.
	if _, err := configMaps.Patch(t.Context(), "one", types.MergePatchType, patch, metav1.PatchOptions{}); err != nil || state() == before {
		t.Errorf("a real change is not seen: %v", err)
	}
}
