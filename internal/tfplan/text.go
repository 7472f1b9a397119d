package tfplan

import (
	"encoding/binary"
	"io"
	"sort"
	"unicode/utf16"
	"unicode/utf8"

	"polygraph/internal/evidence"
)

// text presents a blob as UTF-8 without byte order mark, whatever it was
// written in: a Windows shell redirect writes UTF-16.
type text struct {
	blob  evidence.Blob
	order binary.ByteOrder // nil for UTF-8
	bom   int64
	marks []mark // UTF-16 only: where chunks of the UTF-8 text start in the blob
}

type mark struct{ text, raw int64 }

const chunk = 64 << 10 // of UTF-16 bytes between two marks; even

func newText(b evidence.Blob) (*text, error) {
	var head [3]byte
	n, err := b.ReadAt(head[:], 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	t := &text{blob: b}
	switch h := head[:n]; {
	case n >= 3 && h[0] == 0xEF && h[1] == 0xBB && h[2] == 0xBF:
		t.bom = 3
	case n >= 2 && h[0] == 0xFF && h[1] == 0xFE:
		t.bom, t.order = 2, binary.LittleEndian
	case n >= 2 && h[0] == 0xFE && h[1] == 0xFF:
		t.bom, t.order = 2, binary.BigEndian
	}
	return t, nil
}

// reader streams the whole text.
func (t *text) reader() io.Reader {
	if t.order == nil {
		return io.NewSectionReader(t.blob, t.bom, t.blob.Size()-t.bom)
	}
	return &utf16Reader{text: t, raw: t.bom, record: true}
}

// section streams n bytes of text from offset off. For UTF-16 the whole text
// must have been read before, so that the marks are known.
func (t *text) section(off, n int64) io.Reader {
	if t.order == nil {
		return io.NewSectionReader(t.blob, t.bom+off, n)
	}
	m := t.before(off)
	r := &utf16Reader{text: t, raw: m.raw, at: m.text}
	if _, err := io.CopyN(io.Discard, r, off-m.text); err != nil {
		return &failing{err}
	}
	return io.LimitReader(r, n)
}

// rawOffset maps an offset of the text to one of the blob: exact for UTF-8, the
// start of the surrounding chunk for UTF-16.
func (t *text) rawOffset(off int64) int64 {
	if t.order == nil {
		return t.bom + off
	}
	return t.before(off).raw
}

func (t *text) before(off int64) mark {
	i := sort.Search(len(t.marks), func(i int) bool { return t.marks[i].text > off })
	if i == 0 {
		return mark{0, t.bom}
	}
	return t.marks[i-1]
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// utf16Reader decodes UTF-16 chunk by chunk.
type utf16Reader struct {
	*text
	raw    int64 // next byte of the blob
	at     int64 // offset of the text after out
	record bool
	out    []byte // decoded, not yet read
	store  []byte
	in     []byte
}

func (r *utf16Reader) Read(p []byte) (int, error) {
	if len(r.out) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *utf16Reader) fill() error {
	if r.in == nil {
		r.in = make([]byte, chunk+2)
	}
	n, err := r.blob.ReadAt(r.in[:chunk], r.raw)
	n &^= 1 // an odd last byte is half a character
	if n == 0 {
		if err == nil || err == io.EOF {
			return io.EOF
		}
		return err
	}
	units := make([]uint16, n/2)
	for i := range units {
		units[i] = r.order.Uint16(r.in[2*i:])
	}
	// A surrogate pair must not be cut: leave its first half for the next chunk.
	if last := units[len(units)-1]; len(units) > 1 && last >= 0xD800 && last < 0xDC00 {
		units = units[:len(units)-1]
	}
	if r.record {
		r.marks = append(r.marks, mark{r.at, r.raw})
	}
	r.raw += int64(2 * len(units))
	r.store = r.store[:0]
	for _, c := range utf16.Decode(units) {
		r.store = utf8.AppendRune(r.store, c)
	}
	r.out = r.store
	r.at += int64(len(r.out))
	return nil
}
