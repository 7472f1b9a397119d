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
		Causes   []struct{ Type, Field, Detail string }
		Stored   map[string]any
		Error    string
	}
	o.ask(t, map[string]any{"op": "update", "old": old, "new": new}, &answer)
	if answer.Error != "" {
		t.Errorf("%s: %s", what, answer.Error)
		return
	}
	was, now := fromJSON(t, old), fromJSON(t, new)
	edits := fields.Compare(was, now, fields.Options{Version: v}).Edits
	outcomes := fields.Judge(v, was, now, edits)
	refused, dropped, unknown := false, len(edits) > 0, false
	var said []string
	for i, out := range outcomes {
		refused = refused || out.Mechanism == fields.Refused
		dropped = dropped && out.Mechanism == fields.Dropped
		unknown = unknown || out.Mechanism == fields.Unknown
		said = append(said, fmt.Sprintf("%s: %s (%s %s)", edits[i].Path, out.Mechanism, out.Because, out.Rule))
	}
	reason, excepted := judgeExceptions[what]
	stored := answer.Stored != nil && same(answer.Stored, old)
	wrong := ""
	switch {
	case unknown:
		wrong = "the judge does not know"
	case refused && answer.Accepted:
		wrong = "the judge refuses, the oracle accepts"
	case !refused && !answer.Accepted:
		wrong = "the oracle refuses, the judge does not"
	case dropped && answer.Accepted && !stored:
		wrong = "the judge says dropped, the oracle stores"
	case !dropped && len(edits) > 0 && answer.Accepted && stored:
		wrong = "the oracle drops, the judge does not"
	}
	if (wrong != "") != excepted {
		t.Errorf("%s: %s %s\n  %s\n  oracle: %v", what, wrong, reason, strings.Join(said, "\n  "), answer.Causes)
	}
}

// same compares what the server stored with what it had, less what it counts.
func same(a, b map[string]any) bool {
	a, b = copied(a).(map[string]any), copied(b).(map[string]any)
	for _, m := range []map[string]any{a, b} {
		meta := m["metadata"].(map[string]any)
		delete(meta, "generation")
		delete(m, "status")
	}
	return encoded(a) == encoded(b)
}

func encoded(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

func fromJSON(t *testing.T, v map[string]any) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("x.json", []byte(encoded(v)))
	if problem != nil || len(f.Objects) != 1 {
		t.Fatal(problem, encoded(v))
	}
	return f.Objects[0]
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
	if _, err := fmt.Fprintln(o.in, encoded(question)); err != nil {
		t.Fatal(err)
	}
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
