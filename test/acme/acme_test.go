package acme

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
)

var update = flag.Bool("update", false, "rewrite rules.txt")

// counts are how the rules fared, by ID.
type counts map[string]run.RuleCount

// look runs analyzers over a folder of examples.
func look(t *testing.T, all []*analysis.Analyzer, roots ...string) (counts, []finding.Finding) {
	t.Helper()
	found, err := files.Find(context.Background(), roots, facts.Detectors(), files.Options{Dir: "../../examples"})
	if err != nil {
		t.Fatal(err)
	}
	var findings []finding.Finding
	runner := analysis.Runner{Analyzers: all, Clock: time.Now, Parallel: 2}
	sum, err := runner.Run(context.Background(), found, func(m *run.Message) error {
		if m.Finding != nil {
			findings = append(findings, *m.Finding)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found.Skips {
		t.Errorf("not examined: %s: %s", s.Path, s.Reason)
	}
	out := counts{}
	for _, r := range sum.Rules {
		out[r.Rule] = r
	}
	return out, findings
}

// TestEveryRuleOnBothShops: FALSE on acme, TRUE on its clean twin.
func TestEveryRuleOnBothShops(t *testing.T) {
	lies, _ := look(t, analyzers.All(), "acme")
	clean, accused := look(t, analyzers.All(), "acme-twin")
	for _, f := range accused {
		t.Errorf("the twin is not clean: %s %s is %s: %s", f.Rule, f.Subject.Identity, f.Verdict, f.Title)
	}
	for _, a := range analyzers.All() {
		for _, r := range a.Rules {
			if lies[r.ID].Refuted == 0 {
				t.Errorf("%s refutes nothing on examples/acme", r.ID)
			}
			if clean[r.ID].Held == 0 {
				t.Errorf("%s holds nowhere on examples/acme-twin", r.ID)
			}
		}
	}
	compare(t, table("examples/acme", lies)+table("examples/acme-twin", clean))
}

// TestIdentityOnBothShops: the same of the rules of `change identity`: over the
// states before and after a real apply, and over what runs after it.
func TestIdentityOnBothShops(t *testing.T) {
	for _, c := range []struct {
		rule, before, after string
		refutes             bool
	}{
		{"CHG090", "acme/delivery/before.tfstate", "acme/delivery/after.tfstate", true},
		{"CHG090", "acme-twin/terraform.tfstate", "acme-twin/plan.json", false},
		{"CHG091", "acme/delivery/before.tfstate", "acme/delivery/after.tfstate", true},
		{"CHG091", "acme/delivery/before.tfstate", "acme/delivery/running", true},
		{"CHG091", "acme-twin/delivery/before.tfstate", "acme-twin/delivery/running", false},
	} {
		t.Run(c.rule+" "+c.after, func(t *testing.T) {
			sides := func(path string) (before, after bool) {
				return path == c.before, strings.HasPrefix(path, c.after)
			}
			got, _ := look(t, []*analysis.Analyzer{change.Identity(sides, nil)}, c.before, c.after)
			if n := got[c.rule]; (n.Refuted > 0) != c.refutes || n.Held == 0 {
				t.Errorf("false %d, unproven %d, true %d", n.Refuted, n.Unproven, n.Held)
			}
		})
	}
}

func table(name string, c counts) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s]\n", name)
	for _, a := range analyzers.All() {
		for _, r := range a.Rules {
			n := c[r.ID]
			fmt.Fprintf(&b, "%s false %d unproven %d true %d\n", r.ID, n.Refuted, n.Unproven, n.Held)
		}
	}
	return b.String() + "\n"
}

func compare(t *testing.T, got string) {
	t.Helper()
	got = "# How each rule fares on the two shops. Rewrite with: go test ./test/acme -update\n\n" + strings.TrimSpace(got) + "\n"
	const path = "rules.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("the counts changed; read the difference after: go test ./test/acme -update\n%s", got)
	}
}
