package change_test

import (
	"slices"
	"strings"
	"testing"

	"polygraph/internal/analyzers/change"
	"polygraph/internal/finding"
	"polygraph/internal/kubeschema"
)

const claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: files, namespace: shop}\n" +
	"spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}, storageClassName: gp3}\n"

// TestVersionsDisagree: what is not known for a version is not accepted by it.
func TestVersionsDisagree(t *testing.T) {
	for name, c := range map[string]struct{ size, want string }{
		"shrinks": {"5Gi", "refused by 1.29 to 1.31, not known for 1.32 to 1.37"},
		"grows":   {"20Gi", "it is refused if the claim is not bound"},
	} {
		j := judgeObjects(t, change.Options{}, nil, map[string]string{"old/a": claim, "new/a": strings.ReplaceAll(claim, "10Gi", c.size)})
		got := j.of("CHG100")
		if len(got) != 1 || got[0].Verdict != finding.Unproven || !strings.Contains(got[0].Proof[0].Text, c.want) || strings.Contains(got[0].Proof[0].Text, "accepted") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.ex.com}
spec:
  group: ex.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        x-kubernetes-validations: [{rule: "has(self.spec)", message: "a spec is needed"}]
        properties:
          spec:
            type: object
            x-kubernetes-validations: [{rule: "self.size >= oldSelf.size", message: "no shrink"}]
            properties: {size: {type: integer, maximum: 10}, color: {type: string, enum: [red, blue]}}
`

// TestWholeObjectIsNoField: what the server says about an object as a whole is
// neither a field nor counted as one.
func TestWholeObjectIsNoField(t *testing.T) {
	widget := "apiVersion: ex.com/v1\nkind: Widget\nmetadata: {name: w, namespace: shop}\n"
	for name, c := range map[string]struct{ new, title, remedy string }{
		"with fields": {widget + "spec: {size: 30, color: green}\n", "widget w: the server refuses spec.color and 1 more", "Leave spec.color and 1 more as it is"},
		"alone":       {widget + "other: 1\n", "widget w: the server refuses the edit", "Write the object"},
	} {
		j := judgeObjects(t, change.Options{}, nil, map[string]string{"old/a": widget + "spec: {size: 5, color: red}\n", "new/a": c.new, "new/crd": definition})
		got := j.of("CHG100")
		if len(got) != 1 || got[0].Title != c.title || !strings.HasPrefix(got[0].Remedy.Text, c.remedy) {
			t.Fatalf("%s: %+v", name, got)
		}
		for _, p := range got[0].Proof {
			if strings.Contains(p.Text, "<nil>") {
				t.Errorf("%s: %s", name, p.Text)
			}
		}
		if strings.Contains(strings.Join(j.rows, "\n"), "<nil>") {
			t.Errorf("%s: %q", name, j.rows)
		}
	}
}

// TestStoredVersionGoes: status.storedVersions is in no manifest; the remedy is
// about the versions, and the edit of them has one row.
func TestStoredVersionGoes(t *testing.T) {
	j := judgeObjects(t, change.Options{}, nil, map[string]string{"old/a": definition, "new/a": strings.ReplaceAll(definition, "name: v1", "name: v2")})
	got := j.of("CHG100")
	if len(got) != 1 || got[0].Verdict != finding.Refuted || !strings.HasSuffix(got[0].Title, "refuses spec.versions[0].name") ||
		!strings.HasPrefix(got[0].Remedy.Text, "Keep the version") || strings.Contains(got[0].Remedy.Text, "Leave") {
		t.Errorf("%+v", got)
	}
	if want := []string{"CustomResourceDefinition.apiextensions.k8s.io/widgets.ex.com refused spec.versions[0].name"}; !slices.Equal(j.rows, want) {
		t.Errorf("%q", j.rows)
	}
}

// TestPodIsResized: a pod whose resources are all that is refused is resized, and
// not deleted.
func TestPodIsResized(t *testing.T) {
	pod := func(spec string) string {
		return "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {" + spec + "}\n"
	}
	const small, large = "containers: [{name: c, image: i, resources: {requests: {cpu: 100m, memory: 1Gi}}}]", "containers: [{name: c, image: i, resources: {requests: {cpu: 200m, memory: 2Gi}}}]"
	resized := `kubectl patch pod/a -n shop --subresource resize --patch '{"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"200m","memory":"2Gi"}}}]}}'`
	for name, c := range map[string]struct {
		version  kubeschema.Version
		old, new string
		want     string
	}{
		"resources":              {37, small, large, resized},
		"resources, 1.33":        {33, small, large, resized},
		"resources, 1.32":        {32, small, large, ""},
		"something else too":     {37, small, large + ", hostNetwork: true", ""},
		"a request goes":         {37, small, strings.ReplaceAll(small, ", memory: 1Gi", ""), ""},
		"there were none":        {37, "containers: [{name: c, image: i}]", small, ""},
		"other than cpu, memory": {37, small, strings.ReplaceAll(small, "cpu: 100m", "cpu: 100m, ephemeral-storage: 1Gi"), ""},
		"init, before 1.36":      {35, small + ", initC" + small[1:], small + ", initC" + large[1:], ""},
		"init": {
			36, small + ", initC" + small[1:], small + ", initC" + large[1:],
			strings.ReplaceAll(resized, `"containers"`, `"initContainers"`),
		},
	} {
		j := judgeObjects(t, change.Options{Version: c.version}, nil, map[string]string{"old/a": pod(c.old), "new/a": pod(c.new)})
		got := j.of("CHG100")
		if len(got) != 1 || got[0].Verdict != finding.Refuted {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		if said := strings.Join(got[0].Remedy.Commands, ""); said != c.want || strings.Contains(got[0].Remedy.Text, "delete the object") != (c.want == "") {
			t.Errorf("%s: %+v", name, got[0].Remedy)
		}
	}
}
