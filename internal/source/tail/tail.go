// Package tail keeps the end of what a program writes: what it says last is why
// it failed.
package tail

import "bytes"

// Buffer keeps the last bytes written to it, at most Limit of them.
type Buffer struct {
	Limit int
	buf   bytes.Buffer
}

// Write never fails.
func (t *Buffer) Write(p []byte) (int, error) {
	n := len(p)
	if n > t.Limit {
		p = p[n-t.Limit:]
	}
	if over := t.buf.Len() + len(p) - t.Limit; over > 0 {
		t.buf.Next(over)
	}
	t.buf.Write(p)
	return n, nil
}

func (t *Buffer) String() string { return t.buf.String() }
