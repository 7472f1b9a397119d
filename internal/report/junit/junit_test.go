package junit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
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
		Rules: []run.RuleRef{
			{ID: "CHG002", Analyzer: "change", Severity: finding.Critical, Title: "a destroy loses data", Claim: "What this plan destroys keeps its data."},
			{ID: "CHG003", Analyzer: "change", Severity: finding.High, Title: "a move is a destroy", Claim: "What this plan destroys is meant to go."},
			{ID: "NET001", Analyzer: "net", Severity: finding.Low, Title: "a policy nobody enforces", Claim: "The policy was accepted, so it works."},
		},
	}}
}

func planRead() *run.Message {
	return &run.Message{Evidence: &run.Evidence{Kind: "terraform-plan", Nature: "observation", Path: "infra/plan.json", Bytes: 1_139_473}}
}

func refuted() *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Refuted, Severity: finding.Critical,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: `module.shop["eu"].aws_sqs_queue.orders`, Environment: "prod"},
		Claim:   "What this plan destroys keeps its data.", Title: "loses all messages: this type has no setting that prevents it",
		Proof: []finding.Statement{
			{Text: "it is destroyed", At: finding.Location{File: "infra/plan.json", Pointer: "/resource_changes/14/change/actions"}},
			{Text: "no lifecycle block", At: finding.Location{File: "infra/main.tf", Line: 12, Column: 3}},
		},
		Picture:     "a\n└─ b\n",
		Remedy:      finding.Remedy{Text: "Move it instead.", Commands: []string{"terraform plan"}, Patch: "moved {\n  from = a\n}\n", Language: "hcl"},
		Fingerprint: "v1:64e52fe0de3117c9a0f1e52e", FirstSeen: "2026-10-01", Overdue: true,
	}}
}

func unproven() *run.Message {
	return &run.Message{Finding: &finding.Finding{
		Rule: "CHG002", Analyzer: "change", Verdict: finding.Unproven, Severity: finding.High,
		Subject: finding.Subject{Kind: "terraform-resource", Identity: "aws_efs_file_system.audit", Environment: "dev", Inferred: "its name"},
		Claim:   "What this plan destroys keeps its data.", Title: "the plan does not say what it was",
		Missing: []finding.Missing{{Evidence: "`before` of it", Get: "terraform show -json tfplan"}, {Evidence: "the state", Get: "terraform state pull"}},
	}}
}

func excepted() *run.Message {
	m := refuted()
	m.Finding.ExceptedBy, m.Finding.Overdue = "polygraph.yaml:12, team-data, until 2026-12-31", false
	m.Finding.Subject.Identity = "aws_s3_bucket.logs"
	return m
}

func summary() *run.Message {
	return &run.Message{Summary: &run.Summary{
		Rules: []run.RuleCount{
			{Rule: "CHG002", Examined: 10, Refuted: 1, Unproven: 1, Held: 7, Excepted: 1}, {Rule: "CHG003", Examined: 3, Held: 3}, {Rule: "NET001"},
		},
		Refuted: 1, Unproven: 1, Held: 10, Excepted: 1, Overdue: 1, Verdict: finding.Refuted,
		Coverage: run.Coverage{Files: 23, Evidence: 1, Kinds: map[string]int{"terraform-plan": 1}},
		Missing:  []run.Gap{{Rule: "NET001", Evidence: "Kubernetes objects", Get: "kubectl get all -o json"}}, ElapsedMS: 1016,
	}}
}

// change sets what became of a finding and names it after that.
func change(m *run.Message, c finding.Change) *run.Message {
	m.Finding.Change = &c
	m.Finding.Subject.Identity = "x_" + c.Status.String()
	m.Finding.Overdue = false
	return m
}

func comparison() []*run.Message {
	h := header()
	h.Header.Command = "compare"
	h.Header.Base, h.Header.Head = &run.Side{Name: "main"}, &run.Side{Name: "."}
	lost := planRead()
	lost.Evidence.Path = "infra/old.json"
	lost.Evidence.Change = &finding.Change{Status: finding.Lost, Worse: true, Why: "HEAD did not examine it"}
	removed := planRead()
	removed.Evidence.Path = "infra/gone.tf"
	removed.Evidence.Change = &finding.Change{Status: finding.Removed}
	s := summary()
	s.Summary.Difference = &run.Difference{Failing: 4, Direction: "worse", Reasons: []string{"1 claim became FALSE"}, Warnings: []string{"another version"}}
	return []*run.Message{
		h, lost, removed, planRead(),
		change(refuted(), finding.Change{Status: finding.New, Worse: true}),
		change(refuted(), finding.Change{Status: finding.Worse, Was: "unproven", Worse: true, Why: "it was unproven and is false"}),
		change(refuted(), finding.Change{Status: finding.Lost, Was: "refuted", Worse: true, Why: "its plan is gone"}),
		change(refuted(), finding.Change{Status: finding.Unjudged, Why: "BASE did not apply rule CHG002"}),
		change(refuted(), finding.Change{Status: finding.Same, Was: "refuted"}),
		change(unproven(), finding.Change{Status: finding.New}),
		change(excepted(), finding.Change{Status: finding.Same, Was: "refuted"}),
		change(refuted(), finding.Change{Status: finding.Fixed, Was: "refuted"}),
		change(refuted(), finding.Change{Status: finding.Removed, Was: "refuted"}),
		s,
	}
}

func written(t testing.TB, ms []*run.Message) []byte {
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
	return buf.Bytes()
}

// The document as a reader takes it.
type (
	document struct {
		XMLName xml.Name   `xml:"testsuites"`
		Attrs   []xml.Attr `xml:",any,attr"`
		Suites  []docSuite `xml:"testsuite"`
	}
	docSuite struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Cases []docCase  `xml:"testcase"`
		Other []anything `xml:",any"`
	}
	docCase struct {
		Attrs   []xml.Attr `xml:",any,attr"`
		Skipped []outcomes `xml:"skipped"`
		Failure []outcomes `xml:"failure"`
		Error   []outcomes `xml:"error"`
		Out     []string   `xml:"system-out"`
		Other   []anything `xml:",any"`
	}
	outcomes struct {
		Attrs []xml.Attr `xml:",any,attr"`
		Text  string     `xml:",chardata"`
	}
	anything struct{ XMLName xml.Name }
)

func attrs(t testing.TB, where string, list []xml.Attr, allowed ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, a := range list {
		if !strings.Contains(" "+strings.Join(allowed, " ")+" ", " "+a.Name.Local+" ") {
			t.Errorf("%s has the attribute %s", where, a.Name.Local)
		}
		out[a.Name.Local] = a.Value
	}
	return out
}

// lint holds a document to the schema of the xUnit plugin and to its own counts.
func lint(t testing.TB, b []byte) document {
	t.Helper()
	var doc document
	dec := xml.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&doc); err != nil {
		t.Fatalf("no XML: %v\n%s", err, b[:min(len(b), 4000)])
	}
	for {
		tok, err := dec.Token()
		if err == io.EOF {
			break
		}
		if space, ok := tok.(xml.CharData); err != nil || !ok || len(bytes.TrimSpace(space)) > 0 {
			t.Fatalf("something after the document: %v %v", tok, err)
		}
	}
	timing := regexp.MustCompile(`^[0-9]+\.[0-9]{3}$`) // a part of SUREFIRE_TIME
	top := attrs(t, "testsuites", doc.Attrs, "name", "time", "tests", "failures", "errors")
	var all [4]int
	names := map[string]bool{}
	for _, s := range doc.Suites {
		a := attrs(t, "testsuite", s.Attrs, "name", "tests", "failures", "errors", "skipped", "time", "timestamp", "package")
		var n [4]int
		for _, c := range s.Cases {
			ca := attrs(t, "testcase", c.Attrs, "name", "classname", "time")
			if ca["name"] == "" || ca["classname"] == "" || !timing.MatchString(ca["time"]) || len(c.Other) > 0 {
				t.Errorf("a testcase is %v with %v", ca, c.Other)
			}
			key := ca["classname"] + "\x00" + ca["name"]
			if names[key] {
				t.Errorf("two cases are called %q", key)
			}
			names[key] = true
			n[0]++
			n[1] += len(c.Failure)
			n[2] += len(c.Error)
			n[3] += len(c.Skipped)
			if len(c.Failure)+len(c.Error)+len(c.Skipped) > 1 {
				t.Errorf("%q has several outcomes", ca["name"])
			}
			for _, o := range append(append(c.Failure, c.Error...), c.Skipped...) {
				if oa := attrs(t, "an outcome", o.Attrs, "type", "message"); oa["type"] == "" || oa["message"] == "" {
					t.Errorf("%q says %v", ca["name"], oa)
				}
			}
		}
		for i, key := range []string{"tests", "failures", "errors", "skipped"} {
			if a[key] != strconv.Itoa(n[i]) {
				t.Errorf("suite %q: %s is %s, there are %d", a["name"], key, a[key], n[i])
			}
			all[i] += n[i]
		}
		if a["name"] == "" || !timing.MatchString(a["time"]) || len(s.Other) > 0 || n[0] == 0 {
			t.Errorf("a suite is %v", a)
		}
	}
	for i, key := range []string{"tests", "failures", "errors"} {
		if top[key] != strconv.Itoa(all[i]) {
			t.Errorf("testsuites: %s is %s, there are %d", key, top[key], all[i])
		}
	}
	return doc
}

// results maps the names of cases to what a reader shows.
func results(doc document) map[string]string {
	out := map[string]string{}
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			name, is := "", "passed"
			for _, a := range c.Attrs {
				if a.Name.Local == "name" {
					name = a.Value
				}
			}
			switch {
			case len(c.Failure) > 0:
				is = "failed"
			case len(c.Error) > 0:
				is = "error"
			case len(c.Skipped) > 0:
				is = "skipped"
			}
			out[name] = is
		}
	}
	return out
}

func TestGolden(t *testing.T) {
	skip := &run.Message{Skip: &run.Skip{Path: "infra/modules", Count: 13, Reason: "too deep", Do: "name it"}}
	for name, ms := range map[string][]*run.Message{
		"check":   {header(), planRead(), skip, refuted(), excepted(), unproven(), summary()},
		"compare": comparison(),
		"doctor":  doctor(),
		"cut_off": {header(), planRead(), refuted()},
		"nothing": {},
	} {
		t.Run(name, func(t *testing.T) {
			got := written(t, ms)
			lint(t, got)
			path := filepath.Join("testdata", name+".xml")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("%s differs; got:\n%s\n(run with -update, then read the file)", path, got)
			}
		})
	}
}

func TestOutcomes(t *testing.T) {
	got := results(lint(t, written(t, comparison())))
	for name, want := range map[string]string{
		"x_new (prod)":             "failed",
		"x_worse (prod)":           "failed",
		"x_lost (prod)":            "failed",
		"x_unjudged (prod)":        "error",
		"x_same (prod)":            "skipped", // no green mark beside a lie
		"x_same (prod) (2)":        "skipped", // excepted
		"x_fixed (prod)":           "passed",
		"x_removed (prod)":         "skipped",
		"x_new (dev, inferred)":    "skipped",
		"evidence: infra/old.json": "failed",
		"evidence: infra/gone.tf":  "skipped",
		isBetter:                   "skipped", // the cases that fail say it
		isWhole:                    "passed",
		isHeld:                     "passed",
		isJudged:                   "skipped",
	} {
		if got[name] != want {
			t.Errorf("%q: %q, want %s", name, got[name], want)
		}
	}
	// Without Failing, each of them counts for itself.
	for direction, want := range map[string]string{"same": "passed", "better": "passed", "unproven": "error", "": "error", "worse": "failed"} { // nothing else fails
		s := summary()
		s.Summary.Difference = &run.Difference{Direction: direction}
		if got := results(lint(t, written(t, []*run.Message{comparison()[0], planRead(), s}))); got[isBetter] != want {
			t.Errorf("direction %q: %s, want %s", direction, got[isBetter], want)
		}
	}
	// With --fail-on overdue the comparison marks what is the same and overdue.
	late := change(refuted(), finding.Change{Status: finding.Same, Worse: true, Why: "it is overdue"})
	if got := results(lint(t, written(t, []*run.Message{comparison()[0], late, summary()}))); got["x_same (prod)"] != "failed" {
		t.Errorf("overdue: %v", got)
	}
}

func row(table string, cells ...string) *run.Message {
	r := &run.Row{Table: table}
	for i := 0; i+1 < len(cells); i += 2 {
		r.Cells = append(r.Cells, run.Cell{Name: cells[i], Value: cells[i+1]})
	}
	return &run.Message{Row: r}
}

// doctor judges no claim; its stream has the rules of no run.
func doctor() []*run.Message {
	h := header()
	h.Header.Command, h.Header.Rules = "doctor", nil
	return []*run.Message{
		h, planRead(),
		row("doctor", "capability", "change", "state", "stale", "evidence", "1 terraform-plan", "newest", "2026-01-01 (own)", "missing", "1 stale"),
		row("doctor", "capability", "net", "state", "complete", "evidence", "2 kubernetes", "newest", "2026-01-01 (own)", "missing", ""),
		row("gate", "gate", "polygraph.yaml", "found", "missing: nothing declared", "get", "polygraph init infra"),
		row("gate", "gate", "ledger", "found", "polygraph.first-seen", "get", ""),
		row("environments", "environment", "prod", "how", "inferred"),
		{Summary: &run.Summary{
			Conclusion: "1 of 2 capabilities lacks evidence", Coverage: run.Coverage{Evidence: 1},
			Missing: []run.Gap{{Rule: "CHG001", Evidence: "a newer plan", Get: "terraform plan"}, {Rule: "CHG002", Evidence: "a newer plan", Get: "terraform plan"}},
		}},
	}
}

func TestDoctor(t *testing.T) {
	out := written(t, doctor())
	got := results(lint(t, out))
	want := map[string]string{
		isWhole: "passed", isExamined: "passed", "capability: change": "skipped", "capability: net": "passed",
		"gate: polygraph.yaml": "skipped", "gate: ledger": "passed", "missing: a newer plan": "skipped", isAnswered: "skipped",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v", got)
	}
	if !bytes.Contains(out, []byte(`message="stale: 1 stale; get it: terraform plan"`)) {
		t.Errorf("the command is not said: %s", out)
	}
	// A header that lists rules, from before: they were not run.
	old := doctor()
	old[0].Header.Rules = header().Header.Rules
	if got := results(lint(t, written(t, old))); !maps.Equal(got, want) {
		t.Errorf("with rules: %v", got)
	}
	// Nothing is missing.
	well := []*run.Message{doctor()[0], planRead(), doctor()[3], {Summary: &run.Summary{Conclusion: "nothing is missing", Verdict: finding.Holds, Coverage: run.Coverage{Evidence: 1}}}}
	if got := results(lint(t, written(t, well))); got[isAnswered] != "passed" {
		t.Errorf("got %v", got)
	}
	// A rule that was not run had nothing to look at.
	s := summary()
	s.Summary.Rules, s.Summary.Missing = nil, nil
	if got := results(lint(t, written(t, []*run.Message{header(), planRead(), s}))); got[isJudged] != "" {
		t.Errorf("got %v", got)
	}
}

// What got worse fails also when BASE excepted it.
func TestAnExceptionOfBaseHidesNothing(t *testing.T) {
	for _, status := range []finding.Status{finding.New, finding.Worse, finding.Lost, finding.Same} {
		m := change(excepted(), finding.Change{Status: status, Worse: true, Was: "refuted"})
		out := written(t, []*run.Message{comparison()[0], planRead(), m, summary()})
		if got := results(lint(t, out)); got["x_"+status.String()+" (prod)"] != "failed" {
			t.Errorf("%s: %v", status, got)
		}
		if bytes.Contains(out, []byte("refuted in BASE")) {
			t.Errorf("%s: a word of the protocol", status)
		}
	}
}

// One lie is one failure, whatever the summary says besides.
func TestOneLieFailsOnce(t *testing.T) {
	lie := change(refuted(), finding.Change{Status: finding.New, Worse: true})
	lost := planRead()
	lost.Evidence.Path = "infra/old.json"
	lost.Evidence.Change = &finding.Change{Status: finding.Lost, Worse: true}
	for name, c := range map[string]struct {
		heard   []*run.Message
		failing int
		want    int
		better  string
	}{
		"one lie":                    {[]*run.Message{lie}, 1, 1, "skipped"},
		"evidence":                   {[]*run.Message{lost}, 1, 1, "skipped"},
		"both":                       {[]*run.Message{lost, lie}, 2, 2, "skipped"},
		"a rule was not applied":     {nil, 1, 1, "failed"},
		"a lie and a rule":           {[]*run.Message{lie}, 2, 2, "failed"},
		"the summary does not count": {[]*run.Message{lie}, 0, 1, "skipped"},
	} {
		s := summary()
		s.Summary.Difference = &run.Difference{Failing: c.failing, Direction: "worse", Reasons: []string{"1 claim is newly false"}}
		got := results(lint(t, written(t, append(append([]*run.Message{comparison()[0], planRead()}, c.heard...), s))))
		n := 0
		for _, is := range got {
			if is == "failed" {
				n++
			}
		}
		if n != c.want || got[isBetter] != c.better {
			t.Errorf("%s: %d fail, want %d; %q is %s, want %s", name, n, c.want, isBetter, got[isBetter], c.better)
		}
	}
}

func TestNotGreen(t *testing.T) {
	named := &run.Message{Skip: &run.Skip{Path: "gone", Count: 1, Reason: "it is not there", Named: true}}
	empty := &run.Message{Summary: &run.Summary{Verdict: finding.Unproven}}
	many := []*run.Message{header(), planRead()}
	for i := range 2_000 {
		many = append(many, &run.Message{Skip: &run.Skip{Path: strconv.Itoa(i), Reason: "r", Named: true}})
	}
	for name, c := range map[string]struct {
		ms   []*run.Message
		test string
	}{
		"cut off":    {[]*run.Message{header(), planRead()}, isWhole},
		"silent":     {nil, isWhole},
		"named":      {[]*run.Message{header(), planRead(), named, summary()}, "examined: gone"},
		"nothing":    {[]*run.Message{header(), empty}, isExamined},
		"many named": {append(many, summary()), isListed + ": paths"},
	} {
		if got := results(lint(t, written(t, c.ms))); got[c.test] != "error" {
			t.Errorf("%s: %q is %q", name, c.test, got[c.test])
		}
	}
}

// What is left out must not hide that it fails.
func TestManyFindings(t *testing.T) {
	var buf bytes.Buffer
	l := New(&buf)
	hear := func(m *run.Message) {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	hear(header())
	hear(planRead())
	m := refuted()
	for i := range 42_000 {
		m.Finding.Subject.Identity = fmt.Sprintf("module.shop[%d].aws_sqs_queue.orders", i)
		hear(m)
	}
	hear(summary())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	out := buf.Bytes()
	doc := lint(t, out)
	if len(out) > 40<<20 {
		t.Errorf("%d MB", len(out)>>20)
	}
	got := results(doc)
	if got[isListed+": findings"] != "failed" || got[isListed+": details"] != "skipped" {
		t.Errorf("findings %q, details %q", got[isListed+": findings"], got[isListed+": details"])
	}
	if !bytes.Contains(out, []byte("left out are 17000 that fail")) {
		t.Error("how many were left out is not said")
	}
	t.Logf("%d MB", len(out)>>20)
}

func TestCharacters(t *testing.T) {
	m := refuted()
	m.Finding.Title = "a\ufffe\uffffb\x00\x1b[2J\u202e]]>&<\"'"
	m.Finding.Remedy.Patch = "x\ufffe\n]]></failure>"
	out := written(t, []*run.Message{header(), m, summary()})
	lint(t, out)
	for _, c := range string(out) {
		if c == 0xfffe || c == 0xffff || c == '\u202e' || c < 0x20 && c != '\n' {
			t.Errorf("the character %U came through", c)
		}
	}
	if !bytes.Contains(out, []byte(`a\ufffe\uffffb\x00\x1b[2J\u202e]]&gt;&amp;&lt;`)) {
		t.Errorf("what was there cannot be seen:\n%s", out)
	}
}

type brokenPipe struct{}

var errPipe = errors.New("broken pipe")

func (brokenPipe) Write([]byte) (int, error) { return 0, errPipe }

func TestAFailingWriterIsAnError(t *testing.T) {
	l := New(brokenPipe{})
	if err := l.Hear(refuted()); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); !errors.Is(err, errPipe) {
		t.Errorf("got %v", err)
	}
}
