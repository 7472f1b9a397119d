package tfplan

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

// sharedData is where real plans lie; a test says so when they are not there.
func sharedData(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("POLYGRAPH_SHARED")
	if root == "" {
		root = "../../../shared"
	}
	dir := filepath.Join(append([]string{root, "data"}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("POLYGRAPH_SHARED") != "" {
			t.Fatalf("POLYGRAPH_SHARED is set and has no %s", dir)
		}
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatalf("shared data is not beside the project (%s): set POLYGRAPH_SHARED", dir)
		}
		t.Skipf("shared data is not beside the project (%s)", dir)
	}
	return dir
}

func readPlan(t testing.TB, data []byte) (*Plan, error) {
	t.Helper()
	return Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "plan.json", Blob: evidence.Bytes(data)}, Options{})
}

// TestRealPlansAgreeWithOracle reads every real plan and compares addresses and
// actions with what encoding/json makes of the same file.
func TestRealPlansAgreeWithOracle(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(sharedData(t, "plans"), "*", "*.json"))
	if len(files) < 60 {
		t.Fatalf("only %d plans found", len(files))
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			kind, problem := Detect(f, data[:min(len(data), 64<<10)])
			if kind != Kind() || problem != nil {
				t.Errorf("not detected: %v %v", kind, problem)
			}
			p, err := readPlan(t, data)
			if err != nil {
				t.Fatal(err)
			}
			var oracle struct {
				Changes []struct {
					Address string
					Change  struct{ Actions []string }
				} `json:"resource_changes"`
				Drift []struct{ Address string } `json:"resource_drift"`
			}
			if err := json.Unmarshal([]byte(decodeHead(data)), &oracle); err != nil {
				t.Fatal(err)
			}
			if len(p.Changes) != len(oracle.Changes) || len(p.Drift) != len(oracle.Drift) {
				t.Fatalf("%d changes and %d drift, oracle says %d and %d", len(p.Changes), len(p.Drift), len(oracle.Changes), len(oracle.Drift))
			}
			for i, o := range oracle.Changes {
				c := &p.Changes[i]
				if c.Address != o.Address || c.Action == UnknownAction {
					t.Errorf("%d: %s %v, oracle says %s %s", i, c.Address, c.Action, o.Address, strings.Join(o.Change.Actions, "+"))
				}
				if _, err := p.Detail(c); err != nil {
					t.Errorf("%s: %v", c.Address, err)
				}
			}
		})
	}
}
