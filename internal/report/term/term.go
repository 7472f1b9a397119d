package term

import (
	"bufio"
	"io"
	"time"

	"github.com/charmbracelet/colorprofile"

	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// Detail is how much a reader wants to know.
type Detail int

// The three levels. Normal is the zero value.
const (
	Normal  Detail = iota // findings with the start of their proof
	Quiet                 // one line per finding
	Verbose               // everything the run said
)

// Options say where and for whom the listener prints.
type Options struct {
	Profile colorprofile.Profile // what the writer makes of colours; zero: none
	Width   int                  // columns of the terminal; 0: not a terminal, nothing is cut
	Detail  Detail
}

// Limits of the normal level. Verbose has none.
const (
	maxProof    = 6  // statements of one proof
	maxEvidence = 5  // pieces of evidence listed one by one
	maxSkips    = 20 // lines about what was not examined
)

// New returns a listener that prints a run to w for people.
func New(w io.Writer, o Options) run.Listener {
	l := &listener{opts: o, ink: newInk(o.Profile), rules: map[string]run.RuleRef{}}
	l.lacking.limit = maxLacking
	if o.Detail == Verbose {
		l.lacking.limit = maxLackingAll
	}
	l.buf = bufio.NewWriterSize(colored(w, o.Profile), 64<<10)
	l.table = table{ink: l.ink, width: o.Width, w: l.buf}
	return sanitize.Before(l)
}

// section is the part of the page that is being printed; a blank line goes
// between two of them.
type section int

const (
	nowhere section = iota
	inEvidence
	inLeft
	inSkips
	inTable
	inFindings
	inSummary
)

type listener struct {
	opts   Options
	ink    ink
	buf    *bufio.Writer
	table  table
	at     section
	broken bool

	header  bool
	rules   map[string]run.RuleRef
	looked  looked
	skips   int // skip lines heard
	hidden  int // of them not printed
	lacking lacking
	folded  folded
	capped  capped
	started time.Time
	claimed string // the claim printed last, with its rule
	short   string // the sort of the short line printed last
	failing bool   // something got worse
	excused int    // false claims that are excepted
	ended   bool
}

// Hear prints m. Rows are buffered, everything else is shown at once.
func (l *listener) Hear(m *run.Message) error {
	if m.Evidence == nil && m.Progress == nil {
		l.endEvidence()
	}
	if m.Skip == nil && m.Progress == nil {
		l.endSkips()
	}
	if m.Row == nil && m.Progress == nil {
		l.table.end()
	}
	switch {
	case m.Header != nil:
		l.start(m.Header)
	case m.Evidence != nil:
		l.hearEvidence(m.Evidence)
	case m.Skip != nil:
		l.hearSkip(m.Skip)
	case m.Row != nil:
		l.enter(inTable)
		l.table.add(m.Row)
		return l.failed(nil)
	case m.Finding != nil:
		l.hearFinding(m.Finding)
	case m.Summary != nil:
		l.endFindings()
		l.ended = true
		l.hearSummary(m.Summary)
	}
	return l.failed(l.buf.Flush())
}

// Close says so when the run was cut off: half a page without a verdict would
// read as a short and clean one.
func (l *listener) Close() error {
	l.endEvidence()
	l.endSkips()
	l.table.end()
	l.endFindings()
	if l.header && !l.ended {
		l.enter(inSummary)
		l.hang(l.ink.open.paint("? UNPROVEN")+"  ", verdictWidth, brush{}, "The run was cut off before its summary: what it did not say is unproven.")
	}
	return l.failed(l.buf.Flush())
}

// failed lets the first error of the writer through and then keeps silent.
func (l *listener) failed(err error) error {
	if err == nil || l.broken {
		return nil
	}
	l.broken = true
	return err
}

func (l *listener) start(h *run.Header) {
	l.header = true
	l.started = h.Started
	for _, r := range h.Rules {
		l.rules[r.ID] = r
	}
	l.sides(h)
	if l.opts.Detail == Verbose {
		l.enter(inEvidence)
		l.line(l.ink.dim.paint("polygraph " + h.Version + ", " + h.Command + ", protocol " + h.Protocol +
			", " + count(len(h.Rules), "rule", "rules") + ", started " + h.Started.UTC().Format("2006-01-02 15:04:05Z")))
	}
}

// sides says which two runs are compared.
func (l *listener) sides(h *run.Header) {
	if l.opts.Detail == Quiet {
		return
	}
	for _, side := range []struct {
		name string
		*run.Side
	}{{"base  ", h.Base}, {"head  ", h.Head}} {
		if s := side.Side; s != nil {
			l.enter(inEvidence)
			when := ""
			if !s.Started.IsZero() {
				when = "run of " + s.Started.UTC().Format("2006-01-02 15:04:05Z")
			}
			l.hang(l.ink.dim.paint(side.name)+s.Name+"  ", len(side.name), l.ink.dim, when)
		}
	}
}

func (l *listener) enter(s section) {
	if l.at != nowhere && l.at != s {
		l.line()
	}
	l.at = s
}

// line writes the parts and a newline; bufio keeps the first error for Flush.
func (l *listener) line(parts ...string) {
	for _, p := range parts {
		_, _ = l.buf.WriteString(p)
	}
	_ = l.buf.WriteByte('\n')
}
