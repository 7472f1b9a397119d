package wild

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/baseline"
	"polygraph/internal/evidence"
	"polygraph/internal/report/jsonl"
	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// record runs every rule over the items and returns the saved run.
func record(t *testing.T, items []*evidence.Item) baseline.Replay {
	t.Helper()
	var b bytes.Buffer
	out := jsonl.New(&b)
	var rules []run.RuleRef
	for _, a := range analyzers.All() {
		for _, r := range a.Rules {
			rules = append(rules, run.RuleRef{ID: r.ID, Severity: r.Severity})
		}
	}
	if err := out.Hear(&run.Message{Header: &run.Header{Protocol: run.Protocol, Inputs: []string{"."}, Rules: rules}}); err != nil {
		t.Fatal(err)
	}
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now, Holds: true}
	if _, err := runner.Run(context.Background(), analysis.Evidence{Items: items}, out.Hear); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return func(hear func(*run.Message) error) error { return run.Read(bytes.NewReader(b.Bytes()), hear) }
}

func difference(t *testing.T, base, head baseline.Replay) *run.Difference {
	t.Helper()
	d, err := baseline.Compare(baseline.Named{Name: "BASE", Replay: base}, baseline.Named{Name: "HEAD", Replay: head}, baseline.Options{}, func(*run.Message) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestNoObservationCanBeDropped: over all the real plans, and all the real
// states, leaving any one of them out fails the gate, and leaving none out
// passes it.
func TestNoObservationCanBeDropped(t *testing.T) {
	all := items(t, data(t))
	for _, c := range []struct {
		kind  *evidence.Kind
		least int
	}{{evidence.TerraformPlan(), 60}, {evidence.TerraformState(), 40}} {
		t.Run(c.kind.Name, func(t *testing.T) {
			of := slices.DeleteFunc(slices.Clone(all), func(i *evidence.Item) bool { return i.Kind != c.kind })
			noneCanBeDropped(t, of, c.least)
		})
	}
}

func noneCanBeDropped(t *testing.T, all []*evidence.Item, least int) {
	base := record(t, all)
	if d := difference(t, base, base); d.Direction != "same" {
		t.Fatalf("the same run: %+v", d)
	}
	read := 0
	if err := base(func(m *run.Message) error {
		if m.Evidence != nil {
			read++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for i := range all {
		rest := append(append([]*evidence.Item{}, all[:i]...), all[i+1:]...)
		if d := difference(t, base, record(t, rest)); d.EvidenceLost == 1 && d.Direction == "worse" {
			failed++
		} else if d.Direction != "same" {
			t.Errorf("%s dropped: %+v", all[i].Path, d)
		}
	}
	// What could not be examined in the first place may go.
	if failed != read || read < least {
		t.Errorf("%d were examined, and dropping one failed %d times", read, failed)
	}
}

// TestNoPartCanBeDropped: a plan that was cut is no plan without lies.
func TestNoPartCanBeDropped(t *testing.T) {
	plan, err := os.ReadFile(filepath.Join("..", "..", "examples", "acme", "plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	item := func(b []byte) []*evidence.Item {
		return []*evidence.Item{{Kind: tfplan.Kind(), Path: "plan.json", Blob: evidence.Bytes(b)}}
	}
	base := record(t, item(plan))
	for _, part := range []string{"resource_changes", "configuration", "resource_drift"} {
		var doc map[string]json.RawMessage
		if err := json.Unmarshal(plan, &doc); err != nil || doc[part] == nil {
			t.Fatalf("acme has no %s: %v", part, err)
		}
		delete(doc, part)
		cut, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		d := difference(t, base, record(t, item(cut)))
		// How Terraform says that nothing drifted is to leave that part out.
		if want := part != "resource_drift"; (d.Direction == "worse") != want {
			t.Errorf("%s dropped: %+v", part, d)
		}
	}
	var partial map[string]any
	if err := json.Unmarshal(plan, &partial); err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]any{"complete": false, "errored": true} {
		partial[key] = value
		b, err := json.Marshal(partial)
		if err != nil {
			t.Fatal(err)
		}
		if d := difference(t, base, record(t, item(b))); d.Direction != "worse" {
			t.Errorf("%s: %v: %+v", key, value, d)
		}
		delete(partial, key)
	}
}
