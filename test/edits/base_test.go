package edits

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"
)

var (
	nodesResource    = schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	eventsResource   = schema.GroupVersionResource{Version: "v1", Resource: "events"}
	accountsResource = schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}
)

// base is an object that edits begin from. NAME in its text is the name of the
// object that an edit has for itself.
type base struct {
	name   string // of its file
	text   string
	people []change // what people do to it
}

// bases are those of testdata, in the order of their names, each with the edits
// that people make.
func bases(t *testing.T) []base {
	t.Helper()
	var people map[string][]map[string]any
	if err := yaml.Unmarshal([]byte(read(t, "testdata/people.yaml")), &people); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir("testdata/bases")
	if err != nil {
		t.Fatal(err)
	}
	var out []base
	for _, f := range files {
		b := base{name: strings.TrimSuffix(f.Name(), ".yaml"), text: read(t, filepath.Join("testdata/bases", f.Name()))}
		for _, c := range people[b.name] {
			b.people = append(b.people, change(c))
		}
		if len(b.people) == 0 {
			t.Errorf("people do nothing to %s", b.name)
		}
		delete(people, b.name)
		out = append(out, b)
	}
	for name := range people {
		t.Errorf("there are edits of %s, which there is not", name)
	}
	return out
}

// objects are the edited object, and what it needs beside it.
func (b *base) objects(t testing.TB, name string) (*unstructured.Unstructured, []*unstructured.Unstructured) {
	t.Helper()
	all := documents(t, strings.ReplaceAll(b.text, "NAME", name))
	return all[len(all)-1], slices.Clip(all[:len(all)-1])
}

func documents(t testing.TB, text string) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	for part := range strings.SplitSeq(text, "\n---\n") {
		u := &unstructured.Unstructured{}
		body, err := yaml.YAMLToJSON([]byte(part))
		if err == nil {
			err = u.UnmarshalJSON(body) // whole numbers as int64
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, part)
		}
		out = append(out, u)
	}
	return out
}

// condition is the status of one of an object's conditions.
func condition(u *unstructured.Unstructured, of string) string {
	all, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range all {
		if c, ok := c.(map[string]any); ok && c["type"] == of {
			s, _ := c["status"].(string)
			return s
		}
	}
	return ""
}

// minorOf is 1.37 of 1.37.2.
func minorOf(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
