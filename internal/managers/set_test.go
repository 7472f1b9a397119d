package managers

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"sigs.k8s.io/structured-merge-diff/v6/fieldpath"

	"polygraph/internal/kubeobj"
)

// object is a live object with one entry of managedFields.
func object(t testing.TB, fieldsV1 string) *kubeobj.Object {
	t.Helper()
	text := `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","uid":"1","resourceVersion":"2","managedFields":[
		{"manager":"m","operation":"Update","apiVersion":"apps/v1","time":"2026-11-01T10:00:00Z","fieldsType":"FieldsV1","fieldsV1":` + fieldsV1 + `}]}}`
	f, problem := kubeobj.Parse("live.json", []byte(text))
	if problem != nil || len(f.Objects) != 1 {
		return nil
	}
	return f.Objects[0]
}

// reference is what Kubernetes' own reader makes of fieldsV1, printed by the
// rules of this package.
func reference(text string) ([]string, error) {
	var set fieldpath.Set
	if err := set.FromJSON(strings.NewReader(text)); err != nil {
		return nil, err
	}
	var out []string
	set.Iterate(func(p fieldpath.Path) {
		so := ""
		for _, e := range p {
			so = add(so, printed(e))
		}
		out = append(out, so)
	})
	slices.Sort(out)
	return slices.Compact(out), nil
}

func printed(e fieldpath.PathElement) string {
	show := func(v any) string {
		if s, ok := v.(string); ok {
			return s
		}
		b, _ := json.Marshal(v)
		return string(b)
	}
	switch {
	case e.FieldName != nil:
		return field(*e.FieldName)
	case e.Index != nil:
		return "[" + strconv.Itoa(*e.Index) + "]"
	case e.Value != nil:
		return "[=" + show((*e.Value).Unstructured()) + "]"
	}
	var parts []string
	for _, f := range *e.Key {
		parts = append(parts, f.Name+"="+show(f.Value.Unstructured()))
	}
	slices.Sort(parts)
	return "[" + strings.Join(parts, ",") + "]"
}

const realFields = `{"f:metadata":{"f:annotations":{".":{},"f:deployment.kubernetes.io/revision":{}},"f:finalizers":{".":{},"v:\"a/b\"":{}}},
 "f:spec":{"f:replicas":{},"f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{}},"f:type":{}},"f:template":{"f:spec":{
 "f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:ports":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{".":{},"f:containerPort":{}}}}},
 "f:schedulerName":{}}}},"f:status":{"f:conditions":{"k:{\"type\":\"Ready\"}":{}},"i:3":{}}}`

func FuzzFields(f *testing.F) {
	f.Add(realFields)
	f.Add(`{}`)
	f.Add(`{"f:a":null,"x:b":{"f:c":{}},".":{}}`)
	f.Add(`{"f:a":{"x:b":{}},"f:c":{"f:d..e":{}}}`)
	f.Add(`{"f:a":{"k:{}":{},"k:null":{},"v:80.0":{},"v:{\"a\":[1]}":{}}}`)
	f.Add(`{"fa":{}}`)
	f.Add(`{"i:x":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || !json.Valid([]byte(text)) || repeats(text) || strings.Contains(text, `"f:"`) {
			return // no field has an empty name
		}
		o := object(t, text)
		if o == nil {
			return // kubeobj refuses it
		}
		x := Read(o)
		if len(x.Managers) != 1 {
			t.Fatalf("%d managers", len(x.Managers))
		}
		m := &x.Managers[0]
		want, err := reference(text)
		if (m.Problem != "") != (err != nil) {
			if strings.Contains(m.Problem, "levels deep") || lenient(text) {
				return
			}
			t.Fatalf("problem %q, Kubernetes says %v", m.Problem, err)
		}
		if err != nil {
			return
		}
		got := m.Owned(1 << 20)
		slices.Sort(got)
		got = slices.Compact(got)
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, Kubernetes has %q", got, want)
		}
		for _, p := range got {
			if len(p) > 2000 {
				continue
			}
			if owners := x.Owners(p); len(owners) != 1 || owners[0].Relation != Exact {
				if strings.Count(p, ".")+strings.Count(p, "[") < maxEnds {
					t.Fatalf("%q is owned and Owners says %v", p, owners)
				}
			}
		}
	})
}

// lenient are the texts on which the reader of Kubernetes takes what is no JSON:
// a name with a part that its iterator reads as far as it needs.
func lenient(text string) bool {
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return true
	}
	bad := false
	var walk func(any)
	walk = func(v any) {
		m, ok := v.(map[string]any)
		if !ok {
			bad = bad || v != nil
			return
		}
		for k, v := range m {
			if rest, ok := strings.CutPrefix(k, "k:"); ok && !json.Valid([]byte(rest)) {
				bad = true
			}
			if rest, ok := strings.CutPrefix(k, "v:"); ok && !json.Valid([]byte(rest)) {
				bad = true
			}
			if k != "." {
				walk(v)
			}
		}
	}
	walk(v)
	return bad
}

// repeats tells that a name occurs twice in one object, of which kubeobj keeps
// one and Kubernetes both.
func repeats(text string) bool {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	var again func() bool
	again = func() bool {
		t, err := dec.Token()
		if err != nil {
			return true
		}
		d, ok := t.(json.Delim)
		if !ok {
			return false
		}
		seen := map[string]bool{}
		for dec.More() {
			if d == '{' {
				k, err := dec.Token()
				s, _ := k.(string)
				if err != nil || seen[s] {
					return true
				}
				seen[s] = true
				if strings.HasPrefix(s, "k:") && repeats(s[2:]) {
					return true
				}
			}
			if again() {
				return true
			}
		}
		_, err = dec.Token()
		return err != nil
	}
	return again()
}
