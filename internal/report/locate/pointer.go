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

// follow returns the offset of the value that a JSON pointer names. The pointer
// starts at the root of the document and base is the offset of an object on its
// way, as engines write it: the end of the pointer is looked up in that object.
// Where nothing is found the answer is base.
func follow(blob evidence.Blob, base int64, pointer string) int64 {
	if base >= blob.Size() {
		return base
	}
	steps := strings.Split(pointer, "/")[1:]
	for i, s := range steps {
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	for skip := range steps {
		// Which step of the pointer the object stands for is not written down;
		// /resource_changes/12/change fits an object with a member "change".
		r := io.NewSectionReader(blob, base, min(maxObject, blob.Size()-base))
		if off, ok := descend(jsontext.NewDecoder(bufio.NewReaderSize(r, 16<<10)), steps[skip:]); ok {
			return base + off
		}
	}
	return base
}

// descend walks into the value at the start of the decoder's input.
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
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 {
				return 0, false
			}
			for range n {
				if dec.PeekKind() == ']' || dec.SkipValue() != nil {
					return 0, false
				}
			}
			if dec.PeekKind() == ']' {
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
