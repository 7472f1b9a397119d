package crd

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"polygraph/internal/crd"
	"polygraph/internal/kubeobj"
)

// edit is a document of testdata/edits.yaml.
type edit struct {
	Kind, Name, Version, VersionBefore string
	Metadata                           json.RawMessage
	Before, After                      json.RawMessage
	create                             bool
}

func editsOf(t *testing.T, name string) []edit {
	t.Helper()
	var out []edit
	for _, text := range documents(t, name) {
		var e edit
		if err := yaml.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		e.create = !strings.Contains(text, "\nbefore: ")
		e.Version = cmp.Or(e.Version, "v1")
		e.VersionBefore = cmp.Or(e.VersionBefore, e.Version)
		out = append(out, e)
	}
	return out
}

// object is the text of an object.
func (e edit) object(s *server, name, version string, spec, metadata json.RawMessage) string {
	meta := fmt.Sprintf(`"name": %q`, name)
	if e.Kind != "Zone" {
		meta += fmt.Sprintf(`, "namespace": %q`, s.namespace)
	}
	if more := strings.TrimSpace(string(metadata)); len(more) > 2 {
		meta += ", " + more[1:len(more)-1]
	}
	return fmt.Sprintf(`{"apiVersion": "%s/%s", "kind": %q, "metadata": {%s}, "spec": %s}`, group, version, e.Kind, meta, spec)
}

// apply makes an edit on the server and holds every answer against ours.
func (e edit) apply(t *testing.T, s *server, set *crd.Set, name string) (refused bool) {
	t.Helper()
	after := e.object(s, name, e.Version, e.After, e.Metadata)
	if e.create {
		j := set.Judge(nil, parse(t, after))
		stored, err := s.send("POST", s.path(e.Kind, e.Version), "Ignore", "", []byte(after))
		s.compare(t, set, after, stored, err, j)
		if err == nil {
			s.remove(t, s.path(e.Kind, e.Version)+"/"+name)
		}
		return err != nil
	}
	before := e.object(s, name, e.VersionBefore, e.Before, nil)
	j := set.Judge(nil, parse(t, before))
	stored, err := s.send("POST", s.path(e.Kind, e.VersionBefore), "Ignore", "", []byte(before))
	if s.compare(t, set, before, stored, err, j); err != nil {
		return true
	}
	path := s.path(e.Kind, e.Version) + "/" + name
	defer s.remove(t, path)
	j = set.Judge(parse(t, before), parse(t, after))
	_, strict := s.replace(path, "Strict", "All", []byte(after))
	stored, err = s.replace(path, "Ignore", "", []byte(after))
	s.compare(t, set, after, stored, err, j)
	unknownFields(t, after, strict, j)
	return err != nil
}

func (s *server) remove(t *testing.T, path string) {
	t.Helper()
	if _, err := s.send("DELETE", path, "Ignore", "", nil); err != nil {
		t.Fatal(err)
	}
}

func (s *server) compare(t *testing.T, set *crd.Set, text string, stored []byte, err error, j crd.Judgement) {
	t.Helper()
	if diff := s.told(err, j); diff != "" {
		t.Errorf("%s\n%s", text, diff)
	}
	if err != nil {
		return
	}
	o := parse(t, text)
	if is, ours := content(t, stored), contentOf(set.Normalize(o)); !reflect.DeepEqual(is, ours) {
		t.Errorf("%s\nstored is %v\nwe say    %v", text, is, ours)
	}
}

// unknownFields holds what a strict server says of them against ours.
func unknownFields(t *testing.T, text string, err error, j crd.Judgement) {
	t.Helper()
	if len(j.Refusals) > 0 {
		return
	}
	for _, d := range j.Dropped {
		if d.Strict != "" && (err == nil || !strings.Contains(err.Error(), d.Strict)) {
			t.Errorf("%s\nwe say %s, a strict server says %v", text, d.Strict, err)
		}
	}
	strict := slices.ContainsFunc(j.Dropped, func(d crd.Dropped) bool { return d.Strict != "" })
	if err != nil && !strict {
		t.Errorf("%s\na strict server says %v, we say nothing", text, err)
	}
}

func TestEditsAreJudgedAsByAServer(t *testing.T) { on(t, editsAreJudgedAsByAServer) }

func editsAreJudgedAsByAServer(t *testing.T, s *server) {
	t.Helper()
	definitions := documents(t, "definitions.yaml")
	s.define(t, definitions...)
	set := s.set(t, definitions...)
	refused, accepted := 0, 0
	for i, e := range editsOf(t, "edits.yaml") {
		name := cmp.Or(e.Name, "o")
		if e.Name == "" || e.Name == "g" {
			name += fmt.Sprint(i)
		}
		if e.apply(t, s, set, name) {
			refused++
		} else {
			accepted++
		}
	}
	t.Logf("%d edits refused, %d accepted, over %d definitions", refused, accepted, len(definitions))
	if refused < 40 || accepted < 40 {
		t.Error("too few to say anything")
	}
}

// Values of a resource that are invalid when the definition is tightened stay,
// and are tolerated by the server where they are not touched.
func TestATightenedDefinition(t *testing.T) { on(t, aTightenedDefinition) }

func aTightenedDefinition(t *testing.T, s *server) {
	t.Helper()
	definitions := documents(t, "definitions.yaml")
	loose, tight := definitions[len(definitions)-1], documents(t, "tightened.yaml")[0]
	s.define(t, loose)
	set, wide := s.set(t, tight), s.set(t, loose)

	bodies := []string{
		`{}`, `{"must": "a"}`, `{"num": 9}`, `{"must": "a", "num": 9}`, `{"must": "a", "s": "BAD"}`, `{"must": "a", "s": "bad"}`,
		`{"list": [{"k": "long!", "v": 9}]}`, `{"must": "a", "list": [{"k": "a", "v": 9}, {"k": "longer", "v": 1}]}`,
		`{"must": "a", "keyed": [{"k": "a", "v": 9}, {"k": "b", "v": 1}]}`, `{"keep": "x"}`,
	}
	var before []*kubeobj.Object
	e := edit{Kind: "Ratchet", Version: "v1", VersionBefore: "v1"}
	for i, body := range bodies {
		text := e.object(s, fmt.Sprint("r", i), "v1", json.RawMessage(body), nil)
		stored, err := s.send("POST", s.path("Ratchet", "v1"), "Ignore", "", []byte(text))
		s.compare(t, wide, text, stored, err, wide.Judge(nil, parse(t, text)))
		before = append(before, wide.Normalize(parse(t, text))) // what the loose one did not know is not stored
	}
	s.define(t, tight)
	s.until(t, func() bool {
		_, err := s.send("POST", s.path("Ratchet", "v1"), "Ignore", "All", []byte(e.object(s, "new", "v1", json.RawMessage(`{"must": "a", "num": 9}`), nil)))
		return err != nil
	})
	invalid, unknown := set.Audit(before)
	if len(unknown) > 0 {
		t.Errorf("unknown: %v", unknown)
	}
	for i, o := range before {
		spec, err := json.Marshal(plain(o.Get("spec")))
		if err != nil {
			t.Fatal(err)
		}
		touch := e.object(s, o.Name, "v1", spec, json.RawMessage(`{"labels": {"touched": "yes"}}`))
		_, err = s.replace(s.path("Ratchet", "v1")+"/"+o.Name, "Ignore", "All", []byte(touch))
		at := slices.IndexFunc(invalid, func(a crd.Audited) bool { return a.Object == o })
		if refused := at >= 0 && !invalid[at].Tolerated; refused != (err != nil) {
			t.Errorf("%s: a touch says %v, the audit %v", bodies[i], err, at >= 0)
		}
		renamed := strings.Replace(touch, o.Name, o.Name+"-again", 1)
		_, err = s.send("POST", s.path("Ratchet", "v1"), "Ignore", "All", []byte(renamed))
		if (at >= 0) != (err != nil) {
			t.Errorf("%s: a create says %v, the audit %v", bodies[i], err, at >= 0)
		}
	}
	edits := 0
	for i, o := range before {
		for _, body := range append(bodies, `{"must": "a", "num": 8}`, `{"num": 9, "s": "x"}`, `{"must": "a", "s": "bad", "num": 1}`,
			`{"must": "a", "list": [{"k": "longer", "v": 1}, {"k": "a", "v": 9}]}`, `{"must": "a", "list": [{"k": "a", "v": 9}, {"k": "longer", "v": 2}]}`,
			`{"must": "a", "keyed": [{"k": "b", "v": 1}, {"k": "a", "v": 9}]}`, `{"must": "a", "keyed": [{"k": "b", "v": 9}, {"k": "a", "v": 9}]}`) {
			after := e.object(s, o.Name, "v1", json.RawMessage(body), nil)
			_, err := s.replace(s.path("Ratchet", "v1")+"/"+o.Name, "Ignore", "All", []byte(after))
			if diff := s.told(err, set.Judge(o, parse(t, after))); diff != "" {
				t.Errorf("%s -> %s\n%s", bodies[i], body, diff)
			}
			edits++
		}
	}
	t.Logf("%d edits of %d objects, of which %d do not meet the definition", edits, len(before), len(invalid))
}
