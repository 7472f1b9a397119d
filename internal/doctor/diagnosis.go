package doctor

import (
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/run"
)

// Command is what the header of a diagnosis says.
const Command = "doctor"

// Options are what a diagnosis is made from.
type Options struct {
	Analyzers []*analysis.Analyzer
	Off       map[string]bool // rules that are switched off, by ID
	Surveys   []*Survey       // of the folders that were named
	Now       time.Time
	// StaleAfter is how old evidence may be; 0: seven days.
	StaleAfter time.Duration
	// FileTime is the time of the file at a path of the run, if there is one:
	// it tells whether evidence has a time of its own. nil: not known.
	FileTime func(path string) time.Time
	Gate     Gate
}

// Week is how old evidence may be when nobody says otherwise.
const Week = 7 * 24 * time.Hour

// Diagnosis listens to a run of check and passes a run of doctor on: evidence
// and skips as they are, findings as the evidence that they lack. It keeps a
// small record for each piece of evidence, and counts for at most 64 sorts of
// what is missing.
type Diagnosis struct {
	o      Options
	repo   *repository
	next   run.Listener
	pieces []piece
	open   unproven
}

// New returns a Diagnosis that speaks to next.
func New(next run.Listener, o Options) *Diagnosis {
	if o.StaleAfter <= 0 {
		o.StaleAfter = Week
	}
	return &Diagnosis{o: o, repo: together(o.Surveys), next: next}
}

// Hear takes the next message of check.
func (d *Diagnosis) Hear(m *run.Message) error {
	switch {
	case m.Header != nil:
		h := *m.Header
		h.Command = Command
		h.Rules = nil // it applies none: nobody is to list them as idle
		return d.next.Hear(&run.Message{Header: &h})
	case m.Evidence != nil:
		d.note(m.Evidence)
	case m.Row != nil, m.Held != nil:
		return nil
	case m.Finding != nil:
		d.open.add(d, m.Finding)
		return nil
	case m.Summary != nil:
		return d.conclude(m.Summary)
	}
	return d.next.Hear(m)
}

// Close closes the listener behind it, which says so when the run was cut off.
func (d *Diagnosis) Close() error { return d.next.Close() }

func (d *Diagnosis) note(e *run.Evidence) {
	p := piece{kind: e.Kind, path: e.Path, at: e.Time, clock: ownClock}
	if d.o.FileTime != nil {
		p.file = d.o.FileTime(e.Path)
		if p.file.Equal(p.at) {
			p.clock = fileClock
		}
	}
	d.pieces = append(d.pieces, p)
}
