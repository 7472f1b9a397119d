package term

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func header() *run.Message {
	return &run.Message{Header: &run.Header{
		Protocol: run.Protocol, Version: "v0.1.0", Command: "check", Inputs: []string{"infra"},
		Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
		Rules: []run.RuleRef{
			{ID: "CHG001", Analyzer: "change", Claim: "Replacing this resource loses no data", Severity: finding.Critical},
			{ID: "CHG002", Analyzer: "change", Claim: "A change to this argument takes effect", Severity: finding.Medium},
			{ID: "CHG003", Analyzer: "change", Claim: "Only what the plan names is replaced", Severity: finding.High},
		},
	}}
}

func planRead() *run.Message {
	return &run.Message{Evidence: &run.Evidence{
		Kind: "terraform-plan", Nature: "observation", Path: "infra/plan.json", Bytes: 41_234_567,
		Detail: "Terraform 1.11.4, 42000 changes", Notes: []string{"no configuration: references are unknown"},
	}}
}

func refuted(statements int) *run.Message {
	f := &finding.Finding{
		Rule: "CHG001", Analyzer: "change", Verdict: finding.Refuted, Severity: finding.Critical,
		Subject: finding.Subject{
			Kind: "terraform-resource", Identity: "module.payments.aws_db_instance.main",
			Aliases: []string{"arn:arn:aws:rds:eu-central-1:111122223333:db:payments"},
		},
		Claim: "Replacing this resource loses no data", Title: "its data is deleted and no snapshot is taken",
		Proof: []finding.Statement{{
			Text: "the plan destroys it before it creates the new one because engine_version changes",
			At: finding.Location{
				File: "infra/plan.json", Offset: 10422, Object: "module.payments.aws_db_instance.main",
				Pointer: "/resource_changes/3/change/actions",
			},
		}, {
			Text: "skip_final_snapshot is true",
			At:   finding.Location{File: "infra/main.tf", Line: 12, Column: 3},
		}},
		Remedy: finding.Remedy{
			Text:     "Take a snapshot first, then let the provider keep one.",
			Commands: []string{"aws rds create-db-snapshot --db-instance-identifier payments --db-snapshot-identifier before-upgrade"},
			Patch:    "resource \"aws_db_instance\" \"main\" {\n  skip_final_snapshot = false\n}\n", Language: "hcl",
		},
		Cost:        &finding.Cost{Monthly: 412.5, Currency: "USD", Source: "AWS price list 2026-11"},
		Fingerprint: "v1:0123456789abcdef01234567", FirstSeen: "2026-10-01", Overdue: true,
	}
	for i := len(f.Proof); i < statements; i++ {
		f.Proof = append(f.Proof, finding.Statement{
			Text: fmt.Sprintf("table orders_%03d is in it", i),
			At:   finding.Location{File: "infra/state.json", Object: fmt.Sprintf("postgresql_table.orders[%d]", i)},
		})
	}
	return &run.Message{Finding: f}
}

func unproven() *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Unproven, Severity: finding.Medium,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: "kubernetes_manifest.gateway"},
		Claim:   "A change to this argument takes effect", Title: "the server's version is not known",
		Proof: []finding.Statement{{
			Text: "spec.gatewayClassName changes",
			At:   finding.Location{File: "infra/plan.json", Pointer: "/resource_changes/9/change/after/manifest/spec/gatewayClassName"},
		}},
		Missing: []finding.Missing{{Evidence: "the API server's version", Get: "kubectl version -o json > version.json"}},
	}}
}

func summary(v finding.Verdict, refuted, unproven, held int) *run.Message {
	return &run.Message{Summary: &run.Summary{
		Rules: []run.RuleCount{
			{Rule: "CHG001", Examined: refuted + held, Refuted: refuted, Held: held},
			{Rule: "CHG002", Examined: unproven, Unproven: unproven},
			{Rule: "CHG003"},
		},
		Refuted: refuted, Unproven: unproven, Held: held, Verdict: v, ElapsedMS: 1240,
		Coverage: run.Coverage{
			Files: 18, Evidence: 1, Bytes: 41_234_567, NotNeeded: 17, Kinds: map[string]int{"terraform-plan": 1},
		},
	}}
}

func skipped() []*run.Message {
	return []*run.Message{
		{Skip: &run.Skip{Path: "infra/tfplan", Count: 1, Reason: "a binary plan", Do: "terraform show -json tfplan > plan.json"}},
		{Skip: &run.Skip{Path: "infra/links", Count: 12, Reason: "links that point outside of infra", Do: "name their targets"}},
	}
}

func change(i int, mechanism, address, because string) *run.Message {
	return &run.Message{Row: &run.Row{Table: "changes", Cells: []run.Cell{
		{Name: "address", Value: fmt.Sprintf(address, i)},
		{Name: "mechanism", Value: mechanism},
		{Name: "because", Value: because},
	}}}
}

func rows() []*run.Message {
	return []*run.Message{
		change(1, "replaced", `module.payments["eu-central-1"].module.database[%d].aws_db_instance.main`, "engine_version cannot be changed in place"),
		change(2, "in place", "aws_instance.web[%d]", "tags"),
		change(3, "refused", "kubernetes_job.migrate_%d", "spec.template is immutable"),
	}
}

func runOf(parts ...any) []*run.Message {
	var out []*run.Message
	for _, p := range parts {
		switch p := p.(type) {
		case *run.Message:
			out = append(out, p)
		case []*run.Message:
			out = append(out, p...)
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	gaps := summary(finding.Unproven, 0, 0, 4)
	gaps.Summary.Missing = []run.Gap{
		{Rule: "CHG002", Evidence: "Terraform state", Get: "terraform state pull > terraform.tfstate"},
		{Rule: "CHG003", Evidence: "Terraform state", Get: "terraform state pull > terraform.tfstate"},
	}
	nothing := summary(finding.Unproven, 0, 0, 0)
	nothing.Summary.Coverage = run.Coverage{Files: 3, NotNeeded: 3, Kinds: map[string]int{}}
	nothing.Summary.Missing = []run.Gap{{Rule: "CHG001", Evidence: "Terraform plan (JSON)", Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"}}
	cut := summary(finding.Refuted, 1, 1, 117)
	cut.Summary.Coverage.Skipped = 13
	hostile := refuted(1)
	hostile.Finding.Subject.Identity = "aws_instance.\x1b[2J\x1b]0;owned\a\u202eevil\nTRUE"
	many := []*run.Message{}
	for i := range 8 {
		many = append(many, &run.Message{Evidence: &run.Evidence{
			Kind: "terraform-plan", Path: fmt.Sprintf("p%d.json", i), Bytes: 900, Notes: []string{"no configuration: references are unknown"},
		}})
	}
	for i := range 23 {
		many = append(many, &run.Message{Skip: &run.Skip{Path: fmt.Sprintf("d%02d/x", i), Count: 1, Reason: "vanished", Named: i == 22}})
	}

	for name, c := range map[string]struct {
		opts Options
		run  []*run.Message
	}{
		"refuted":         {Options{}, runOf(header(), planRead(), skipped(), refuted(217), unproven(), cut)},
		"refuted_quiet":   {Options{Detail: Quiet}, runOf(header(), planRead(), skipped(), refuted(217), unproven(), cut)},
		"refuted_verbose": {Options{Detail: Verbose}, runOf(header(), planRead(), skipped(), refuted(9), unproven(), cut)},
		"refuted_narrow":  {Options{Width: 72}, runOf(header(), planRead(), refuted(3), unproven(), summary(finding.Refuted, 1, 1, 117))},
		"refuted_color":   {Options{Profile: colorprofile.ANSI}, runOf(header(), planRead(), refuted(2), summary(finding.Refuted, 1, 0, 117))},
		"unproven":        {Options{}, runOf(header(), planRead(), unproven(), summary(finding.Unproven, 0, 1, 117))},
		"gaps":            {Options{}, runOf(header(), planRead(), gaps)},
		"nothing":         {Options{}, runOf(header(), nothing)},
		"holds":           {Options{}, runOf(header(), planRead(), summary(finding.Holds, 0, 0, 117))},
		"no_claim":        {Options{}, runOf(header(), planRead(), summary(finding.Holds, 0, 0, 0))},
		"cut_off":         {Options{}, runOf(header(), planRead(), refuted(1))},
		"hostile":         {Options{}, runOf(header(), hostile)},
		"table":           {Options{}, runOf(header(), rows(), summary(finding.Holds, 0, 0, 3))},
		"table_narrow":    {Options{Width: 72}, runOf(header(), rows(), summary(finding.Holds, 0, 0, 3))},
		"many":            {Options{}, runOf(header(), many, summary(finding.Unproven, 0, 0, 3))},
	} {
		t.Run(name, func(t *testing.T) {
			got := printed(t, c.opts, c.run)
			if c.opts.Profile > colorprofile.NoTTY {
				got = strings.ReplaceAll(got, "\x1b", "␛")
			}
			golden(t, name, got)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s\nwant:\n%s\n(run with -update, then read the file)", path, got, want)
	}
}

func printed(t *testing.T, o Options, ms []*run.Message) string {
	t.Helper()
	var buf bytes.Buffer
	l := New(&buf, o)
	for _, m := range ms {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// The verdict of a run that is not proven must not contain a word that reads
// as green, at any level of detail.
func TestUnprovenNeverReadsAsGreen(t *testing.T) {
	for _, d := range []Detail{Quiet, Normal, Verbose} {
		for _, held := range []int{0, 117} {
			out := printed(t, Options{Detail: d}, runOf(header(), unproven(), summary(finding.Unproven, 0, 1, held)))
			lines := strings.Split(strings.TrimSpace(out), "\n")
			last := lines[len(lines)-1]
			if !strings.HasPrefix(last, "? UNPROVEN") || strings.Contains(last, "TRUE") || strings.Contains(last, "✓") {
				t.Errorf("detail %d, %d held: the last line is %q", d, held, last)
			}
			if !strings.Contains(out, "kubectl version -o json") {
				t.Errorf("detail %d: the command that gets the missing evidence is not there", d)
			}
		}
	}
}

// counter stands for a slow terminal: it knows how much has been written and
// how many bytes came at once.
type counter struct{ total, largest int }

func (c *counter) Write(p []byte) (int, error) {
	c.total += len(p)
	c.largest = max(c.largest, len(p))
	return len(p), nil
}

func TestTableStreams(t *testing.T) {
	w := &counter{}
	l := New(w, Options{})
	if err := l.Hear(header()); err != nil {
		t.Fatal(err)
	}
	for i := range 42_000 {
		if err := l.Hear(change(i, "in place", "aws_instance.web[%d]", "tags")); err != nil {
			t.Fatal(err)
		}
		if i == 10_000 && w.total == 0 {
			t.Fatal("nothing was printed after 10,000 rows: the table is held in memory")
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if w.largest > 256<<10 {
		t.Errorf("%d bytes were written at once", w.largest)
	}
	if w.total < 42_000*len("aws_instance.web[0]  in place") {
		t.Errorf("only %d bytes for 42,000 rows", w.total)
	}
}

// Rows after the measured ones may be longer. A file gets them whole, a
// terminal gets one line each.
func TestRowsAfterTheSample(t *testing.T) {
	long := "module.a.module.b.module.c.module.d.aws_instance.with_a_very_long_name_%d"
	for _, width := range []int{0, 60} {
		ms := []*run.Message{header()}
		for i := range sample {
			ms = append(ms, change(i, "in place", "aws_instance.web[%d]", "tags"))
		}
		out := printed(t, Options{Width: width}, append(ms, change(7, "replaced", long, "ami")))
		whole := strings.Contains(out, fmt.Sprintf(long, 7))
		if width == 0 && !whole {
			t.Error("a stream that is not a terminal was cut")
		}
		if width > 0 && (whole || !strings.Contains(out, "…")) {
			t.Error("a terminal row was not cut in its middle")
		}
	}
}

type full struct{ n int }

var errFull = errors.New("no space left")

func (f *full) Write([]byte) (int, error) { f.n++; return 0, errFull }

func TestAFailingWriterIsAnErrorOnce(t *testing.T) {
	l := New(&full{}, Options{})
	errs := 0
	for _, m := range runOf(header(), planRead(), refuted(1), summary(finding.Refuted, 1, 0, 0)) {
		if err := l.Hear(m); err != nil {
			if !errors.Is(err, errFull) {
				t.Fatal(err)
			}
			errs++
		}
	}
	if err := l.Close(); err != nil {
		errs++
	}
	if errs != 1 {
		t.Errorf("%d errors, want 1", errs)
	}
}

func BenchmarkRows(b *testing.B) {
	for name, o := range map[string]Options{
		"plain": {}, "color": {Profile: colorprofile.ANSI256, Width: 120},
	} {
		b.Run(name, func(b *testing.B) {
			l := New(&counter{}, o)
			m := change(1, "in place", `module.payments["eu"].aws_instance.web[%d]`, "tags")
			b.ReportAllocs()
			for b.Loop() {
				if err := l.Hear(m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
