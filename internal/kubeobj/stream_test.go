package kubeobj

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	kubeyaml "k8s.io/apimachinery/pkg/util/yaml"

	"polygraph/test/manifests"
)

// Files of several documents are taken apart as kubectl does it: as far as
// kubectl gets, the objects are the same ones.
func TestStreamsAreTakenApartAsKubectlDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 7))
	parts := []string{
		"apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\n", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":%q}}\n", "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":%q}}",
		"{apiVersion: v1, kind: Pod, metadata: {name: %s}}\n", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: %s\ndata: |\n  ---\n  x\n", "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\ndata: |\n\n",
		"---\n", "---\n", "---\n", "--- # c\n", "---  \n", "---\r\n", "# c\n", "\n", " \n", "...\n", "- 5\n", "[7]\n", "a: \"x\n", "x\n", "\"y\"\n", "null\n", "~\n",
	}
	read, whole := 0, 0
	for range rounds(20000) {
		text := ""
		for i := range 1 + r.IntN(8) {
			p := parts[r.IntN(len(parts))]
			if strings.Contains(p, "%") {
				p = fmt.Sprintf(p, fmt.Sprintf("p%d", i))
			}
			text += p
		}
		if r.IntN(8) == 0 {
			text = byteOrderMark + text
		}
		want, end := kubectlNames(text)
		var got []string
		if f, p := Parse("f", []byte(text)); p == nil {
			for _, o := range f.Objects {
				got = append(got, o.Name)
			}
		}
		if end {
			whole++
		}
		read += len(want)
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) || end && len(got) > len(want) {
			// kubectl does not look behind the first value of a document; we do,
			// and refuse what is broken there.
			if f, p := Parse("f", []byte(text)); p != nil || len(f.Unread) > 0 {
				continue
			}
			t.Fatalf("%q\n%v\nwant %v", text, got, want)
		}
	}
	t.Logf("%d objects, %d files to their ends", read, whole)
	if read < 5000 {
		t.Error("too few to show anything")
	}
}

// kubectlNames are the names of what kubectl reads, and whether it reads all.
func kubectlNames(text string) (names []string, end bool) {
	dec := kubeyaml.NewYAMLOrJSONDecoder(strings.NewReader(text), 4096)
	for {
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return names, errors.Is(err, io.EOF)
		}
		var o struct{ Metadata struct{ Name string } }
		if json.Unmarshal(raw, &o) == nil && o.Metadata.Name != "" {
			names = append(names, o.Metadata.Name)
		}
	}
}

// The generated objects are the same in every form.
func TestFormsAgree(t *testing.T) {
	for _, live := range []bool{false, true} {
		var all []*File
		for _, form := range []manifests.Form{manifests.Documents, manifests.YAMLList, manifests.JSONList} {
			f := parseText(t, string(written(t, manifests.Options{Objects: 300, Seed: 2, Form: form, Live: live})))
			if len(f.Objects) != 300 || len(f.Notes) > 0 {
				t.Fatalf("%s: %d objects, %q", form, len(f.Objects), f.Notes)
			}
			all = append(all, f)
		}
		for i, o := range all[0].Objects {
			if o.Live != live {
				t.Fatalf("%s: live %v", o.Identity(), o.Live)
			}
			for _, f := range all[1:] {
				if p := f.Objects[i]; p.Identity() != o.Identity() || !equal(&p.Root, &o.Root) {
					t.Fatalf("%s and %s differ", o.Identity(), p.Identity())
				}
			}
		}
	}
}

func equal(a, b *Value) bool {
	if a.Kind != b.Kind || a.Name != b.Name || a.Text != b.Text || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		if !equal(&a.Items[i], &b.Items[i]) {
			return false
		}
	}
	return true
}
