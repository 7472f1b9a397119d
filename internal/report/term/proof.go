package term

import (
	"fmt"
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/report/words"
)

// maxPicture is how many lines of a picture are shown without -v.
const maxPicture = 40

func (l *listener) picture(f *finding.Finding) {
	if f.Picture == "" {
		return
	}
	lines := strings.Split(strings.TrimRight(f.Picture, "\n"), "\n")
	more := 0
	if l.opts.Detail != Verbose && len(lines) > maxPicture {
		more = len(lines) - maxPicture
		lines = lines[:maxPicture]
	}
	name := "picture"
	for _, text := range lines {
		l.row(name, text)
		name = ""
	}
	if more > 0 {
		l.label("", fmt.Sprintf("... and %s more (use -v)", words.Number(more)))
	}
}

// besidePicture is how many statements are shown without -v when a picture
// says the same.
const besidePicture = 2

func (l *listener) proof(f *finding.Finding) {
	limit := maxProof
	if f.Picture != "" {
		limit = besidePicture
	}
	show := f.Proof
	if l.opts.Detail != Verbose && len(show) > limit {
		show = show[:limit]
	}
	name, file := "proof", ""
	for _, s := range show {
		at := s.At
		// What the line before or the text itself says is not said again.
		if l.opts.Detail != Verbose {
			if at.Line == 1 && at.Column > roomy && at.Pointer != "" {
				// A whole file on one line: its column leads nobody anywhere.
				at.Line, at.Column = 0, 0
				s.At = at
			}
			if strings.Contains(s.Text, at.Object) {
				s.At.Object = ""
			}
			if at.File == file && at.Line == 0 {
				s.At.File = ""
			}
		}
		file = at.File
		l.statement(name, s, f.Subject.Identity)
		name = ""
	}
	if n := len(f.Proof) - len(show); n > 0 {
		l.label("", fmt.Sprintf("... and %s more (use -v)", words.Number(n)))
	}
}

// statement prints one fact and its place, on one line if both fit.
func (l *listener) statement(name string, s finding.Statement, subject string) {
	lines := wrapped(s.Text, l.room(2))
	at := place(s.At, subject, l.opts.Detail == Verbose)
	last := len(lines) - 1
	limit := l.opts.Width
	if limit == 0 {
		limit = roomy
	}
	beside := at != "" && gutter+2+width(lines[last])+2+width(at) <= limit
	for i, text := range lines {
		lead := "- "
		if i > 0 {
			lead = "  "
		}
		if i == last && beside {
			text += "  " + l.ink.dim.paint(at)
		}
		l.row(name, lead+text)
		name = ""
	}
	if at != "" && !beside {
		l.row("", "  "+l.ink.dim.paint(at))
	}
}

// place writes a location as [file:line:column object #pointer], leaving out
// what is not known and the object when it is the subject itself.
func place(at finding.Location, subject string, verbose bool) string {
	s := at.File
	switch {
	case at.Line > 0 && at.Column > 0:
		s += fmt.Sprintf(":%d:%d", at.Line, at.Column)
	case at.Line > 0:
		s += fmt.Sprintf(":%d", at.Line)
	case verbose && at.Offset > 0:
		s += fmt.Sprintf(" byte %d", at.Offset)
	}
	if at.Object != "" && at.Object != subject {
		s += " " + at.Object
	}
	if at.Pointer != "" {
		s += " #" + at.Pointer
	}
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	return "[" + s + "]"
}
