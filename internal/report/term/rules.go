package term

import (
	"bufio"
	"io"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// Rules prints the table of rules.
func Rules(w io.Writer, all []*analysis.Analyzer, o Options) error {
	buf := bufio.NewWriter(colored(w, o.Profile))
	t := table{ink: newInk(o.Profile), width: o.Width, w: buf}
	for _, a := range all {
		for _, r := range a.Rules {
			t.add(&run.Row{Cells: []run.Cell{
				{Name: "rule", Value: r.ID},
				{Name: "analyzer", Value: a.Name},
				{Name: "severity", Value: r.Severity.String()},
				{Name: "claim", Value: r.Claim},
			}})
		}
	}
	t.end()
	return buf.Flush()
}

// prose is the width of a page of text when the terminal's is not known.
const prose = 88

// Explain prints everything a rule says about itself.
func Explain(w io.Writer, a *analysis.Analyzer, r *analysis.Rule, o Options) error {
	if o.Width == 0 {
		o.Width = prose // a page to read, also when it goes to a pager
	}
	l := &listener{opts: o, ink: newInk(o.Profile)}
	l.buf = bufio.NewWriter(colored(w, o.Profile))
	l.line(l.ink.head.paint(r.ID), "  ", l.ink.severity(r.Severity), "  ", l.ink.head.paint(r.Title))
	for _, part := range []struct{ name, text string }{
		{"claim", `"` + r.Claim + `"`},
		{"made by", r.Claimant},
		{"why", r.Why},
		{"fix", r.Fix},
		{"judged", r.Unit},
		{"analyzer", a.Name + ": " + a.Doc},
	} {
		l.line()
		l.label(part.name, sanitize.Block(strings.TrimSpace(part.text)))
	}
	l.line()
	l.kinds("needs", r.Needs)
	l.kinds("one of", r.Any)
	if r.Discriminator != "" {
		l.line()
		l.label("one per", "subject and "+sanitize.Text(r.Discriminator))
	}
	name := "sources"
	for _, s := range r.Sources {
		if name != "" {
			l.line()
		}
		l.label(name, sanitize.Text(s))
		name = ""
	}
	return l.buf.Flush()
}

func (l *listener) kinds(name string, needs []*evidence.Kind) {
	for _, k := range needs {
		l.label(name, k.Title)
		l.way("", k.Get)
		name = ""
	}
}
