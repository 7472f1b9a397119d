package term

import (
	"fmt"
	"strings"

	"polygraph/internal/run"
)

// looked holds the first pieces of evidence back until it is known whether
// they are few enough to be listed.
type looked struct {
	held  []string
	total int
	notes map[string]int
	order []string // of notes, as heard
}

func (l *listener) hearEvidence(e *run.Evidence) {
	if l.opts.Detail == Quiet {
		return
	}
	k := &l.looked
	k.total++
	text := l.ink.dim.paint("read  ") + e.Path + l.ink.dim.paint("  "+e.Kind+", "+size(e.Bytes))
	if e.Detail != "" {
		text += l.ink.dim.paint(", " + e.Detail)
	}
	if l.opts.Detail == Verbose {
		l.enter(inEvidence)
		l.line(text)
		for _, n := range e.Notes {
			l.line("      ", l.ink.open.paint("note:"), " ", n)
		}
		return
	}
	if k.total <= maxEvidence {
		k.held = append(k.held, text)
	}
	for _, n := range e.Notes {
		if k.notes == nil {
			k.notes = map[string]int{}
		}
		if k.notes[n] == 0 && len(k.order) < maxEvidence {
			k.order = append(k.order, n)
		}
		k.notes[n]++
	}
}

// endEvidence prints what was held back. Limits of the evidence are always
// printed: they are why something later is unproven.
func (l *listener) endEvidence() {
	k := &l.looked
	if k.total == 0 || l.opts.Detail == Verbose {
		return
	}
	l.enter(inEvidence)
	if k.total <= maxEvidence {
		for _, text := range k.held {
			l.line(text)
		}
	} else {
		l.line(l.ink.dim.paint("read  "), number(k.total), " pieces of evidence", l.ink.dim.paint(" (-v lists them)"))
	}
	for _, n := range k.order {
		times := ""
		if c := k.notes[n]; c > 1 {
			times = fmt.Sprintf(" (%s)", count(c, "time", "times"))
		}
		l.line("      ", l.ink.open.paint("note:"), " ", n, times)
	}
	*k = looked{}
}

// hearSkip says what was not examined. What the user named is always printed.
func (l *listener) hearSkip(s *run.Skip) {
	l.skips++
	if l.opts.Detail != Verbose && l.skips > maxSkips && !s.Named {
		l.hidden += s.Count
		return
	}
	l.enter(inSkips)
	path := s.Path
	if s.Count > 1 {
		path += " (" + count(s.Count, "path", "paths") + ")"
	}
	text := s.Reason
	if s.Do != "" && l.opts.Detail != Quiet {
		text += ": " + s.Do
	}
	l.line(l.ink.open.paint("- SKIPPED"), "   ", path, "  ", strings.TrimSpace(text))
}

func (l *listener) endSkips() {
	if l.hidden > 0 {
		l.line(l.ink.open.paint("- SKIPPED"), "   ... and ", number(l.hidden), " more (use -v)")
		l.hidden = 0
	}
}
