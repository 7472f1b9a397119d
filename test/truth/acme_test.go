package truth

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/test/engine"
)

// TestAcmeAgreesWithItself: the example's plan was made from the example's state. Nobody may mend one of
// them by hand without the other.
func TestAcmeAgreesWithItself(t *testing.T) {
	root, err := engine.Root()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(root, "examples", "acme", name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	p, state := decodePlan(t, read("plan.json")), stateFile(t, read("terraform.tfstate"))
	before := 0
	for _, e := range p.Changes {
		if e.Change.Before != nil && e.Mode != "data" {
			before++
		}
	}
	if len(state) < 100 || before < 100 || len(p.Drift) == 0 {
		t.Fatalf("%d objects in the state, %d in the plan, %d drifted: nothing to compare", len(state), before, len(p.Drift))
	}
	for _, c := range planAgreesWithState(p, state) {
		t.Error(c)
	}

	// And the comparison can fail: each of these is a slip of a hand that edits one file.
	for name, slip := range map[string]func(plan, map[string]object){
		"an attribute of the state": func(_ plan, s map[string]object) {
			s["aws_dynamodb_table.carts"].Values["hash_key"] = "other"
		},
		"an object of the state": func(_ plan, s map[string]object) { delete(s, "aws_dynamodb_table.carts") },
		"a new one in the state": func(_ plan, s map[string]object) { s["aws_sqs_queue.forgotten"] = object{} },
		"the drifted value":      func(p plan, _ map[string]object) { p.Drift[0].Change.After["id"] = "other" },
		"the value before drift": func(p plan, _ map[string]object) { p.Drift[0].Change.Before["id"] = "other" },
	} {
		p, state := decodePlan(t, read("plan.json")), stateFile(t, read("terraform.tfstate"))
		if state["aws_dynamodb_table.carts"].Values == nil {
			t.Fatal("the example has no aws_dynamodb_table.carts any more; choose another object")
		}
		slip(p, state)
		if len(planAgreesWithState(p, state)) == 0 {
			t.Errorf("%s is another, and nobody objects", name)
		}
	}
}

// planAgreesWithState compares address by address: what the plan calls before is what the state has, as far
// as drift does not lie between them.
func planAgreesWithState(p plan, state map[string]object) (complaints []string) {
	drift := map[string]entry{}
	for _, d := range p.Drift {
		drift[d.Address] = d
		if !equal(d.Change.Before, state[d.was()].Values) {
			complain(&complaints, "%s: resource_drift starts from something else than the state", d.Address)
		}
	}
	seen := map[string]bool{}
	for _, e := range p.Changes {
		if e.Mode == "data" {
			continue
		}
		seen[e.was()] = true
		have, there := state[e.was()]
		d, drifted := drift[e.Address]
		switch {
		case e.Change.Importing != nil:
			if there {
				complain(&complaints, "%s is imported and in the state already", e.Address)
			}
		case drifted:
			if !equal(e.Change.Before, d.Change.After) {
				complain(&complaints, "%s: the change starts from something else than what resource_drift found", e.Address)
			}
		case there != (e.Change.Before != nil):
			complain(&complaints, "%s: in the state is %v, in the plan before is %v", e.Address, there, e.Change.Before != nil)
		case there && !equal(e.Change.Before, have.Values):
			complain(&complaints, "%s: before is something else than the state", e.Address)
		}
	}
	for _, address := range slices.Sorted(maps.Keys(state)) {
		if !seen[address] {
			complain(&complaints, "%s is in the state and not in the plan", address)
		}
	}
	return complaints
}

// was is the address under which the state has an object.
func (e entry) was() string {
	if e.Previous != "" {
		return e.Previous
	}
	return e.Address
}

// stateFile reads the managed objects of a state file of version 4.
func stateFile(t *testing.T, text []byte) map[string]object {
	t.Helper()
	var doc struct {
		Version   int `json:"version"`
		Resources []struct {
			Module, Mode, Type, Name string
			Instances                []struct {
				Key        any            `json:"index_key"`
				Deposed    string         `json:"deposed"`
				Attributes map[string]any `json:"attributes"`
			}
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil || doc.Version != 4 {
		t.Fatalf("version %d: %v", doc.Version, err)
	}
	out := map[string]object{}
	for _, r := range doc.Resources {
		for _, i := range r.Instances {
			if r.Mode != "managed" || i.Deposed != "" {
				continue
			}
			address := strings.TrimPrefix(r.Module+"."+r.Type+"."+r.Name, ".")
			switch key := i.Key.(type) {
			case string:
				address += fmt.Sprintf("[%q]", key)
			case float64:
				address += fmt.Sprintf("[%d]", int(key))
			}
			out[address] = object{r.Type, i.Attributes}
		}
	}
	return out
}
