package locate

import (
	"bytes"
	"errors"
	"io"

	"polygraph/internal/evidence"
)

// block is how much of a file one line count stands for, and how much is read
// to find a line.
const block = 4 << 10

// lines finds lines in one piece of evidence.
type lines struct {
	blob   evidence.Blob
	counts []uint32 // newlines before each block
	total  uint32
	ended  bool // the last byte is a newline
	failed bool
}

// large is the size from which a file on one line is not searched for columns.
const large = 16 << 20

// flat tells that a large file is one line, but for a newline at its end.
func (l *lines) flat() bool {
	return l.blob.Size() > large && l.count() && (l.total == 0 || l.total == 1 && l.ended)
}

// position returns the line and the column of an offset, both from 1, the
// column in bytes. It fails where the file cannot be read again or is UTF-16,
// in which newlines are not single bytes.
func (l *lines) position(offset int64) (line, column int, ok bool) {
	if offset < 0 || offset > l.blob.Size() || !l.count() {
		return 0, 0, false
	}
	at := offset / block
	if at >= int64(len(l.counts)) {
		at = int64(len(l.counts)) - 1
	}
	buf := make([]byte, offset-at*block)
	if n, err := l.blob.ReadAt(buf, at*block); n < len(buf) || err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, false
	}
	line = 1 + int(l.counts[at]) + bytes.Count(buf, []byte("\n"))
	if i := bytes.LastIndexByte(buf, '\n'); i >= 0 {
		return line, len(buf) - i, true
	}
	// The line began in an earlier block: the last one before which there are
	// fewer newlines.
	for at > 0 && l.counts[at-1] == l.counts[at] {
		at--
	}
	if at == 0 {
		return line, int(offset) + 1, true
	}
	prev := make([]byte, block)
	if n, err := l.blob.ReadAt(prev, (at-1)*block); n < block || err != nil && !errors.Is(err, io.EOF) {
		return 0, 0, false
	}
	start := (at-1)*block + int64(bytes.LastIndexByte(prev, '\n')) + 1
	return line, int(offset-start) + 1, true
}

// count counts the newlines of the file, once.
func (l *lines) count() bool {
	if l.counts != nil || l.failed {
		return !l.failed
	}
	l.failed = true
	buf := make([]byte, 64*block)
	var total uint32
	counts := make([]uint32, 0, l.blob.Size()/block+1)
	for off := int64(0); off < l.blob.Size() || off == 0; off += int64(len(buf)) {
		n, err := l.blob.ReadAt(buf, off)
		if err != nil && !errors.Is(err, io.EOF) {
			return false
		}
		if off == 0 && (bytes.HasPrefix(buf[:n], []byte("\xff\xfe")) || bytes.HasPrefix(buf[:n], []byte("\xfe\xff"))) {
			return false
		}
		for i := 0; i < n; i += block {
			counts = append(counts, total)
			total += uint32(bytes.Count(buf[i:min(i+block, n)], []byte("\n")))
		}
		if n == 0 {
			break
		}
		l.ended = buf[n-1] == '\n'
	}
	if len(counts) == 0 {
		counts = append(counts, 0)
	}
	l.counts, l.total, l.failed = counts, total, false
	return true
}
