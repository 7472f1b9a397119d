package kubeobj

import (
	"slices"
	"testing"
)

// TestKustomizationByName: kustomize fills apiVersion and kind in, in a file of
// that name and where both are missing.
func TestKustomizationByName(t *testing.T) {
	const text = "resources: [a.yaml]\ncomponents: [../pin]\nimages: [{name: a, newTag: b}]\n"
	for path, want := range map[string]int{
		"kustomization.yaml": 1, "a/kustomization.yml": 1, "a/b/Kustomization": 1,
		"a/kustomization.yaml/f.yaml": 0, "my-kustomization.yaml": 0, "values.yaml": 0,
	} {
		f, problem := Parse(path, []byte(text))
		if want == 0 {
			if problem == nil {
				t.Errorf("%s: %+v", path, f)
			}
			continue
		}
		if problem != nil || len(f.Kustomizations) != 1 || len(f.Objects) != 0 || len(f.Unread) != 1 {
			t.Errorf("%s: %v %+v", path, problem, f)
			continue
		}
		k := f.Kustomizations[0]
		if !slices.Equal(k.Resources, []string{"a.yaml", "../pin"}) || !slices.Equal(k.Components, []string{"../pin"}) || !slices.Equal(k.Changes, []string{"images"}) {
			t.Errorf("%s: %+v", path, k)
		}
	}
	for _, half := range []string{"apiVersion: v1\n", "kind: Pod\n", "kind: \"\"\n", "apiVersion: 1\n"} {
		if f, problem := Parse("kustomization.yaml", []byte(half+text)); problem == nil {
			t.Errorf("%q: %+v", half, f)
		}
	}
}
