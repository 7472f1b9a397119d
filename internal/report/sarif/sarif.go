package sarif

import (
	"bufio"
	"encoding/json"
	"io"

	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// Limits of one log. The first is GitHub's: it refuses a run with more results
// and shows 5,000 of them. Findings come worst first, in a comparison those that
// are NEW and fail, then WORSE, then LOST: what is left out is what matters least.
const (
	maxResults       = 25_000 // results of the run
	maxDetailed      = 5_000  // of them with places, picture and patch
	maxRelated       = 25     // relatedLocations of one result
	maxInMessage     = 6      // statements in the text of one result
	maxNotifications = 1_000  // of each kind
	maxArtifacts     = 1_000
	maxListed        = 50 // aliases, missing evidence, commands of one result
)

const opening = `{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",` +
	`"version":"2.1.0","runs":[{"tool":`

// New returns a listener that writes one SARIF log with one run to w. The first
// error of w is returned once, by Hear or Close; after it nothing more is
// written.
func New(w io.Writer) run.Listener {
	return sanitize.Before(&listener{buf: bufio.NewWriterSize(w, 64<<10)})
}

type listener struct {
	buf    *bufio.Writer
	err    error
	told   bool // err was returned
	opened bool

	header    run.Header
	compared  bool
	ruleIndex map[string]int
	anywhere  string // the place of findings that have none
	notes     notes
	artifacts []artifact
	moreFiles int
	written   int // results
	left      int // findings that are not in the log
	shortened int // results of which detail was left out
	summary   *run.Summary
}

// Hear writes findings and keeps what SARIF wants after them.
func (l *listener) Hear(m *run.Message) error {
	switch {
	case m.Header != nil && !l.opened:
		l.open(m.Header)
	case m.Evidence != nil:
		l.hearEvidence(m.Evidence)
	case m.Skip != nil:
		l.hearSkip(m.Skip)
	case m.Row != nil:
		l.hearRow(m.Row)
	case m.Finding != nil:
		l.open(&run.Header{})
		if l.written == maxResults {
			l.left++
			break
		}
		if l.written > 0 {
			l.text(",\n")
		}
		l.value(l.result(m.Finding))
		l.written++
	case m.Summary != nil:
		l.summary = m.Summary // a copy that sanitize made for this listener
	}
	return l.failed()
}

// Close ends the log. Without a summary the run was cut off, and the log says
// that it did not succeed.
func (l *listener) Close() error {
	l.open(&run.Header{})
	l.text("\n],\"invocations\":[")
	l.value(l.invocation())
	l.text("]")
	if len(l.artifacts) > 0 {
		l.text(",\"artifacts\":")
		l.value(l.artifacts)
	}
	l.text(",\"properties\":")
	l.value(l.properties())
	l.text("}]}\n")
	if l.err == nil {
		l.err = l.buf.Flush()
	}
	return l.failed()
}

// open writes everything before the first result, once.
func (l *listener) open(h *run.Header) {
	if l.opened {
		return
	}
	l.opened = true
	l.header = *h
	l.compared = h.Command == "compare" || h.Base != nil || h.Head != nil
	l.text(opening)
	l.value(tool{Driver: l.driver(h)})
	l.text(",\"results\":[\n")
}

func (l *listener) text(s string) {
	if l.err == nil {
		_, l.err = l.buf.WriteString(s)
	}
}

func (l *listener) value(v any) {
	if l.err != nil {
		return
	}
	b, err := json.Marshal(v)
	if err == nil {
		_, err = l.buf.Write(b)
	}
	l.err = err
}

// failed lets the first error through and then keeps silent.
func (l *listener) failed() error {
	if l.err == nil || l.told {
		return nil
	}
	l.told = true
	return l.err
}
