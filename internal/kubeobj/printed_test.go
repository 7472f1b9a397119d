package kubeobj

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	serializer "k8s.io/apimachinery/pkg/runtime/serializer/json"
)

// anyText is text of all sorts: what annotations, scripts and messages hold.
func anyText(r *rand.Rand) string {
	words := append(pieces(), "word", "another", " ", " ", "\n", "long-word-that-goes-on", "{\"apiVersion\":\"v1\"}", "ünïcödé", "\u00a0", "\U0001F600")
	var b strings.Builder
	for range 1 + r.IntN(40) {
		w := words[r.IntN(len(words))]
		if w == "\xff" || w == "\x00" {
			continue // JSON has no such text
		}
		b.WriteString(w)
		if r.IntN(2) == 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func anyKey(r *rand.Rand) string {
	switch r.IntN(8) {
	case 0:
		return fmt.Sprintf(`k:{"containerPort":%d,"protocol":"TCP"}`, r.IntN(9999))
	case 1:
		return "f:" + strings.Repeat("long.example.com-", 3+r.IntN(10)) + "x"
	case 2:
		if key := pieces()[r.IntN(60)]; key != "<<" { // kubectl prints it without quotes and cannot read that
			return key
		}
	}
	return fmt.Sprintf("key%d", r.IntN(1000))
}

func anyValue(r *rand.Rand, depth int) any {
	if depth == 0 || r.IntN(3) == 0 {
		switch r.IntN(12) {
		case 0:
			return r.Int64N(1 << 40)
		case 1:
			return r.IntN(2) == 0
		case 2:
			return nil
		case 3:
			return r.Float64()
		case 4:
			return map[string]any{}
		case 5:
			return []any{}
		}
		return anyText(r)
	}
	if r.IntN(3) == 0 {
		out := []any{}
		for range r.IntN(4) {
			out = append(out, anyValue(r, depth-1))
		}
		return out
	}
	out := map[string]any{}
	for range r.IntN(5) {
		out[anyKey(r)] = anyValue(r, depth-1)
	}
	return out
}

// What kubectl get prints is read by the fast reader, whatever is in it.
func TestFastReaderOnWhatKubectlPrints(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 4))
	print := serializer.NewSerializerWithOptions(serializer.DefaultMetaFactory, nil, nil, serializer.SerializerOptions{Yaml: true})
	quick, n, missed, all := 0, rounds(3000), 0, 0
	for range n {
		o := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "x", "annotations": anyValue(r, 1)}, "data": anyValue(r, 4)}
		var b bytes.Buffer
		if err := print.Encode(&unstructured.Unstructured{Object: o}, &b); err != nil {
			continue // text that kubectl cannot print
		}
		all++
		doc := b.String()
		if strings.Contains(doc, "\n---") {
			continue
		}
		if agree(t, doc) {
			quick++
		} else if missed++; missed <= 3 {
			t.Logf("slow: %q", doc)
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d", quick, all)
	if quick < all*98/100 || all < n/2 {
		t.Error("too many documents of kubectl take the slow way")
	}
}

// What kustomize prints comes from yaml.v3.
func TestFastReaderOnWhatKustomizePrints(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 5))
	quick, n, missed := 0, rounds(3000), 0
	for range n {
		var b bytes.Buffer
		enc := yaml.NewEncoder(&b)
		enc.SetIndent(2)
		if err := enc.Encode(map[string]any{"data": anyValue(r, 4)}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "\n---") {
			continue
		}
		if agree(t, b.String()) {
			quick++
		} else if missed++; missed <= 3 {
			t.Logf("slow: %q", b.String())
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("%d of %d", quick, n)
}

// JSON is read as encoding/json reads it, and at the right places.
func TestJSONIsReadAsGoDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for range rounds(3000) {
		want, err := json.Marshal(map[string]any{"a": anyValue(r, 4)})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if r.IntN(2) == 0 {
			_ = json.Indent(&b, want, " ", "\t")
		} else {
			b.Write(want)
		}
		text := b.String()
		s := newStream(&tree{}, text, 0, len(text), func(int) {})
		v, err := s.document()
		if err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		a, err := decodeJSON(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := plainTree(&v); !reflect.DeepEqual(got, a) {
			t.Fatalf("%v\n%v", got, a)
		}
		starts(t, text, &v)
	}
}

// starts checks that each value begins where it says.
func starts(t *testing.T, text string, v *Value) {
	t.Helper()
	rest := text[v.Offset:]
	ok := true
	switch v.Kind {
	case Map:
		ok = rest[0] == '{'
	case List:
		ok = rest[0] == '['
	case String:
		ok = rest[0] == '"'
	case Number, Bool:
		ok = strings.HasPrefix(rest, v.Text)
	case Null:
		ok = strings.HasPrefix(rest, "null")
	}
	if !ok {
		t.Fatalf("%q is not at %d: %.20q", v.Text, v.Offset, rest)
	}
	for _, item := range v.Each() {
		starts(t, text, item)
	}
}
