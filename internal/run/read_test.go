package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/finding"
)

// sample is a run with one message of each kind.
func sample() []Message {
	return []Message{
		{Header: &Header{Protocol: Protocol, Version: "0.1", Command: "check", Inputs: []string{"."}, Started: time.Unix(1_700_000_000, 0).UTC(), Rules: []RuleRef{{ID: "CHG001", Severity: finding.High}}}},
		{Progress: &Progress{Stage: "reading", Done: 1}},
		{Evidence: &Evidence{Kind: "terraform-plan", Nature: "observation", Path: "plan.json", Bytes: 7, Notes: []string{"n"}}},
		{Skip: &Skip{Path: "x", Count: 2, Reason: "r", Do: "d", Named: true}},
		{Row: &Row{Table: "changes", Cells: []Cell{{"address", "t.n"}}}},
		{Finding: &finding.Finding{Rule: "CHG001", Subject: finding.Subject{Kind: "k", Identity: "i"}, Verdict: finding.Refuted, Severity: finding.High, Proof: []finding.Statement{{Text: "<&>\u2028", At: finding.Location{File: "f", Offset: 1}}}}},
		{Summary: &Summary{Rules: []RuleCount{{Rule: "CHG001", Examined: 1, Refuted: 1}}, Refuted: 1, Verdict: finding.Refuted, Coverage: Coverage{Kinds: map[string]int{"terraform-plan": 1}}, Missing: []Gap{{Rule: "CHG002"}}}},
	}
}

func lines(t *testing.T, messages []Message) []string {
	t.Helper()
	var out []string
	for i := range messages {
		b, err := json.Marshal(&messages[i])
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

func heard(text string) ([]Message, error) {
	var out []Message
	err := Read(strings.NewReader(text), func(m *Message) error {
		out = append(out, *m)
		return nil
	})
	return out, err
}

func TestRoundTrip(t *testing.T) {
	want := sample()
	for name, sep := range map[string]string{"lf": "\n", "crlf": "\r\n", "empty lines": "\n\n  \n"} {
		got, err := heard(strings.Join(lines(t, want), sep) + sep)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%+v", name, err, got)
		}
	}
	got, err := heard("\xef\xbb\xbf" + strings.Join(lines(t, want), "\n"))
	if err != nil || len(got) != len(want) {
		t.Errorf("with a byte order mark: %d messages, %v", len(got), err)
	}
	// Blank lines before the header are no reason to refuse it.
	if got, err := heard("\n\n" + strings.Join(lines(t, want), "\n")); err != nil || len(got) != len(want) {
		t.Errorf("blank lines in front: %d messages, %v", len(got), err)
	}
}

func TestRefusals(t *testing.T) {
	l := lines(t, sample())
	header, summary := l[0], l[len(l)-1]
	for name, c := range map[string]struct {
		text, reason string
		heard        int
	}{
		"empty":              {"", "empty", 0},
		"blank":              {"\n \n", "empty", 0},
		"no header":          {l[2] + "\n" + summary, "header", 0},
		"header alone":       {header, "cut off", 1},
		"no summary":         {strings.Join(l[:5], "\n"), "cut off", 5},
		"cut in a line":      {header + "\n" + l[5][:40], "cut off", 1},
		"cut in the summary": {header + "\n" + summary[:len(summary)-1], "cut off", 1},
		"other major":        {strings.Replace(header, `"`+Protocol+`"`, `"2.0"`, 1), "2.0", 0},
		"no protocol":        {strings.Replace(header, `"`+Protocol+`"`, `""`, 1), "protocol", 0},
		"second header":      {header + "\n" + header, "second header", 1},
		"after the summary":  {header + "\n" + summary + "\n" + l[2], "after the summary", 2},
		"two summaries":      {header + "\n" + summary + "\n" + summary, "after the summary", 2},
		"two in one line":    {header + "\n" + `{"row":{},"skip":{}}`, "exactly one", 1},
		"none in a line":     {header + "\n{}", "exactly one", 1},
		"not JSON":           {header + "\nhello", "line 2", 1},
		"not a run":          {`{"resource_changes":[]}`, "exactly one", 0},
		"an unknown verdict": {header + "\n" + strings.Replace(l[5], "refuted", "green", 1), "line 2", 1},
		"overlong":           {header + "\n" + strings.Repeat("x", MaxLine+1), "line 2 is longer", 1},
	} {
		got, err := heard(c.text)
		if err == nil || !strings.Contains(err.Error(), c.reason) || len(got) != c.heard {
			t.Errorf("%s: %v after %d messages, want %q after %d", name, err, len(got), c.reason, c.heard)
		}
		if cut := c.reason == "cut off"; cut != errors.Is(err, ErrTruncated) {
			t.Errorf("%s: %v: ErrTruncated is %v", name, err, !cut)
		}
	}
}

func TestNewerMinorIsRead(t *testing.T) {
	l := lines(t, sample())
	l[0] = strings.Replace(l[0], `"1.0"`, `"1.9","newer":{"x":1}`, 1)
	if got, err := heard(strings.Join(l, "\n")); err != nil || len(got) != len(l) {
		t.Errorf("%d messages, %v", len(got), err)
	}
	// Progress may be missing altogether.
	if got, err := heard(strings.Join(append(l[:1:1], l[2:]...), "\n")); err != nil || len(got) != len(l)-1 {
		t.Errorf("without progress: %d messages, %v", len(got), err)
	}
}

func TestErrorOfTheListenerStops(t *testing.T) {
	stop := errors.New("stop")
	n := 0
	err := Read(strings.NewReader(strings.Join(lines(t, sample()), "\n")), func(*Message) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if err != stop || n != 3 {
		t.Errorf("%v after %d", err, n)
	}
}

// recorder notes what it hears and can fail.
type recorder struct {
	heard, closed int
	err           error
}

func (r *recorder) Hear(*Message) error { r.heard++; return r.err }
func (r *recorder) Close() error        { r.closed++; return r.err }

func TestFanout(t *testing.T) {
	a, b, c := &recorder{}, &recorder{err: errors.New("full disk")}, &recorder{}
	f := Fanout{a, b, c}
	if err := f.Hear(&sample()[0]); err == nil || a.heard != 1 || b.heard != 1 {
		t.Errorf("%v, %+v %+v %+v", err, a, b, c)
	}
	if err := f.Close(); err == nil || a.closed != 1 || b.closed != 1 || c.closed != 1 {
		t.Errorf("closing: %v, %+v %+v %+v", err, a, b, c)
	}
}

func FuzzRead(f *testing.F) {
	var l []string
	for _, m := range sample() {
		b, _ := json.Marshal(m)
		l = append(l, string(b))
	}
	f.Add([]byte(strings.Join(l, "\n")))
	f.Add([]byte("\xef\xbb\xbf" + l[0] + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		err := Read(bytes.NewReader(data), func(m *Message) error {
			if (m.Header != nil) != (n == 0) {
				t.Errorf("message %d: header %v", n, m.Header != nil)
			}
			n++
			return m.Validate()
		})
		if err == nil && n < 2 {
			t.Errorf("a run of %d messages", n)
		}
	})
}

// TestNewerMinor: what a newer version adds is skipped, and nothing else.
func TestNewerMinor(t *testing.T) {
	l := lines(t, sample())
	l[0] = strings.Replace(l[0], `"`+Protocol+`"`, `"1.99"`, 1)
	text := strings.Join(slices.Insert(slices.Clone(l), 1, `{"weather":{"sky":"blue"}}`), "\n")
	if got, err := heard(text); err != nil || len(got) != len(l) {
		t.Errorf("%d messages, %v", len(got), err)
	}
	l[0] = strings.Replace(l[0], `"1.99"`, `"`+Protocol+`"`, 1)
	text = strings.Join(slices.Insert(slices.Clone(l), 1, `{"weather":{"sky":"blue"}}`), "\n")
	if _, err := heard(text); err == nil {
		t.Error("a message that this version does not know was skipped")
	}
}
