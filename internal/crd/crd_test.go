package crd

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

func parse(t testing.TB, text string) []*kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("objects.yaml", []byte(text))
	if problem != nil {
		t.Fatal(problem)
	}
	return f.Objects
}

func one(t testing.TB, text string) *kubeobj.Object {
	t.Helper()
	all := parse(t, text)
	if len(all) != 1 {
		t.Fatalf("%d objects", len(all))
	}
	return all[0]
}

func read(t testing.TB, version kubeschema.Version, text string) *Set {
	t.Helper()
	s, problems := Read(version, parse(t, text))
	for _, p := range problems {
		t.Fatalf("%s: %s", p.Path, p.Rule)
	}
	return s
}

const (
	head = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boxes.example.test}
spec:
  group: example.test
  scope: Namespaced
  names: {kind: Box, plural: boxes}
  versions:
`
	boxes = head + `    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                size: {type: integer, maximum: 5, default: 2}
                class:
                  type: string
                  maxLength: 9
                  x-kubernetes-validations:
                    - rule: self == oldSelf
                      message: class is immutable
                password: {type: string, format: date}
                ports:
                  type: array
                  x-kubernetes-list-type: map
                  x-kubernetes-list-map-keys: [name]
                  items:
                    type: object
                    required: [name]
                    properties: {name: {type: string}, port: {x-kubernetes-int-or-string: true}}
            status: {type: object, properties: {phase: {type: string}}}
`
)

func box(spec string) string {
	return "apiVersion: example.test/v1\nkind: Box\nmetadata: {name: a}\nspec: " + spec + "\n"
}

func TestARefusalSaysWhereAndWhy(t *testing.T) {
	s := read(t, 37, boxes)
	before, after := one(t, box("{class: a}")), box("{size: 9, class: b}")
	j := s.Judge(before, one(t, after))
	if len(j.Refusals) != 2 || len(j.Unknown) != 0 {
		t.Fatalf("%+v", j)
	}
	class, size := j.Refusals[0], j.Refusals[1] // by their paths
	if size.Path != "spec.size" || !strings.Contains(size.Rule, "less than or equal to 5") || !strings.HasPrefix(after[size.Offset:], "9") || !strings.HasPrefix(boxes[size.At:], "{type: integer, maximum: 5") {
		t.Errorf("%+v", size)
	}
	if class.Rule != "Invalid value: class is immutable" || !strings.HasPrefix(after[class.Offset:], "b}") || !strings.HasPrefix(boxes[class.At:], "self == oldSelf") || !strings.HasSuffix(class.Source, "x-kubernetes-validations: self == oldSelf") {
		t.Errorf("%+v", class)
	}
}

func TestValuesAreNotQuoted(t *testing.T) {
	s := read(t, 37, boxes)
	j := s.Judge(nil, one(t, box("{password: hunter2, size: 77777, class: waytoolonghunter2, ports: hunter2}")))
	if len(j.Refusals) < 4 {
		t.Fatalf("%+v", j)
	}
	for _, r := range j.Refusals {
		if said := r.Path + r.Rule + r.Source; strings.Contains(said, "hunter2") || strings.Contains(said, "77777") {
			t.Error(said)
		}
	}
}

func TestWhatIsDropped(t *testing.T) {
	text := box("{size: 1, sise: 2, ports: [{name: a, prot: 1}]}") + "status: {phase: ok}\n"
	j := read(t, 37, boxes).Judge(nil, one(t, text))
	if !j.Accepted() {
		t.Fatalf("%+v", j)
	}
	var got []string
	for _, d := range j.Dropped {
		got = append(got, fmt.Sprintf("%s %s %q", d.Path, text[d.Offset:d.Offset+1], d.Strict))
	}
	want := []string{`spec.ports[0].prot 1 "unknown field \"spec.ports[0].prot\""`, `spec.sise 2 "unknown field \"spec.sise\""`, `status { ""`}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestNormalizeKeepsOffsetsAndFillsIn(t *testing.T) {
	text := box("{class: b, other: 1}")
	s := read(t, 37, boxes)
	o := s.Normalize(one(t, text))
	class, size := o.Get("spec", "class"), o.Get("spec", "size")
	if !strings.HasPrefix(text[class.Offset:], "b,") || size.Text != "2" || size.Kind != kubeobj.Number || o.Get("spec", "other") != nil {
		t.Errorf("%+v", o.Root)
	}
	if again := s.Normalize(o); fmt.Sprint(again.Root) != fmt.Sprint(o.Root) {
		t.Errorf("twice is not once:\n%v\n%v", o.Root, again.Root)
	}
	if got := o.Get("metadata"); len(got.Items) != 1 {
		t.Errorf("%v", got)
	}
}

// What nobody can know is not green.
func TestUnknown(t *testing.T) {
	s := read(t, 37, boxes)
	for name, o := range map[string]string{
		"another kind": "apiVersion: example.test/v1\nkind: Crate\nmetadata: {name: a}\n",
		"too deep":     box(strings.Repeat("{a: ", 300) + "1" + strings.Repeat("}", 300)),
	} {
		f, problem := kubeobj.Parse("x.yaml", []byte(o))
		if problem != nil || len(f.Objects) == 0 {
			continue // read no further
		}
		if j := s.Judge(nil, f.Objects[0]); len(j.Unknown) == 0 || j.Accepted() {
			t.Errorf("%s: %+v", name, j)
		}
	}
	webhook := strings.Replace(boxes, "  versions:\n", "  conversion: {strategy: Webhook, webhook: {conversionReviewVersions: [v1], clientConfig: {url: 'https://a.test/'}}}\n  versions:\n    - {name: v0, served: true, storage: false, schema: {openAPIV3Schema: {type: object}}}\n", 1)
	j := read(t, 37, webhook).Judge(one(t, strings.Replace(box("{}"), "/v1", "/v0", 1)), one(t, box("{}")))
	if len(j.Unknown) != 1 || !strings.Contains(j.Unknown[0], "webhook") {
		t.Errorf("%+v", j)
	}
	refused, problems := Read(37, parse(t, strings.Replace(boxes, "maximum: 5", "uniqueItems: true", 1)))
	if len(problems) != 1 || problems[0].Unknown || !strings.Contains(problems[0].Rule, "uniqueItems") || !strings.HasPrefix(boxes[problems[0].Offset:], "{type: integer") && problems[0].Offset <= 0 {
		t.Errorf("%+v", problems)
	}
	if j := refused.Judge(nil, one(t, box("{}"))); len(j.Unknown) == 0 {
		t.Errorf("judged by a definition that is refused: %+v", j)
	}
}

// Without the annotation of kubectl nobody knows whether a field that the
// manifest leaves out stays.
func TestALiveObjectThatNobodyApplied(t *testing.T) {
	s := read(t, 37, strings.Replace(boxes, "              type: object\n              properties:\n                size", "              type: object\n              required: [class]\n              properties:\n                size", 1))
	live := one(t, "apiVersion: example.test/v1\nkind: Box\nmetadata: {name: a, namespace: b, uid: u, resourceVersion: '1'}\nspec: {class: a}\n")
	if j := s.Judge(live, one(t, box("{size: 1}"))); len(j.Unknown) == 0 || len(j.Refusals) > 0 {
		t.Errorf("%+v", j)
	}
	if j := s.Judge(live, one(t, box("{size: 9, class: a}"))); len(j.Refusals) != 1 || len(j.Unknown) > 0 {
		t.Errorf("%+v", j)
	}
}

// Ratcheting is on since 1.30, CEL libraries come and go with versions.
func TestVersions(t *testing.T) {
	for version, refusals := range map[kubeschema.Version]int{29: 1, 30: 0, 33: 0, 37: 0} {
		j := read(t, version, boxes).Judge(one(t, box("{size: 9, class: a}")), one(t, box("{size: 9, class: a, ports: []}")))
		if len(j.Refusals) != refusals || len(j.Unknown) > 0 {
			t.Errorf("%s: %+v", version, j)
		}
	}
	ip := strings.Replace(boxes, "self == oldSelf", "isIP(self)", 1)
	for version, problems := range map[kubeschema.Version]int{30: 1, 31: 0, 37: 0} {
		if _, got := Read(version, parse(t, ip)); len(got) != problems {
			t.Errorf("%s: %+v", version, got)
		}
	}
}

func TestEditsOfDefinitions(t *testing.T) {
	second := strings.Replace(boxes, "      storage: true\n", "      storage: false\n", 1) + `    - name: v2
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`
	change := func(old, new string) string { return strings.Replace(boxes, old, new, 1) }
	for _, c := range []struct {
		name, before, after string
		refused             string
		effects             []string
	}{
		{"scope", boxes, change("Namespaced", "Cluster"), "spec.scope: Invalid value: field is immutable", nil},
		{"kind", boxes, change("kind: Box,", "kind: Bax,"), "spec.names.kind: Invalid value: field is immutable", nil},
		{"stored version", boxes, change("- name: v1\n", "- name: v2\n"), "status.storedVersions[0]: Invalid value: missing from spec.versions", nil},
		{"tighter", boxes, change("maximum: 5", "maximum: 4"), "", []string{"spec.versions[name=v1].schema.openAPIV3Schema.properties[spec].properties[size].maximum stored, not in effect"}},
		{"looser", boxes, change("maximum: 5", "maximum: 6"), "", []string{"spec.versions[name=v1].schema.openAPIV3Schema.properties[spec].properties[size].maximum in place"}},
		{"default", boxes, change("default: 2", "default: 3"), "", []string{"spec.versions[name=v1].schema.openAPIV3Schema.properties[spec].properties[size].default in place"}},
		{"field", boxes, change("                password: {type: string, format: date}\n", ""), "", []string{"spec.versions[name=v1].schema.openAPIV3Schema.properties[spec].properties[password] dropped"}},
		{"rule", boxes, change("self == oldSelf", "self >= oldSelf"), "", []string{
			"spec.versions[name=v1].schema.openAPIV3Schema.properties[spec].properties[class].x-kubernetes-validations[0] stored, not in effect",
			"spec.versions[name=v1].schema.openAPIV3Schema.properties[spec].properties[class].x-kubernetes-validations in place",
		}},
		{"not served", second, strings.Replace(second, "served: true", "served: false", 1), "", []string{"spec.versions[name=v1].served in place"}},
		{"storage", boxes, second, "", []string{"spec.versions[name=v2] in place", "spec.versions[name=v2].storage stored, not in effect"}},
		{"nothing", boxes, change("message: class is", "message: the class is"), "", nil},
	} {
		j := JudgeDefinition(37, one(t, c.before), one(t, c.after))
		if len(j.Unknown) > 0 {
			t.Errorf("%s: %q", c.name, j.Unknown)
		}
		if c.refused != "" {
			if !slices.ContainsFunc(j.Refusals, func(r Refusal) bool { return strings.HasPrefix(r.Path+": "+r.Rule, c.refused) }) {
				t.Errorf("%s: %+v", c.name, j.Refusals)
			}
			continue
		}
		var got []string
		for _, e := range j.Effects {
			got = append(got, e.Path+" "+e.Mechanism.String())
			if e.Because == "" || e.Source == "" || e.Offset <= 0 || e.Mechanism == fields.Stored && e.Still == "" {
				t.Errorf("%s: %+v", c.name, e)
			}
		}
		if len(j.Refusals) > 0 || !slices.Equal(got, c.effects) {
			t.Errorf("%s: %q %+v", c.name, got, j.Refusals)
		}
	}
	if j := JudgeDefinition(37, one(t, second), one(t, strings.Replace(second, second[strings.Index(second, "    - name: v1"):strings.Index(second, "    - name: v2")], "", 1))); len(j.Unknown) != 1 {
		t.Errorf("v1 may be stored, nobody knows: %+v", j)
	}
}

func TestAudit(t *testing.T) {
	good, bad := one(t, box("{size: 1}")), one(t, box("{size: 7}"))
	for version, tolerated := range map[kubeschema.Version]bool{29: false, 37: true} {
		invalid, unknown := read(t, version, boxes).Audit([]*kubeobj.Object{good, bad, one(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n")})
		if len(unknown) > 0 || len(invalid) != 1 || invalid[0].Object != bad || invalid[0].Tolerated != tolerated {
			t.Errorf("%s: %+v %v", version, invalid, unknown)
		}
	}
}

func TestType(t *testing.T) {
	typ := read(t, 37, boxes).Type("example.test", "v1", "Box")
	spec, ok := typ.Field("spec", 37)
	if !ok {
		t.Fatal(typ)
	}
	ports, ok := spec.Type.Field("ports", 37)
	if !ok || !slices.Equal(ports.Type.Keys, []string{"name"}) {
		t.Errorf("%+v", ports)
	}
}

// The definitions of real releases are accepted by a server, and so by us.
func TestRealDefinitions(t *testing.T) {
	dir := os.Getenv("POLYGRAPH_SHARED")
	if dir == "" {
		dir = "../../../shared"
	}
	found, err := filepath.Glob(filepath.Join(dir, "data/k8s/releases/*/*.yaml"))
	if err != nil || len(found) == 0 {
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("no releases below %s: %v", dir, err)
		}
		t.Skip("no releases here")
	}
	definitions := 0
	for _, name := range found {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, problem := kubeobj.Parse(filepath.Base(name), data)
		if problem != nil {
			t.Fatal(problem)
		}
		objects := slices.DeleteFunc(f.Objects, func(o *kubeobj.Object) bool { return !Is(o) })
		definitions += len(objects)
		if _, problems := Read(kubeschema.Newest, objects); len(problems) > 0 {
			t.Errorf("%s: %+v", name, problems)
		}
	}
	t.Logf("%d definitions", definitions)
}
