package term

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

func compared() *run.Message {
	h := header()
	h.Header.Command = "compare"
	h.Header.Base = &run.Side{Name: "base.jsonl", Started: h.Header.Started.AddDate(0, 0, -2)}
	h.Header.Head = &run.Side{Name: "infra", Started: h.Header.Started}
	return h
}

func changed(m *run.Message, s finding.Status, worse bool, why string) *run.Message {
	m.Finding.Change = &finding.Change{Status: s, Worse: worse, Why: why}
	return m
}

func named(m *run.Message, subject, environment, inferred string) *run.Message {
	m.Finding.Subject.Identity, m.Finding.Subject.Environment, m.Finding.Subject.Inferred = subject, environment, inferred
	return m
}

func excepted(m *run.Message) *run.Message {
	m.Finding.ExceptedBy, m.Finding.Overdue = "polygraph.yaml:12, team-data, until 2026-12-31", false
	return m
}

func left(path string, s finding.Status) *run.Message {
	m := planRead()
	m.Evidence.Path = path
	m.Evidence.Change = &finding.Change{Status: s, Worse: s == finding.Lost, Why: "BASE examined it, HEAD did not"}
	return m
}

func ended(s *run.Message, d run.Difference) *run.Message {
	s.Summary.Difference = &d
	return s
}

func worse() []*run.Message {
	return runOf(
		compared(), planRead(), left("infra/gone.tf", finding.Removed), left("infra/state.json", finding.Lost),
		changed(named(refuted(2), "aws_db_instance.new", "prod", ""), finding.New, true, ""),
		changed(named(unproven(), "kubernetes_manifest.a", "prod", "a tag"), finding.Worse, true, "it held and can no longer be proven"),
		changed(refuted(2), finding.Lost, true, "infra/state.json was not examined"),
		changed(named(refuted(2), "aws_db_instance.other", "", ""), finding.Unjudged, false, "BASE did not apply rule CHG001"),
		excepted(changed(named(refuted(2), "aws_db_instance.tmp", "dev", ""), finding.New, false, "")),
		changed(named(unproven(), "kubernetes_manifest.b", "", ""), finding.New, false, ""),
		changed(named(unproven(), "kubernetes_manifest.c", "", ""), finding.New, false, ""),
		changed(refuted(2), finding.Same, false, ""), changed(unproven(), finding.Same, false, ""),
		changed(refuted(2), finding.Same, false, "it was excepted"),
		changed(refuted(2), finding.Fixed, false, "the claim holds now"), changed(unproven(), finding.Removed, false, ""),
		ended(summary(finding.Refuted, 4, 4, 100), run.Difference{
			Direction: "worse", New: 4, Worse: 1, Lost: 1, Unjudged: 1, Same: 3, Fixed: 1, Removed: 1, EvidenceLost: 1, Failing: 4, Excepted: 1,
			Reasons:  []string{"1 claim is newly false", "1 claim can no longer be proven", "1 observation that BASE had was not examined"},
			Warnings: []string{"BASE is younger than HEAD: are the two swapped?"},
		}),
	)
}

func TestDifferenceGolden(t *testing.T) {
	better := runOf(compared(), planRead(), changed(refuted(2), finding.Same, false, ""), changed(refuted(2), finding.Fixed, false, ""),
		ended(summary(finding.Refuted, 1, 0, 100), run.Difference{Direction: "better", Same: 1, Fixed: 1}))
	renew := runOf(compared(), planRead(), changed(refuted(2), finding.Unjudged, false, "BASE did not apply rule CHG001"),
		ended(summary(finding.Refuted, 1, 0, 100), run.Difference{Direction: "unproven", Unjudged: 1, Reasons: []string{"1 claim is false by a rule that BASE did not apply: make BASE again"}}))
	onlyExcepted := summary(finding.Refuted, 0, 0, 12)
	onlyExcepted.Summary.Excepted = 3
	second := planRead()
	second.Evidence.Path = "infra/other.json"
	alike := []*run.Message{header(), planRead()}
	for i := range 9 {
		alike = append(alike, named(unproven(), fmt.Sprintf("kubernetes_manifest.g%d", i), "", ""))
	}
	for name, c := range map[string]struct {
		opts Options
		run  []*run.Message
	}{
		"worse":         {Options{}, worse()},
		"worse_quiet":   {Options{Detail: Quiet}, worse()},
		"worse_verbose": {Options{Detail: Verbose}, worse()},
		"better":        {Options{}, better},
		"renew":         {Options{}, renew},
		"excepted":      {Options{}, runOf(header(), planRead(), excepted(refuted(1)), excepted(refuted(1)), excepted(refuted(1)), onlyExcepted)},
		"alike":         {Options{}, runOf(alike, summary(finding.Unproven, 0, 9, 117))},
		"two_files":     {Options{Detail: Quiet}, runOf(header(), planRead(), second, refuted(1), summary(finding.Refuted, 1, 0, 0))},
		"once":          {Options{}, runOf(header(), planRead(), refuted(1), refuted(1), summary(finding.Refuted, 2, 0, 0))},
	} {
		t.Run(name, func(t *testing.T) { golden(t, name, printed(t, c.opts, c.run)) })
	}
}

func last(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func TestLastLine(t *testing.T) {
	excused := summary(finding.Refuted, 0, 0, 12)
	excused.Summary.Excepted = 1
	open := summary(finding.Refuted, 0, 2, 12)
	open.Summary.Excepted = 1
	odd := summary(finding.Refuted, 0, 0, 12)
	for _, d := range []Detail{Quiet, Normal, Verbose} {
		for want, ms := range map[string][]*run.Message{
			"✗ WORSE     1 claim is newly false":                          worse(),
			"✓ NO WORSE  1 fixed; HEAD: 1 claim is false":                 runOf(compared(), ended(summary(finding.Refuted, 1, 0, 3), run.Difference{Direction: "better", Fixed: 1})),
			"✓ NO WORSE  nothing changed; HEAD: 3 true":                   runOf(compared(), ended(summary(finding.Holds, 0, 0, 3), run.Difference{Direction: "same"})),
			"? UNPROVEN  one side did not look":                           runOf(compared(), ended(summary(finding.Holds, 0, 0, 3), run.Difference{Direction: "unproven"})),
			"? UNPROVEN  one side did not look at what the other judged ": runOf(compared(), ended(summary(finding.Holds, 0, 0, 3), run.Difference{})),
			// What was printed weighs more than the summary.
			"✗ WORSE     see the findings that fail":                          runOf(compared(), changed(refuted(1), finding.New, true, ""), ended(summary(finding.Refuted, 1, 0, 3), run.Difference{Direction: "same"})),
			"- EXCEPTED  1 claim is false and excepted; 12 true.":             runOf(header(), excepted(refuted(1)), excused),
			"? UNPROVEN  2 unproven; 1 claim is false and excepted; 12 true.": runOf(header(), excepted(refuted(1)), unproven(), unproven(), open),

			"? UNPROVEN  12 true":             runOf(header(), odd),
			"? UNPROVEN  The run was cut off": worse()[:6],
		} {
			if got := last(printed(t, Options{Detail: d}, ms)); !strings.HasPrefix(got, want) {
				t.Errorf("detail %d: the last line is %q, want %q", d, got, want)
			}
		}
	}
}

// Of 42,000 findings, those that are folded cost neither lines nor memory.
func TestFoldedFindingsAreCounted(t *testing.T) {
	for name, c := range map[string]struct {
		m    func(int) *run.Message
		want string
	}{
		"same":     {func(int) *run.Message { return changed(refuted(2), finding.Same, false, "") }, "42,000 known findings unchanged: CHG001 42,000; 42,000 overdue"},
		"fixed":    {func(int) *run.Message { return changed(refuted(2), finding.Fixed, false, "") }, "FIXED     ... and 41,980 more"},
		"excepted": {func(int) *run.Message { return excepted(refuted(2)) }, "- EXCEPTED  ... and 41,980 more"},
		"alike":    {func(int) *run.Message { return unproven() }, "... and 41,995 more that lack the same"},
		"unlike": {func(i int) *run.Message {
			m := unproven()
			m.Finding.Missing[0].Evidence = fmt.Sprint("the version of server ", i)
			return m
		}, "... and 41,988 more findings that lack other evidence"},
	} {
		ms := []*run.Message{header()}
		for i := range 42_000 {
			ms = append(ms, c.m(i))
		}
		out := printed(t, Options{}, append(ms, summary(finding.Refuted, 1, 1, 1)))
		if !strings.Contains(out, c.want) {
			t.Errorf("%s: %q is not in\n%.3000s", name, c.want, out)
		}
		if n := strings.Count(out, "\n"); n > 200 {
			t.Errorf("%s: %d lines", name, n)
		}
	}
}

func TestLostEvidenceIsNamedAtEveryLevel(t *testing.T) {
	for _, d := range []Detail{Quiet, Normal, Verbose} {
		out := printed(t, Options{Detail: d}, worse())
		lost, removed := strings.Index(out, "LOST      infra/state.json"), strings.Index(out, "REMOVED   infra/gone.tf")
		if lost < 0 || removed >= 0 && removed < lost || !strings.Contains(out, "Examine it in HEAD too") {
			t.Errorf("detail %d: lost evidence is not first, or without what to do:\n%s", d, out)
		}
	}
}

func TestNarrowTableLeavesTheLastColumnOut(t *testing.T) {
	ms := []*run.Message{header()}
	for range 3 {
		ms = append(ms, &run.Message{Row: &run.Row{Table: "changes", Cells: []run.Cell{
			{Name: "address", Value: `module.checkout_cache["prod"].aws_elasticache_replication_group.this`},
			{Name: "mechanism", Value: "replaced, old one destroyed first"},
			{Name: "because", Value: "container_definitions, task_definition"},
			{Name: "new identity", Value: "id, arn, configuration_endpoint_address"},
		}}})
	}
	for columns, want := range map[int]bool{0: true, 80: false, 100: true, 220: true} {
		out := printed(t, Options{Width: columns}, ms)
		head := strings.Split(out, "\n")[0]
		if got := strings.Contains(head, "NEW IDENTITY"); got != want {
			t.Errorf("%d columns: %q", columns, head)
		}
		if !want && !strings.Contains(out, "no room for NEW IDENTITY") {
			t.Errorf("%d columns: nothing says what was left out", columns)
		}
		for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
			if columns > 0 && strings.HasPrefix(line, "module.") && width(line) > columns {
				t.Errorf("%d columns: a row of %d", columns, width(line))
			}
		}
		if whole := strings.Contains(out, "replaced, old one destroyed first"); whole != (columns == 0 || columns == 220) {
			t.Errorf("%d columns: the long words are there: %v", columns, whole)
		}
	}
}
