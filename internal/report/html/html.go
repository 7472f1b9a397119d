package html

import (
	"bufio"
	"bytes"
	"fmt"
	"html/template"
	"io"
	"regexp"

	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// New returns a listener that writes the page to w when it is closed. A run
// that was cut off gives a page that says so. Errors are those of w, and every
// error is returned once.
func New(w io.Writer) run.Listener {
	return sanitize.Before(&listener{
		w: w, tmpl: templates(), named: fingerprints(), used: map[string]bool{}, groups: newGroups(false),
		looked: newLooked(),
	})
}

type listener struct {
	w       io.Writer
	tmpl    *template.Template
	named   *regexp.Regexp
	scratch bytes.Buffer
	broken  bool

	// These two outlive Hear: sanitize.Before passes copies that nobody reuses.
	header  *run.Header
	summary *run.Summary

	looked looked
	tables tables
	groups [groupings]*group
	counts counts
	used   map[string]bool // ids of elements; at most one for each finding on the page
}

// Hear takes in m. Nothing is written before Close.
func (l *listener) Hear(m *run.Message) error {
	if l.broken {
		return nil
	}
	switch {
	case m.Header != nil:
		l.header = m.Header
		l.groups = newGroups(l.comparison())
	case m.Evidence != nil:
		l.looked.hearEvidence(m.Evidence)
	case m.Skip != nil:
		l.looked.hearSkip(m.Skip)
	case m.Row != nil:
		l.tables.hear(m.Row)
	case m.Finding != nil:
		if err := l.hearFinding(m.Finding); err != nil {
			l.broken = true
			return fmt.Errorf("the HTML page cannot show finding %s: %w", m.Finding.Fingerprint, err)
		}
	case m.Summary != nil:
		l.summary = m.Summary
		for _, g := range m.Summary.Missing {
			l.counts.lacking.note(g.Evidence, g.Get, g.Rule)
		}
	}
	return nil
}

func (l *listener) comparison() bool { return l.header != nil && l.header.Base != nil }

// Close writes the page.
func (l *listener) Close() error {
	if l.broken {
		return nil
	}
	l.broken = true
	l.tables.pad()
	out := bufio.NewWriterSize(l.w, piece)
	p := l.page()
	if err := l.tmpl.ExecuteTemplate(out, "top", p); err != nil {
		return err
	}
	for _, s := range p.Sections {
		if s.group == nil {
			if err := l.tmpl.ExecuteTemplate(out, s.template, p); err != nil {
				return err
			}
			continue
		}
		if err := l.tmpl.ExecuteTemplate(out, "group-top", s.group); err != nil {
			return err
		}
		if err := s.group.html.writeTo(out); err != nil {
			return err
		}
		if err := l.tmpl.ExecuteTemplate(out, "group-bottom", s.group); err != nil {
			return err
		}
	}
	if err := l.tmpl.ExecuteTemplate(out, "bottom", p); err != nil {
		return err
	}
	return out.Flush()
}
