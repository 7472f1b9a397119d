package netmap

import (
	"bufio"
	"io"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// Limits of what is drawn and kept.
const (
	maxSide      = 80    // endpoints on a side, each drawn
	maxGroups    = 200   // on a side, in the collapsed form
	maxEndpoints = 8_000 // of which the pairs are kept
	maxName      = 2_000 // bytes
	maxRows      = 4     // of a pair, with their texts
	maxText      = 300   // bytes of one text of such a row
)

// New returns a listener that writes one SVG document to w when it is closed. An
// error of w is returned by Close.
func New(w io.Writer) run.Listener {
	return sanitize.Before(&listener{out: w, graph: newGraph()})
}

type listener struct {
	out     io.Writer
	graph   *graph
	header  run.Header
	skipped int
	summary *run.Summary
}

func (l *listener) Hear(m *run.Message) error {
	switch {
	case m.Header != nil:
		h := m.Header
		l.header = run.Header{Version: h.Version, Command: h.Command, Inputs: h.Inputs, Started: h.Started}
	case m.Skip != nil:
		l.skipped += max(1, m.Skip.Count)
	case m.Row != nil:
		l.graph.hear(m.Row)
	case m.Summary != nil:
		l.summary = m.Summary
	}
	return nil
}

// Close draws.
func (l *listener) Close() error {
	l.graph.whole = l.summary != nil
	l.graph.close()
	buf := bufio.NewWriterSize(l.out, 64<<10)
	l.draw().write(buf)
	return buf.Flush()
}

// notes are what keeps the picture from being the whole truth, the worst first.
func (l *listener) notes() (out []string) {
	s := l.summary
	if s == nil {
		out = append(out, "The run was cut off before its summary: a pair of which it did not speak is unknown. Run it again.")
	}
	skipped := l.skipped
	if s != nil {
		skipped = max(skipped, s.Coverage.Skipped)
	}
	if skipped > 0 {
		out = append(out, count(skipped, "path was", "paths were")+" not examined: what is in there may change this picture.")
	}
	if s != nil && s.Verdict == finding.Unproven {
		out = append(out, strings.TrimSuffix("UNPROVEN: "+words.First(s.Conclusion, "evidence is missing; the other outputs say which"), ".")+".")
	}
	if g := l.graph; g.connections > 0 && g.endpoints == 0 {
		out = append(out, "The run has no table of endpoints: a workload that may talk to nobody is not here.")
	}
	return out
}

// refusal is why there is no matrix, in lines; nil when there is one.
func (l *listener) refusal(rows, groupsAtMost int) []string {
	g := l.graph
	switch {
	case g.more > 0:
		return []string{
			"Too large for a picture: more than " + words.Number(maxEndpoints) + " endpoints.",
			"Look at fewer namespaces at a time, or take -o csv: it has every pair.",
		}
	case rows == 0:
		return []string{
			"Nothing to draw: this run has no endpoints and no connections.",
			"The picture is drawn from what polygraph net list says.",
		}
	case groupsAtMost > maxGroups:
		return []string{
			"Too large for a picture: " + words.Number(groupsAtMost) + " namespaces, and " + words.Number(maxGroups) + " can be read.",
			"Look at fewer namespaces at a time, or take -o csv: it has every pair.",
		}
	}
	return nil
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return words.Number(n) + " " + many
}
