package oracle_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/test/cluster/binary"
	"polygraph/test/oracle"
)

// judged is an object of testdata/judge.yaml and the edits of it.
type judged struct {
	Object oracle.Object
	Cases  []map[string]any
}

// TestJudgeCases asks the oracle and the judge about each edit of judge.yaml.
func TestJudgeCases(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/judge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []judged
	if err := yaml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for _, release := range releases(t) {
		t.Run(string(release), func(t *testing.T) {
			o := oracle.Start(t, release)
			kinds, _, err := o.Kinds()
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, j := range all {
				kind := fmt.Sprint(j.Object["apiVersion"], " ", j.Object["kind"])
				if !slices.Contains(kinds, kind) {
					t.Logf("no %s", kind)
					continue
				}
				old, err := o.Default(j.Object)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range j.Cases {
					var new any = old
					for _, path := range slices.Sorted(maps.Keys(c)) {
						new = put(new, strings.Split(path, "/"), c[path])
					}
					n++
					judgeCase(t, o, fmt.Sprint(kind, " ", j.Object["metadata"].(map[string]any)["name"], " ", c), old, new.(oracle.Object))
				}
			}
			t.Log(n, "edits")
		})
	}
}

func minor(v binary.Version) kubeschema.Version { return kubeschema.Version(minorOf(v)) }

func judgeCase(t *testing.T, o *oracle.Oracle, what string, old, new oracle.Object) {
	t.Helper()
	r, err := o.Update("", old, new)
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	outcome := oracle.Refused
	if r.Accepted {
		if outcome = oracle.InPlace; stores(r.Stored, old) {
			outcome = oracle.Dropped
		}
	}
	v := minor(o.Version)
	was, now := judgedObject(t, old), judgedObject(t, new)
	edits := fields.Compare(was, now, fields.Options{Version: v}).Edits
	if len(edits) == 0 && outcome == oracle.Dropped {
		return // the same, after defaults
	}
	if got, said := verdict(v, was, now, edits); got != outcome {
		t.Errorf("%s: the judge says %s, the oracle %s\n  %s\n  %v", what, got, outcome, said, r.Causes)
	}
}

// verdict is what the judge says of all edits of an object, in the oracle's
// words, and of each.
func verdict(v kubeschema.Version, was, now *kubeobj.Object, edits []fields.Edit) (oracle.Outcome, string) {
	got, dropped := oracle.InPlace, len(edits) > 0
	var lines []string
	for i, out := range fields.Judge(v, was, now, edits) {
		switch {
		case out.Mechanism == fields.Refused:
			got = oracle.Refused
		case out.Mechanism == fields.Unknown && got != oracle.Refused:
			got = "unknown"
		}
		dropped = dropped && out.Mechanism == fields.Dropped
		lines = append(lines, fmt.Sprintf("%s: %s (%s; %s)", edits[i].Path, out.Mechanism, out.Because, out.Rule))
	}
	if dropped {
		got = oracle.Dropped
	}
	return got, strings.Join(lines, "\n  ")
}

// dropsPart tells whether the judge says of an edit that adds a field with
// others that the field in it is dropped, or that it goes with all around it.
func dropsPart(v kubeschema.Version, was, now *kubeobj.Object, edits []fields.Edit, field string) bool {
	for i, out := range fields.Judge(v, was, now, edits) {
		if rest, ok := strings.CutPrefix(field, edits[i].Field+"."); ok && strings.Contains(out.Because, rest+" in it is dropped") {
			return true
		}
		if strings.HasPrefix(field+".", edits[i].Field+".") && strings.Contains(out.Because, "the volume goes, and its mounts") {
			return true
		}
	}
	return false
}

// judgeExceptions are the fields, each with all below, about which the judge and
// the oracle differ in a walk, and why.
var judgeExceptions = map[string]string{
	"flowcontrol.apiserver.k8s.io/v1 FlowSchema status.conditions":                 invalidStatus,
	"flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration status.conditions": invalidStatus,
	"v1 Node status.config":                    invalidStatus,
	"v1 Pod status.containerStatuses":          gatedStatus,
	"v1 Pod status.initContainerStatuses":      gatedStatus,
	"v1 Pod status.ephemeralContainerStatuses": gatedStatus,
	"v1 Pod status.resourceClaimStatuses":      gatedStatus,
	"v1 Pod spec.initContainers.image":         "up to 1.31 the server compares the QoS class with the status, and the walk gave a pod of class Guaranteed an init container without resources",
	"v1 Service status.loadBalancer":           "the server empties status.loadBalancer of what is no load balancer, so it is not the old one that is stored",
}

const gatedStatus = "where its gate is off, the server empties a field of the status that it had, so it is not the old one that is stored"

const invalidStatus = "the status that the walk begins from is not valid, and the server validates the old one with the object"

func excepted(kind, field string) bool {
	for key := range judgeExceptions {
		if k := kind + " " + field; k == key || strings.HasPrefix(k, key+".") {
			return true
		}
	}
	return false
}

// judgedKindWalk is what the judge says to the walk over a kind.
type judgedKindWalk struct {
	version    kubeschema.Version
	judged     int
	exceptions int
	wrong      map[string][]string // by field
	found      map[string]bool     // the fields that were judged; true where each time right
	root       int                 // was is of it
	was        *kubeobj.Object
}

// add judges a case that is no wrong value by itself.
func (j *judgedKindWalk) add(kind string, c *oracle.Case) error {
	meta, _ := c.New["metadata"].(map[string]any)
	if c.Outcome == oracle.Invalid || meta["name"] == nil {
		return nil // without a name it is no object for us
	}
	var err error
	if j.was == nil || j.root != c.Root {
		if j.was, err = parsedObject(c.Old); err != nil {
			return err
		}
		j.root = c.Root
	}
	was := j.was
	now, err := parsedObject(c.New)
	if err != nil {
		return err
	}
	edits := fields.Compare(was, now, fields.Options{Version: j.version}).Edits
	if aside(c.Field) {
		// What the comparison leaves aside is judged all the same.
		path := strings.Split(c.Field, ".")
		edits = []fields.Edit{{Path: c.Field, Field: c.Field, Old: was.Get(path...), New: now.Get(path...)}}
	}
	if len(edits) == 0 && c.Outcome != oracle.Refused {
		return nil // the same, for us and for the server
	}
	j.judged++
	right, seen := j.found[c.Field]
	got, said := verdict(j.version, was, now, edits)
	if c.Outcome == oracle.Dropped && dropsPart(j.version, was, now, edits, c.Field) {
		got = oracle.Dropped
	}
	j.found[c.Field] = got == c.Outcome && (right || !seen)
	switch {
	case got == c.Outcome:
	case excepted(kind, c.Field):
		j.exceptions++
	default:
		line := fmt.Sprintf("%s %s %s (%s): the judge says %s, the oracle %s\n      %.400s\n      %.250s",
			kind, c.Field, c.Mutation, c.Base, got, c.Outcome, said, fmt.Sprint(c.Causes))
		j.wrong[c.Field] = append(j.wrong[c.Field], line)
	}
	return nil
}

// TestJudgeWalk has every field of every kind mutated by the oracle, and judges
// each mutation that is no wrong value by itself.
func TestJudgeWalk(t *testing.T) {
	t.Parallel()
	table, asked := readAgreed(t)
	for _, release := range releases(t) {
		t.Run(string(release), func(t *testing.T) {
			w := walked(t, release)
			cases, exceptions := 0, 0
			found := map[string]map[string]bool{}
			for _, k := range w.kinds {
				cases += k.judged.judged
				exceptions += k.judged.exceptions
				if len(k.judged.found) > 0 {
					found[judgedKind(k.kind)] = k.judged.found
				}
				for _, field := range slices.Sorted(maps.Keys(k.judged.wrong)) {
					lines := k.judged.wrong[field]
					t.Errorf("%d times, first: %s", len(lines), lines[0])
				}
			}
			t.Log(len(w.kinds), "kinds,", cases, "edits judged, of them exceptions", exceptions)
			if len(found) < 40 || exceptions > cases/100 {
				t.Errorf("%d kinds judged, %d of %d edits are exceptions", len(found), exceptions, cases)
			}
			if !t.Failed() {
				table.replace(letter(release), found)
				asked[letter(release)] = string(release)
			}
		})
	}
	text := table.text(asked)
	if *updateJudged { // the releases on which the judge was right
		write(t, judgedTable, string(text))
	}
	if t.Failed() {
		return
	}
	if was, err := os.ReadFile(judgedTable); err != nil || string(was) != string(text) {
		t.Error("internal/fields/table.txt is not what the walks found: run with -update-judged", err)
	}
}

// aside tells whether the comparison of objects passes a field over: the name
// that makes it the same object, and what the server writes.
func aside(field string) bool {
	name, below, _ := strings.Cut(field, ".")
	switch below {
	case "name", "namespace", "uid", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds":
		return name == "metadata"
	}
	return name == "status"
}

// stores tells whether the server stored what it had, less what it counts.
func stores(stored, old oracle.Object) bool {
	strip := func(o oracle.Object) []byte {
		o = maps.Clone(o)
		meta := maps.Clone(o["metadata"].(map[string]any))
		delete(meta, "generation")
		o["metadata"] = meta
		delete(o, "status")
		data, _ := json.Marshal(o)
		return data
	}
	return string(strip(stored)) == string(strip(old))
}

func judgedObject(t *testing.T, v oracle.Object) *kubeobj.Object {
	t.Helper()
	o, err := parsedObject(v)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func parsedObject(v oracle.Object) (*kubeobj.Object, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	f, problem := kubeobj.Parse("object.json", data)
	if problem != nil || len(f.Objects) != 1 {
		return nil, fmt.Errorf("%v: %s", problem, data)
	}
	return f.Objects[0], nil
}

// put is a tree with a value at a path; nil takes away what is there.
func put(at any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	step := strings.ReplaceAll(path[0], "~1", "/")
	if i, err := strconv.Atoi(step); err == nil {
		l, _ := at.([]any)
		l = slices.Clone(l)
		switch {
		case len(path) == 1 && v == nil:
			return slices.Delete(l, i, i+1)
		case i == len(l):
			return append(l, put(nil, path[1:], v))
		}
		l[i] = put(l[i], path[1:], v)
		return l
	}
	m, _ := at.(map[string]any)
	m = maps.Clone(m)
	if m == nil {
		m = map[string]any{}
	}
	if len(path) == 1 && v == nil {
		delete(m, step)
		return m
	}
	m[step] = put(m[step], path[1:], v)
	return m
}
