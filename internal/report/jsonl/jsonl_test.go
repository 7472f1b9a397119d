package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

func messages() []*run.Message {
	return []*run.Message{
		{Header: &run.Header{
			Protocol: run.Protocol, Version: "test", Command: "check", Inputs: []string{"."},
			Started: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC),
		}},
		{Evidence: &run.Evidence{Kind: "terraform-plan", Nature: "observation", Path: "plan.json", Bytes: 12}},
		{Row: &run.Row{Table: "changes", Cells: []run.Cell{{Name: "a", Value: "1 < 2 & 3"}}}},
		{Finding: &finding.Finding{Rule: "CHG001", Verdict: finding.Refuted, Severity: finding.High}},
		{Summary: &run.Summary{Rules: []run.RuleCount{}, Refuted: 1, Coverage: run.Coverage{Kinds: map[string]int{}}}},
	}
}

func TestReadsBackTheSame(t *testing.T) {
	var buf bytes.Buffer
	l := New(&buf)
	for _, m := range messages() {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(buf.String(), "1 < 2 & 3") {
		t.Error("text was escaped for HTML")
	}
	var got []*run.Message
	if err := run.Read(&buf, func(m *run.Message) error { got = append(got, m); return nil }); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, messages()) {
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(messages())
		t.Errorf("read back\n%s\nwrote\n%s", a, b)
	}
}

func TestHostileNamesStayOnTheirLine(t *testing.T) {
	var buf bytes.Buffer
	l := New(&buf)
	if err := l.Hear(&run.Message{Skip: &run.Skip{Path: "a\x1b[2J\n{\"summary\":{}}", Reason: "r"}}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(buf.String(), "\n"); n != 1 {
		t.Errorf("%d lines for one message", n)
	}
	if !strings.Contains(buf.String(), `a\\x1b[2J\\n`) {
		t.Errorf("not cleaned: %s", buf.String())
	}
}

type brokenPipe struct{ writes int }

var errPipe = errors.New("broken pipe")

func (b *brokenPipe) Write([]byte) (int, error) { b.writes++; return 0, errPipe }

func TestAFailingWriterIsAnErrorOnce(t *testing.T) {
	w := &brokenPipe{}
	l := New(w)
	errs := 0
	for _, m := range messages() {
		if err := l.Hear(m); err != nil {
			if !errors.Is(err, errPipe) {
				t.Fatalf("another error: %v", err)
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

func TestCloseReportsWhatRowsHid(t *testing.T) {
	l := New(&brokenPipe{})
	if err := l.Hear(&run.Message{Row: &run.Row{Table: "t"}}); err != nil {
		t.Fatalf("a buffered row: %v", err)
	}
	if err := l.Close(); !errors.Is(err, errPipe) {
		t.Errorf("Close hid the failed write: %v", err)
	}
}
