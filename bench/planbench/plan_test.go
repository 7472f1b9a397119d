package planbench_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	tfjson "github.com/hashicorp/terraform-json"

	"polygraph/bench/planbench"
)

var small = planbench.Options{Changes: 2500, Seed: 3}

func generate(t *testing.T, opts planbench.Options) ([]byte, planbench.Counts) {
	t.Helper()
	var out bytes.Buffer
	counts, err := planbench.Generate(&out, opts)
	if err != nil {
		t.Fatal(err)
	}
	if int64(out.Len()) != counts.Bytes {
		t.Errorf("%d bytes counted, %d written", counts.Bytes, out.Len())
	}
	return out.Bytes(), counts
}

func parse(t *testing.T, data []byte) *tfjson.Plan {
	t.Helper()
	plan := &tfjson.Plan{}
	if err := json.Unmarshal(data, plan); err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestEqualOptionsGiveEqualBytes(t *testing.T) {
	a, _ := generate(t, small)
	b, _ := generate(t, small)
	if !bytes.Equal(a, b) {
		t.Error("two plans of equal options differ")
	}
	c, _ := generate(t, planbench.Options{Changes: small.Changes, Seed: 4})
	if bytes.Equal(a, c) {
		t.Error("the seed changes nothing")
	}
}

func TestTooSmallIsRefused(t *testing.T) {
	if _, err := planbench.Generate(&bytes.Buffer{}, planbench.Options{Changes: 10}); err == nil {
		t.Error("a plan of ten changes cannot hold every story, yet it was written")
	}
}

func TestTopLevelOrderIsTerraforms(t *testing.T) {
	data, _ := generate(t, small)
	in := json.NewDecoder(bytes.NewReader(data))
	var names []string
	if _, err := in.Token(); err != nil {
		t.Fatal(err)
	}
	for in.More() {
		name, err := in.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var skipped json.RawMessage
		if err := in.Decode(&skipped); err != nil {
			t.Fatal(err)
		}
	}
	want := strings.Fields("format_version terraform_version variables planned_values resource_drift resource_changes " +
		"output_changes prior_state configuration relevant_attributes checks timestamp applyable complete errored")
	if !slices.Equal(names, want) {
		t.Errorf("top level is %v", names)
	}
}

func TestCountsAreWhatIsInThePlan(t *testing.T) {
	data, counts := generate(t, small)
	plan := parse(t, data)
	actions := map[string]int{}
	roots, dragged, moved := 0, 0, 0
	for _, rc := range plan.ResourceChanges {
		var words []string
		for _, a := range rc.Change.Actions {
			words = append(words, string(a))
		}
		actions[strings.Join(words, "+")]++
		if rc.PreviousAddress != "" {
			moved++
		}
		switch {
		case rc.Change.Actions.Replace() && len(rc.Change.ReplacePaths) == 0:
			t.Errorf("%s is replaced for no attribute", rc.Address)
		case rc.Change.Actions.Replace():
			if unknownAt(rc.Change.AfterUnknown, rc.Change.ReplacePaths[0].([]any)) {
				dragged++
			} else {
				roots++
			}
		case rc.Change.Actions.Update() && rc.Type != "aws_launch_template" && holdsTrue(rc.Change.AfterUnknown):
			dragged++
		case rc.Change.Actions.Update() && rc.Type == "aws_launch_template":
			unknown := rc.Change.AfterUnknown.(map[string]any)
			delete(unknown, "latest_version")
			if holdsTrue(unknown) {
				dragged++
			}
		}
	}
	if len(plan.ResourceChanges) != small.Changes || len(plan.ResourceDrift) != counts.Drift ||
		!reflect.DeepEqual(actions, counts.Actions) || moved != counts.Moved {
		t.Errorf("read %d changes, %d drifts, %v, %d moved; told %+v", len(plan.ResourceChanges), len(plan.ResourceDrift),
			actions, moved, counts)
	}
	if roots != counts.Roots || dragged != counts.Dragged {
		t.Errorf("read %d roots and %d dragged along, told %d and %d", roots, dragged, counts.Roots, counts.Dragged)
	}
	for _, kind := range []string{"no-op", "create", "update", "delete", "delete+create", "create+delete", "read"} {
		if actions[kind] == 0 {
			t.Errorf("no change is %s", kind)
		}
	}
	if counts.Reverted == 0 || counts.Reverted == counts.Drift {
		t.Errorf("%d of %d drifts are put back, want a part", counts.Reverted, counts.Drift)
	}
}

// unknownAt follows a replace path; a path to a list or set is unknown when an element is.
func unknownAt(v any, path []any) bool {
	for _, step := range path {
		switch container := v.(type) {
		case map[string]any:
			v = container[step.(string)]
		case []any:
			v = container[int(step.(float64))]
		}
	}
	return holdsTrue(v)
}

func holdsTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case map[string]any:
		for _, element := range v {
			if holdsTrue(element) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, holdsTrue)
	}
	return false
}

// Figures are published for a plan. When this fails on purpose, take the figures of bench/README.md again.
func TestBytesAreTheSameEverywhere(t *testing.T) {
	data, _ := generate(t, small)
	const want = "f94138fd15c6b567a6bcfd284ac01e883c9fa3f189de2dd33d0d24a36f16693e"
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != want {
		t.Errorf("the plan is another one: %s", got)
	}
}
