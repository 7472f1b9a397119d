package planbench

import (
	"bufio"
	"encoding/json"
	"io"
)

// writer appends JSON and remembers the first error, so that the sections read as straight lines.
type writer struct {
	out   *bufio.Writer
	bytes int64
	err   error
}

func newWriter(w io.Writer) *writer { return &writer{out: bufio.NewWriterSize(w, 1<<16)} }

func (w *writer) raw(text string) {
	if w.err != nil {
		return
	}
	n, err := w.out.WriteString(text)
	w.bytes += int64(n)
	w.err = err
}

func (w *writer) value(v any) {
	if w.err != nil {
		return
	}
	data, err := json.Marshal(v)
	if err != nil {
		w.err = err
		return
	}
	n, err := w.out.Write(data)
	w.bytes += int64(n)
	w.err = err
}

// separate writes a comma before everything but the first.
func (w *writer) separate(first *bool) {
	if !*first {
		w.raw(",")
	}
	*first = false
}

func (w *writer) item(first *bool, v any) {
	w.separate(first)
	w.value(v)
}

// field writes a whole top-level member.
func (w *writer) field(name string, v any) {
	w.raw(`,"` + name + `":`)
	w.value(v)
}

func (w *writer) finish() error {
	if w.err != nil {
		return w.err
	}
	return w.out.Flush()
}
