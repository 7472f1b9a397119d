package term

import (
	"slices"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// looked holds the first pieces of evidence back until it is known whether
// they are few enough to be listed.
type looked struct {
	pieces int     // of the run, also when nothing of it is printed
	left   []brief // what only BASE examined, lost before removed
	lost   int     // of left
	more   int     // that only BASE examined, beyond left
	held   []piece
	total  int
	notes  []*note
	other  int // notes beyond notes
	// inferred is how many pieces have an inferred environment; guess is what
	// the first one says about it.
	inferred int
	guess    note
}

// piece is a piece of evidence as it is printed.
type piece struct{ path, text, tail string }

// note is a limit of the evidence, of one piece or of several.
type note struct {
	text, path string // path: of the first
	n          int
}

// maxNotes bounds the different notes that are printed without -v.
const maxNotes = 8

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
	p := piece{path: e.Path, text: e.Kind + ", " + words.Size(e.Bytes)}
	if e.Detail != "" {
		p.text += ", " + e.Detail
	}
	if e.Environment != "" {
		where := e.Environment
		if e.Inferred {
			where += ", inferred"
		}
		p.text += " (" + where + ")"
	}
	if c := e.Change; c != nil && c.Status == finding.New {
		p.tail = "NEW: BASE did not have it"
	}
	if l.opts.Detail == Verbose {
		l.enter(inEvidence)
		l.piece(p)
		for _, n := range e.Notes {
			l.note(n)
		}
		return
	}
	if k.total <= maxEvidence {
		k.held = append(k.held, p)
	}
	for _, n := range e.Notes {
		// That is no limit, and of many pieces it would hide the limits.
		if e.Inferred && strings.HasPrefix(n, "environment "+e.Environment+" is inferred") {
			if k.inferred++; k.inferred > 1 {
				continue
			}
			k.guess = note{text: n, path: e.Path}
			continue
		}
		k.note(n, e.Path)
	}
}

func (k *looked) note(text, path string) {
	i := slices.IndexFunc(k.notes, func(n *note) bool { return n.text == text })
	if i < 0 {
		if len(k.notes) == maxNotes {
			k.other++
			return
		}
		i = len(k.notes)
		k.notes = append(k.notes, &note{text: text, path: path})
	}
	k.notes[i].n++
}

func (l *listener) piece(p piece) {
	l.hang(l.ink.dim.paint("read  ")+p.path+"  ", len("read  "), l.ink.dim, p.text)
	if p.tail != "" {
		l.hang("      ", len("read  "), l.ink.open, p.tail)
	}
}

func (l *listener) note(text string) {
	l.hang("      "+l.ink.open.paint("note:")+" ", len("      note: "), brush{}, text)
}

// endEvidence prints what was held back. Limits of the evidence are always
// printed: they are why something later is unproven.
func (l *listener) endEvidence() {
	k := &l.looked
	if k.total > 0 && l.opts.Detail != Verbose {
		l.enter(inEvidence)
		if k.total <= maxEvidence {
			for _, p := range k.held {
				l.piece(p)
			}
		} else {
			l.line(l.ink.dim.paint("read  "), words.Number(k.total), " pieces of evidence", l.ink.dim.paint(" (-v lists them)"))
		}
		l.endNotes()
	}
	l.endLeft()
	*k = looked{pieces: k.pieces}
}

// endNotes prints the limits of the evidence, of several pieces with the one that
// they belong to.
func (l *listener) endNotes() {
	k := &l.looked
	if k.inferred == 1 {
		k.notes = append(k.notes, &k.guess)
	}
	for _, n := range k.notes {
		switch {
		case n.n > 1:
			l.note(n.text + " (" + words.Number(n.n) + " pieces, as " + n.path + ")")
		case k.total > 1:
			l.note(n.text + " (" + n.path + ")")
		default:
			l.note(n.text)
		}
	}
	if k.other > 0 {
		l.note("... and " + words.Number(k.other) + " more (use -v)")
	}
	if k.inferred > 1 {
		l.note(words.Number(k.inferred) + " pieces are in inferred environments (-v says from what)")
	}
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
	l.hang(l.ink.open.paint("- SKIPPED")+"   "+path+"  ", verdictWidth, brush{}, strings.TrimSpace(text))
}

func (l *listener) endSkips() {
	if l.hidden > 0 {
		l.line(l.ink.open.paint("- SKIPPED"), "   ... and ", words.Number(l.hidden), " more (use -v)")
		l.hidden = 0
	}
}
