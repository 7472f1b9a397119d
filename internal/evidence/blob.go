package evidence

import (
	"bytes"
	"io"
	"time"
)

// Blob is evidence of any size that can be read again from any offset. Nobody
// holds the whole of it: engines stream it and re-read what a proof needs.
// ReadAt must be safe for concurrent use.
type Blob interface {
	io.ReaderAt
	Size() int64
}

// Item is one piece of evidence.
type Item struct {
	Kind *Kind
	Path string // as shown to the user, slash-separated
	Blob Blob
	Time time.Time // when it was written or recorded; zero when unknown
	// Named is true when the user named this very path: failing to examine it
	// is then a failure of the run and not a footnote.
	Named bool
}

// Bytes is a Blob in memory, for small evidence and for tests.
func Bytes(b []byte) Blob { return memory{bytes.NewReader(b)} }

type memory struct{ *bytes.Reader }

func (m memory) Size() int64 { return m.Reader.Size() }
