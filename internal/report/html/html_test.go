package html

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func header() *run.Message {
	return &run.Message{Header: &run.Header{
		Protocol: run.Protocol, Version: "v0.1.0", Command: "check", Inputs: []string{"infra"},
		Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), Config: "polygraph.yaml",
		Rules: []run.RuleRef{
			{
				ID: "CHG001", Analyzer: "change", Claim: "Replacing this resource loses no data", Severity: finding.Critical,
				Title: "data is destroyed", Claimant: "the plan's `-/+` lines", Why: "A replacement is a destroy.", Fix: "Take a snapshot.",
				Sources: []string{"https://example.com/lifecycle"},
			},
			{ID: "CHG002", Analyzer: "change", Claim: "A change to this argument takes effect", Severity: finding.Medium},
			{ID: "CHG003", Analyzer: "change", Claim: "Only what the plan names is replaced", Severity: finding.High},
		},
	}}
}

func compareHeader() *run.Message {
	m := header()
	m.Header.Command = "compare"
	m.Header.Base = &run.Side{Name: "main", Version: "v0.1.0", Inputs: []string{"infra"}}
	m.Header.Head = &run.Side{Name: "branch", Version: "v0.1.0"}
	return m
}

func planRead() *run.Message {
	return &run.Message{Evidence: &run.Evidence{
		Kind: "terraform-plan", Nature: "observation", Path: "infra/plan.json", Bytes: 41_234_567,
		Detail: "Terraform 1.11.4, 42000 changes", Notes: []string{"no configuration: references are unknown"},
		Time: time.Date(2026, 11, 22, 7, 0, 0, 0, time.UTC), Sketch: []string{"00dd8b583dd8dde4"},
	}}
}

func skipped() *run.Message {
	return &run.Message{Skip: &run.Skip{Path: "infra/tfplan", Count: 3, Reason: "a binary plan", Do: "`terraform show -json tfplan > plan.json`", Named: true}}
}

func row(address, mechanism string) *run.Message {
	return &run.Message{Row: &run.Row{Table: "changes", Cells: []run.Cell{{Name: "address", Value: address}, {Name: "mechanism", Value: mechanism}}}}
}

func refuted(n int) *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "CHG001", Analyzer: "change", Verdict: finding.Refuted, Severity: finding.Critical,
		Subject: finding.Subject{
			Kind: "terraform-resource", Identity: fmt.Sprintf("module.payments.aws_db_instance.main[%d]", n),
			Aliases: []string{"arn:arn:aws:rds:eu-central-1:111122223333:db:payments"}, Environment: "prod", Inferred: "its name",
		},
		Claim: "Replacing this resource loses no data", Title: "its data is deleted: `skip_final_snapshot`",
		Proof: []finding.Statement{
			{Text: "the plan destroys it", At: finding.Location{File: "infra/plan.json", Offset: 10422, Object: "module.payments", Pointer: "/resource_changes/3/change/actions"}},
			{Text: "skip_final_snapshot is true", At: finding.Location{File: "infra/main.tf", Line: 12, Column: 3}},
		},
		Picture: "a\n└─ b",
		Remedy: finding.Remedy{
			Text: "Take a snapshot first.", Commands: []string{"aws rds create-db-snapshot --db-instance-identifier payments"},
			Patch: "resource \"aws_db_instance\" \"main\" {\n  skip_final_snapshot = false\n}\n", Language: "hcl",
		},
		Cost:        &finding.Cost{Monthly: 412.5, Currency: "USD", Source: "AWS price list 2026-11"},
		Fingerprint: fmt.Sprintf("v1:%024x", n), FirstSeen: "2026-10-01", Overdue: true,
	}}
}

func unproven(n int) *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Unproven, Severity: finding.Medium,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: "kubernetes_manifest.gateway"},
		Claim:   "A change to this argument takes effect", Title: "the server's version is not known",
		Missing:     []finding.Missing{{Evidence: "the API server's version", Get: "kubectl version -o json > version.json"}},
		Fingerprint: fmt.Sprintf("v1:%024x", n),
	}}
}

func excused(n int) *run.Message {
	m := refuted(n)
	m.Finding.ExceptedBy = "polygraph.yaml:12, team-data, until 2026-12-31"
	return m
}

func changed(m *run.Message, s finding.Status, worse bool) *run.Message {
	m.Finding.Change = &finding.Change{Status: s, Worse: worse, Was: "refuted", Why: "one clause"}
	return m
}

func summary(v finding.Verdict, refuted, unproven, held int) *run.Message {
	return &run.Message{Summary: &run.Summary{
		Rules: []run.RuleCount{
			{Rule: "CHG001", Examined: refuted + held, Refuted: refuted, Held: held},
			{Rule: "CHG002", Examined: unproven, Unproven: unproven},
			{Rule: "CHG003"},
		},
		Refuted: refuted, Unproven: unproven, Held: held, Verdict: v, ElapsedMS: 1240,
		Coverage: run.Coverage{Files: 18, Evidence: 1, Bytes: 41_234_567, NotNeeded: 17, Kinds: map[string]int{"terraform-plan": 1}},
	}}
}

func compared() []*run.Message {
	s := summary(finding.Refuted, 2, 1, 117)
	s.Summary.Difference = &run.Difference{
		New: 1, Lost: 1, Same: 1, Fixed: 1, EvidenceLost: 1, Failing: 3, Direction: "worse",
		Reasons: []string{"1 claim is false now."}, Warnings: []string{"The sides may be swapped."},
	}
	lost := planRead()
	lost.Evidence.Path = "staging/plan.json"
	lost.Evidence.Change = &finding.Change{Status: finding.Lost, Worse: true, Why: "nothing like it in HEAD"}
	return []*run.Message{
		compareHeader(), planRead(), lost, changed(refuted(1), finding.Same, false), changed(refuted(2), finding.Fixed, false),
		changed(refuted(3), finding.New, true), changed(unproven(4), finding.Unjudged, false), changed(refuted(5), finding.Lost, true), s,
	}
}

func checked() []*run.Message {
	s := summary(finding.Refuted, 1, 1, 117)
	s.Summary.Excepted = 1
	s.Summary.Coverage.Skipped = 3
	s.Summary.Missing = []run.Gap{{Rule: "CHG003", Evidence: "Terraform state (JSON)", Get: "terraform show -json > state.json"}}
	return []*run.Message{header(), planRead(), skipped(), row("aws_sqs_queue.a", "in place"), row("aws_sqs_queue.b", "replaced"), refuted(1), excused(2), unproven(3), s}
}

func rendered(t testing.TB, ms ...*run.Message) string {
	t.Helper()
	var buf bytes.Buffer
	l := New(&buf)
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

func TestGolden(t *testing.T) {
	for name, ms := range map[string][]*run.Message{
		"check":   checked(),
		"compare": compared(),
		"cut_off": checked()[:6],
		"nothing": {header(), {Summary: &run.Summary{Missing: []run.Gap{{Rule: "CHG001", Evidence: "a plan", Get: "terraform plan"}}}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := rendered(t, ms...)
			// What is the same on every page is tested elsewhere.
			got = strings.Replace(got, style, "STYLE", 1)
			got = strings.Replace(got, script, "SCRIPT", 1)
			got = regexp.MustCompile(`'sha256-[^']*'|&#39;sha256-.*?&#39;`).ReplaceAllString(got, "HASH")
			path := filepath.Join("testdata", name+".html")
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
				t.Errorf("%s differs; got:\n%s\n(run with -update, then read the file)", path, got)
			}
		})
	}
}

func head(t *testing.T, html string) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<h1>(.*?)</h1>`).FindStringSubmatch(html)
	if m == nil {
		t.Fatal("the page has no h1")
	}
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(m[1], "")
}

// What is not proven, or only excused, must not read as green.
func TestTheHeadNeverReadsGreenWithoutProof(t *testing.T) {
	only := summary(finding.Holds, 0, 0, 117)
	only.Summary.Excepted = 1
	blind := summary(finding.Holds, 0, 0, 0)
	blind.Summary.Coverage.Evidence = 0
	cut := []*run.Message{header(), planRead()}
	for name, c := range map[string]struct {
		run  []*run.Message
		want string
	}{
		"unproven":          {[]*run.Message{header(), planRead(), unproven(1), summary(finding.Unproven, 0, 1, 117)}, "? UNPROVEN"},
		"excepted":          {[]*run.Message{header(), planRead(), excused(1), only}, "– EXCEPTED"},
		"cut off":           {cut, "? CUT OFF"},
		"no message at all": {nil, "? CUT OFF"},
		"nothing examined":  {[]*run.Message{header(), blind}, "? UNPROVEN"},
		"nothing judged":    {[]*run.Message{header(), planRead(), summary(finding.Holds, 0, 0, 0)}, "– NO CLAIM"},
		"a summary that contradicts its findings": {[]*run.Message{header(), planRead(), refuted(1), summary(finding.Holds, 0, 0, 117)}, "✗ FALSE"},
	} {
		out := rendered(t, c.run...)
		got := head(t, out)
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: the head is %q, want %q", name, got, c.want)
		}
		for _, green := range []string{"TRUE", "✓", "holds:"} {
			if strings.Contains(got, green) {
				t.Errorf("%s: the head says %q: %q", name, green, got)
			}
		}
		if !strings.Contains(out, "</html>") {
			t.Errorf("%s: the page has no end", name)
		}
	}
	if got := head(t, rendered(t, header(), planRead(), summary(finding.Holds, 0, 0, 117))); !strings.HasPrefix(got, "✓ TRUE") {
		t.Errorf("a run that holds reads %q", got)
	}
}

func TestACutOffRunSaysSoAndCountsNothingAsTrue(t *testing.T) {
	out := rendered(t, checked()[:6]...)
	for _, want := range []string{"This run was cut off", "Run it again", "not known", "FALSE so far"} {
		if !strings.Contains(out, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestAComparisonPutsWhatFailsFirst(t *testing.T) {
	out := rendered(t, compared()...)
	if got := head(t, out); !strings.HasPrefix(got, "✗ WORSE") {
		t.Errorf("the head is %q", got)
	}
	last := -1
	for _, id := range []string{`<section class="group" id="findings"`, `v1:` + fmt.Sprintf("%024x", 3), `<section class="group" id="open"`, `<section class="group" id="gone"`, `<section class="group" id="same"`} {
		at := strings.Index(out, id)
		if at <= last {
			t.Errorf("%s stands at %d, before what it should follow", id, at)
		}
		last = at
	}
	for _, d := range []string{"same", "better", "unproven", "?"} {
		s := summary(finding.Refuted, 1, 0, 3)
		s.Summary.Difference = &run.Difference{Same: 1, Direction: d}
		got := head(t, rendered(t, compareHeader(), planRead(), changed(refuted(1), finding.Same, false), s))
		if strings.Contains(got, "TRUE") || strings.Contains(got, "✓") {
			t.Errorf("direction %s reads %q", d, got)
		}
	}
}

func TestEveryStatusHasItsSection(t *testing.T) {
	for s := finding.Unjudged; s <= finding.Removed; s++ {
		for _, worse := range []bool{true, false} {
			for _, by := range []string{"", "somebody"} {
				f := changed(refuted(1), s, worse).Finding
				f.ExceptedBy = by
				want := open
				switch {
				case worse:
					want = failing // also when HEAD excepts it
					if s == finding.Same {
						want = overdue
					}
				case s == finding.Fixed || s == finding.Removed:
					want = gone
				case s == finding.Lost: // HEAD does not have it, so it excepts nothing
				case by != "":
					want = excepted
				case s == finding.Same:
					want = same
				}
				if got := groupOf(f, true); got != want {
					t.Errorf("%s, worse %v, excepted by %q: section %d, want %d", s, worse, by, got, want)
				}
			}
		}
	}
}

type full struct{ n int }

var errFull = errors.New("no space left")

func (f *full) Write([]byte) (int, error) { f.n++; return 0, errFull }

func TestAFailingWriterIsAnErrorOnce(t *testing.T) {
	l := New(&full{})
	for _, m := range checked() {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); !errors.Is(err, errFull) {
		t.Errorf("Close: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("a second Close: %v", err)
	}
}
