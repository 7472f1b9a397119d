package locate

import (
	"slices"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// Limits of the work for one run.
const (
	maxPlaces = 32       // per finding; later statements keep their offset and pointer
	maxRead   = 64 << 20 // bytes read to follow pointers; beyond it places have the line of their object
)

// Before returns a listener that passes messages on to next with the lines of
// the items filled in.
func Before(next run.Listener, items []*evidence.Item) run.Listener {
	l := &locator{next: next, files: map[string]*lines{}, left: maxRead}
	for _, i := range items {
		l.files[i.Path] = &lines{blob: i.Blob}
	}
	return l
}

type locator struct {
	next  run.Listener
	files map[string]*lines
	left  int64
}

func (l *locator) Close() error { return l.next.Close() }

func (l *locator) Hear(m *run.Message) error {
	if m.Finding == nil || len(m.Finding.Proof) == 0 {
		return l.next.Hear(m)
	}
	f := *m.Finding
	f.Proof = slices.Clone(f.Proof)
	for i := range f.Proof[:min(len(f.Proof), maxPlaces)] {
		l.fill(&f.Proof[i].At)
	}
	return l.next.Hear(&run.Message{Finding: &f})
}

func (l *locator) fill(at *finding.Location) {
	file := l.files[at.File]
	if file == nil || at.Line > 0 {
		return
	}
	offset := at.Offset
	if at.Pointer != "" && file.flat() {
		// Written on one line, as terraform does: following the pointer would
		// only make the column of that line more exact.
		at.Line = 1
		if offset > 0 {
			at.Column = int(offset) + 1
		}
		return
	}
	if at.Pointer != "" {
		found, read, ok := int64(0), int64(0), false
		// Which step of the pointer an object stands for cannot be guessed:
		// "name" is a member of a resource and of what is in it.
		if known := at.Offset == 0 || at.Depth > 0; known && l.left > 0 {
			found, read, ok = follow(file.blob, at.Offset, at.Pointer, at.Depth)
			l.left -= read
		}
		switch {
		case ok:
			offset = found
		case offset == 0:
			return // somewhere in the file: its first line would be a guess
		}
	}
	if line, column, ok := file.position(offset); ok {
		at.Line, at.Column = line, column
	}
}
