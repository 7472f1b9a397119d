package mockaws

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed behaviour.json
var behaviourJSON []byte

// Behaviour is what schema.json cannot tell of one type. Paths are dotted through blocks.
type Behaviour struct {
	ForceNew        []ForceNew        `json:"force_new"`
	Computed        []string          `json:"computed"`
	Sensitive       []string          `json:"sensitive"`
	WriteOnly       []string          `json:"write_only"`
	Defaults        map[string]any    `json:"defaults"`
	Values          map[string]any    `json:"values"` // what the cloud answers for computed attributes; see template.go
	ValuesIf        []ValuesIf        `json:"values_if"`
	Counters        map[string]string `json:"counters"` // number -> the attribute whose creations it counts
	Local           []string          `json:"local"`    // arguments that only the state knows: no API returns them
	ImportValues    map[string]any    `json:"import"`   // what an import sets for local arguments
	ChangesOnUpdate []UpdateEffect    `json:"changes_on_update"`
	Deferred        Deferred          `json:"deferred"`
	Guards          []Guard           `json:"guards"`
}

// ValuesIf are other answers of the cloud, for objects whose arguments have these values: a
// function that does not publish has the version $LATEST.
type ValuesIf struct {
	If     map[string]any `json:"if"`
	Values map[string]any `json:"values"`
}

// Deferred lists what an update only schedules: the cloud accepts it, and goes on with the old
// value until a maintenance window that never comes in a test.
type Deferred struct {
	Unless     string   `json:"unless"` // the argument that makes it immediate
	Attributes []string `json:"attributes"`
}

// ForceNew lists attributes whose change replaces the object, and where that was read.
type ForceNew struct {
	Source string   `json:"source"`
	Paths  []string `json:"paths"`
}

// UpdateEffect says which computed attribute an in-place update makes unknown.
type UpdateEffect struct {
	Attribute string         `json:"attribute"`
	When      []string       `json:"when"` // any of these changed; empty means anything but tags
	If        map[string]any `json:"if"`   // and these arguments have these values
}

// Guard is something that stands between DELETE and the loss of data.
type Guard struct {
	Kind      string `json:"kind"`      // protect, not_empty, final_snapshot, snapshot_if, recovery_window, retain, in_use
	Attribute string `json:"attribute"` // the argument that arms or disarms it
	Name      string `json:"name"`      // final_snapshot: the argument that names the snapshot
}

type behaviourFile struct {
	Resources   map[string]Behaviour `json:"resources"`
	DataSources map[string]Behaviour `json:"data_sources"`
}

func loadBehaviour() (*behaviourFile, error) {
	var file behaviourFile
	decoder := json.NewDecoder(bytes.NewReader(behaviourJSON))
	decoder.DisallowUnknownFields()
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("behaviour.json: %w; compare its keys with the Behaviour type", err)
	}
	return &file, nil
}

// always lists what the provider computes in every type that has it.
var always = []string{"id", "arn", "tags_all", "region", "owner_id"}

// merge writes the behaviour into the attributes, so that the rest reads one model.
func (t *Type) merge() error {
	for _, name := range always {
		if a := t.Attributes[name]; a != nil && !a.Required {
			a.Computed = true
		}
	}
	for _, path := range t.Facts.Computed {
		if err := t.change(path, func(a *Attribute) { a.Computed = true }); err != nil {
			return err
		}
	}
	for path := range t.Facts.Values {
		if err := t.change(path, func(a *Attribute) { a.Computed = a.Computed || !a.Required }); err != nil {
			return err
		}
	}
	for path := range t.Facts.Counters {
		if err := t.change(path, func(a *Attribute) { a.Computed = true }); err != nil {
			return err
		}
	}
	for _, name := range t.Facts.Deferred.Attributes {
		if t.Attributes[name] == nil {
			return fmt.Errorf("deferred: no attribute %q", name)
		}
	}
	for _, path := range t.Facts.Sensitive {
		if err := t.change(path, func(a *Attribute) { a.Sensitive = true }); err != nil {
			return err
		}
	}
	for _, path := range t.Facts.WriteOnly {
		if err := t.change(path, func(a *Attribute) { a.WriteOnly = true }); err != nil {
			return err
		}
	}
	for path, value := range t.Facts.Defaults {
		if err := t.change(path, func(a *Attribute) { a.Default = value }); err != nil {
			return err
		}
	}
	for _, name := range t.Facts.Local {
		if t.Attributes[name] == nil {
			return fmt.Errorf("local: no attribute %q", name)
		}
	}
	for _, entry := range t.Facts.ForceNew {
		for _, path := range entry.Paths {
			a, b := t.find(path)
			switch {
			case a != nil:
				a.ForceNew = true
			case b != nil:
				b.ForceNew = true
			default:
				return fmt.Errorf("force_new: no attribute or block %q", path)
			}
		}
	}
	return nil
}

func (t *Type) change(path string, edit func(*Attribute)) error {
	a, _ := t.find(path)
	if a == nil {
		return fmt.Errorf("no attribute %q", path)
	}
	edit(a)
	return nil
}
