package crd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/jsonmergepatch"
	"sigs.k8s.io/yaml"
)

// What kubectl apply sends for a custom resource is a merge patch of three: what
// was applied, what is applied now, what is there.
func TestAppliesToLiveObjectsAreJudgedAsByAServer(t *testing.T) {
	on(t, appliesToLiveObjectsAreJudgedAsByAServer)
}

func appliesToLiveObjectsAreJudgedAsByAServer(t *testing.T, s *server) {
	t.Helper()
	definitions := documents(t, "definitions.yaml")
	s.define(t, definitions...)
	set := s.set(t, definitions...)
	refused, accepted := 0, 0
	for i, e := range editsOf(t, "edits.yaml") {
		if e.create || e.Version != e.VersionBefore || e.Name != "" && e.Name != "g" {
			continue
		}
		name := cmp.Or(e.Name, "a") + fmt.Sprint(i)
		applied := e.object(s, name, e.Version, e.Before, nil)
		annotated := e.object(s, name, e.Version, e.Before, json.RawMessage(fmt.Sprintf(`{"annotations": {%q: %q}}`, "kubectl.kubernetes.io/last-applied-configuration", applied)))
		if _, err := s.send("POST", s.path(e.Kind, e.Version), "Ignore", "", []byte(annotated)); err != nil {
			continue
		}
		path := s.path(e.Kind, e.Version) + "/" + name
		if i%2 == 0 && e.Kind == "Widget" { // somebody else writes too
			s.patch(t, path, "", []byte(`{"spec": {"name": "other", "tags": {"z": "1"}, "steps": ["s"]}}`))
		}
		live, err := s.get(path)
		if err != nil {
			t.Fatal(err)
		}
		after := e.object(s, name, e.Version, e.After, e.Metadata)
		patch, err := jsonmergepatch.CreateThreeWayJSONMergePatch([]byte(applied), []byte(after), live)
		if err != nil {
			continue // kubectl itself gives up
		}
		err = s.patch(t, path, "All", withoutAnnotations(t, patch))
		if diff := s.told(err, set.Judge(parse(t, string(live)), parse(t, after))); diff != "" {
			t.Errorf("%s\napplied to %s\n%s", after, live, diff)
		}
		if err != nil {
			refused++
		} else {
			accepted++
		}
	}
	t.Logf("%d applies refused, %d accepted", refused, accepted)
	if refused < 20 || accepted < 20 {
		t.Error("too few to say anything")
	}
}

// withoutAnnotations keeps the annotation of kubectl, which it writes anew.
func withoutAnnotations(t *testing.T, patch []byte) []byte {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(patch, &m); err != nil {
		t.Fatal(err)
	}
	if meta, ok := m["metadata"].(map[string]any); ok && meta["annotations"] == nil {
		delete(meta, "annotations")
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (s *server) patch(t *testing.T, path, dryRun string, body []byte) error {
	t.Helper()
	r := s.rest.Verb("PATCH").AbsPath(path).Param("fieldValidation", "Ignore").SetHeader("Content-Type", "application/merge-patch+json").Body(body)
	if dryRun != "" {
		r = r.Param("dryRun", dryRun)
	}
	err := r.Do(t.Context()).Error()
	if err != nil && dryRun == "" {
		t.Fatal(err)
	}
	return err
}

// value makes something up for a schema: right most of the time.
func value(r *rand.Rand, s map[string]any, depth int) any {
	if r.IntN(60) == 0 || depth > 6 {
		junk := []any{nil, "x", "", float64(3), float64(-1), float64(1.5), true, []any{}, []any{"a", nil}, map[string]any{}, map[string]any{"a": "b"}}
		return junk[r.IntN(len(junk))]
	}
	if enum, ok := s["enum"].([]any); ok {
		return enum[r.IntN(len(enum))]
	}
	switch s["type"] {
	case "object":
		m := map[string]any{}
		properties, _ := s["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			p := properties[name]
			if name == "metadata" && depth == 0 || name == "status" && depth == 0 {
				continue
			}
			required, _ := s["required"].([]any)
			if r.IntN(3) > 0 || len(required) > 0 && required[0] == name && r.IntN(10) > 0 {
				m[name] = value(r, p.(map[string]any), depth+1)
			}
		}
		if p, ok := s["additionalProperties"].(map[string]any); ok {
			for range r.IntN(4) {
				m[[]string{"k", "a.b", "c/d", "e"}[r.IntN(4)]] = value(r, p, depth+1)
			}
		}
		if s["x-kubernetes-embedded-resource"] == true {
			m["apiVersion"], m["kind"], m["metadata"] = "v1", "Pod", map[string]any{"name": "a"}
		}
		if r.IntN(12) == 0 {
			m["surplus"] = "x"
		}
		return m
	case "array":
		l := []any{}
		items, _ := s["items"].(map[string]any)
		for range r.IntN(4) {
			l = append(l, value(r, items, depth+1))
		}
		return l
	case "integer":
		return float64(r.IntN(13) - 1)
	case "number":
		return float64(r.IntN(8)) / 2
	case "boolean":
		return r.IntN(2) == 0
	default:
		return []string{"a", "ab", "new", "TCP", "abcdefg", "50%"}[r.IntN(6)]
	}
}

func TestRandomEditsAreJudgedAsByAServer(t *testing.T) { on(t, randomEditsAreJudgedAsByAServer) }

func randomEditsAreJudgedAsByAServer(t *testing.T, s *server) {
	t.Helper()
	definitions := documents(t, "definitions.yaml")
	s.define(t, definitions...)
	set := s.set(t, definitions...)
	r := rand.New(rand.NewPCG(11, 6))
	refused, accepted := 0, 0
	for i := range 500 {
		var d struct {
			Spec struct {
				Names    struct{ Kind string }
				Versions []struct {
					Schema struct{ OpenAPIV3Schema map[string]any }
				}
			}
		}
		if err := yaml.Unmarshal([]byte(definitions[r.IntN(4)]), &d); err != nil {
			t.Fatal(err)
		}
		spec := d.Spec.Versions[0].Schema.OpenAPIV3Schema["properties"].(map[string]any)["spec"].(map[string]any)
		before := value(r, spec, 1)
		after := value(r, spec, 1)
		if b, ok := before.(map[string]any); ok && r.IntN(3) > 0 { // most edits are small
			a := clone(b).(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(b)) {
				if p, ok := spec["properties"].(map[string]any)[name].(map[string]any); ok && r.IntN(4) == 0 {
					a[name] = value(r, p, 2)
				}
			}
			after = a
		}
		e := edit{Kind: d.Spec.Names.Kind, Version: "v1", VersionBefore: "v1", Before: []byte(text(before)), After: []byte(text(after))}
		if e.apply(t, s, set, strings.ToLower(e.Kind)+fmt.Sprint("-random-", i)) {
			refused++
		} else {
			accepted++
		}
	}
	t.Logf("%d random edits refused, %d accepted", refused, accepted)
	if refused < 100 || accepted < 80 {
		t.Error("too few to say anything")
	}
}
