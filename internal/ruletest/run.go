package ruletest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Run makes the four checks for every rule of an analyzer, from the case files
// in dir.
func Run(t *testing.T, dir string, a *analysis.Analyzer, detectors ...Detector) {
	t.Helper()
	for _, c := range cases(t, dir, a, detectors) {
		t.Run(c.rule.ID, func(t *testing.T) {
			e := &examiner{analyzer: a, rule: c.rule}
			t.Run("bad", func(t *testing.T) { e.checkBad(t, c.bad) })
			t.Run("good", func(t *testing.T) { e.checkGood(t, c.good) })
			t.Run("mutation", func(t *testing.T) { e.checkMutation(t, c.bad) })
			t.Run("honesty", func(t *testing.T) { e.checkHonesty(t, c.bad) })
		})
	}
}

type examiner struct {
	analyzer *analysis.Analyzer
	rule     *analysis.Rule
}

// outcome is what a run says about the rule under test.
type outcome struct {
	refuted, unproven []finding.Finding
	whole             int // unproven findings of any rule about a piece of evidence as a whole
	held              int
	verdict           finding.Verdict
	skips             []run.Skip
}

func (o *outcome) refutes(fingerprint string) bool {
	return slices.ContainsFunc(o.refuted, func(f finding.Finding) bool { return f.Fingerprint == fingerprint })
}

func (e *examiner) run(t *testing.T, files []file) *outcome {
	t.Helper()
	var in analysis.Evidence
	for _, f := range files {
		in.Items = append(in.Items, &evidence.Item{Kind: f.kind, Path: f.name, Blob: evidence.Bytes(f.data)})
	}
	o := &outcome{}
	r := analysis.Runner{Analyzers: []*analysis.Analyzer{e.analyzer}, Clock: func() time.Time { return time.Unix(1_700_000_000, 0) }}
	sum, err := r.Run(context.Background(), in, func(m *run.Message) error {
		switch {
		case m.Skip != nil:
			o.skips = append(o.skips, *m.Skip)
		case m.Finding != nil && m.Finding.Rule == e.rule.ID && m.Finding.Verdict == finding.Refuted:
			o.refuted = append(o.refuted, *m.Finding)
		case m.Finding != nil && m.Finding.Rule == e.rule.ID:
			o.unproven = append(o.unproven, *m.Finding)
		}
		if f := m.Finding; f != nil && f.Verdict == finding.Unproven && f.Subject.Kind == "terraform-plan" {
			o.whole++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	o.verdict = sum.Verdict
	for _, c := range sum.Rules {
		if c.Rule == e.rule.ID {
			o.held = c.Held
		}
	}
	return o
}

func (e *examiner) checkBad(t *testing.T, files []file) {
	o := e.run(t, files)
	var got, want []string
	for _, f := range o.refuted {
		got = append(got, place(t, files, f.At()))
	}
	for _, f := range files {
		for _, line := range f.want {
			want = append(want, fmt.Sprintf("%s:%d", f.name, line))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if len(want) == 0 {
		t.Errorf("no line of bad/ says # want %s", e.rule.ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("refuted at %v, want %v", got, want)
	}
	for _, f := range o.unproven {
		t.Errorf("unproven on the rule's own bad case: %s: %s", f.Subject.Identity, f.Title)
	}
	for _, s := range o.skips {
		t.Errorf("not examined: %s: %s", s.Path, s.Reason)
	}
}

func (e *examiner) checkGood(t *testing.T, files []file) {
	o := e.run(t, files)
	for _, f := range slices.Concat(o.refuted, o.unproven) {
		t.Errorf("%s on the good case: %s: %s", f.Verdict, f.Subject.Identity, f.Title)
	}
	if o.held == 0 {
		t.Error("nothing held on the good case: it does not exercise the rule")
	}
}

// place turns a location into file:line.
func place(t *testing.T, files []file, at finding.Location) string {
	t.Helper()
	for _, f := range files {
		if f.name != at.File {
			continue
		}
		off := min(at.Offset, int64(len(f.data)))
		if at.Pointer != "" {
			var ok bool
			if off, ok = offsetOf(f.data, at.Pointer); !ok {
				t.Errorf("the proof cites %s, which is not in %s", at.Pointer, at.File)
			}
		}
		return fmt.Sprintf("%s:%d", f.name, 1+bytes.Count(f.data[:off], []byte("\n")))
	}
	t.Errorf("the proof cites file %q, which is not in the case", at.File)
	return at.File
}

// offsetOf finds where the value under a JSON pointer starts.
func offsetOf(data []byte, pointer string) (int64, bool) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		if _, err := dec.ReadToken(); err != nil {
			return 0, false
		}
		if string(dec.StackPointer()) != pointer {
			continue
		}
		// The pointer is first reached at the name, or for an element at its
		// first token.
		return dec.InputOffset() - 1, true
	}
}
