package change

import (
	"context"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// TestNamesWrittenByTwoRoots: two configurations that write one bucket name are
// asked about, and never accused: neither says that it is applied.
func TestNamesWrittenByTwoRoots(t *testing.T) {
	root := func(backend, bucket string) string {
		return "terraform {\n  backend \"s3\" {\n    " + backend + "\n    use_lockfile = true\n  }\n}\nresource \"aws_s3_bucket\" \"b\" {\n  " + bucket + "\n}\n"
	}
	one, two := `bucket = "states"`+"\n    "+`key = "one"`, `bucket = "states"`+"\n    "+`key = "two"`
	logs := `bucket = "acme-logs"`
	module := "resource \"aws_s3_bucket\" \"b\" {\n  " + logs + "\n}\n"
	for name, c := range map[string]struct {
		a, b string
		want int
	}{
		"two roots":               {root(one, logs), root(two, logs), 1},
		"partial backends":        {root("", logs), root("", logs), 1},
		"two names":               {root(one, logs), root(two, `bucket = "acme-access"`), 0},
		"one state":               {root(one, logs), root(one, logs), 0},
		"a module beside":         {root(one, logs), module, 0},
		"a provider is no root":   {"provider \"aws\" {}\n" + module, "provider \"aws\" {}\n" + module, 0},
		"one that may not be":     {root(one, logs), root(two, logs+"\n  count = 0"), 0},
		"one that is not literal": {root(one, logs), root(two, `bucket = "${var.name}"`), 0},
	} {
		var in analysis.Evidence
		for path, text := range map[string]string{"shop/main.tf": c.a, "edge/main.tf": c.b} {
			in.Items = append(in.Items, &evidence.Item{Kind: evidence.TerraformConfiguration(), Path: path, Blob: evidence.Bytes([]byte(text))})
		}
		got := 0
		r := analysis.Runner{Analyzers: []*analysis.Analyzer{Analyzer()}, Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }}
		_, err := r.Run(context.Background(), in, func(m *run.Message) error {
			if m.Finding != nil && m.Finding.Rule == "CHG072" && len(m.Finding.Proof) == 2 {
				got++
				if m.Finding.Verdict != finding.Unproven {
					t.Errorf("%s: %s", name, m.Finding.Verdict)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got != c.want {
			t.Errorf("%s: %d findings, want %d", name, got, c.want)
		}
	}
}
