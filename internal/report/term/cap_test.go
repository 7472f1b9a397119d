package term

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// lies are n false claims of two rules.
func lies(n int) []*run.Message {
	ms := []*run.Message{header()}
	for i := range n {
		m := named(refuted(9), fmt.Sprintf("aws_db_instance.d%d", i), "", "")
		if i >= n-100 {
			m.Finding.Rule = "CHG003"
		}
		ms = append(ms, m)
	}
	return append(ms, summary(finding.Refuted, n, 0, 1))
}

// TestManyFindingsAreCapped: 42,000 findings cost a bounded page, and it says
// what is not on it.
func TestManyFindingsAreCapped(t *testing.T) {
	ms := lies(42_000)
	for d, full := range map[Detail]int{Normal: maxFull, Quiet: 0} {
		out := printed(t, Options{Detail: d}, ms)
		if len(out) > 2<<20 {
			t.Errorf("detail %d: %d bytes", d, len(out))
		}
		if n := strings.Count(out, "  proof    "); n != full {
			t.Errorf("detail %d: %d proofs, want %d", d, n, full)
		}
		if n := strings.Count(out, "✗ FALSE     CHG"); n != full+maxLines {
			t.Errorf("detail %d: %d findings are named, want %d", d, n, full+maxLines)
		}
		left := 42_000 - full - maxLines
		want := fmt.Sprintf("✗ FALSE     ... and %s more: CHG001 %s, CHG003 100\nNot printed after 5,000 lines: -v prints everything, -o jsonl=FILE keeps everything.\n", words.Number(left), words.Number(left-100))
		if !strings.Contains(out, want) {
			t.Errorf("detail %d: %q is not in\n...%s", d, want, out[len(out)-900:])
		}
		if said := strings.Contains(out, "200 findings are printed with their proofs"); said != (d == Normal) {
			t.Errorf("detail %d: that proofs end is said: %v", d, said)
		}
	}
	out := printed(t, Options{Detail: Verbose}, lies(6000))
	if n := strings.Count(out, "  proof    "); n != 6000 {
		t.Errorf("-v prints %d proofs of 6,000", n)
	}
}

// TestUnderTheCap: nothing is said of a limit that was not met.
func TestUnderTheCap(t *testing.T) {
	out := printed(t, Options{}, lies(maxFull))
	if n := strings.Count(out, "  proof    "); n != maxFull || strings.Contains(out, "-v prints") {
		t.Errorf("%d proofs\n%s", n, out[len(out)-500:])
	}
	one := printed(t, Options{}, lies(maxFull+1))
	if !strings.Contains(one, "200 findings are printed with their proofs, the others on one line each (-v prints all with their proofs)\n✗ FALSE     CHG003") {
		t.Errorf("%s", one[len(one)-900:])
	}
}

// TestWhatFailsIsCutLast: a comparison says apart how many that fail were cut.
func TestWhatFailsIsCutLast(t *testing.T) {
	ms := []*run.Message{compared()}
	for range 6000 {
		ms = append(ms, changed(refuted(2), finding.New, true, ""))
	}
	for range 10 {
		ms = append(ms, changed(refuted(2), finding.Unjudged, false, "BASE did not apply rule CHG001"))
	}
	out := printed(t, Options{}, append(ms, ended(summary(finding.Refuted, 1, 1, 1), run.Difference{Direction: "worse"})))
	for _, want := range []string{"NEW       ✗ FALSE     ... and 800 more that fail: CHG001 800\n", "UNJUDGED  ✗ FALSE     ... and 10 more: CHG001 10\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n...%s", want, out[len(out)-900:])
		}
	}
}

func lostWith(rule, file, why string) *run.Message {
	m := changed(refuted(1), finding.Lost, true, why)
	m.Finding.Rule, m.Finding.Proof[0].At.File = rule, file
	return m
}

// TestLostFindingsAreOneLineEach: one line for each piece that was lost.
func TestLostFindingsAreOneLineEach(t *testing.T) {
	ms := []*run.Message{compared(), left("a/plan.json", finding.Lost), left("b/plan.json", finding.Lost)}
	for i := range 40 {
		ms = append(ms, lostWith([]string{"CHG001", "CHG002", "CHG001"}[i%3], "a/plan.json", "a/plan.json was not examined"))
	}
	open := lostWith("CHG002", "b/plan.json", "b/plan.json was not examined")
	open.Finding.Verdict = finding.Unproven
	ms = append(ms, open, lostWith("CHG001", "b/plan.json", "b/plan.json was not examined"),
		lostWith("CHG003", "c/plan.json", "c/plan.json says less than in BASE"), lostWith("CHG003", "c/plan.json", "c/plan.json says less than in BASE"),
		lostWith("CHG009", "a/plan.json", "rule CHG009 was not applied"), lostWith("CHG009", "b/plan.json", "rule CHG009 was not applied"),
		lostWith("CHG008", "d/plan.json", "d/plan.json was not examined"),
		changed(named(refuted(2), "aws_db_instance.late", "", ""), finding.Same, true, "it is overdue"))
	ms = append(ms, ended(summary(finding.Refuted, 0, 0, 3), run.Difference{Direction: "worse", Lost: 47}))
	for _, d := range []Detail{Normal, Quiet} {
		out := printed(t, Options{Detail: d}, ms)
		for _, want := range []string{
			"LOST      a/plan.json  40 findings went with it, all were FALSE: CHG001 27, CHG002 13 (-v lists them)\n",
			"LOST      b/plan.json  2 findings went with it, 1 was FALSE: CHG001 1, CHG002 1 (-v lists them)\n",
			"LOST      c/plan.json  2 findings went with it, all were FALSE: CHG003 2 (c/plan.json says less than in BASE) (-v lists them)\n",
			"LOST      rule CHG009 was not applied  2 findings went with it, all were FALSE: CHG009 2 (-v lists them)\n",
			"LOST      was FALSE     CHG008  critical  module.payments.aws_db_instance.main  its data is deleted and no snapshot is taken  (d/plan.json was not examined)\n",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("detail %d: %q is not in\n%s", d, want, out)
			}
		}
		if n := strings.Count("\n"+out, "\nLOST "); n != 7 { // two of them pieces of evidence
			t.Errorf("detail %d: %d lines of what was lost\n%s", d, n, out)
		}
		if strings.Index(out, "SAME ") < strings.LastIndex(out, "LOST ") {
			t.Errorf("detail %d: what is overdue stands before what was lost", d)
		}
	}
	if n := strings.Count(printed(t, Options{Detail: Verbose}, ms), "LOST      was "); n != 47 {
		t.Errorf("-v lists %d of 47", n)
	}
}

// TestLostIsBounded: of many lost pieces some are named.
func TestLostIsBounded(t *testing.T) {
	ms := []*run.Message{compared()}
	for i := range 5000 {
		file := fmt.Sprintf("p%d.json", i/2)
		ms = append(ms, lostWith("CHG001", file, file+" was not examined"))
	}
	out := printed(t, Options{}, append(ms, ended(summary(finding.Refuted, 0, 0, 3), run.Difference{Direction: "worse"})))
	if !strings.Contains(out, "LOST      ... and 4,960 more findings: CHG001 4,960 (-v lists them)") || strings.Count(out, "\n") > 50 {
		t.Errorf("%.3000s", out)
	}
}

// TestConclusion: what a command that judges nothing concludes is its verdict.
func TestConclusion(t *testing.T) {
	for _, v := range []finding.Verdict{finding.Unproven, finding.Holds} {
		m := summary(v, 0, 0, 0)
		m.Summary.Rules, m.Summary.Conclusion = nil, "2 capabilities lack evidence or have stale evidence."
		m.Summary.Missing = []run.Gap{{Rule: "CHG001", Evidence: "a plan", Get: "get it"}}
		h := header()
		h.Header.Command, h.Header.Rules = "doctor", nil
		for _, d := range []Detail{Quiet, Normal, Verbose} {
			out := printed(t, Options{Detail: d}, runOf(h, planRead(), m))
			want := map[finding.Verdict]string{finding.Unproven: "? UNPROVEN  ", finding.Holds: "✓ TRUE      "}[v] + m.Summary.Conclusion + "  1.2 s"
			if last(out) != want || strings.Contains(out, "nothing to judge") || strings.Contains(out, "could be judged") {
				t.Errorf("detail %d: got\n%s\nwant\n%s", d, out, want)
			}
		}
	}
}

func TestOverdueIsNamedInTheVerdict(t *testing.T) {
	for want, n := range map[string][2]int{
		"✗ FALSE     16 claims are false, 14 of them overdue, 3 true.": {16, 14},
		"✗ FALSE     1 claim is false and overdue, 3 true.":            {1, 1},
		"✗ FALSE     2 claims are false, 3 true.":                      {2, 0},
	} {
		m := summary(finding.Refuted, n[0], 0, 3)
		m.Summary.Overdue = n[1]
		if got := last(printed(t, Options{}, runOf(header(), m))); !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	m := summary(finding.Refuted, 16, 0, 3)
	m.Summary.Overdue = 14
	got := last(printed(t, Options{}, runOf(compared(), ended(m, run.Difference{Direction: "same", Same: 16}))))
	if !strings.HasPrefix(got, "✓ NO WORSE  16 the same; HEAD: 16 claims are false, 14 of them overdue, 3 true") {
		t.Error(got)
	}
}
