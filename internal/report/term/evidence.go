package term

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// looked holds the first pieces of evidence back until it is known whether
// they are few enough to be listed.
type looked struct {
	pieces int      // of the run, also when nothing of it is printed
	left   []string // what only BASE examined, lost before removed
	lost   int      // of left
	more   int      // that only BASE examined, beyond left
	held   []string
	total  int
	notes  map[string]int
	order  []string // of notes, as heard
}

func (l *listener) hearEvidence(e *run.Evidence) {
	k := &l.looked
	if c := e.Change; c != nil && gone(c.Status) {
		l.hearLeft(e)
		return
	}
	k.pieces++
	if l.opts.Detail == Quiet {
		return
	}
	k.total++
	text := l.ink.dim.paint("read  ") + e.Path + l.ink.dim.paint("  "+e.Kind+", "+size(e.Bytes))
	if e.Detail != "" {
		text += l.ink.dim.paint(", " + e.Detail)
	}
	if e.Environment != "" {
		text += l.ink.dim.paint(", " + e.Environment)
	}
	if c := e.Change; c != nil && c.Status == finding.New {
		text += l.ink.open.paint("  NEW") + l.ink.dim.paint(": BASE did not have it")
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
		if k.notes[n] == 0 {
			if len(k.order) == maxEvidence {
				continue
			}
			k.order = append(k.order, n)
		}
		k.notes[n]++
	}
}

// hearLeft takes evidence that only BASE examined. Lost is what fails, so it is
// listed first and also when little is wanted.
func (l *listener) hearLeft(e *run.Evidence) {
	k, c := &l.looked, e.Change
	lost := c.Status == finding.Lost
	if !lost && l.opts.Detail == Quiet {
		return
	}
	l.failing = l.failing || c.Worse
	if l.opts.Detail != Verbose && len(k.left) >= maxBrief {
		k.more++
		return
	}
	text := l.ink.status(c) + "  " + e.Path + l.ink.dim.paint("  "+e.Kind)
	if c.Why != "" {
		text += "  " + c.Why
	}
	if lost {
		k.left = slices.Insert(k.left, k.lost, text)
		k.lost++
		return
	}
	k.left = append(k.left, text)
}

// endLeft prints what only BASE examined and what to do about it.
func (l *listener) endLeft() {
	k := &l.looked
	if len(k.left) > 0 {
		l.enter(inLeft)
	}
	for i, text := range k.left {
		l.line(text)
		if i == k.lost-1 {
			l.line(strings.Repeat(" ", statusWidth+2), "Examine it in HEAD too; if it is gone for good, make BASE again without it.")
		}
	}
	if k.more > 0 {
		l.line(strings.Repeat(" ", statusWidth+2), "... and ", number(k.more), " more that HEAD did not examine (use -v)")
	}
	k.left, k.lost, k.more = nil, 0, 0
}

// endEvidence prints what was held back. Limits of the evidence are always
// printed: they are why something later is unproven.
func (l *listener) endEvidence() {
	k := &l.looked
	if k.total > 0 && l.opts.Detail != Verbose {
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
	}
	l.endLeft()
	*k = looked{pieces: k.pieces}
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
