package acme

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"polygraph/test/mockaws"
)

// Paths says where the generator reads and writes.
type Paths struct {
	Module        string // the Go module test/mockaws
	Configuration string // examples/acme/terraform
	Work          string // an empty directory for everything that is not kept
}

// Evidence is what the generator makes.
type Evidence struct {
	Plan  []byte // terraform show -json
	State []byte // terraform.tfstate, version 4, before the plan
}

// Shop is the example after the plan was made, so that a test can go on and apply it.
type Shop struct {
	Evidence
	Engine *Engine
	Cloud  *mockaws.Cloud
}

// Make runs the whole story.
func Make(p Paths) (*Shop, error) {
	engine, err := NewEngine(p.Module, p.Work)
	if err != nil {
		return nil, err
	}
	shop := &Shop{Engine: engine, Cloud: &mockaws.Cloud{Dir: filepath.Join(p.Work, "cloud")}}
	if err := shop.yesterday(p); err != nil {
		return nil, err
	}
	if err := shop.incident(); err != nil {
		return nil, fmt.Errorf("the incident: %w", err)
	}
	return shop, shop.today(p)
}

// yesterday applies the configuration of the day before.
func (s *Shop) yesterday(p Paths) error {
	for _, from := range []string{p.Configuration, filepath.Join(p.Module, "acme", "before")} {
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
	state, err := os.ReadFile(filepath.Join(s.Engine.Dir, "terraform.tfstate"))
	if err != nil {
		return err
	}
	s.State, err = normaliseState(state)
	return err
}

// today plans the configuration as it is now.
func (s *Shop) today(p Paths) error {
	if err := removeConfiguration(s.Engine.Dir); err != nil {
		return err
	}
	if err := copyConfiguration(p.Configuration, s.Engine.Dir); err != nil {
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
			found[address] = Instance{Type: r.Type, ID: fmt.Sprint(instance.Attributes["id"])}
		}
	}
	return found, nil
}

// Instance is one object by the names that AWS gives it.
type Instance struct{ Type, ID string }
