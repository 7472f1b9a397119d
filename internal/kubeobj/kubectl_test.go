package kubeobj

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// kubectl reads one YAML document as kubectl does.
func kubectl(doc string) (any, error) {
	if !strings.HasSuffix(doc, "\n") {
		doc += "\n"
	}
	var raw json.RawMessage
	if err := kubeyaml.NewYAMLToJSONDecoder(strings.NewReader(doc)).Decode(&raw); err != nil {
		return nil, err
	}
	return decodeJSON(raw)
}

func decodeJSON(raw []byte) (any, error) {
	var v any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	err := dec.Decode(&v)
	return v, err
}

// plainTree is a Value as encoding/json has it.
func plainTree(v *Value) any {
	switch v.Kind {
	case Bool:
		return v.Text == "true"
	case Number:
		return json.Number(v.Text)
	case String:
		return v.Text
	case Map:
		out := map[string]any{}
		for _, item := range v.Each() {
			if _, twice := out[item.Name]; twice {
				panic("a name twice: " + item.Name)
			}
			out[item.Name] = plainTree(item)
		}
		return out
	case List:
		out := []any{}
		for _, item := range v.Each() {
			out = append(out, plainTree(item))
		}
		return out
	}
	return nil
}

// fast and slow read one document, each in its way.
func fast(doc string) (Value, bool) {
	if !simple(doc) {
		return Value{}, false
	}
	b := &block{tree: &tree{}, text: doc, end: len(doc)}
	return b.document()
}

func slow(doc string) (Value, int, error) {
	n := &nodes{tree: &tree{}, places: newPlaces(doc), again: func(int) {}}
	return n.document(doc)
}

// agree compares the three readers on one document; it returns whether the fast
// one took it.
func agree(t *testing.T, doc string) bool {
	t.Helper()
	if strings.HasPrefix(doc, byteOrderMark) || strings.Contains(doc, "\n---") || strings.HasPrefix(doc, "---") {
		return false
	}
	want, wantErr := kubectl(doc)
	quick, ok := fast(doc)
	if ok {
		if wantErr != nil {
			t.Errorf("read, and kubectl says %v:\n%s", wantErr, doc)
			return true
		}
		if got := plainTree(&quick); !reflect.DeepEqual(got, want) {
			t.Errorf("fast: %v\nkubectl: %v\n%q", got, want, doc)
			return true
		}
	}
	v, _, err := slow(doc)
	switch {
	case ok && err != nil:
		t.Errorf("the fast reader took it, the slow one says %v:\n%s", err, doc)
	case ok && !reflect.DeepEqual(quick, v):
		t.Errorf("fast and slow differ: %s\n%q", difference(&quick, &v, ""), doc)
	}
	return ok
}

// difference names the first place at which two trees differ.
func difference(a, b *Value, at string) string {
	if a.Kind != b.Kind || a.Text != b.Text || a.Name != b.Name || a.Offset != b.Offset || len(a.Items) != len(b.Items) {
		return fmt.Sprintf("%s: %d %q %q @%d (%d) and %d %q %q @%d (%d)", at, a.Kind, a.Name, a.Text, a.Offset, len(a.Items), b.Kind, b.Name, b.Text, b.Offset, len(b.Items))
	}
	for i := range a.Items {
		if d := difference(&a.Items[i], &b.Items[i], at+"/"+a.Items[i].Name); d != "" {
			return d
		}
	}
	return ""
}

// agreeSlowly compares the slow reader with kubectl. The YAML libraries are not
// of one mind about what is an error: go-yaml v2 does not look behind the first
// value of a document. What both read must be equal.
func agreeSlowly(t *testing.T, doc string) string {
	t.Helper()
	doc = strings.TrimPrefix(doc, byteOrderMark)
	want, wantErr := kubectl(doc)
	v, _, err := slow(doc)
	switch {
	case wantErr != nil && err != nil:
		return "both refuse"
	case wantErr != nil:
		return "kubectl refuses: " + wantErr.Error()
	case err != nil:
		return "we refuse: " + err.Error()
	}
	if got := plainTree(&v); !reflect.DeepEqual(got, want) {
		t.Errorf("slow: %v\nkubectl: %v\n%q", got, want, doc)
	}
	return "equal"
}

// realFiles are the manifests beside the project, where they are.
func realFiles(t testing.TB) map[string]string {
	shared := cmp.Or(os.Getenv("POLYGRAPH_SHARED"), filepath.Join("..", "..", "..", "shared"))
	root := filepath.Join(shared, "data", "k8s")
	files := map[string]string{}
	_ = filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return nil
		}
		if data, err := os.ReadFile(path); err == nil {
			files[path[len(root):]] = string(data)
		}
		return nil
	})
	if len(files) == 0 {
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("no manifests in %s", root)
		}
		t.Skip("no manifests beside the project: shared/data/k8s")
	}
	return files
}

func TestRealManifestsAreReadAsKubectlDoes(t *testing.T) {
	quick, all, size, fastSize := 0, 0, 0, 0
	for name, text := range realFiles(t) {
		for c := range chunks(text, 0) {
			doc := text[c.start:c.end]
			if blank(doc) {
				continue
			}
			all++
			size += len(doc)
			if agree(t, doc) {
				quick++
				fastSize += len(doc)
			} else if how := agreeSlowly(t, doc); how != "equal" {
				t.Logf("%s: %s", name, how)
			} else {
				t.Logf("%s: slow", name)
			}
		}
	}
	t.Logf("%d documents, %d of them by the fast reader; %d of %d bytes", all, quick, fastSize, size)
}
