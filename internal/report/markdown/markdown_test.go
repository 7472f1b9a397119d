package markdown

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

func checked() *run.Message {
	return &run.Message{Header: &run.Header{
		Protocol: run.Protocol, Version: "v0.2.0", Command: "check", Inputs: []string{"infra", "it's"},
		Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), Config: "polygraph.yaml",
	}}
}

func compared() *run.Message {
	m := checked()
	m.Header.Command = "compare"
	m.Header.Base = &run.Side{Name: "base.jsonl", Version: "v0.2.0", Started: time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)}
	m.Header.Head = &run.Side{Name: "infra", Version: "v0.2.0", Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	return m
}

func loss(subject string) *finding.Finding {
	return &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Refuted, Severity: finding.Critical,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: subject, Environment: "prod", Inferred: "a tag"},
		Claim:   "What this plan destroys keeps its data: a final snapshot, a retention window or a refusal stands before the loss.",
		Title:   "loses all objects: force_destroy is true, so `terraform destroy` empties it",
		Picture: subject + "  replaced: name\n├─ a.b  updated: name\n└─ c.d  updated: name",
		Proof: []finding.Statement{
			{Text: subject + " is destroyed", At: finding.Location{File: "infra/plan.json", Pointer: "/resource_changes/3/change/actions"}},
			{Text: "before: force_destroy = true; it would keep the data when it is false", At: finding.Location{File: "infra/main.tf", Line: 12, Column: 3}},
			{Text: "three"},
			{Text: "four"},
			{Text: "five"},
		},
		Remedy: finding.Remedy{
			Text:     "Set force_destroy = false and apply that alone.",
			Commands: []string{"terraform state rm " + subject},
			Patch:    "resource \"aws_s3_bucket\" \"logs\" {\n\tforce_destroy = false\n}\n", Language: "hcl",
		},
		FirstSeen: "2026-10-01", Overdue: true, Fingerprint: "v1:0123456789abcdef01234567",
	}
}

func late(subject string) *finding.Finding { return loss(subject) }

func open(subject string) *finding.Finding {
	return &finding.Finding{
		Rule: "CHG003", Analyzer: "change", Verdict: finding.Unproven, Severity: finding.High,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: subject}, Claim: "What this plan destroys is meant to go.",
		Title: "the state is not known", Proof: []finding.Statement{{Text: "it is destroyed", At: finding.Location{File: "infra/plan.json"}}},
		Missing: []finding.Missing{{Evidence: "Terraform state", Get: "terraform state pull > terraform.tfstate"}},
	}
}

func found(f *finding.Finding, s finding.Status, worse bool, why string) *run.Message {
	if s <= finding.Removed {
		f.Change = &finding.Change{Status: s, Worse: worse, Why: why}
	}
	return &run.Message{Finding: f}
}

const plain1 = finding.Removed + 1 // no change: a check

func excepted(f *finding.Finding) *finding.Finding {
	f.ExceptedBy = "polygraph.yaml:12, team-data, until 2026-12-31"
	return f
}

func read(status finding.Status) *run.Message {
	e := &run.Evidence{Kind: "terraform-plan", Nature: "observation", Path: "infra/old.json", Bytes: 9}
	e.Change = &finding.Change{Status: status, Worse: status == finding.Lost, Why: "BASE examined it, HEAD did not"}
	return &run.Message{Evidence: e}
}

func ended(v finding.Verdict, refuted, unproven, held, exc int, d *run.Difference) *run.Message {
	s := &run.Summary{
		Verdict: v, Refuted: refuted, Unproven: unproven, Held: held, Excepted: exc, Difference: d, ElapsedMS: 3,
		Coverage: run.Coverage{Files: 18, Evidence: 1, Bytes: 400, Kinds: map[string]int{"terraform-plan": 1}},
	}
	return &run.Message{Summary: s}
}

func comment(t testing.TB, ms ...*run.Message) string {
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

// diagnosed is the header of a command that judges no claim.
func diagnosed(command string) *run.Message {
	m := checked()
	m.Header.Command, m.Header.Version = command, "(devel)"
	return m
}

func row(table string, cells ...string) *run.Message {
	r := &run.Row{Table: table}
	for i := 0; i+1 < len(cells); i += 2 {
		r.Cells = append(r.Cells, run.Cell{Name: cells[i], Value: cells[i+1]})
	}
	return &run.Message{Row: r}
}

func scenes() map[string][]*run.Message {
	worse := []*run.Message{
		compared(), read(finding.Lost), read(finding.Removed),
		{Skip: &run.Skip{Path: "infra/tfplan", Count: 1, Reason: "a binary plan", Do: "terraform show -json tfplan > plan.json"}},
		found(loss("aws_s3_bucket.logs"), finding.New, true, ""),
		found(open("aws_sqs_queue.a"), finding.Worse, true, "it was false and can no longer be judged"),
		found(loss("aws_s3_bucket.gone"), finding.Lost, true, "infra/old.json was not examined"),
		found(loss("aws_s3_bucket.gone2"), finding.Lost, true, "infra/old.json was not examined"),
		found(open("aws_sqs_queue.gone"), finding.Lost, true, "rule CHG003 was not applied"),
		found(late("aws_s3_bucket.late"), finding.Same, true, "it is overdue"),
		found(loss("aws_s3_bucket.other"), finding.Unjudged, false, "BASE did not apply rule CHG002"),
		found(open("aws_sqs_queue.b"), finding.New, false, ""),
		found(excepted(loss("aws_s3_bucket.tmp")), finding.New, false, ""),
		found(excepted(loss("aws_s3_bucket.tmp2")), finding.Same, false, ""),
		found(loss("aws_s3_bucket.known"), finding.Same, false, ""),
		found(open("aws_sqs_queue.c"), finding.Same, false, ""),
		found(loss("aws_s3_bucket.fixed"), finding.Fixed, false, "the claim holds now"),
		found(loss("aws_s3_bucket.removed"), finding.Removed, false, ""),
		ended(finding.Refuted, 3, 3, 9, 2, &run.Difference{
			New: 3, Worse: 1, Lost: 3, Unjudged: 1, Same: 3, Fixed: 1, Removed: 1, EvidenceLost: 1, EvidenceRemoved: 1, Excepted: 1, Failing: 4, Direction: "worse",
			Reasons: []string{
				"1 claim is newly false", "1 claim can no longer be proven", "1 observation that BASE had was not examined", "2 findings went with what showed them",
				"1 rule was not applied: CHG003", "1 false claim is overdue",
			},
			Warnings: []string{"BASE is younger than HEAD (2026-11-22 08:00:00Z, 2026-11-20 08:00:00Z): are the two swapped?"},
		}),
	}
	better := []*run.Message{
		compared(), found(loss("aws_s3_bucket.known"), finding.Same, false, ""), found(loss("aws_s3_bucket.fixed"), finding.Fixed, false, ""),
		ended(finding.Refuted, 1, 0, 9, 0, &run.Difference{Same: 1, Fixed: 1, Direction: "better"}),
	}
	renew := []*run.Message{
		compared(), found(loss("aws_s3_bucket.logs"), finding.Unjudged, false, "BASE did not apply rule CHG002"),
		ended(finding.Refuted, 1, 0, 9, 0, &run.Difference{Unjudged: 1, Direction: "unproven", Reasons: []string{"1 claim is false by a rule that BASE did not apply: make BASE again"}}),
	}
	refuted := []*run.Message{checked(), {Skip: &run.Skip{Path: "infra/links", Count: 12, Reason: "links that point outside of infra", Do: "name their targets"}}}
	for i := range 33 {
		refuted = append(refuted, found(loss(fmt.Sprintf("aws_s3_bucket.logs[%d]", i)), plain1, false, ""))
	}
	refuted = append(refuted, found(open("aws_sqs_queue.a"), plain1, false, ""), found(open("aws_sqs_queue.b"), plain1, false, ""),
		found(excepted(loss("aws_s3_bucket.tmp")), plain1, false, ""), ended(finding.Refuted, 33, 2, 9, 1, nil))
	doctor := []*run.Message{
		diagnosed("doctor"),
		row("doctor", "capability", "change", "state", "stale", "evidence", "1 terraform-plan", "newest", "2026-01-01 (own)", "missing", "1 stale"),
		row("gate", "gate", "polygraph.yaml", "found", "missing: nothing declared", "get", "polygraph init infra"),
		row("gate", "gate", "ledger", "found", "polygraph.first-seen", "get", ""),
		{Summary: &run.Summary{
			Conclusion: "1 of 1 capability lacks evidence", Coverage: run.Coverage{Files: 23, Evidence: 1, Kinds: map[string]int{"terraform-plan": 1}},
			Missing: []run.Gap{
				{Rule: "CHG001", Evidence: "a newer plan than infra/plan.json: 2026-01-01", Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"},
				{Rule: "CHG002", Evidence: "a newer plan than infra/plan.json: 2026-01-01", Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"},
			},
		}},
	}
	environments := []*run.Message{
		diagnosed("environments"),
		row("environments", "environment", "prod", "how", "inferred", "objects", "44", "recognised by", "key [\"prod\"] of its address"),
		row("unassigned", "evidence", "infra/plan.json", "object", "aws_s3_bucket.logs", "why", "no mark that tells"),
		{Summary: &run.Summary{Verdict: finding.Holds, Conclusion: "2 environments, none of them declared", Coverage: run.Coverage{Files: 23, Evidence: 1}}},
	}
	changes := []*run.Message{checked()}
	changes[0].Header.Command = "change"
	for i := range 40 {
		changes = append(changes, row("changes", "address", fmt.Sprintf("aws_s3_bucket.logs[%d]", i), "mechanism", "updated in place", "because", "tags_all", "new identity", ""))
	}
	changes = append(changes, found(loss("aws_s3_bucket.logs"), plain1, false, ""), ended(finding.Refuted, 1, 0, 9, 0, nil))
	return map[string][]*run.Message{
		"doctor": doctor, "environments": environments, "changes": changes, "worse": worse, "better": better, "renew": renew, "refuted": refuted,
		"cut_off":  {compared(), found(loss("aws_s3_bucket.logs"), finding.New, true, "")},
		"excepted": {checked(), found(excepted(loss("aws_s3_bucket.tmp")), plain1, false, ""), ended(finding.Refuted, 0, 0, 12, 1, nil)},
		"holds":    {checked(), ended(finding.Holds, 0, 0, 12, 0, nil)},
		"nothing":  {checked(), {Summary: &run.Summary{Missing: []run.Gap{{Rule: "CHG001", Evidence: "Terraform plan (JSON)", Get: "terraform plan -out=tfplan && terraform show -json tfplan > plan.json"}}}}},
	}
}

func TestGolden(t *testing.T) {
	for name, ms := range scenes() {
		t.Run(name, func(t *testing.T) {
			path, got := filepath.Join("testdata", name+".md"), comment(t, ms...)
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
				t.Errorf("%s differs; got:\n%s", path, got)
			}
		})
	}
}

func TestOnlyACleanRunReadsAsGreen(t *testing.T) {
	for name, ms := range scenes() {
		out := comment(t, ms...)
		if !strings.HasPrefix(out, Marker+"\n### ") {
			t.Errorf("%s does not begin with the marker and a headline", name)
		}
		headline := strings.Split(out, "\n")[1]
		if green := strings.Contains(headline, "✓"); green != (name == "holds" || name == "better" || name == "environments") {
			t.Errorf("%s: the headline is %q", name, headline)
		}
		if strings.Contains(headline, "All that was judged holds") != (name == "holds") {
			t.Errorf("%s: the headline is %q", name, headline)
		}
	}
}

// What was heard weighs more than what the summary says.
func TestHeadlineIsNeverGreenerThanTheFindings(t *testing.T) {
	out := comment(t, compared(), found(loss("a.b"), finding.New, true, ""), ended(finding.Holds, 0, 0, 3, 0, &run.Difference{Direction: "better", Fixed: 1}))
	if !strings.Contains(out, "### ✗ WORSE: 1 new finding") {
		t.Errorf("got %s", out)
	}
	out = comment(t, checked(), ended(finding.Refuted, 0, 0, 3, 0, nil))
	if strings.Contains(out, "✓") {
		t.Errorf("a refuted run is green: %s", out)
	}
}

// Many of one sort must not hide another, whatever the length of their names.
func TestWhatIsNewIsNotHidden(t *testing.T) {
	for _, name := range []string{"a", strings.Repeat("|", 400), strings.Repeat("a_", 400)} {
		ms := []*run.Message{compared()}
		for i := range leastNew {
			ms = append(ms, found(loss(fmt.Sprintf("new[%d]%s", i, name)), finding.New, true, name))
		}
		for i := range 25 {
			ms = append(ms, found(loss(fmt.Sprintf("worse[%d]%s", i, name)), finding.Worse, true, name))
		}
		for i := range 300 {
			ms = append(ms, found(loss(fmt.Sprintf("lost[%d]%s", i, name)), finding.Lost, true, name))
		}
		for i := range 25 {
			ms = append(ms, found(loss(fmt.Sprintf("late[%d]%s", i, name)), finding.Same, true, "it is overdue"))
		}
		for i := range 30 {
			m := read(finding.Lost)
			m.Evidence.Path = fmt.Sprintf("%d%s", i, name)
			ms = append(ms, m)
		}
		reasons := slices.Repeat([]string{name}, 30)
		out := comment(t, append(ms, ended(finding.Refuted, 12, 0, 9, 0, &run.Difference{Direction: "worse", Reasons: reasons, Warnings: reasons}))...)
		if len(out) >= MaxBytes {
			t.Errorf("%d bytes", len(out))
		}
		for i := range leastNew {
			if !strings.Contains(out, fmt.Sprintf("new[%d]", i)) {
				t.Errorf("%.20s: new[%d] is not in it", name, i)
			}
		}
		for _, want := range []string{"worse[0]", "late[0]", "lost[0]", "22 more are overdue", "Evidence LOST"} {
			if !strings.Contains(out, want) {
				t.Errorf("%.20s: %q is not in it", name, want)
			}
		}
		if strings.Index(out, "Evidence LOST") > strings.Index(out, "new[0]") || strings.Index(out, "new[0]") > strings.Index(out, "late[0]") {
			t.Errorf("%.20s: the order is wrong", name)
		}
	}
}

// A finding that nobody looked at cannot be mended: its evidence is what to get.
func TestWhatIsLostHasNoRemedy(t *testing.T) {
	m := read(finding.Lost)
	out := comment(t, compared(), m, found(loss("x.gone"), finding.Lost, true, "infra/old.json was not examined"),
		found(loss("y.gone"), finding.Lost, true, "infra/old.json was not examined"), ended(finding.Unproven, 0, 0, 9, 0, &run.Difference{Direction: "worse", Lost: 2}))
	if strings.Contains(out, "Remedy") || strings.Contains(out, "state rm") || strings.Contains(out, "(infra/old.json was") {
		t.Errorf("got %s", out)
	}
	if !strings.Contains(out, "; 2 findings went with it") {
		t.Errorf("how many went is not said: %s", out)
	}
}

func TestOverdueIsSaidOncePerRow(t *testing.T) {
	out := comment(t, compared(), found(late("x.y"), finding.Same, true, "it is overdue"),
		&run.Message{Summary: &run.Summary{Refuted: 1, Overdue: 1, Coverage: run.Coverage{Evidence: 1}, Difference: &run.Difference{Direction: "same", Same: 1}}})
	for line := range strings.SplitSeq(out, "\n") {
		if strings.HasPrefix(line, "| ✗") && strings.Count(line, "overdue") != 1 {
			t.Errorf("got %s", line)
		}
	}
	if strings.Contains(strings.Split(out, "\n")[1], "✓") {
		t.Errorf("the headline is greener than what was heard: %s", out)
	}
	out = comment(t, checked(), &run.Message{Summary: &run.Summary{Verdict: finding.Refuted, Refuted: 3, Overdue: 2, Coverage: run.Coverage{Evidence: 1}}})
	if !strings.Contains(out, "3 claims are false (2 overdue)") {
		t.Errorf("got %s", out)
	}
}

func TestSourceIsReadable(t *testing.T) {
	for in, want := range map[string]string{
		"encrypted, region, tags, tags_all":     "encrypted, region, tags, tags_all",
		"force_destroy = true; it holds":        "force_destroy = true; it holds",
		"schema of aws 7.48.0:efs/fileSystem.d": "schema of aws 7.48.0:efs/fileSystem.d",
		"the name \"a_b\"":                      "the name \"a_b\"",
		"at 2026-11-22 08:00:00Z":               "at 2026-11-22 08:00:00Z",
		"_x_ and feedback":                      `\_x\_ and feedback`,
		"ask @team":                             "ask `@team`",
		"a*b* c":                                "`a*b*` c",
		"see https://example.com.":              "see `https://example.com`.",
	} {
		if got := prose(in, 1000); got != want {
			t.Errorf("%q is written %q, want %q", in, got, want)
		}
	}
}

// A stream of environments without a conclusion still shows its answer.
func TestRowsAreTheAnswer(t *testing.T) {
	out := comment(t, diagnosed("environments"), row("environments", "environment", "prod", "how", "-"), &run.Message{Summary: &run.Summary{Verdict: finding.Holds, Coverage: run.Coverage{Evidence: 1}}})
	if !strings.Contains(out, "### This command judges no claim\n\n**Environments**\n\n| Environment | How |\n|---|---|\n| prod | - |\n") {
		t.Errorf("got %s", out)
	}
}

func TestNothingHeardSaysNothing(t *testing.T) {
	if out := comment(t); out != "" {
		t.Errorf("got %q", out)
	}
}

func TestFortyTwoThousand(t *testing.T) {
	var ms []*run.Message
	for i := range 42_000 {
		ms = append(ms, found(loss(fmt.Sprintf("module.m[%d].aws_s3_bucket.logs", i)), plain1, false, ""))
	}
	out := comment(t, append(append([]*run.Message{checked()}, ms...), ended(finding.Refuted, 42_000, 0, 0, 0, nil))...)
	if len(out) > MaxBytes {
		t.Errorf("%d bytes", len(out))
	}
	for _, want := range []string{"42,000 claims are false", "... and 41,980 more: `CHG002` 41,980", "All of it: `polygraph check infra "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in it", want)
		}
	}
}

// What is kept of a finding does not grow with it.
func TestWhatIsKeptIsBounded(t *testing.T) {
	huge := strings.Repeat("|`@x ", 100_000)
	f := loss(huge)
	f.Title, f.Claim, f.Picture, f.Remedy.Patch, f.Rule, f.FirstSeen, f.ExceptedBy = huge, huge, huge, huge, huge, huge, huge
	f.Subject.Environment = huge
	for _, write := range []func(*finding.Finding) entry{inTable, inList} {
		if e := write(f); len(e.line) > maxLine || len(e.details) > 2*maxDetails {
			t.Errorf("a line of %d bytes, details of %d", len(e.line), len(e.details))
		}
	}
}

type full struct{}

var errFull = errors.New("no space left")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAFailingWriterIsAnError(t *testing.T) {
	l := New(full{})
	if err := l.Hear(checked()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
}
