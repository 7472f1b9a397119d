package locate

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// maxObject bounds how much of an object is read to find a value in it.
const maxObject = 8 << 20

// follow returns the offset of the value that a JSON pointer names, and how
// many bytes it read. At base stands the object, or the document, to which the
// first depth steps of the pointer lead.
func follow(blob evidence.Blob, base int64, pointer string, depth int) (offset, read int64, ok bool) {
	if base >= blob.Size() || !strings.HasPrefix(pointer, "/") {
		return 0, 0, false
	}
	steps := strings.Split(pointer, "/")[1:]
	if depth < 0 || depth > len(steps) {
		return 0, 0, false
	}
	steps = steps[depth:]
	for i, s := range steps {
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	r := io.NewSectionReader(blob, base, min(maxObject, blob.Size()-base))
	dec := jsontext.NewDecoder(bufio.NewReaderSize(r, 4<<10), jsontext.AllowDuplicateNames(true))
	at, ok := descend(dec, steps)
	return base + at, dec.InputOffset(), ok
}

// descend walks into the value that comes next and returns where the value at
// the end of the steps starts.
func descend(dec *jsontext.Decoder, steps []string) (int64, bool) {
	for _, step := range steps {
		open, err := dec.ReadToken()
		if err != nil {
			return 0, false
		}
		switch open.Kind() {
		case '{':
			if !member(dec, step) {
				return 0, false
			}
		case '[':
			if !element(dec, step) {
				return 0, false
			}
		default:
			return 0, false
		}
	}
	if k := dec.PeekKind(); k == '{' || k == '[' {
		if _, err := dec.ReadToken(); err != nil {
			return 0, false
		}
		return dec.InputOffset() - 1, true
	}
	v, err := dec.ReadValue()
	if err != nil {
		return 0, false
	}
	return dec.InputOffset() - int64(len(v)), true
}

// member skips to the value of a member.
func member(dec *jsontext.Decoder, name string) bool {
	for dec.PeekKind() == '"' {
		key, err := dec.ReadToken()
		if err != nil {
			return false
		}
		if key.String() == name {
			return true
		}
		if dec.SkipValue() != nil {
			return false
		}
	}
	return false
}

// element skips to an element.
func element(dec *jsontext.Decoder, step string) bool {
	n, err := strconv.Atoi(step)
	if err != nil || n < 0 {
		return false
	}
	for range n {
		if dec.PeekKind() == ']' || dec.SkipValue() != nil {
			return false
		}
	}
	return dec.PeekKind() != ']'
}
