package term

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"polygraph/internal/run"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func TestProgressWaitsRedrawsAndWipes(t *testing.T) {
	var buf bytes.Buffer
	c := &clock{now: time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	p := NewProgress(&buf, 40, c.Now)
	at := func(after time.Duration, done int64) {
		c.now = c.now.Add(after)
		p.Report(run.Progress{Stage: "reading a\x1b[2Jvery/long/path/to/some/plan.json", Done: done, Total: 200, Unit: "bytes"})
	}
	at(900*time.Millisecond, 1)
	if buf.Len() > 0 {
		t.Fatalf("drawn before a second was over: %q", buf.String())
	}
	at(200*time.Millisecond, 50)
	first := buf.String()
	if !strings.HasPrefix(first, "\r") || strings.Contains(first, "\x1b[2J") || !strings.HasSuffix(first, "\x1b[K") {
		t.Fatalf("first line: %q", first)
	}
	if w := width(strings.TrimSuffix(strings.TrimPrefix(first, "\r"), "\x1b[K")); w >= 40 {
		t.Errorf("the line is %d columns wide and would wrap", w)
	}
	at(10*time.Millisecond, 51)
	if buf.String() != first {
		t.Error("redrawn after 10 ms")
	}
	p.Stop()
	if !strings.HasSuffix(buf.String(), "\r\x1b[K") {
		t.Errorf("not wiped: %q", buf.String())
	}
	wiped := buf.Len()
	at(time.Minute, 100)
	p.Stop()
	if buf.Len() != wiped {
		t.Error("something was drawn after Stop")
	}
}

func TestProgressStopsBeforeOutput(t *testing.T) {
	var buf bytes.Buffer
	c := &clock{}
	p := NewProgress(&buf, 80, c.Now)
	l := p.Before(New(&buf, Options{}))
	if err := l.Hear(header()); err != nil {
		t.Fatal(err)
	}
	c.now = c.now.Add(2 * time.Second)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { p.Report(run.Progress{Stage: "reading plan.json", Done: 1, Total: 2, Unit: "bytes"}) })
	}
	wg.Wait()
	if err := l.Hear(refuted(1)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(buf.String(), "\r\x1b[K✗ FALSE") {
		t.Errorf("the finding was printed onto the progress line: %q", buf.String())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
