package acme

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"polygraph/test/mockaws"
)

// Paths says where the generator reads and writes.
type Paths struct {
	Module   string // the Go module test/mockaws
	Examples string // the folder examples
	Work     string // an empty directory for everything that is not kept
}

// Evidence is what the generator makes of one root.
type Evidence struct {
	Plan  []byte // terraform show -json
	State []byte // terraform.tfstate, version 4, before the plan
	After []byte // and after it was applied; nil when the root has none
	// Running is what runs after it was applied: the JSON of describe calls, by file name.
	Running map[string][]byte
}

// Files are the evidence by the path below examples.
func (r Root) Files(e Evidence) map[string][]byte {
	files := map[string][]byte{r.PlanPath: e.Plan, r.StatePath: e.State}
	if r.AfterPath != "" {
		files[r.AfterPath] = e.After
		for name, data := range e.Running {
			files[path.Join(path.Dir(r.AfterPath), "running", name)] = data
		}
	}
	return files
}

// Story is a root module after its plan was made, so that a test can go on and apply it.
type Story struct {
	Root
	Evidence
	Engine *Engine
	Cloud  *mockaws.Cloud
}

// Make runs the whole story of one root.
func Make(p Paths, r Root, provider *Provider) (*Story, error) {
	work := filepath.Join(p.Work, r.Name)
	engine, err := provider.Engine(work)
	if err != nil {
		return nil, err
	}
	s := &Story{Root: r, Engine: engine, Cloud: &mockaws.Cloud{Dir: filepath.Join(work, "cloud")}}
	steps := []func(Paths) error{s.yesterday, s.night, s.today}
	if r.AfterPath != "" {
		steps = append(steps, s.tomorrow)
	}
	for _, step := range steps {
		if err := step(p); err != nil {
			return nil, fmt.Errorf("%s: %w", r.Name, err)
		}
	}
	return s, nil
}

// yesterday applies the configuration of the day before.
func (s *Story) yesterday(p Paths) error {
	for _, from := range []string{filepath.Join(p.Examples, s.Configuration), filepath.Join(p.Module, "acme", s.Before)} {
		if err := copyConfiguration(from, s.Engine.Dir); err != nil {
			return err
		}
	}
	if _, err := s.Engine.Run("init", "-input=false", "-no-color"); err != nil {
		return err
	}
	if _, err := s.Engine.Run("apply", "-auto-approve", "-input=false", "-no-color", "-parallelism=1"); err != nil {
		return err
	}
	var err error
	s.State, err = s.state()
	return err
}

// night is what people do by hand.
func (s *Story) night(Paths) error {
	if s.Incident == nil {
		return nil
	}
	if err := s.Incident(s); err != nil {
		return fmt.Errorf("the incident: %w", err)
	}
	return nil
}

// today plans the configuration as it is now.
func (s *Story) today(p Paths) error {
	if err := removeConfiguration(s.Engine.Dir); err != nil {
		return err
	}
	if err := copyConfiguration(filepath.Join(p.Examples, s.Configuration), s.Engine.Dir); err != nil {
		return err
	}
	for _, args := range [][]string{
		{"init", "-input=false", "-no-color"},
		{"plan", "-out=today.tfplan", "-input=false", "-no-color", "-parallelism=1"},
	} {
		if _, err := s.Engine.Run(args...); err != nil {
			return err
		}
	}
	plan, err := s.Engine.Run("show", "-json", "-no-color", "today.tfplan")
	if err != nil {
		return err
	}
	if s.Plan, err = normalisePlan(plan); err != nil {
		return err
	}
	if strings.Contains(string(s.Plan), p.Work) {
		return errors.New("the plan names a path of this machine; normalise it in acme.go")
	}
	return nil
}

// tomorrow applies the plan.
func (s *Story) tomorrow(Paths) error {
	if err := s.Apply(); err != nil {
		return err
	}
	var err error
	if s.After, err = s.state(); err != nil {
		return err
	}
	s.Running, err = running(s.State, s.After)
	return err
}

// Apply applies the plan that today made.
func (s *Story) Apply() error {
	_, err := s.Engine.Run("apply", "-input=false", "-no-color", "-parallelism=1", "today.tfplan")
	return err
}

func (s *Story) state() ([]byte, error) {
	state, err := os.ReadFile(filepath.Join(s.Engine.Dir, "terraform.tfstate"))
	if err != nil {
		return nil, err
	}
	return normaliseState(state, s.Lineage)
}

// copyConfiguration copies .tf files, over what is there.
func copyConfiguration(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".tf" {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

func removeConfiguration(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".tf" {
			return err
		}
		return os.Remove(path)
	})
}

// Instances maps the addresses in a version 4 state to type and identifier.
func Instances(state []byte) (map[string]Instance, error) {
	var file struct {
		Resources []struct {
			Module    string `json:"module"`
			Mode      string `json:"mode"`
			Type      string `json:"type"`
			Name      string `json:"name"`
			Instances []struct {
				IndexKey   any            `json:"index_key"`
				Attributes map[string]any `json:"attributes"`
			} `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(state, &file); err != nil {
		return nil, fmt.Errorf("terraform.tfstate: %w", err)
	}
	found := map[string]Instance{}
	for _, r := range file.Resources {
		if r.Mode != "managed" {
			continue
		}
		for _, instance := range r.Instances {
			address := r.Type + "." + r.Name
			if r.Module != "" {
				address = r.Module + "." + address
			}
			switch key := instance.IndexKey.(type) {
			case string:
				address += fmt.Sprintf("[%q]", key)
			case float64:
				address += fmt.Sprintf("[%d]", int(key))
			}
			found[address] = Instance{Type: r.Type, ID: fmt.Sprint(instance.Attributes["id"]), Attributes: instance.Attributes}
		}
	}
	return found, nil
}

// Instance is one object by the names that AWS gives it, and what the state knows of it.
type Instance struct {
	Type, ID   string
	Attributes map[string]any
}

// at is a value below the attributes; the path is dotted and counts into lists.
func (i Instance) at(path string) any {
	var v any = i.Attributes
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(x) {
				return nil
			}
			v = x[n]
		}
	}
	return v
}
