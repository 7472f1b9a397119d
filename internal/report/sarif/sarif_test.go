package sarif

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
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

func header() *run.Message {
	return &run.Message{Header: &run.Header{
		Protocol: run.Protocol, Version: "v0.3.0", Command: "check", Inputs: []string{"infra"},
		Started: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC),
		Rules: []run.RuleRef{{
			ID: "CHG002", Analyzer: "change", Severity: finding.Critical, Title: "a destroy loses data",
			Claim:    "What this plan destroys keeps its data.",
			Claimant: "the plan's summary, which counts it as one destroy",
			Why:      "Nobody reads a queue's messages back.", Fix: "Add `prevent_destroy = true` to its lifecycle.",
			Sources: []string{"https://example.com/schema", "schema of hashicorp/aws 6.25.0: {force_destroy}"},
		}, {
			ID: "NET001", Analyzer: "net", Severity: finding.Low, Title: "a policy nobody enforces", Claim: "The policy was accepted, so it works.",
		}},
	}}
}

func planRead() *run.Message {
	return &run.Message{Evidence: &run.Evidence{
		Kind: "terraform-plan", Nature: "observation", Path: "infra/plan.json", Bytes: 1_139_473, Detail: "Terraform 1.11.4, 44 changed",
	}}
}

func refuted() *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Refuted, Severity: finding.Critical,
		Subject: finding.Subject{
			Kind: "terraform-resource", Identity: `module.shop["eu"].aws_sqs_queue.orders`, Environment: "prod",
			Aliases: []string{"arn:arn:aws:sqs:eu-west-1:111122223333:orders"},
		},
		Claim: "What this plan destroys keeps its data.", Title: "loses all messages: this type has no setting that prevents it",
		Proof: []finding.Statement{
			{Text: `module.shop["eu"].aws_sqs_queue.orders is destroyed`, At: finding.Location{
				File: "infra/plan.json", Offset: 268996, Object: `module.shop["eu"].aws_sqs_queue.orders`, Pointer: "/resource_changes/14/change/actions",
			}},
			{Text: "the policy is ${jsonencode({})}", At: finding.Location{File: "infra/main queue.tf", Line: 12, Column: 3}},
			{Text: "the provider has no such setting"},
		},
		Remedy:      finding.Remedy{Text: "Move it instead.", Commands: []string{"terraform plan"}, Patch: "moved {\n}", Language: "hcl"},
		Cost:        &finding.Cost{Monthly: 12.5, Currency: "USD", Source: "price list"},
		Fingerprint: "v1:64e52fe0de3117c9a0f1e52e", FirstSeen: "2026-10-01", Overdue: true,
	}}
}

func unproven() *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "NET001", Analyzer: "net", Verdict: finding.Unproven, Severity: finding.High,
		Subject: finding.Subject{Kind: "workload", Identity: "shop/cart", Environment: "dev", Inferred: "its namespace"},
		Claim:   "The policy was accepted, so it works.", Title: "nobody knows whether the CNI enforces it",
		Missing:     []finding.Missing{{Evidence: "the DaemonSets of kube-system", Get: "kubectl get ds -n kube-system -o json"}},
		Fingerprint: "v1:000000000000000000000002",
	}}
}

func excepted() *run.Message {
	m := refuted()
	m.Finding.ExceptedBy, m.Finding.Overdue = "polygraph.yaml:12, team-data, until 2026-12-31", false
	m.Finding.Fingerprint, m.Finding.Severity = "v1:000000000000000000000003", finding.Medium
	return m
}

func summary() *run.Message {
	return &run.Message{Summary: &run.Summary{
		Rules:   []run.RuleCount{{Rule: "CHG002", Examined: 9, Refuted: 1, Held: 7, Excepted: 1}, {Rule: "NET001", Examined: 1, Unproven: 1}},
		Refuted: 1, Unproven: 1, Held: 7, Excepted: 1, Overdue: 1, Verdict: finding.Refuted,
		Coverage: run.Coverage{Files: 23, Evidence: 1, Bytes: 1_139_473, Kinds: map[string]int{"terraform-plan": 1}, Skipped: 13, NotNeeded: 9},
		Missing:  []run.Gap{{Rule: "NET001", Evidence: "Kubernetes objects", Get: "kubectl get all -o json"}}, ElapsedMS: 16,
	}}
}

// compared is a comparison with one finding of every status.
func compared() []*run.Message {
	h := header()
	h.Header.Command = "compare"
	h.Header.Base = &run.Side{Name: "main", Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	h.Header.Head = &run.Side{Name: "."}
	lost := planRead()
	lost.Evidence.Path = "infra/old.json"
	lost.Evidence.Change = &finding.Change{Status: finding.Lost, Worse: true, Why: "HEAD does not have it"}
	ms := []*run.Message{h, lost, planRead()}
	for i, c := range []finding.Change{
		{Status: finding.New, Worse: true},
		{Status: finding.Worse, Was: "unproven", Worse: true, Why: "unproven became refuted"},
		{Status: finding.Lost, Was: "refuted", Worse: true, Why: "its plan is gone"},
		{Status: finding.Unjudged, Why: "BASE did not run this rule"},
		{Status: finding.Same, Was: "refuted"},
		{Status: finding.Fixed, Was: "refuted"},
		{Status: finding.Removed, Was: "refuted"},
	} {
		m := refuted()
		m.Finding.Change = &c
		m.Finding.Fingerprint = fmt.Sprintf("v1:%024d", i)
		m.Finding.Overdue = false
		ms = append(ms, m)
	}
	s := summary()
	s.Summary.Difference = &run.Difference{
		New: 1, Worse: 1, Lost: 1, Unjudged: 1, Same: 1, Fixed: 1, Removed: 1, EvidenceLost: 1, Failing: 4,
		Direction: "worse", Reasons: []string{"1 claim became FALSE"}, Warnings: []string{"BASE was written by another version"},
	}
	return append(ms, s)
}

func TestGolden(t *testing.T) {
	s := officialSchema(t)
	skip := &run.Message{Skip: &run.Skip{Path: "infra/modules", Count: 13, Reason: "no evidence of anything known", Do: "nothing"}}
	for name, ms := range map[string][]*run.Message{
		"check":   {header(), planRead(), skip, refuted(), excepted(), unproven(), summary()},
		"compare": compared(),
		"doctor":  doctor(),
		"cut_off": {header(), planRead(), refuted()},
		"nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			log := written(t, ms)
			lint(t, validate(t, s, log), len(ms) > 0 && ms[len(ms)-1].Summary != nil)
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, log, "", "  "); err != nil {
				t.Fatal(err)
			}
			golden(t, name, pretty.String())
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".sarif")
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
}

func results(t *testing.T, ms []*run.Message) []result {
	t.Helper()
	var log struct{ Runs []struct{ Results []result } }
	if err := json.Unmarshal(written(t, ms), &log); err != nil {
		t.Fatal(err)
	}
	return log.Runs[0].Results
}

func TestComparisonStates(t *testing.T) {
	want := []struct{ state, kind, level string }{
		{"new", "fail", "error"},
		{"updated", "fail", "error"},
		{"updated", "open", "none"},
		{"new", "fail", "error"},
		{"unchanged", "fail", "error"},
		{"absent", "informational", "none"},
		{"absent", "informational", "none"},
	}
	got := results(t, compared())
	if len(got) != len(want) {
		t.Fatalf("%d results", len(got))
	}
	for i, w := range want {
		if r := got[i]; r.BaselineState != w.state || r.Kind != w.kind || r.Level != w.level {
			t.Errorf("%d (%s): %s %s %s, want %v", i, r.Properties.Change.Status, r.BaselineState, r.Kind, r.Level, w)
		}
	}
	for _, r := range results(t, []*run.Message{header(), compared()[3]}) {
		if r.BaselineState != "" || r.Properties.Change != nil {
			t.Error("a run that compares nothing has a baselineState")
		}
	}
}

// A log that nobody finished, that examined nothing or not what was asked for
// must not tell a reader that the tool succeeded.
func TestNotGreen(t *testing.T) {
	named := &run.Message{Skip: &run.Skip{Path: "gone", Count: 1, Reason: "it is not there", Named: true}}
	empty := &run.Message{Summary: &run.Summary{Verdict: finding.Unproven}}
	for name, c := range map[string]struct {
		ms   []*run.Message
		ok   bool
		note string
	}{
		"complete": {[]*run.Message{header(), planRead(), summary()}, true, evidenceMissing},
		"cut off":  {[]*run.Message{header(), planRead()}, false, cutOff},
		"silent":   {nil, false, cutOff},
		"named":    {[]*run.Message{header(), planRead(), named, summary()}, false, notExamined},
		"nothing":  {[]*run.Message{header(), empty}, false, nothingExamined},
	} {
		var log struct {
			Runs []struct{ Invocations []invocation }
		}
		if err := json.Unmarshal(written(t, c.ms), &log); err != nil {
			t.Fatal(err)
		}
		in := log.Runs[0].Invocations[0]
		told := false
		for _, n := range in.Notifications {
			told = told || n.Descriptor.ID == c.note && (c.ok || n.Level == "error")
		}
		if in.Successful != c.ok || !told {
			t.Errorf("%s: executionSuccessful %v, said so: %v", name, in.Successful, told)
		}
	}
}

func row(table string, cells ...string) *run.Message {
	r := &run.Row{Table: table}
	for i := 0; i+1 < len(cells); i += 2 {
		r.Cells = append(r.Cells, run.Cell{Name: cells[i], Value: cells[i+1]})
	}
	return &run.Message{Row: r}
}

// doctor judges no claim; its stream has no rules.
func doctor() []*run.Message {
	h := header()
	h.Header.Command, h.Header.Rules = "doctor", nil
	return []*run.Message{
		h, planRead(),
		row("doctor", "capability", "change", "state", "stale", "evidence", "1 terraform-plan", "newest", "", "missing", "1 stale"),
		row("doctor", "capability", "net", "state", "complete", "evidence", "2 kubernetes"),
		row("gate", "gate", "polygraph.yaml", "found", "missing: nothing declared", "get", "polygraph init infra"),
		row("environments", "environment", "prod", "recognised by", "key [\"prod\"](x) {0}"),
		row("changes", "address", "a.b"),
		{Summary: &run.Summary{
			Conclusion: "1 of 2 capabilities lacks evidence", Coverage: run.Coverage{Evidence: 1},
			Missing: []run.Gap{{Rule: "CHG001", Evidence: "a newer plan", Get: "terraform plan"}},
		}},
	}
}

func notifications(t *testing.T, ms []*run.Message) (list []notification, ok bool) {
	t.Helper()
	var log struct {
		Runs []struct{ Invocations []invocation }
	}
	if err := json.Unmarshal(written(t, ms), &log); err != nil {
		t.Fatal(err)
	}
	in := log.Runs[0].Invocations[0]
	return in.Notifications, in.Successful
}

func TestDoctor(t *testing.T) {
	list, _ := notifications(t, doctor())
	got := ""
	for _, n := range list {
		got += n.Descriptor.ID + " " + n.Level + " " + n.Message.Text + "\n"
	}
	want := `diagnosis warning Capability: capability change; state stale; evidence 1 terraform-plan; missing 1 stale.
diagnosis note Capability: capability net; state complete; evidence 2 kubernetes.
diagnosis warning The gate: gate polygraph.yaml; found missing: nothing declared. Get it: polygraph init infra
diagnosis note Environment: environment prod; recognised by key ["prod"] (x) {{0}}.
evidence-missing warning Rule CHG001 lacks evidence. Missing: a newer plan. Get it: terraform plan
conclusion warning UNPROVEN: 1 of 2 capabilities lacks evidence. This command judges no claim, so this log has no results; what it shows is in the notifications.
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
}

// A comparison of which HEAD examined nothing did not succeed.
func TestHeadExaminedNothing(t *testing.T) {
	ms := compared()
	ms[len(ms)-1].Summary.Coverage = run.Coverage{}
	list, ok := notifications(t, ms)
	told := slices.ContainsFunc(list, func(n notification) bool { return n.Descriptor.ID == nothingExamined && n.Level == "error" })
	if ok || !told {
		t.Errorf("executionSuccessful %v, said so: %v", ok, told)
	}
}

// An exception of BASE does not excuse what got worse.
func TestNoSuppressionOfWhatGotWorse(t *testing.T) {
	for status := finding.Unjudged; status <= finding.Removed; status++ {
		for _, worse := range []bool{false, true} {
			m := excepted()
			m.Finding.Change = &finding.Change{Status: status, Worse: worse, Was: "refuted"}
			r := results(t, []*run.Message{compared()[0], planRead(), m})[0]
			if bare := worse || status == finding.Lost; bare != (len(r.Suppressions) == 0) {
				t.Errorf("%s, worse %v: %v", status, worse, r.Suppressions)
			}
			if strings.Contains(r.Message.Text, "refuted") || !strings.Contains(r.Message.Text, "it was FALSE") {
				t.Errorf("%s: %s", status, r.Message.Text)
			}
		}
	}
}

// What is cut off is the end of the stream: the failing NEW ones come first.
func TestTheCutKeepsTheFirst(t *testing.T) {
	var buf bytes.Buffer
	l := New(&buf)
	for i := range maxResults + 10 {
		m := refuted()
		m.Finding.Proof, m.Finding.Remedy = nil, finding.Remedy{}
		m.Finding.Subject.Identity = "same"
		m.Finding.Change = &finding.Change{Status: finding.Same}
		if i < 5 {
			m.Finding.Subject.Identity, m.Finding.Change = "fresh", &finding.Change{Status: finding.New, Worse: true}
		}
		if i == 0 {
			if err := l.Hear(compared()[0]); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(buf.String(), `"baselineState":"new"`); n != 5 {
		t.Errorf("%d of 5 are kept", n)
	}
}

func TestVersions(t *testing.T) {
	for in, want := range map[string]string{
		"v0.3.0": "0.3.0", "1.2.3": "1.2.3", "1.2.3-rc.1+build.5": "1.2.3-rc.1+build.5",
		"dev": "", "": "", "1.2": "", "01.2.3": "", "v1.2.3-": "", "(devel)": "", "1.2.3 ": "",
	} {
		if got := semantic(in); got != want {
			t.Errorf("semantic(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestURI(t *testing.T) {
	for in, want := range map[string]string{
		"infra/plan.json": "infra/plan.json", "./a//b/../c.json": "a/c.json", "../x": "../x", ".": ".", "(stdin)": "(stdin)",
		"a b/ü#?%.json": "a%20b/%C3%BC%23%3F%25.json", "a:b/c": "a%3Ab/c", "javascript:alert(1)": "javascript%3Aalert(1)",
		"/srv/plan.json": "file:///srv/plan.json", `C:\plans\a b.json`: "file:///C:/plans/a%20b.json", `a\b`: "a%5Cb",
		"https://example.com/x y": "https://example.com/x%20y", "https://u:p@example.com/x": "https://example.com/x", `"<x>"`: "%22%3Cx%3E%22",
	} {
		if got := uri(in); got != want {
			t.Errorf("uri(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMessageText(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "{0}": "{{0}}", "[x](javascript:alert(1))": "[x] (javascript:alert(1))", `a["b"].c`: `a["b"].c`, "{}](": "{{}}] (",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"set `a_b` and *c*": "set `a_b` and \\*c\\*", "[x](javascript:y)": `\[x\](javascript\:y)`, "<b>&lt;": `&lt;b&gt;&amp;lt;`,
		"``x`": "\\``x`", "`open": "\\`open", "`{x}`": "`{{x}}`", "$x$ @me": `\$x\$ \@me`,
	} {
		if got := markdown(in); got != want {
			t.Errorf("markdown(%q) = %q, want %q", in, got, want)
		}
	}
}

type counter struct{ total, largest int }

func (c *counter) Write(p []byte) (int, error) {
	c.total += len(p)
	c.largest = max(c.largest, len(p))
	return len(p), nil
}

// TestManyFindings: GitHub takes 25,000 results and 10 MB compressed. What is
// left out is said.
func TestManyFindings(t *testing.T) {
	var buf bytes.Buffer
	size := &counter{}
	zip := gzip.NewWriter(size)
	l := New(&tee{&buf, zip})
	hear := func(m *run.Message) {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	hear(header())
	hear(planRead())
	for i := range 42_000 {
		m := refuted()
		f := m.Finding
		f.Subject.Identity = fmt.Sprintf("module.shop[%d].aws_sqs_queue.orders_%x", i, i*7919)
		f.Fingerprint = finding.Fingerprint(f.Rule, f.Subject, "")
		for j := range 30 {
			f.Proof = append(f.Proof, finding.Statement{
				Text: fmt.Sprintf("statement %d of %d", j, i), At: finding.Location{File: "infra/plan.json", Offset: int64(i*31 + j)},
			})
		}
		hear(m)
	}
	if buf.Len() < 1<<20 {
		t.Error("nothing was written while the findings came in")
	}
	hear(summary())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	if size.total > 10<<20 {
		t.Errorf("%d bytes compressed: GitHub takes 10 MB", size.total)
	}
	t.Logf("%d MB, %d MB compressed", buf.Len()>>20, size.total>>20)
	// Their shape is that of the other tests; validating 65 MB takes minutes.
	if n := bytes.Count(buf.Bytes(), []byte(`{"ruleId":`)); n != maxResults || !json.Valid(buf.Bytes()) {
		t.Errorf("%d results", n)
	}
	text := buf.String()[buf.Len()-8000:]
	if !strings.Contains(text, "17000 findings more") || !strings.Contains(text, `"results_left_out":17000`) || !strings.Contains(text, "20000 results after the first 5000") {
		t.Errorf("the end of the log does not say what was left out: %s", text)
	}
}

type tee struct {
	buf *bytes.Buffer
	zip *gzip.Writer
}

func (w *tee) Write(p []byte) (int, error) {
	w.buf.Write(p)
	return w.zip.Write(p)
}

func TestNotificationsAreBounded(t *testing.T) {
	ms := []*run.Message{header(), planRead()}
	for i := range 5_000 {
		ms = append(ms, &run.Message{Skip: &run.Skip{Path: fmt.Sprintf("d/%d", i), Count: 1, Reason: "too large"}})
	}
	log := string(written(t, append(ms, summary())))
	if n := strings.Count(log, `"id":"not-examined"`); n != maxNotifications || !strings.Contains(log, "4000 notifications more about not-examined") {
		t.Errorf("%d notifications", n)
	}
}

type brokenPipe struct{ writes int }

var errPipe = errors.New("broken pipe")

func (b *brokenPipe) Write([]byte) (int, error) { b.writes++; return 0, errPipe }

func TestAFailingWriterIsAnErrorOnce(t *testing.T) {
	w := &brokenPipe{}
	l := New(w)
	errs := 0
	long := refuted()
	long.Finding.Picture = strings.Repeat("x", 15_000)
	for range 20 {
		if err := l.Hear(long); err != nil {
			if !errors.Is(err, errPipe) {
				t.Fatal(err)
			}
			errs++
		}
	}
	if err := l.Close(); err != nil {
		errs++
	}
	if errs != 1 || w.writes != 1 {
		t.Errorf("%d errors and %d writes, want one of each", errs, w.writes)
	}
}

func BenchmarkFinding(b *testing.B) {
	l := New(&counter{})
	m := refuted()
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Hear(m); err != nil {
			b.Fatal(err)
		}
	}
}
