package oracle_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// judged is an object of testdata/judge.yaml and the edits of it.
type judged struct {
	Object map[string]any
	Cases  []map[string]any
}

// judgeExceptions are the edits about which the judge and the oracle may differ,
// and why.
var judgeExceptions = map[string]string{}

// TestJudgeCases asks the oracle and the judge about each edit of judge.yaml.
func TestJudgeCases(t *testing.T) {
	data, err := os.ReadFile("testdata/judge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all []judged
	if err := yaml.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	for v := kubeschema.Oldest; v <= kubeschema.Newest; v++ {
		bin := os.Getenv("ORACLES") + "/oracle-" + v.String() + "-ready"
		if _, err := os.Stat(bin); err != nil {
			continue
		}
		t.Run(v.String(), func(t *testing.T) {
			o := start(t, bin)
			n := 0
			for _, j := range all {
				old := o.defaults(t, j.Object)
				if old == nil {
					continue
				}
				for _, c := range j.Cases {
					new := copied(old).(map[string]any)
					for _, path := range slices.Sorted(maps.Keys(c)) {
						new = put(new, strings.Split(path, "/"), c[path]).(map[string]any)
					}
					n++
					judgeCase(t, o, v, fmt.Sprint(j.Object["kind"], " ", named(j.Object), " ", c), old, new)
				}
			}
			t.Log(n, "edits")
		})
	}
}

func named(object map[string]any) any { return object["metadata"].(map[string]any)["name"] }

func judgeCase(t *testing.T, o *asked, v kubeschema.Version, what string, old, new map[string]any) {
	t.Helper()
	var answer struct {
		Accepted bool
		Causes   []walkCause
		Stored   map[string]any
		Error    string
	}
	o.ask(t, map[string]any{"op": "update", "old": old, "new": new}, &answer)
	if answer.Error != "" {
		t.Errorf("%s: %s", what, answer.Error)
		return
	}
	outcome := "refused"
	if answer.Accepted {
		if outcome = "in-place"; answer.Stored != nil && same(answer.Stored, old) {
			outcome = "dropped"
		}
	}
	was, now := judgedObject(t, encoded(old)), judgedObject(t, encoded(new))
	edits := fields.Compare(was, now, fields.Options{Version: v}).Edits
	if len(edits) == 0 && outcome == "dropped" {
		return // the same, after defaults
	}
	said, wrong := disagreement(v, was, now, edits, outcome)
	if _, excepted := judgeExceptions[what]; (wrong != "") != excepted {
		t.Errorf("%s: %s\n  %s\n  oracle: %v", what, wrong, said, answer.Causes)
	}
}

type walkCause struct{ Type, Field, Detail string }

// disagreement is what the judge says of the edits, and how that differs from
// what the oracle did.
func disagreement(v kubeschema.Version, was, now *kubeobj.Object, edits []fields.Edit, outcome string) (said, wrong string) {
	refused, dropped, unknown := false, len(edits) > 0, false
	var lines []string
	for i, out := range fields.Judge(v, was, now, edits) {
		refused = refused || out.Mechanism == fields.Refused
		dropped = dropped && out.Mechanism == fields.Dropped
		unknown = unknown || out.Mechanism == fields.Unknown
		lines = append(lines, fmt.Sprintf("%s: %s (%s; %s)", edits[i].Path, out.Mechanism, out.Because, out.Rule))
	}
	got := "in-place"
	switch {
	case refused:
		got = "refused"
	case unknown:
		got = "unknown"
	case dropped:
		got = "dropped"
	}
	if got != outcome {
		wrong = "the judge says " + got + ", the oracle " + outcome
	}
	return strings.Join(lines, "\n  "), wrong
}

// walked is a line of a walk over all fields of a kind.
type walked struct {
	Root     int
	Field    string
	Base     string
	Mutation string
	Old      map[string]any
	Patches  []struct {
		Path   []any
		Value  any
		Remove bool
	}
	Outcome string
	Causes  []walkCause
	Done    bool
	Error   string
}

// TestJudgeWalk has every field of every kind mutated by the oracle, and judges
// each mutation that is no wrong value by itself.
func TestJudgeWalk(t *testing.T) {
	for v := kubeschema.Oldest; v <= kubeschema.Newest; v++ {
		bin := os.Getenv("ORACLES") + "/oracle-" + v.String()
		if _, err := os.Stat(bin); err != nil {
			continue
		}
		t.Run(v.String(), func(t *testing.T) {
			o := start(t, bin)
			var version struct{ Kinds []string }
			o.ask(t, map[string]any{"op": "version"}, &version)
			n, wrongs := 0, map[string]int{}
			for _, kind := range version.Kinds {
				if strings.Contains(kind[strings.LastIndex(kind, " "):], "/") {
					continue // subresources are written by other requests
				}
				if _, err := o.in.Write(append(encoded(map[string]any{"op": "walk", "kind": kind}), '\n')); err != nil {
					t.Fatal(err)
				}
				roots := map[int]map[string]any{}
				for {
					var w walked
					o.answer(t, &w)
					if w.Error != "" {
						t.Logf("%s: %s", kind, w.Error)
						break
					}
					if w.Done {
						break
					}
					if w.Old != nil {
						roots[w.Root] = w.Old
						continue
					}
					if w.Outcome == "invalid" || w.Outcome == "noop" {
						continue
					}
					n++
					walkCase(t, v, kind, &w, roots[w.Root], wrongs)
				}
			}
			t.Log(n, "mutations of", len(version.Kinds), "kinds")
			for _, w := range slices.Sorted(maps.Keys(wrongs)) {
				t.Errorf("%d times: %s", wrongs[w], w)
			}
		})
	}
}

func walkCase(t *testing.T, v kubeschema.Version, kind string, w *walked, old map[string]any, wrongs map[string]int) {
	t.Helper()
	var now any = copied(old)
	for _, p := range w.Patches {
		now = patched(now, p.Path, p.Value, p.Remove)
	}
	new := now.(map[string]any)
	was, is := judgedObject(t, encoded(old)), judgedObject(t, encoded(new))
	edits := fields.Compare(was, is, fields.Options{Version: v}).Edits
	if len(edits) == 0 {
		// What the comparison leaves aside is judged all the same.
		path := strings.Split(w.Field, ".")
		edits = []fields.Edit{{Path: w.Field, Field: w.Field, Old: was.Get(path...), New: is.Get(path...)}}
	}
	said, wrong := disagreement(v, was, is, edits, w.Outcome)
	key := fmt.Sprintf("%s %s %s (%s)", kind, w.Field, w.Mutation, w.Base)
	if wrong == "" {
		return
	}
	if len(said) > 300 {
		said = said[:300]
	}
	if len(w.Causes) > 1 {
		w.Causes = w.Causes[:1]
	}
	wrongs[fmt.Sprintf("%s: %s\n      %s\n      %.250v", key, wrong, said, w.Causes)]++
}

// patched is a tree with a value written or taken away.
func patched(at any, path []any, value any, remove bool) any {
	if len(path) == 0 {
		return value
	}
	switch step := path[0].(type) {
	case float64:
		l, _ := at.([]any)
		i := int(step)
		switch {
		case remove && len(path) == 1 && i < len(l):
			return slices.Delete(slices.Clone(l), i, i+1)
		case i >= len(l):
			return append(slices.Clone(l), patched(nil, path[1:], value, remove))
		}
		l[i] = patched(l[i], path[1:], value, remove)
		return l
	case string:
		m, _ := at.(map[string]any)
		if m == nil {
			m = map[string]any{}
		}
		if remove && len(path) == 1 {
			delete(m, step)
			return m
		}
		m[step] = patched(m[step], path[1:], value, remove)
		return m
	}
	return at
}

// same compares what the server stored with what it had, less what it counts.
func same(a, b map[string]any) bool {
	a, b = copied(a).(map[string]any), copied(b).(map[string]any)
	for _, m := range []map[string]any{a, b} {
		meta := m["metadata"].(map[string]any)
		delete(meta, "generation")
		delete(m, "status")
	}
	return string(encoded(a)) == string(encoded(b))
}

func encoded(v any) []byte {
	data, _ := json.Marshal(v)
	return data
}

func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, e := range v {
			m[k] = copied(e)
		}
		return m
	case []any:
		l := []any{}
		for _, e := range v {
			l = append(l, copied(e))
		}
		return l
	}
	return v
}

// put writes a value at a path; nil takes away what is there.
func put(at any, path []string, v any) any {
	if len(path) == 0 {
		return v
	}
	step := strings.ReplaceAll(path[0], "~1", "/")
	if i, err := strconv.Atoi(step); err == nil {
		l, _ := at.([]any)
		switch {
		case len(path) == 1 && v == nil:
			return slices.Delete(slices.Clone(l), i, i+1)
		case i == len(l):
			return append(slices.Clone(l), put(nil, path[1:], v))
		}
		l[i] = put(l[i], path[1:], v)
		return l
	}
	m, _ := at.(map[string]any)
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

// asked is an oracle that runs.
type asked struct {
	in  io.Writer
	out *bufio.Reader
}

func start(t *testing.T, bin string) *asked {
	t.Helper()
	cmd := exec.Command(filepath.Clean(bin))
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); _ = cmd.Wait() })
	return &asked{in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

func (o *asked) ask(t *testing.T, question, answer any) {
	t.Helper()
	if _, err := o.in.Write(append(encoded(question), '\n')); err != nil {
		t.Fatal(err)
	}
	o.answer(t, answer)
}

func (o *asked) answer(t *testing.T, answer any) {
	t.Helper()
	line, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		t.Fatal(err)
	}
}

// defaults is an object as the server has it, nil where it has no such kind.
func (o *asked) defaults(t *testing.T, object map[string]any) map[string]any {
	t.Helper()
	var answer struct {
		Object map[string]any
		Error  string
	}
	o.ask(t, map[string]any{"op": "default", "object": object}, &answer)
	if answer.Error != "" {
		t.Log(answer.Error[:min(100, len(answer.Error))])
	}
	return answer.Object
}

func judgedObject(t *testing.T, data []byte) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("object.json", data)
	if problem != nil || len(f.Objects) != 1 {
		t.Fatalf("%v: %s", problem, data)
	}
	return f.Objects[0]
}
