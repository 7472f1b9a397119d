package tfplan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// naiveChange is what encoding/json makes of an entry.
type naiveChange struct {
	Address string
	Change  struct {
		Actions      []string
		Before       any
		After        any
		AfterUnknown any     `json:"after_unknown"`
		ReplacePaths [][]any `json:"replace_paths"`
	}
}

// unknownNaively lists the top-level attributes with anything unknown below.
func (c *naiveChange) unknownNaively() []string {
	if a := c.Change.Actions; len(a) == 1 && (a[0] == "no-op" || a[0] == "delete") {
		return nil
	}
	u, _ := c.Change.AfterUnknown.(map[string]any)
	var out []string
	for name, v := range u {
		if text := fmt.Sprint(flattened(v)); strings.Contains(text, "true") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// flattened lists the booleans below a value.
func flattened(v any) []any {
	var out []any
	switch x := v.(type) {
	case bool:
		out = append(out, x)
	case []any:
		for _, y := range x {
			out = append(out, flattened(y)...)
		}
	case map[string]any:
		for _, y := range x {
			out = append(out, flattened(y)...)
		}
	}
	return out
}

// changedNaively lists the known attributes whose value is another one.
func (c *naiveChange) changedNaively() []string {
	words := strings.Join(c.Change.Actions, " ")
	if words != "update" && words != "delete create" && words != "create delete" {
		return nil
	}
	before, _ := c.Change.Before.(map[string]any)
	after, _ := c.Change.After.(map[string]any)
	unknown := c.unknownNaively()
	all := map[string]bool{}
	for k := range before {
		all[k] = true
	}
	for k := range after {
		all[k] = true
	}
	empty := func(v any) bool {
		return v == nil || reflect.DeepEqual(v, "") || reflect.ValueOf(v).Kind() >= reflect.Map && reflect.ValueOf(v).Kind() <= reflect.Slice && reflect.ValueOf(v).Len() == 0
	}
	var out []string
	for k := range all {
		a, inA := before[k]
		b, inB := after[k]
		if inA && inB && !reflect.DeepEqual(a, b) || inA != inB && !empty(a) || inA != inB && !empty(b) {
			if !slices.Contains(unknown, k) {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}

// TestSetsAgreeWithNaiveComputation compares Unknown, Changed and Forces of
// every real plan with what a plain decoding says.
func TestSetsAgreeWithNaiveComputation(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(sharedData(t, "plans"), "*", "*.json"))
	unknown, changed, forces := 0, 0, 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		p, err := readPlan(t, data)
		if err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		dec := json.NewDecoder(bytes.NewReader(decodeHead(data)))
		dec.UseNumber()
		var oracle struct {
			Changes []naiveChange `json:"resource_changes"`
			Drift   []naiveChange `json:"resource_drift"`
		}
		if err := dec.Decode(&oracle); err != nil {
			t.Fatal(err)
		}
		for _, section := range []struct {
			got  []Change
			want []naiveChange
		}{{p.Changes, oracle.Changes}, {p.Drift, oracle.Drift}} {
			for i := range section.want {
				w, c := &section.want[i], &section.got[i]
				if got, want := slices.Sorted(p.Names(c.Unknown)), w.unknownNaively(); !slices.Equal(got, want) {
					t.Errorf("%s: %s: unknown %q, want %q", filepath.Base(f), w.Address, got, want)
				}
				if got, want := slices.Sorted(p.Names(c.Changed)), w.changedNaively(); !slices.Equal(got, want) {
					t.Errorf("%s: %s: changed %q, want %q", filepath.Base(f), w.Address, got, want)
				}
				var paths []string
				for _, path := range w.Change.ReplacePaths {
					paths = append(paths, strings.ReplaceAll(strings.Trim(fmt.Sprint(path...), "[]"), " ", "."))
				}
				if got := slices.Collect(p.Names(c.Forces)); len(got) > len(paths) || (len(got) == 0) != (len(paths) == 0) {
					t.Errorf("%s: %s: forced by %q, want %q", filepath.Base(f), w.Address, got, paths)
				}
				unknown, changed, forces = unknown+len(w.unknownNaively()), changed+len(w.changedNaively()), forces+len(paths)
			}
		}
	}
	if unknown < 1000 || changed < 50 || forces < 5 {
		t.Errorf("only %d unknown, %d changed, %d forcing: the plans test little", unknown, changed, forces)
	}
}
