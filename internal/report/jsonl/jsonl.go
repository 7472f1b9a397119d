package jsonl

import (
	"bufio"
	"encoding/json"
	"io"

	"polygraph/internal/report/sanitize"
	"polygraph/internal/run"
)

// New returns a listener that writes to w. The first error of w is returned
// once, by Hear or Close; after it nothing more is written.
func New(w io.Writer) run.Listener {
	l := &listener{buf: bufio.NewWriterSize(w, 64<<10)}
	l.enc = json.NewEncoder(l.buf)
	// The lines are read by programs; nobody pastes them into a page.
	l.enc.SetEscapeHTML(false)
	return sanitize.Before(l)
}

type listener struct {
	buf    *bufio.Writer
	enc    *json.Encoder
	broken bool
}

// Hear writes m. Rows come by the ten thousands and are buffered; everything
// else is flushed at once, because somebody may be reading along.
func (l *listener) Hear(m *run.Message) error {
	if l.broken {
		return nil
	}
	err := l.enc.Encode(m)
	if err == nil && m.Row == nil {
		err = l.buf.Flush()
	}
	l.broken = err != nil
	return err
}

func (l *listener) Close() error {
	if l.broken {
		return nil
	}
	err := l.buf.Flush()
	l.broken = err != nil
	return err
}
