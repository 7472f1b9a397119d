package term

import (
	"fmt"
	"io"
	"sync"
	"time"

	"polygraph/internal/report/sanitize"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// Progress redraws one line while long work is under way. It keeps still for
// the first second, because a line that flashes up is worse than none, and it
// wipes itself away before anything else is printed.
type Progress struct {
	mu      sync.Mutex
	w       io.Writer
	width   int
	now     func() time.Time
	started time.Time
	drawn   time.Time
	visible bool
	done    bool
}

// Patience is how long work may take before there is a progress line, and
// redraw how often it changes.
const (
	Patience = time.Second
	redraw   = 100 * time.Millisecond
)

// NewProgress writes to w, a terminal of the given width. now is the clock.
func NewProgress(w io.Writer, width int, now func() time.Time) *Progress {
	return &Progress{w: w, width: max(width, 20), now: now, started: now()}
}

// Report draws the line if it is time to. Several goroutines may call it.
func (p *Progress) Report(m run.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if p.done || now.Sub(p.started) < Patience || now.Sub(p.drawn) < redraw {
		return
	}
	p.drawn, p.visible = now, true
	// The cursor goes back to the first column, the rest of the line is
	// erased: no cursor movement that another line could suffer from.
	_, _ = io.WriteString(p.w, "\r"+fit(progressText(m), p.width-1)+"\x1b[K")
}

// Stop wipes the line away for good. It must come before other output.
func (p *Progress) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	if p.visible {
		p.visible = false
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}

// Before returns a listener that stops the line when the first message comes.
func (p *Progress) Before(next run.Listener) run.Listener { return stopper{p, next} }

type stopper struct {
	p    *Progress
	next run.Listener
}

func (s stopper) Hear(m *run.Message) error {
	// The header comes before the reading starts.
	if m.Header == nil && m.Progress == nil {
		s.p.Stop()
	}
	return s.next.Hear(m)
}

func (s stopper) Close() error {
	s.p.Stop()
	return s.next.Close()
}

func progressText(m run.Progress) string {
	text := sanitize.Text(m.Stage)
	switch {
	case m.Total > 0:
		text += fmt.Sprintf("  %d%%", min(100, m.Done*100/m.Total))
		if m.Unit == "bytes" {
			text += "  " + words.Size(m.Done) + " of " + words.Size(m.Total)
		}
	case m.Unit == "bytes":
		text += "  " + words.Size(m.Done)
	case m.Done > 0:
		text += "  " + words.Number(int(m.Done)) + " " + sanitize.Text(m.Unit)
	}
	return text
}
