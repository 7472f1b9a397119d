package environment

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/tfplan"
)

// planOf is a plan with a bucket, whose ARN names no account, and a queue.
func planOf(account, extra string) string {
	return fmt.Sprintf(`{"format_version":"1.2","resource_changes":[
	{"address":"aws_s3_bucket.logs","mode":"managed","type":"aws_s3_bucket","name":"logs","change":{"actions":["delete"],"before":{"id":"logs-%[1]s","arn":"arn:aws:s3:::logs-%[1]s"},"after":null,"before_sensitive":{},"after_sensitive":false}},
	{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","change":{"actions":["no-op"],"before":{"arn":"arn:aws:sqs:eu-west-1:%[1]s:q"%[2]s},"after":{},"before_sensitive":{},"after_sensitive":{}}}],
	"configuration":{"root_module":{}}}`, account, extra)
}

// settle runs the policy over plans by path, with one finding about the bucket
// and one about the whole of each.
func settle(t *testing.T, s *Set, plans map[string]string) (*Policy, map[string]*finding.Finding, []run.Evidence) {
	t.Helper()
	out := map[string]*finding.Finding{}
	in := &analysis.Settlement{Things: map[string][]evidence.Thing{}}
	for _, path := range sortedKeys(plans) {
		item := &evidence.Item{Kind: tfplan.Kind(), Path: path, Blob: evidence.Bytes([]byte(plans[path]))}
		r, err := facts.Plan().Read(context.Background(), analysis.Input{Item: item, Things: true})
		if err != nil {
			t.Fatal(err)
		}
		in.Things[path] = r.Things
		in.Evidence = append(in.Evidence, run.Evidence{Path: path})
		for what, subject := range map[string]finding.Subject{
			"bucket": {Kind: "terraform-resource", Identity: "aws_s3_bucket.logs"},
			"plan":   {Kind: "terraform-plan", Identity: "plan"},
		} {
			f := &finding.Finding{Rule: "CHG002", Subject: subject, Verdict: finding.Refuted, Proof: []finding.Statement{{At: finding.Location{File: path}}}}
			f.Fingerprint = finding.Fingerprint(f.Rule, f.Subject, "")
			out[what+" "+path] = f
			in.Findings = append(in.Findings, f)
		}
	}
	p := NewPolicy(s)
	if err := p.Settle(in); err != nil {
		t.Fatal(err)
	}
	return p, out, in.Evidence
}

// TestTwoPlans: the same address in dev and prod is two findings once the
// environments are declared, and one fingerprint that is reported until then.
func TestTwoPlans(t *testing.T) {
	plans := map[string]string{"a/plan.json": planOf("111111111111", ""), "b/plan.json": planOf("222222222222", "")}
	declared := set(t, Declared{Name: "dev", Accounts: []string{"111111111111"}}, Declared{Name: "prod", Accounts: []string{"222222222222"}})

	p, f, ev := settle(t, declared, plans)
	for _, what := range []string{"bucket", "plan"} {
		a, b := f[what+" a/plan.json"], f[what+" b/plan.json"]
		if a.Fingerprint == b.Fingerprint || a.Subject.Environment != "dev" || b.Subject.Environment != "prod" || a.Subject.Inferred+b.Subject.Inferred != "" {
			t.Errorf("%s: %+v and %+v", what, a.Subject, b.Subject)
		}
		if a.Bare() != b.Bare() {
			t.Errorf("%s: the bare fingerprints differ", what)
		}
	}
	if ev[0].Environment != "dev" || ev[1].Environment != "prod" || len(ev[0].Notes) > 0 || len(p.Collisions()) > 0 {
		t.Errorf("%+v, collisions %v", ev, p.Collisions())
	}

	p, f, _ = settle(t, nil, plans)
	if f["bucket a/plan.json"].Fingerprint != f["bucket b/plan.json"].Fingerprint {
		t.Error("undeclared, and the fingerprints differ")
	}
	c := p.Collisions()
	if len(c) != 2 || c[0].Subject != "aws_s3_bucket.logs" || strings.Join(c[0].Paths, " ") != "a/plan.json b/plan.json" || c[0].Inferred || !strings.Contains(c[0].String(), "nothing declared tells them apart") {
		t.Errorf("collisions %+v", c)
	}
}

// TestInferredIsShownAndNotInTheFingerprint also when it tells the plans apart.
func TestInferredIsShownAndNotInTheFingerprint(t *testing.T) {
	tagged := func(e string) string { return `,"tags":{"environment":"` + e + `"}` }
	p, f, ev := settle(t, nil, map[string]string{"a.json": planOf("111111111111", tagged("dev")), "b.json": planOf("222222222222", tagged("prod"))})
	a, b := f["bucket a.json"], f["bucket b.json"]
	if a.Subject.Environment != "dev" || b.Subject.Environment != "prod" || !strings.Contains(a.Subject.Inferred, "1 of 2 resources carry tag environment=dev") {
		t.Errorf("%+v and %+v", a.Subject, b.Subject)
	}
	if a.Fingerprint != b.Fingerprint || a.Fingerprint != a.Bare() {
		t.Error("an inferred environment is in the fingerprint")
	}
	if c := p.Collisions(); len(c) != 2 || !c[0].Inferred {
		t.Errorf("collisions %+v", c)
	}
	if ev[0].Environment != "dev" || len(ev[0].Notes) != 1 || !strings.Contains(ev[0].Notes[0], "inferred") {
		t.Errorf("%+v", ev[0])
	}
	// The owners call it production.
	_, f, _ = settle(t, set(t, Declared{Name: "production", Accounts: []string{"999999999999"}}), map[string]string{"b.json": planOf("222222222222", tagged("prod"))})
	if got := f["bucket b.json"].Subject; got.Environment != "production" || got.Inferred == "" {
		t.Errorf("%+v", got)
	}
}

// TestContradictionsGuessNothing: not by inference either.
func TestContradictionsGuessNothing(t *testing.T) {
	both := set(t, Declared{Name: "dev", Accounts: []string{"111111111111"}}, Declared{Name: "prod", Accounts: []string{"111111111111"}})
	_, f, ev := settle(t, both, map[string]string{"prod/plan.json": planOf("111111111111", `,"tags":{"environment":"prod"}`)})
	if got := f["bucket prod/plan.json"].Subject; got.Environment != "" || ev[0].Environment != "" || !strings.Contains(strings.Join(ev[0].Notes, ""), "declared in dev and prod") {
		t.Errorf("%+v, %+v", got, ev)
	}
	// The path says dev, the resources are in prod.
	s := set(t, Declared{Name: "dev", Paths: []string{"x/**"}}, Declared{Name: "prod", Tags: map[string][]string{"environment": {"prod"}}})
	_, _, ev = settle(t, s, map[string]string{"x/plan.json": planOf("111111111111", `,"tags":{"environment":"prod"}`)})
	if ev[0].Environment != "" || !strings.Contains(strings.Join(ev[0].Notes, ""), "path x/** says dev, its resources are in prod") {
		t.Errorf("%+v", ev)
	}
}

func TestRowsAreCapped(t *testing.T) {
	s := set(t, Declared{Name: "prod", Accounts: []string{"1"}}, Declared{Name: "dev", Accounts: []string{"1"}})
	things := map[string][]evidence.Thing{}
	for i := range 5000 {
		things["p"] = append(things["p"], resource(fmt.Sprintf("t.n%d", i), evidence.Marks{Account: "1"}))
	}
	count := map[string]int{}
	last := run.Row{}
	for _, r := range Rows(s, things, []string{"p", "q"}) {
		count[r.Table]++
		last = r
	}
	if count["unassigned"] != MaxRows+1 || count["environments"] != 2 || count["evidence"] != 2 || !strings.Contains(show(last), "and 4800 more") {
		t.Errorf("%v, last %s", count, show(last))
	}
}

// TestNothing: no things at all, no paths, no set.
func TestNothing(t *testing.T) {
	if rows := Rows(nil, nil, nil); len(rows) != 0 {
		t.Errorf("%v", rows)
	}
	if c := Collisions(nil); len(c) != 0 {
		t.Errorf("%v", c)
	}
	if err := NewPolicy(nil).Settle(&analysis.Settlement{}); err != nil {
		t.Error(err)
	}
}
