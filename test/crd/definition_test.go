package crd

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"polygraph/internal/crd"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// oracle is what Kubernetes' own function says of a definition, with what comes
// before it in a request: decoding, defaults, PrepareForCreate or -Update. ok is
// false of what cannot be decoded, and of what makes the function panic
// (selectable fields of a schema that is not structural, v0.37.2).
func oracle(before, after map[string]any) (errs field.ErrorList, ok bool) {
	defer func() {
		if recover() != nil {
			errs, ok = nil, false
		}
	}()
	is, ok := internal(after)
	if !ok {
		return nil, false
	}
	if before == nil {
		is.Status = apiextensions.CustomResourceDefinitionStatus{}
		addStored(is)
		return validation.ValidateCustomResourceDefinition(context.Background(), is), true
	}
	was, ok := internal(before)
	if !ok {
		return nil, false
	}
	was.Status.Conditions = []apiextensions.CustomResourceDefinitionCondition{{Type: apiextensions.Established, Status: apiextensions.ConditionTrue}}
	was.ResourceVersion, is.ResourceVersion = "1", "1"
	is.Status = *was.Status.DeepCopy()
	addStored(is)
	return validation.ValidateCustomResourceDefinitionUpdate(context.Background(), is, was), true
}

func addStored(d *apiextensions.CustomResourceDefinition) {
	for _, v := range d.Spec.Versions {
		if v.Storage {
			if !apiextensions.IsStoredVersion(d, v.Name) {
				d.Status.StoredVersions = append(d.Status.StoredVersions, v.Name)
			}
			break
		}
	}
}

func internal(m map[string]any) (*apiextensions.CustomResourceDefinition, bool) {
	data, err := json.Marshal(m)
	if err != nil {
		return nil, false
	}
	v1, out := &apiextensionsv1.CustomResourceDefinition{}, &apiextensions.CustomResourceDefinition{}
	if json.Unmarshal(data, v1) != nil {
		return nil, false
	}
	apiextensionsv1.SetObjectDefaults_CustomResourceDefinition(v1)
	if apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(v1, out, nil) != nil {
		return nil, false
	}
	return out.DeepCopy(), true
}

// mutate changes something somewhere in a definition.
func mutate(r *rand.Rand, v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 || r.IntN(12) == 0 {
			name, value := vocabulary(r)
			v[name] = value
			return v
		}
		key := keys[r.IntN(len(keys))]
		switch _, scalar := v[key].(map[string]any); {
		case r.IntN(14) == 0:
			delete(v, key)
		case !scalar && r.IntN(16) == 0:
			name, value := vocabulary(r)
			v[name] = value
		default:
			v[key] = mutate(r, v[key], depth+1)
		}
		return v
	case []any:
		if len(v) == 0 {
			return v
		}
		i := r.IntN(len(v))
		switch r.IntN(12) {
		case 0:
			return slices.Delete(v, i, i+1)
		case 1:
			return append(v, v[i])
		default:
			v[i] = mutate(r, v[i], depth+1)
			return v
		}
	default:
		options := []any{"string", "object", "array", "integer", "x", "", true, false, float64(1), float64(-1), float64(0), nil, "self == oldSelf", "Cluster", "a.b", ".spec.x", "v2"}
		return options[r.IntN(len(options))]
	}
}

type word struct {
	name  string
	value any
}

// vocabulary is a word for a node.
func vocabulary(r *rand.Rand) (string, any) {
	all := words()
	w := all[r.IntN(len(all))]
	return w.name, clone(w.value)
}

// words are what a schema node may get.
func words() []word {
	return []word{
		{"x-kubernetes-list-type", "map"},
		{"x-kubernetes-list-type", "set"},
		{"x-kubernetes-list-type", "atomic"},
		{"x-kubernetes-list-type", "bag"},
		{"x-kubernetes-list-map-keys", []any{"k"}},
		{"x-kubernetes-list-map-keys", []any{"port", "port"}},
		{"x-kubernetes-map-type", "atomic"},
		{"x-kubernetes-map-type", "granular"},
		{"x-kubernetes-preserve-unknown-fields", true},
		{"x-kubernetes-preserve-unknown-fields", false},
		{"x-kubernetes-int-or-string", true},
		{"x-kubernetes-embedded-resource", true},
		{"nullable", true},
		{"uniqueItems", true},
		{"default", map[string]any{"a": "b"}},
		{"default", "text"},
		{"default", float64(3)},
		{"enum", []any{"a", float64(1)}},
		{"pattern", "("},
		{"format", "date"},
		{"additionalProperties", true},
		{"additionalProperties", false},
		{"additionalProperties", map[string]any{"type": "string"}},
		{"items", map[string]any{"type": "string"}},
		{"items", []any{map[string]any{"type": "string"}}},
		{"properties", map[string]any{"a": map[string]any{"type": "string", "default": "x"}}},
		{"properties", map[string]any{"metadata": map[string]any{"type": "object", "properties": map[string]any{"name": map[string]any{"type": "string", "default": "x"}}}}},
		{"required", []any{"a", "spec"}},
		{"type", "object"},
		{"type", "array"},
		{"type", "string"},
		{"type", "null"},
		{"id", "x"},
		{"$ref", "#/x"},
		{"not", map[string]any{"type": "object"}},
		{"allOf", []any{map[string]any{"required": []any{"a"}}}},
		{"anyOf", []any{map[string]any{"properties": map[string]any{"a": map[string]any{"minLength": float64(1)}}}}},
		{"definitions", map[string]any{"a": map[string]any{"type": "object"}}},
		{"dependencies", map[string]any{"a": []any{"b"}}},
		{"patternProperties", map[string]any{"a": map[string]any{}}},
		{"additionalItems", true},
		{"x-kubernetes-validations", rule("self == oldSelf")},
		{"x-kubernetes-validations", rule("has(self.a)")},
		{"x-kubernetes-validations", rule("self.all(x, self.all(y, x == y))")},
		{"x-kubernetes-validations", rule("self.size() > 1 ||")},
		{"x-kubernetes-validations", rule("1")},
		{"x-kubernetes-validations", rule("self + self + self + self + self + self + self + self == 'x'")},
		{"x-kubernetes-validations", rule("self.all(x, x == 'a')")},
		{"properties", dear(0)},
		{"properties", dear(1)},
		{"properties", dear(2)},
		{"properties", dear(3)},
		{"properties", dear(4)},
		{"required", []any{}},
		{"x-kubernetes-list-map-keys", []any{"k"}},
		{"x-kubernetes-list-map-keys", []any{"v"}},
		{"x-kubernetes-list-map-keys", []any{}},
		{"x-kubernetes-validations", rule("")},
		{"x-kubernetes-validations", rule("true\n&& true")},
		{"x-kubernetes-validations", []any{map[string]any{"rule": "true", "message": " "}}},
		{"x-kubernetes-validations", []any{map[string]any{"rule": "true", "messageExpression": "1"}}},
		{"x-kubernetes-validations", []any{map[string]any{"rule": "true", "messageExpression": "'a' + 'b'", "reason": "Because"}}},
		{"x-kubernetes-validations", []any{map[string]any{"rule": "true", "optionalOldSelf": true}}},
		{"x-kubernetes-validations", []any{map[string]any{"rule": "true", "fieldPath": ".a"}}},
		{"x-kubernetes-validations", []any{map[string]any{"rule": "true", "fieldPath": "a[", "message": "a\nb"}}},
		{"maxItems", float64(3)},
		{"maxLength", float64(5)},
		{"maxProperties", float64(2)},
		{"minimum", float64(4)},
		{"conversion", map[string]any{"strategy": "Webhook"}},
		{"conversion", map[string]any{"strategy": "Webhook", "webhook": map[string]any{"conversionReviewVersions": []any{"v1", "v1"}, "clientConfig": map[string]any{"url": "http://a:b@c?d#e"}}}},
		{"conversion", map[string]any{"strategy": "Webhook", "webhook": map[string]any{"conversionReviewVersions": []any{"v3"}, "clientConfig": map[string]any{"caBundle": "AAAA", "service": map[string]any{"name": "a", "namespace": "", "path": "//a//b"}}}}},
		{"conversion", map[string]any{"strategy": "None", "webhook": map[string]any{"conversionReviewVersions": []any{"v1"}, "clientConfig": map[string]any{}}}},
		{"conversion", map[string]any{"strategy": "Some"}},
		{"preserveUnknownFields", true},
		{"deprecationWarning", "old"},
		{"deprecated", true},
		{"subresources", map[string]any{"status": map[string]any{}, "scale": map[string]any{"specReplicasPath": "spec", "labelSelectorPath": ".x"}}},
		{"selectableFields", []any{map[string]any{"jsonPath": ".spec.a"}, map[string]any{"jsonPath": ".metadata.name"}, map[string]any{"jsonPath": ".spec[0]"}}},
		{"additionalPrinterColumns", []any{map[string]any{"name": "", "type": "x", "format": "y", "jsonPath": "z"}}},
		{"shortNames", []any{"A_"}},
		{"categories", []any{"ok", "Not"}},
		{"group", "k8s.io"},
		{"group", "gateway.networking.k8s.io"},
		{"annotations", map[string]any{"api-approved.kubernetes.io": "unapproved, a test"}},
		{"annotations", map[string]any{"api-approved.kubernetes.io": "x"}},
	}
}

// dear is a rule in a list and in a map whose cost doubles with each step: at one
// of them the number of items decides.
func dear(steps int) any {
	sum := "self" + strings.Repeat(" + self", 1<<steps) + " == 'x'"
	item := map[string]any{"type": "string", "x-kubernetes-validations": rule(sum)}
	return map[string]any{
		"list": map[string]any{"type": "array", "maxItems": float64(9), "items": item},
		"map":  map[string]any{"type": "object", "maxProperties": float64(9), "additionalProperties": clone(item)},
	}
}

func rule(text string) any { return []any{map[string]any{"rule": text}} }

func clone(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		panic(err)
	}
	return out
}

// bases are the definitions that are mutated: our own, and real ones.
func bases(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	texts := append(documents(t, "definitions.yaml"), documents(t, "tightened.yaml")...)
	if dir := os.Getenv("POLYGRAPH_SHARED"); dir != "" || isDir("../../../shared") {
		if dir == "" {
			dir = "../../../shared"
		}
		data, err := os.ReadFile(filepath.Join(dir, "data/k8s/releases/argo-cd/v3.5.1.yaml"))
		if err == nil {
			for text := range strings.SplitSeq(string(data), "\n---\n") {
				if strings.Contains(text, "kind: CustomResourceDefinition\n") && len(text) < 40_000 {
					texts = append(texts, text)
				}
			}
		}
	}
	for _, text := range texts {
		m := map[string]any{}
		if err := yaml.Unmarshal([]byte(text), &m); err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

func TestDefinitionsAreJudgedAsByKubernetes(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 5))
	all := bases(t)
	refused, accepted, kinds := 0, 0, make(map[string]int)
	for i := range 3000 {
		base := all[r.IntN(len(all))]
		after := clone(base).(map[string]any)
		for range 1 + r.IntN(5)/3 {
			if spec, ok := after["spec"].(map[string]any); ok && r.IntN(8) > 0 {
				after["spec"] = mutate(r, spec, 0)
			} else {
				after = mutate(r, after, 0).(map[string]any)
			}
		}
		if after["kind"] != "CustomResourceDefinition" || after["apiVersion"] != "apiextensions.k8s.io/v1" {
			continue
		}
		var before map[string]any
		if i%2 == 0 {
			before = base
		}
		theirs, ok := oracle(before, after)
		if !ok {
			continue
		}
		if f, problem := kubeobj.Parse("edit.yaml", []byte(text(after))); problem != nil || len(f.Objects) != 1 {
			continue // it has no name: package kubeobj says so
		}
		j := judgeDefinition(t, kubeschema.Newest, before, after)
		if len(j.Unknown) > 0 {
			if !strings.Contains(j.Unknown[0], "status.storedVersions") {
				t.Errorf("%d: unknown %q\n%s", i, j.Unknown, text(after))
			}
			continue
		}
		if diff := differ(theirs, j.Refusals); diff != "" {
			t.Errorf("%d (update: %v): %s\n%s", i, before != nil, diff, text(after))
		}
		if len(theirs) > 0 {
			refused++
		} else {
			accepted++
			answers(t, r, after)
		}
		for _, e := range theirs {
			kinds[string(e.Type)+" "+message(e)]++
		}
	}
	t.Logf("%d definitions refused, %d accepted, %d different messages", refused, accepted, len(kinds))
	if refused < 500 || accepted < 300 || len(kinds) < 50 {
		t.Error("too few to say anything")
	}
}

// nodes are the schemas of a definition.
func nodes(schema map[string]any, visit func(map[string]any)) {
	visit(schema)
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		nodes(properties[name].(map[string]any), visit)
	}
	for _, name := range []string{"items", "additionalProperties"} {
		if child, ok := schema[name].(map[string]any); ok {
			nodes(child, visit)
		}
	}
}

func roots(definition map[string]any) []map[string]any {
	var out []map[string]any
	for _, v := range definition["spec"].(map[string]any)["versions"].([]any) {
		out = append(out, v.(map[string]any)["schema"].(map[string]any)["openAPIV3Schema"].(map[string]any))
	}
	return out
}

// Every word at every node: what random edits meet seldom.
func TestEveryWordAtEveryNode(t *testing.T) {
	refused, accepted := 0, 0
	all := bases(t)
	for _, base := range []map[string]any{all[1], all[2], all[7]} { // rules, lists, and both
		count := 0
		for _, root := range roots(base) {
			nodes(root, func(map[string]any) { count++ })
		}
		for at := range count {
			for i, w := range words() {
				after, here := clone(base).(map[string]any), 0
				for _, root := range roots(after) {
					nodes(root, func(n map[string]any) {
						if here == at {
							n[w.name] = clone(w.value)
						}
						here++
					})
				}
				before := map[string]any(nil)
				if (i+at)%3 == 0 {
					before = base
				}
				theirs, ok := oracle(before, after)
				if !ok {
					continue
				}
				j := judgeDefinition(t, kubeschema.Newest, before, after)
				if len(j.Unknown) > 0 {
					t.Errorf("%q\n%s", j.Unknown, text(after))
				}
				if diff := differ(theirs, j.Refusals); diff != "" {
					t.Errorf("%s %v at node %d (update: %v): %s\n%s", w.name, w.value, at, before != nil, diff, text(after))
				}
				if len(theirs) > 0 {
					refused++
				} else {
					accepted++
				}
			}
		}
	}
	t.Logf("%d definitions refused, %d accepted", refused, accepted)
}

// answers demands an answer about objects of whatever definition is accepted.
func answers(t *testing.T, r *rand.Rand, definition map[string]any) {
	t.Helper()
	set, problems := crd.Read(kubeschema.Newest, []*kubeobj.Object{parse(t, text(definition))})
	for _, p := range problems {
		t.Errorf("%s: %s\n%s", p.Path, p.Rule, text(definition))
	}
	var d struct {
		Spec struct {
			Group    string
			Names    struct{ Kind string }
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema map[string]any }
			}
		}
	}
	if err := json.Unmarshal([]byte(text(definition)), &d); err != nil || len(d.Spec.Versions) == 0 {
		return
	}
	v := d.Spec.Versions[0]
	object := func() *kubeobj.Object {
		m, ok := value(r, v.Schema.OpenAPIV3Schema, 0).(map[string]any)
		if !ok {
			m = map[string]any{}
		}
		delete(m, "items") // it would be a list of objects
		m["apiVersion"], m["kind"], m["metadata"] = d.Spec.Group+"/"+v.Name, d.Spec.Names.Kind, map[string]any{"name": "a"}
		return parse(t, text(m))
	}
	before, after := object(), object()
	for _, j := range []crd.Judgement{set.Judge(nil, after), set.Judge(before, after)} {
		if len(j.Unknown) > 0 {
			t.Errorf("%q\n%s", j.Unknown, text(definition))
		}
		for _, r := range j.Refusals {
			if r.Offset < 0 || r.Definition != nil && r.At < 0 {
				t.Errorf("no place for %s: %s", r.Path, r.Rule)
			}
		}
	}
	if once := set.Normalize(after); !reflect.DeepEqual(contentOf(once), contentOf(set.Normalize(once))) {
		t.Errorf("normalized twice is not normalized once: %v, %v", contentOf(once), contentOf(set.Normalize(once)))
	}
	set.Audit([]*kubeobj.Object{before, after})
}

func judgeDefinition(t *testing.T, version kubeschema.Version, before, after map[string]any) crd.DefinitionJudgement {
	t.Helper()
	if before == nil {
		return crd.JudgeDefinition(version, nil, parse(t, text(after)))
	}
	return crd.JudgeDefinition(version, parse(t, text(before)), parse(t, text(after)))
}

func text(v any) string {
	data, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// message is the first words of what Kubernetes says: what follows may quote
// values, or be in an order of maps.
func message(e *field.Error) string { return e.Detail[:min(len(e.Detail), 40)] }

func differ(theirs field.ErrorList, ours []crd.Refusal) string {
	if len(ours) == 100 {
		return "" // no more are told
	}
	is, said := make(map[string]bool), make(map[string]bool)
	for _, e := range theirs {
		is[e.Field+" "+e.Type.String()] = true
	}
	for _, r := range ours {
		kind, _, _ := strings.Cut(r.Rule, ": ")
		said[r.Path+" "+kind] = true
	}
	if reflect.DeepEqual(is, said) {
		return ""
	}
	var lines []string
	for e := range is {
		if !said[e] {
			lines = append(lines, "only Kubernetes: "+e)
		}
	}
	for r := range said {
		if !is[r] {
			lines = append(lines, "only we: "+r)
		}
	}
	slices.Sort(lines)
	return fmt.Sprint(strings.Join(lines, "\n"), "\nKubernetes: ", theirs.ToAggregate())
}
