package sarif

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// checked runs every analyzer over one plan and returns the log.
func checked(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kind, _ := tfplan.Detect(path, b[:min(len(b), 64<<10)])
	if kind == nil {
		t.Fatalf("%s is no plan", path)
	}
	r := analysis.Runner{Analyzers: analyzers.All(), Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	var ms []*run.Message
	header := &run.Header{Protocol: run.Protocol, Version: "dev", Command: "check", Inputs: []string{filepath.ToSlash(path)}}
	for _, a := range analyzers.All() {
		for _, x := range a.Rules {
			header.Rules = append(header.Rules, run.RuleRef{
				ID: x.ID, Analyzer: a.Name, Claim: x.Claim, Severity: x.Severity, Title: x.Title,
				Claimant: x.Claimant, Why: x.Why, Fix: x.Fix, Sources: x.Sources,
			})
		}
	}
	ms = append(ms, &run.Message{Header: header})
	sum, err := r.Run(context.Background(), analysis.Evidence{
		Items: []*evidence.Item{{Kind: kind, Path: filepath.ToSlash(path), Blob: evidence.Bytes(b)}}, Files: 1,
	}, func(m *run.Message) error {
		if m.Summary == nil {
			ms = append(ms, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return written(t, append(ms, &run.Message{Summary: sum}))
}

func TestAcme(t *testing.T) {
	log := validate(t, officialSchema(t), checked(t, filepath.Join("..", "..", "..", "examples", "acme", "plan.json")))
	lint(t, log, true)
	if n := len(log["runs"].([]any)[0].(map[string]any)["results"].([]any)); n < 10 {
		t.Errorf("%d results for acme, which is full of lies", n)
	}
}

// TestRealPlans writes a log for every plan of the shared data.
func TestRealPlans(t *testing.T) {
	root := os.Getenv("POLYGRAPH_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	plans, _ := filepath.Glob(filepath.Join(root, "data", "plans", "*", "*.json"))
	if len(plans) == 0 {
		if os.Getenv("POLYGRAPH_STRICT") == "1" || os.Getenv("POLYGRAPH_SHARED") != "" {
			t.Fatal("the shared data is not there: set POLYGRAPH_SHARED")
		}
		t.Skip("the shared data is not beside the project")
	}
	s := officialSchema(t)
	results := 0
	for _, p := range plans {
		log := validate(t, s, checked(t, p))
		lint(t, log, true)
		results += len(log["runs"].([]any)[0].(map[string]any)["results"].([]any))
	}
	t.Logf("%d plans, %d results", len(plans), results)
	if results == 0 {
		t.Error("no plan has a result")
	}
}
