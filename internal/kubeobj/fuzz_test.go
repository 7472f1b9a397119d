package kubeobj

import (
	"strings"
	"testing"
)

// FuzzParse: no text makes the reader fail, what it says of places is true, and
// what the fast reader takes the others read alike.
func FuzzParse(f *testing.F) {
	for _, s := range samples() {
		f.Add(s)
	}
	for _, s := range []string{
		pod, "{{- if x }}\n" + pod, `{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"a"}}]}`, "\ufeff{}\n---\n# x\n--- y\n...\n",
		"a: ${X}\nb: *c\n", "\xff\xfea", "? a\n: - b\n  - c\n", "a: |2-\n\n   x\n", "%YAML 1.1\n---\na: >+\n\n\n  b\n\n c\n", strings.Repeat("[", 300), "a: \"\\\n  \\ x\"\n",
		"kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1\npatches: [{path: a}]\n", "a: &a {<<: *a}\n", "x: !!binary 1\n? [a]\n: b\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		Detect("f.yaml", []byte(text))
		file, p := Parse("f", []byte(text))
		if p != nil {
			if p.Reason == "" {
				t.Error("a problem without a reason")
			}
		} else {
			for _, o := range file.Objects {
				within(t, &o.Root, len(text), 0)
				if o.Kind == "" || o.Version == "" || o.Name == "" && o.GenerateName == "" {
					t.Errorf("an object without identity: %+v", o)
				}
			}
			for _, u := range file.Unread {
				if u.Offset < 0 || u.Offset > int64(len(text)) || u.Line < 1 || u.Reason == "" {
					t.Errorf("%+v", u)
				}
			}
		}
		for c := range chunks(text, 0) {
			agree(t, text[c.start:c.end])
		}
	})
}

func within(t *testing.T, v *Value, size, depth int) {
	if int(v.Offset) > size {
		t.Errorf("offset %d of %d", v.Offset, size)
	}
	if depth > MaxDepth+1 {
		t.Fatal("too deep")
	}
	if (v.Kind == Map || v.Kind == List) != (v.Items != nil) && v.Items != nil || v.Kind == Absent {
		t.Errorf("%+v", v)
	}
	for _, item := range v.Each() {
		within(t, item, size, depth+1)
	}
}
