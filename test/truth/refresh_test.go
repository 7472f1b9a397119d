package truth

import (
	"testing"

	"polygraph/internal/finding"
)

// TestRefreshOnlyRevertsNothing: such a plan only takes note of what was changed by hand.
func TestRefreshOnlyRevertsNothing(t *testing.T) {
	t.Parallel()
	config := files{"main.tf": queue("a", "delay_seconds = 1\n") + `
resource "aws_sqs_queue" "b" { name = "b" }
`}
	s := begin(t, config, awsMock)
	a, b := s.state()["aws_sqs_queue.a"].id(), s.state()["aws_sqs_queue.b"].id()
	s.tamper("aws_sqs_queue", a, map[string]any{"delay_seconds": 9})
	s.lose("aws_sqs_queue", b)
	if err := s.Plan(planfile, "-refresh-only"); err != nil {
		t.Fatal(err)
	}
	p := decodePlan(t, s.ShowJSON(planfile))
	j := judge(t, p.text)
	if len(p.Drift) != 2 {
		t.Errorf("the plan shows %d drifted objects, want 2", len(p.Drift))
	}
	for _, f := range j.findings {
		if f.Verdict == finding.Refuted {
			t.Errorf("%s accuses %s: %s", f.Rule, f.Subject.Identity, f.Title)
		}
	}
	o := s.succeed()
	for _, c := range o.calls {
		if c.Call != "read" {
			t.Errorf("%s of %s", c.Call, c.ID)
		}
	}
	if now := s.look("aws_sqs_queue", a)["delay_seconds"]; !equal(now, 9) || !equal(o.after["aws_sqs_queue.a"].Values["delay_seconds"], 9) {
		t.Errorf("the cloud has %v, the state %v", now, o.after["aws_sqs_queue.a"].Values["delay_seconds"])
	}
	if s.exists("objects", "aws_sqs_queue", b) || o.after["aws_sqs_queue.b"].Values != nil {
		t.Error("the deleted queue is back")
	}
	// The drift is not forgotten: what the state now has is what the next plan changes, as an edit.
	_, j = s.judged()
	if got := j.row("aws_sqs_queue.a").mechanism; got != "updated in place" || j.verdict("CHG004", "aws_sqs_queue.a") != "" {
		t.Errorf("the next plan: %q, %q", got, j.verdict("CHG004", "aws_sqs_queue.a"))
	}
}
