package planbench_test

import (
	"reflect"
	"regexp"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"
)

// What a real plan promises between its sections has to hold here as well.
func TestSectionsAgree(t *testing.T) {
	data, _ := generate(t, small)
	plan := parse(t, data)
	prior, planned := map[string]bool{}, map[string]bool{}
	collect(plan.PriorState.Values.RootModule, prior)
	collect(plan.PlannedValues.RootModule, planned)
	seen := map[string]bool{}
	for _, rc := range plan.ResourceChanges {
		if seen[rc.Address] {
			t.Errorf("%s occurs twice", rc.Address)
		}
		seen[rc.Address] = true
		if had := rc.Change.Before != nil; had != prior[rc.Address] {
			t.Errorf("%s: before %v, in prior_state %v", rc.Address, had, prior[rc.Address])
		}
		stays := rc.Change.After != nil && rc.Mode == tfjson.ManagedResourceMode
		if stays != planned[rc.Address] {
			t.Errorf("%s: after %v, in planned_values %v", rc.Address, stays, planned[rc.Address])
		}
		same := reflect.DeepEqual(rc.Change.Before, rc.Change.After)
		if rc.Change.Actions.NoOp() != same {
			t.Errorf("%s: %v, but before equals after: %v", rc.Address, rc.Change.Actions, same)
		}
	}
	if extra := len(prior) + len(planned); extra == 0 {
		t.Error("prior_state and planned_values are empty")
	}
}

func collect(m *tfjson.StateModule, into map[string]bool) {
	for _, r := range m.Resources {
		into[r.Address] = true
	}
	for _, c := range m.ChildModules {
		collect(c, into)
	}
}

var indexes = regexp.MustCompile(`\[[^\]]*\]`)

func TestEveryChangeIsConfiguredExceptTheOrphans(t *testing.T) {
	data, counts := generate(t, small)
	plan := parse(t, data)
	blocks := map[string]bool{}
	declared("", plan.Config.RootModule, blocks)
	orphans := 0
	for _, rc := range plan.ResourceChanges {
		if rc.ActionReason == "delete_because_no_module" {
			orphans++
		} else if !blocks[indexes.ReplaceAllString(rc.Address, "")] {
			t.Errorf("%s is not in the configuration", rc.Address)
		}
	}
	if orphans != counts.Twins {
		t.Errorf("%d orphans, %d twins", orphans, counts.Twins)
	}
}

func declared(prefix string, m *tfjson.ConfigModule, into map[string]bool) {
	for _, r := range m.Resources {
		into[prefix+r.Address] = true
	}
	for name, call := range m.ModuleCalls {
		declared(prefix+"module."+name+".", call.Module, into)
	}
}

// A twin is created with exactly the attributes of the one that is destroyed, as far as they are known.
func TestTwinsAreEqual(t *testing.T) {
	data, counts := generate(t, small)
	plan := parse(t, data)
	created := map[string]map[string]any{}
	for _, rc := range plan.ResourceChanges {
		if rc.Change.Actions.Create() {
			created[rc.Address] = rc.Change.After.(map[string]any)
		}
	}
	twins := 0
	for _, rc := range plan.ResourceChanges {
		if rc.ActionReason != "delete_because_no_module" {
			continue
		}
		address := regexp.MustCompile(`\.module\.storage\.`).ReplaceAllString(rc.Address, ".module.data[0].")
		other, ok := created[address]
		if !ok {
			t.Errorf("nothing is created at %s", address)
			continue
		}
		twins++
		before := rc.Change.Before.(map[string]any)
		for name, value := range other {
			if !reflect.DeepEqual(value, before[name]) {
				t.Errorf("%s: %s is %v at one and %v at the other", rc.Address, name, before[name], value)
			}
		}
	}
	if twins != counts.Twins {
		t.Errorf("%d twins found, %d told", twins, counts.Twins)
	}
}

func TestSecretsAreMarked(t *testing.T) {
	data, _ := generate(t, small)
	for _, rc := range parse(t, data).ResourceChanges {
		if rc.Type != "aws_db_instance" || rc.Change.Before == nil {
			continue
		}
		if marks := rc.Change.BeforeSensitive.(map[string]any); marks["password"] != true {
			t.Errorf("%s shows its password", rc.Address)
		}
	}
}

// What is put back must return to the value before the drift.
func TestRevertedDriftReturns(t *testing.T) {
	data, counts := generate(t, small)
	plan := parse(t, data)
	changes := map[string]*tfjson.ResourceChange{}
	for _, rc := range plan.ResourceChanges {
		changes[rc.Address] = rc
	}
	reverted := 0
	for _, drift := range plan.ResourceDrift {
		rc := changes[drift.Address]
		switch {
		case rc.Change.Actions.NoOp():
			if !reflect.DeepEqual(drift.Change.After, rc.Change.Before) {
				t.Errorf("%s: the drift is not what the plan starts from", drift.Address)
			}
		case rc.Change.Actions.Create():
			reverted++
		default:
			reverted++
			if rc.Type != "aws_launch_template" && !reflect.DeepEqual(drift.Change.Before, rc.Change.After) {
				t.Errorf("%s is not put back", drift.Address)
			}
		}
	}
	if reverted != counts.Reverted {
		t.Errorf("%d drifts put back, %d told", reverted, counts.Reverted)
	}
}
