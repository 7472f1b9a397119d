package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
)

func TestCode(t *testing.T) {
	held := func(s run.Summary) run.Summary { s.Held, s.Coverage.Evidence = 1, 1; return s }
	for name, c := range map[string]struct {
		sum     run.Summary
		named   bool
		refuted int // the code with --fail-on refuted
		strict  int // the code with --fail-on unproven
	}{
		"all true":              {held(run.Summary{Verdict: finding.Holds}), false, 0, 0},
		"refuted":               {held(run.Summary{Verdict: finding.Refuted, Refuted: 1}), false, 1, 1},
		"refuted before named":  {held(run.Summary{Verdict: finding.Refuted, Refuted: 1}), true, 1, 1},
		"some unproven":         {held(run.Summary{Unproven: 1}), false, 0, 1},
		"unproven before named": {held(run.Summary{Unproven: 1}), true, 3, 1},
		"named":                 {held(run.Summary{}), true, 3, 3},
		"a gap":                 {held(run.Summary{Missing: []run.Gap{{}}}), false, 0, 1},
		"a skip":                {held(run.Summary{Coverage: run.Coverage{Skipped: 1}}), false, 0, 1},
		"nothing examined":      {run.Summary{}, false, 3, 3},
		"only unproven":         {run.Summary{Unproven: 1, Coverage: run.Coverage{Evidence: 1}}, false, 3, 1},
		"only gaps":             {run.Summary{Missing: []run.Gap{{}}, Coverage: run.Coverage{Evidence: 1}}, false, 3, 3},
		"no claim":              {run.Summary{Verdict: finding.Holds, Coverage: run.Coverage{Evidence: 1}}, false, 0, 0},
	} {
		for failOn, want := range map[string]int{"refuted": c.refuted, "unproven": c.strict} {
			v := verdict{failOn: failOn}
			ms := []*run.Message{{Header: &run.Header{}}, {Summary: &c.sum}}
			if c.named {
				ms = append(ms, &run.Message{Skip: &run.Skip{Named: true}})
			}
			for _, m := range ms {
				if err := v.Hear(m); err != nil {
					t.Fatal(err)
				}
			}
			if got := v.code(); got != want {
				t.Errorf("%s, --fail-on %s: exit %d, want %d", name, failOn, got, want)
			}
		}
	}
	cut := verdict{heard: true}
	if cut.code() != exitUnexamined {
		t.Error("a run without summary does not exit 3")
	}
	if (&verdict{}).code() != exitFine {
		t.Error("a command that judges nothing does not exit 0")
	}
}

// fake is a wiring with one analyzer that does what a test wants.
func fake(do func(*analysis.Pass, *analysis.Rule) error) wiring {
	rule := &analysis.Rule{
		ID: "FAK001", Title: "fake", Claim: "It is so", Claimant: "a test", Why: "because", Fix: "none",
		Unit: "things", Needs: []*evidence.Kind{evidence.TerraformPlan()},
	}
	fact := &analysis.Fact{
		Name: "fake", Kinds: []*evidence.Kind{evidence.TerraformPlan()},
		Read: func(ctx context.Context, _ analysis.Input) (analysis.Reading, error) {
			return analysis.Reading{}, ctx.Err()
		},
	}
	a := &analysis.Analyzer{
		Name: "change", Doc: "A fake.", Rules: []*analysis.Rule{rule}, Facts: []*analysis.Fact{fact},
		Run: func(p *analysis.Pass) error { return do(p, rule) },
	}
	return wiring{
		analyzers: func() []*analysis.Analyzer { return []*analysis.Analyzer{a} },
		detectors: []files.Detector{func(string, []byte) (*evidence.Kind, *evidence.Problem) {
			return evidence.TerraformPlan(), nil
		}},
	}
}

type result struct {
	code           int
	stdout, stderr string
}

func try(ctx context.Context, w wiring, stdin io.Reader, env []string, args ...string) result {
	var out, errs bytes.Buffer
	code := runWith(ctx, IO{Args: args, Stdin: stdin, Stdout: &out, Stderr: &errs, Env: env}, w)
	return result{code, out.String(), errs.String()}
}

func TestAPanicIsOurFault(t *testing.T) {
	w := fake(func(*analysis.Pass, *analysis.Rule) error { panic("index \x1b[2J out of range") })
	got := try(context.Background(), w, strings.NewReader("x"), nil, "check", "-")
	if got.code != exitUnexamined || strings.Contains(got.stderr, "goroutine") || strings.Contains(got.stderr, "\x1b") {
		t.Errorf("exit %d, stderr %q", got.code, got.stderr)
	}
	for _, want := range []string{"this is a bug in Polygraph", "polygraph version", "POLYGRAPH_DEBUG"} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("%q is not in %q", want, got.stderr)
		}
	}
	if strings.Contains(got.stdout, "✓") {
		t.Errorf("stdout %q", got.stdout)
	}
	got = try(context.Background(), w, strings.NewReader("x"), []string{"POLYGRAPH_DEBUG=1"}, "check", "-")
	if !strings.Contains(got.stderr, "goroutine") {
		t.Error("POLYGRAPH_DEBUG shows no stack")
	}
}

// Evidence is read in goroutines of their own.
func TestAPanicWhileReading(t *testing.T) {
	w := fake(func(*analysis.Pass, *analysis.Rule) error { return nil })
	w.analyzers()[0].Facts[0].Read = func(context.Context, analysis.Input) (analysis.Reading, error) { panic("offset") }
	got := try(context.Background(), w, strings.NewReader("x"), nil, "check", "-")
	if got.code != exitUnexamined || !strings.Contains(got.stderr, "this is a bug in Polygraph") {
		t.Errorf("exit %d, stderr %q", got.code, got.stderr)
	}
}

func TestACutOffRunHasNoSummary(t *testing.T) {
	for _, format := range []string{"jsonl", "term"} {
		ctx, cancel := context.WithCancel(context.Background())
		w := fake(func(p *analysis.Pass, r *analysis.Rule) error {
			cancel()
			p.Hold(r, "f", finding.Subject{Kind: "k", Identity: "i"}, "")
			return nil
		})
		got := try(ctx, w, strings.NewReader("x"), nil, "check", "-", "-o", format)
		if got.code != exitInterrupted || !strings.Contains(got.stderr, "interrupted") {
			t.Errorf("%s: exit %d, stderr %q", format, got.code, got.stderr)
		}
		if strings.Contains(got.stdout, `"summary"`) || strings.Contains(got.stdout, "✓") {
			t.Errorf("%s: a cut off run has a verdict: %s", format, got.stdout)
		}
		if format == "term" && !strings.Contains(got.stdout, "cut off") {
			t.Errorf("the reader is not told: %s", got.stdout)
		}
	}
}

func TestInterruptedWhileReadingStdin(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	got := try(ctx, fake(func(*analysis.Pass, *analysis.Rule) error { return nil }), r, nil, "check", "-", "--json")
	var e struct {
		Error struct {
			Code int `json:"code"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(got.stderr), &e); err != nil || e.Error.Code != exitInterrupted {
		t.Errorf("stderr %q (%v)", got.stderr, err)
	}
	if got.code != exitInterrupted || got.stdout != "" {
		t.Errorf("exit %d, stdout %q", got.code, got.stdout)
	}
}

func TestAFailingAnalyzerFailsTheRun(t *testing.T) {
	w := fake(func(*analysis.Pass, *analysis.Rule) error { return io.ErrUnexpectedEOF })
	got := try(context.Background(), w, strings.NewReader("x"), nil, "check", "-")
	if got.code != exitUnexamined || !strings.Contains(got.stderr, "change: unexpected EOF") || strings.Contains(got.stdout, "✓") {
		t.Errorf("%+v", got)
	}
}
