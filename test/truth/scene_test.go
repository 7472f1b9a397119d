package truth

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/test/engine"
)

// scene is a workspace with the cloud that its mock provider acts on.
type scene struct {
	*engine.Workspace
	t     *testing.T
	cloud string
}

// files is a configuration: file name to content.
type files = map[string]string

// planfile is where a scene keeps the plan it will apply.
const planfile = "tfplan"

// provider says which plugins a scene needs besides those built into the engine.
type provider int

const (
	awsMock provider = iota
	timeReal
)

// begin applies the first configuration.
func begin(t *testing.T, config files, needs ...provider) *scene {
	t.Helper()
	var plugins []engine.Provider
	e := engine.Find(t)
	for _, n := range needs {
		switch n {
		case timeReal:
			plugins = append(plugins, engine.Time(t))
		default:
			plugins = append(plugins, engine.Plugin(t, "hashicorp/aws", "6.25.0", engine.Build{
				Module: "test/mockaws", Package: "./cmd/terraform-provider-aws", Binary: "terraform-provider-aws",
			}))
		}
	}
	s := &scene{Workspace: e.Workspace(t, config, plugins...), t: t, cloud: t.TempDir()}
	s.Env = []string{"MOCKAWS_CLOUD=" + s.cloud}
	s.Init()
	s.Apply()
	return s
}

// configure puts another configuration in place of the present one. Modules are fetched again only
// where the calls may have changed.
func (s *scene) configure(config files) {
	s.t.Helper()
	err := filepath.WalkDir(s.Dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".tf" {
			return err
		}
		return os.Remove(path)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		s.Write(name, config[name])
	}
	if len(config) > 1 {
		s.Init()
	}
}

// plan plans the present configuration into a file of that name and decodes it.
func (s *scene) plan(name string) plan {
	s.t.Helper()
	if err := s.Plan(name); err != nil {
		s.t.Fatal(err)
	}
	return decodePlan(s.t, s.ShowJSON(name))
}

// judged plans the present configuration and has the analyzer judge it.
func (s *scene) judged() (plan, judgement) {
	s.t.Helper()
	p := s.plan(planfile)
	return p, judge(s.t, p.text)
}

// outcome is what an apply did.
type outcome struct {
	before, after map[string]object // the state, by address
	calls         []call            // what the provider was asked to do
	refused       string            // what the engine said when it failed
}

// carryOut applies the plan that judged made.
func (s *scene) carryOut() outcome {
	s.t.Helper()
	o := outcome{before: s.state()}
	seen := len(s.calls())
	_, stderr, code, err := s.Run("apply", "-input=false", "-no-color", "-parallelism=1", planfile)
	if err != nil {
		s.t.Fatal(err)
	}
	if code != 0 {
		o.refused = stderr
	}
	o.after, o.calls = s.state(), s.calls()[seen:]
	return o
}

// succeed is carryOut for a plan that nothing should refuse.
func (s *scene) succeed() outcome {
	s.t.Helper()
	o := s.carryOut()
	if o.refused != "" {
		s.t.Fatalf("apply: %s", o.refused)
	}
	return o
}

// call is one line of calls.jsonl of the mock.
type call struct {
	Call, Type, ID, Error, Note string
}

func (s *scene) calls() []call {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.cloud, "calls.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	var out []call
	for line := range strings.Lines(string(data)) {
		var c call
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, c)
	}
	return out
}

// object path in the cloud, as the mock writes it.
func (s *scene) inCloud(kind, typ, id string) string {
	return filepath.Join(s.cloud, kind, url.PathEscape(typ), url.PathEscape(id+".json"))
}

// exists tells whether the cloud has an object.
func (s *scene) exists(kind, typ, id string) bool {
	_, err := os.Stat(s.inCloud(kind, typ, id))
	return err == nil
}

// look reads an object of the cloud.
func (s *scene) look(typ, id string) map[string]any {
	s.t.Helper()
	data, err := os.ReadFile(s.inCloud("objects", typ, id))
	if err != nil {
		s.t.Fatal(err)
	}
	var o map[string]any
	if err := json.Unmarshal(data, &o); err != nil {
		s.t.Fatal(err)
	}
	return o
}

// tamper changes an object behind the engine's back.
func (s *scene) tamper(typ, id string, change map[string]any) {
	s.t.Helper()
	o := s.look(typ, id)
	maps.Copy(o, change)
	s.put("objects", typ, id, o)
}

func (s *scene) put(kind, typ, id string, o map[string]any) {
	s.t.Helper()
	path := s.inCloud(kind, typ, id)
	data, err := json.Marshal(o)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = os.WriteFile(path, data, 0o644)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// lose deletes an object behind the engine's back.
func (s *scene) lose(typ, id string) {
	s.t.Helper()
	if err := os.Remove(s.inCloud("objects", typ, id)); err != nil {
		s.t.Fatal(err)
	}
}
