package doctor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

func now() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func ago(d time.Duration) time.Time { return now().Add(-d) }

// ear keeps what it hears.
type ear struct{ heard []run.Message }

func (e *ear) Hear(m *run.Message) error { e.heard = append(e.heard, *m); return nil }
func (e *ear) Close() error              { return nil }

func (e *ear) rows(table string) []string {
	var out []string
	for _, m := range e.heard {
		if m.Row != nil && m.Row.Table == table {
			var cells []string
			for _, c := range m.Row.Cells {
				cells = append(cells, c.Value)
			}
			out = append(out, strings.Join(cells, " | "))
		}
	}
	return out
}

func (e *ear) summary() *run.Summary { return e.heard[len(e.heard)-1].Summary }

// lacks are the gaps of the summary, one line for all rules of each.
func (e *ear) lacks() []string {
	var out []string
	for _, g := range e.summary().Missing {
		line := g.Evidence + " $ " + g.Get
		if len(out) == 0 || out[len(out)-1] != line {
			out = append(out, line)
		}
	}
	return out
}

func change() *analysis.Analyzer {
	rule := func(id string) *analysis.Rule {
		return &analysis.Rule{ID: id, Needs: []*evidence.Kind{evidence.TerraformPlan()}}
	}
	return &analysis.Analyzer{Name: "change", Rules: []*analysis.Rule{rule("CHG001"), rule("CHG002")}}
}

func plan(path string, at time.Time) run.Message {
	return run.Message{Evidence: &run.Evidence{Kind: "terraform-plan", Nature: "observation", Path: path, Time: at}}
}

func unprovenFinding(rule, address, what, get, file string) run.Message {
	f := &finding.Finding{
		Rule: rule, Analyzer: "change", Subject: finding.Subject{Kind: "r", Identity: address},
		Missing: []finding.Missing{{Evidence: what, Get: get}},
	}
	if file != "" {
		f.Proof = []finding.Statement{{At: finding.Location{File: file}}}
	}
	return run.Message{Finding: f}
}

// diagnose plays a run of check to a diagnosis.
func diagnose(t testing.TB, o Options, messages ...run.Message) *ear {
	t.Helper()
	e := &ear{}
	if o.Analyzers == nil {
		o.Analyzers = []*analysis.Analyzer{change()}
	}
	o.Now = now()
	d := New(e, o)
	pieces, skips := 0, 0
	for _, m := range messages {
		if m.Evidence != nil {
			pieces++
		}
		if m.Skip != nil {
			skips++
		}
	}
	all := append([]run.Message{{Header: &run.Header{Protocol: run.Protocol, Command: "check", Inputs: []string{"."}, Rules: []run.RuleRef{{ID: "CHG001"}}}}}, messages...)
	all = append(all, run.Message{Summary: &run.Summary{Refuted: 3, Unproven: 4, Held: 5, Coverage: run.Coverage{Evidence: pieces, Skipped: skips}}})
	for i := range all {
		if err := d.Hear(&all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return e
}

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func repo(names ...string) *Survey {
	s := &Survey{Folder: "."}
	for _, n := range names {
		s.Roots = append(s.Roots, Root{Folder: n, Tool: "terraform", Initiated: true})
	}
	return s
}

const prodPlan = "terraform -chdir=envs/prod plan -out=tfplan && terraform -chdir=envs/prod show -json tfplan > envs/prod/plan.json"

func TestMissing(t *testing.T) {
	e := diagnose(t, Options{Surveys: []*Survey{repo("envs/prod", "envs/dev")}}, plan("envs/dev/plan.json", ago(time.Hour)))
	want(t, "rows", e.rows("doctor"), []string{"change | partly | 1 terraform-plan | 2026-11-23 (own) | plan of 1 of 2 roots"})
	want(t, "lacks", e.lacks(), []string{"Terraform plan (JSON) of envs/prod $ " + prodPlan})
	if s := e.summary(); len(s.Missing) != 2 || s.Verdict != finding.Unproven {
		t.Errorf("%+v", s)
	}
	e = diagnose(t, Options{Surveys: []*Survey{repo("envs/prod")}})
	want(t, "rows", e.rows("doctor"), []string{"change | missing | 0 terraform-plan |  | plan of 1 of 1 root"})

	// Nothing that is Terraform at all: the way that the kind knows.
	e = diagnose(t, Options{})
	want(t, "rows", e.rows("doctor"), []string{"change | missing | 0 terraform-plan |  | no Terraform plan (JSON)"})
	want(t, "lacks", e.lacks(), []string{"Terraform plan (JSON) $ " + evidence.TerraformPlan().Get})
}

func TestComplete(t *testing.T) {
	e := diagnose(t, Options{Surveys: []*Survey{repo("envs/prod")}}, plan("envs/prod/plan.json", ago(time.Hour)))
	want(t, "rows", e.rows("doctor"), []string{"change | complete | 1 terraform-plan | 2026-11-23 (own) | "})
	if s := e.summary(); len(s.Missing) != 0 || s.Verdict != finding.Holds || s.Refuted+s.Unproven+s.Held != 0 {
		t.Errorf("%+v", s)
	}
}

func TestBinaryPlans(t *testing.T) {
	s := repo("envs/prod", "envs/dev")
	s.Plans = []File{{Path: "envs/prod/tfplan", Time: ago(time.Hour), Binary: true}, {Path: "envs/dev/tfplan", Time: ago(30 * 24 * time.Hour), Binary: true}}
	e := diagnose(t, Options{Surveys: []*Survey{s}})
	want(t, "lacks", e.lacks(), []string{
		"Terraform plan (JSON) of envs/dev $ " + strings.ReplaceAll(prodPlan, "prod", "dev"), // an old one is no help
		"Terraform plan (JSON) of envs/prod, which is there in binary $ terraform -chdir=envs/prod show -json tfplan > envs/prod/tfplan.json",
	})
	e = diagnose(t, Options{Surveys: []*Survey{{Folder: ".", Plans: []File{{Path: "x/tfplan", Time: ago(time.Hour), Binary: true}}}}})
	want(t, "of nobody", e.lacks(), []string{"the binary plan x/tfplan as JSON $ terraform show -json x/tfplan > x/tfplan.json"})
}

func TestStale(t *testing.T) {
	s := func(newest time.Time, checkouts ...time.Time) *Survey {
		s := repo("envs/prod")
		s.Roots[0].Newest, s.Roots[0].NewestFile, s.Checkouts = newest, "envs/prod/main.tf", checkouts
		return s
	}
	const day = 24 * time.Hour
	for name, c := range map[string]struct {
		survey   *Survey
		own      time.Time // what the evidence says
		file     time.Time // of its file
		state    string
		why, cut string
	}{
		"fresh":                  {s(ago(2 * day)), ago(day), ago(day), "complete", "", ""},
		"old by its own clock":   {s(ago(20 * day)), ago(9 * day), ago(time.Hour), "stale", "2026-11-14, 9 days old (its own time)", ""},
		"old by its file":        {s(ago(20 * day)), ago(9 * day), ago(9 * day), "stale", "2026-11-14, 9 days old (its file's time)", ""},
		"exactly a week":         {s(ago(20 * day)), ago(7 * day), ago(7 * day), "complete", "", ""},
		"configuration is newer": {s(ago(time.Hour)), ago(day), ago(day), "stale", "older than envs/prod/main.tf (2026-11-23 11:00Z, file times)", ""},
		"newer by file alone":    {s(ago(time.Hour)), ago(day), ago(time.Minute), "complete", "", ""},
		"written in one go":      {s(ago(time.Hour)), ago(time.Hour + time.Minute), ago(time.Hour + time.Minute), "complete", "", ""},
		"a checkout":             {s(ago(time.Hour), ago(time.Hour+time.Second)), ago(day), ago(day), "complete", "", ""},
		"a checkout long before": {s(ago(time.Hour), ago(2*time.Hour)), ago(day), ago(day), "stale", "older than", ""},
		"checked out itself":     {s(ago(time.Hour), ago(time.Hour)), ago(time.Hour), ago(time.Hour), "complete", "", "age of 1 not known: git set the file's time"},
		"from the future":        {s(ago(day)), ago(-2 * time.Hour), ago(-2 * time.Hour), "stale", "2026-11-23 14:00Z (its file's time) is in the future: a wrong clock", ""},
		"a clock a bit ahead":    {s(ago(day)), ago(-time.Minute), ago(-time.Minute), "complete", "", ""},
		"no time":                {s(ago(day)), time.Time{}, time.Time{}, "complete", "", ""},
	} {
		o := Options{Surveys: []*Survey{c.survey}, FileTime: func(string) time.Time { return c.file }}
		e := diagnose(t, o, plan("envs/prod/plan.json", c.own))
		row := e.rows("doctor")[0]
		if !strings.Contains(row, "| "+c.state+" |") || !strings.Contains(row, c.cut) {
			t.Errorf("%s: %s", name, row)
		}
		lacks := strings.Join(e.lacks(), "\n")
		if c.why == "" && lacks != "" || !strings.Contains(lacks, c.why) {
			t.Errorf("%s: %q, want %q", name, lacks, c.why)
		}
		if c.why != "" && !strings.HasSuffix(lacks, prodPlan) {
			t.Errorf("%s: %q does not say how", name, lacks)
		}
	}
	// A newer one that is there in binary only has to be shown.
	there := repo("envs/prod")
	there.Plans = []File{{Path: "envs/prod/tfplan", Time: ago(day), Binary: true}}
	e := diagnose(t, Options{Surveys: []*Survey{there}}, plan("envs/prod/plan.json", ago(9*day)))
	if l := e.lacks(); len(l) != 1 || !strings.HasSuffix(l[0], "$ terraform -chdir=envs/prod show -json tfplan > envs/prod/tfplan.json") {
		t.Errorf("%q", l)
	}
	// Of several plans of one root the newest counts.
	e = diagnose(t, Options{Surveys: []*Survey{repo("envs/prod")}}, plan("envs/prod/new.json", ago(day)), plan("envs/prod/old.json", ago(99*day)))
	want(t, "history", e.lacks(), nil)
	e = diagnose(t, Options{StaleAfter: time.Hour, Surveys: []*Survey{repo("envs/prod")}}, plan("envs/prod/plan.json", ago(2*time.Hour)))
	if len(e.lacks()) != 1 || !strings.Contains(e.lacks()[0], "2 hours old") {
		t.Errorf("--stale-after: %q", e.lacks())
	}
}

func TestUnprovenIsFolded(t *testing.T) {
	const get = "terraform show -json tfplan > plan.json"
	o := Options{Surveys: []*Survey{repo("envs/prod", "envs/dev")}}
	messages := []run.Message{plan("envs/dev/plan.json", ago(time.Hour)), plan("envs/prod/plan.json", ago(time.Hour))}
	for i := range 42_000 {
		messages = append(messages, unprovenFinding("CHG002", fmt.Sprintf("a.b%d", i), fmt.Sprintf("`before` of a.b%d", i), get, "envs/prod/plan.json"))
	}
	messages = append(messages, unprovenFinding("CHG001", "a.c", "`before` of a.c", get, "envs/dev/plan.json"),
		unprovenFinding("CHG001", "a.d", "what it holds", "read the documentation", ""))
	excepted := unprovenFinding("CHG001", "a.e", "x", "y", "")
	excepted.Finding.ExceptedBy = "polygraph.yaml:3"
	messages = append(messages, excepted, run.Message{Finding: &finding.Finding{Rule: "CHG001", Analyzer: "change", Verdict: finding.Refuted}})
	e := diagnose(t, o, messages...)
	want(t, "rows", e.rows("doctor"), []string{"change | partly | 2 terraform-plan | 2026-11-23 (own) | 42002 unproven findings"})
	want(t, "lacks", e.lacks(), []string{
		"`before` of ... (would settle 42000 findings) $ " + prodPlan,
		"`before` of ... (would settle 1 finding) $ " + strings.ReplaceAll(prodPlan, "prod", "dev"),
		"what it holds (would settle 1 finding) $ read the documentation",
	})
	for _, m := range e.heard {
		if m.Finding != nil {
			t.Fatal("doctor accuses")
		}
	}
}

func TestSortsAreBounded(t *testing.T) {
	var messages []run.Message
	for i := range 1000 {
		messages = append(messages, unprovenFinding("CHG001", "a.b", fmt.Sprint("thing ", i), "get it", ""))
	}
	e := diagnose(t, Options{}, messages...)
	if n := len(e.lacks()); n > mostSorts+1 {
		t.Errorf("%d sorts are listed", n)
	}
	if row := e.rows("doctor")[0]; !strings.Contains(row, "1000 unproven findings; more than is listed") {
		t.Error(row)
	}
	many := &Survey{Folder: "."}
	for i := range 1000 {
		many.Roots = append(many.Roots, Root{Folder: fmt.Sprintf("r%04d", i), Tool: "terraform"})
	}
	e = diagnose(t, Options{Surveys: []*Survey{many}})
	if l := e.lacks(); len(l) != mostLacks+1 || !strings.Contains(l[mostLacks], "of 800 more root modules") {
		t.Errorf("%d lacks, the last %q", len(l), l[len(l)-1])
	}
}

func TestWhosePlan(t *testing.T) {
	for _, c := range []struct{ roots, file, want string }{
		{"envs/prod envs/dev", "envs/prod/plan.json", "envs/prod"},
		{"envs/prod envs/dev", "envs/prod/out/plan.json", "envs/prod"},
		{"envs/prod envs/dev", "plans/prod.json", "envs/prod"},
		{"envs/prod envs/dev", "plans/plan-prod.json", "envs/prod"},
		{"envs/prod envs/dev", "plans/prod/plan.json", "envs/prod"},
		{"envs/prod envs/dev", "plans/production.json", ""},
		{"envs/prod envs/dev", "plan.json", ""},
		{"a/prod b/prod", "prod.json", ""},
		{"terraform", "plan.json", "terraform"},
		{". envs/prod", "plan.json", "."},
		{". envs/prod", "prod.json", "."},
		{". envs/prod", "plans/prod.json", "envs/prod"},
		{". envs/prod", "plans/other.json", "."},
		{"/abs/prod", "/abs/prod/plan.json", "/abs/prod"},
		{"", "plan.json", ""},
	} {
		got := ""
		if r := together([]*Survey{repo(strings.Fields(c.roots)...)}).rootOf(c.file); r != nil {
			got = r.Folder
		}
		if got != c.want {
			t.Errorf("%s among %s: got %q, want %q", c.file, c.roots, got, c.want)
		}
	}
}

func TestGate(t *testing.T) {
	e := diagnose(t, Options{Surveys: []*Survey{{Folder: "infra"}}})
	want(t, "nothing there", e.rows("gate"), []string{
		"polygraph.yaml | missing: nothing declared | polygraph init",
		"BASE | missing: no saved run | polygraph check infra -o jsonl=base.jsonl",
		"ledger | missing: no deadline runs | polygraph check infra --record",
	})
	s := &Survey{
		Folder: ".", Config: "polygraph.yaml", Ledger: "polygraph.first-seen", Limits: []string{"deep is too deep"},
		Runs: []Run{{Path: "old.jsonl", Command: "check", Started: ago(9 * time.Hour)}, {Path: "base.jsonl", Command: "check", Started: ago(time.Hour)}, {Path: "c.jsonl", Command: "compare", Started: ago(0)}},
	}
	day := func(n int) time.Time { return time.Date(2026, 11, 23+n, 0, 0, 0, 0, time.UTC) }
	gate := Gate{Config: "../polygraph.yaml", Ledger: "../polygraph.first-seen", Exceptions: []Exception{
		{What: "CHG001 a.b", Owner: "team-a", Expires: day(-1), At: "polygraph.yaml:3"},
		{What: "CHG002", Owner: "team-b", Expires: day(0), At: "polygraph.yaml:9"},
		{What: "CHG003", Owner: "team-c", Expires: day(60), At: "polygraph.yaml:12"},
	}}
	e = diagnose(t, Options{Surveys: []*Survey{s}, Gate: gate})
	want(t, "all there", e.rows("gate"), []string{
		"polygraph.yaml | ../polygraph.yaml | ",
		"BASE | base.jsonl, 1 hour old | polygraph compare base.jsonl .",
		"ledger | ../polygraph.first-seen | ",
		"exception | ended 2026-11-22: CHG001 a.b, team-a | polygraph.yaml:3",
		"exception | ends 2026-11-23: CHG002, team-b | polygraph.yaml:9",
		"not surveyed | deep is too deep | ",
	})
	s.Runs[1].Started = ago(-time.Hour)
	if row := diagnose(t, Options{Surveys: []*Survey{s}}).rows("gate")[1]; !strings.Contains(row, "wrong clock") {
		t.Error(row)
	}
}

// TestGateNamesWhatIsNotApplied: what lies below is not what check applies.
func TestGateNamesWhatIsNotApplied(t *testing.T) {
	s := &Survey{Folder: "infra", Config: "infra/polygraph.yaml", Ledger: "infra/a/polygraph.first-seen"}
	gate := Gate{OtherConfigs: []string{"infra/polygraph.yaml"}, OtherLedgers: []string{"infra/a/polygraph.first-seen"}}
	want(t, "below", diagnose(t, Options{Surveys: []*Survey{s}, Gate: gate}).rows("gate"), []string{
		"polygraph.yaml | none here or above | ",
		"polygraph.yaml | infra/polygraph.yaml, not applied from here | polygraph check infra --config infra/polygraph.yaml",
		"BASE | missing: no saved run | polygraph check infra -o jsonl=base.jsonl",
		"ledger | missing: no deadline runs | polygraph check infra --record",
		"ledger | infra/a/polygraph.first-seen, not applied from here | ",
	})
	gate = Gate{Config: "polygraph.yaml"}
	for i := range 9 {
		gate.OtherConfigs = append(gate.OtherConfigs, fmt.Sprintf("r%d/polygraph.yaml", i))
	}
	rows := diagnose(t, Options{Gate: gate}).rows("gate")
	if rows[0] != "polygraph.yaml | polygraph.yaml | " || rows[6] != "polygraph.yaml | 4 more, not applied from here | " {
		t.Errorf("%q", rows)
	}
}

// TestConclusion: the sentence says what is the case, and all listeners show it.
func TestConclusion(t *testing.T) {
	skip := run.Message{Skip: &run.Skip{Path: "x", Count: 1, Reason: "r", Do: "d"}}
	lacking := unprovenFinding("CHG001", "a", "b", "c", "")
	other := unprovenFinding("EXC009", "x", "who owns it", "ask", "")
	other.Finding.Analyzer = "exceptions"
	fresh, old := plan("envs/prod/plan.json", ago(time.Hour)), plan("envs/prod/plan.json", ago(99*24*time.Hour))
	for text, messages := range map[string][]run.Message{
		"All evidence is there and fresh.":                              {fresh},
		"1 capability lacks evidence.":                                  {fresh, lacking},
		"1 capability has stale evidence.":                              {old},
		"1 capability lacks evidence and has stale evidence.":           {old, lacking},
		"2 capabilities lack evidence or have stale evidence.":          {old, other},
		"2 capabilities lack evidence.":                                 {other},
		"All evidence is there and fresh, but 1 path was not examined.": {fresh, skip},
		"1 capability has stale evidence; 1 path was not examined.":     {old, skip},
	} {
		e := diagnose(t, Options{Surveys: []*Survey{repo("envs/prod")}}, messages...)
		s := e.summary()
		if s.Conclusion != text || (s.Verdict == finding.Holds) != (len(messages) == 1 && messages[0].Evidence == fresh.Evidence) {
			t.Errorf("%s %q, want %q", s.Verdict, s.Conclusion, text)
		}
		if e.heard[0].Header.Rules != nil {
			t.Error("doctor lists rules")
		}
	}
	off := Options{Off: map[string]bool{"CHG001": true, "CHG002": true}}
	if s := diagnose(t, off).summary(); s.Conclusion != "Nothing was examined, so nothing is known." || s.Verdict != finding.Unproven {
		t.Errorf("%+v", s)
	}
}

func TestOffRulesNeedNothing(t *testing.T) {
	o := Options{Off: map[string]bool{"CHG001": true, "CHG002": true}, Surveys: []*Survey{repo("envs/prod")}}
	if e := diagnose(t, o); len(e.rows("doctor")) != 0 || len(e.lacks()) != 0 {
		t.Errorf("%q %q", e.rows("doctor"), e.lacks())
	}
}

// TestNobodyIsForgotten: what a policy left unproven is shown too.
func TestNobodyIsForgotten(t *testing.T) {
	m := unprovenFinding("EXC009", "x", "who owns it", "ask", "")
	m.Finding.Analyzer = "exceptions"
	e := diagnose(t, Options{Surveys: []*Survey{repo("envs/prod")}}, plan("envs/prod/plan.json", ago(time.Hour)), m)
	want(t, "rows", e.rows("doctor"), []string{"change | complete | 1 terraform-plan | 2026-11-23 (own) | ", "exceptions | partly |  |  | 1 unproven finding"})
	want(t, "lacks", e.lacks(), []string{"who owns it (would settle 1 finding) $ ask"})
}

// TestItIsARun: what comes out can be saved and read again.
func TestItIsARun(t *testing.T) {
	skip := run.Message{Skip: &run.Skip{Path: "x", Count: 1, Reason: "r", Do: "d"}}
	e := diagnose(t, Options{Surveys: []*Survey{repo("envs/prod")}}, plan("envs/prod/plan.json", ago(time.Hour)), skip,
		run.Message{Row: &run.Row{Table: "changes"}}, run.Message{Held: &run.Held{Rule: "CHG001"}}, unprovenFinding("CHG001", "a", "b", "c", ""))
	var saved bytes.Buffer
	order := ""
	for _, m := range e.heard {
		line, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		saved.Write(append(line, '\n'))
		order += string(line[2])
	}
	if order != "hesrrrrs" {
		t.Errorf("the order is %s", order)
	}
	if e.heard[0].Header.Command != Command {
		t.Error("the header says " + e.heard[0].Header.Command)
	}
	if err := run.Read(&saved, func(*run.Message) error { return nil }); err != nil {
		t.Error(err)
	}
	if s := e.summary(); s.Verdict != finding.Unproven {
		t.Error("something is missing and the verdict is " + s.Verdict.String())
	}
	d := New(deaf{}, Options{Now: now()})
	if err := d.Hear(&run.Message{Summary: &run.Summary{}}); err != io.ErrClosedPipe {
		t.Errorf("an error of the listener became %v", err)
	}
}

type deaf struct{}

func (deaf) Hear(*run.Message) error { return io.ErrClosedPipe }
func (deaf) Close() error            { return nil }
