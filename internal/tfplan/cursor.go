package tfplan

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// MaxValue bounds a JSON value that has to be held at once: one string, one
// attribute of a resource, one resource outside of what is examined.
const MaxValue = 32 << 20

// cursor walks a JSON text value by value. Its methods stop at the first error,
// which problem explains.
type cursor struct {
	dec  *jsontext.Decoder
	in   *meter
	name []byte // scratch for unquoted names
	// opened is where the object or array entered last begins.
	opened int64
}

func newCursor(r io.Reader) *cursor {
	in := &meter{r: r}
	// Duplicate names stay refused (the default): two values under one name
	// would let a plan say two things, and which one is true is not ours to say.
	c := &cursor{in: in}
	c.dec = jsontext.NewDecoder(in, jsontext.AllowInvalidUTF8(true))
	in.used = c.dec.InputOffset
	return c
}

// memoryCursor walks a value that is already held.
func memoryCursor(b []byte) *cursor {
	return &cursor{dec: jsontext.NewDecoder(bytes.NewBuffer(b), jsontext.AllowInvalidUTF8(true))}
}

// meter refuses to feed a value that would have to be buffered beyond MaxValue:
// the decoder's offset stands still while it buffers one value.
type meter struct {
	r    io.Reader
	fed  int64
	used func() int64
}

var errValueTooLong = errors.New("value too long")

func (m *meter) Read(p []byte) (int, error) {
	if m.fed-m.used() > MaxValue {
		return 0, errValueTooLong
	}
	n, err := m.r.Read(p)
	m.fed += int64(n)
	return n, err
}

func (c *cursor) kind() jsontext.Kind { return c.dec.PeekKind() }

// offset is where the last value or token ended.
func (c *cursor) offset() int64 { return c.dec.InputOffset() }

// object calls member for each name. member must consume the value. A value
// that is no object is skipped when null and an error otherwise.
func (c *cursor) object(member func(name []byte) error) error {
	if ok, err := c.enter('{', "an object"); !ok {
		return err
	}
	for c.kind() != '}' {
		raw, err := c.dec.ReadValue()
		if err != nil {
			return err
		}
		name := []byte(raw)
		if len(name) >= 2 {
			name = name[1 : len(name)-1]
			for _, b := range name {
				if b == '\\' {
					c.name, _ = jsontext.AppendUnquote(c.name[:0], raw)
					name = c.name
					break
				}
			}
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken()
	return err
}

// array calls element for each element. element must consume it.
func (c *cursor) array(element func(i int) error) error {
	if ok, err := c.enter('[', "an array"); !ok {
		return err
	}
	for i := 0; c.kind() != ']'; i++ {
		if err := element(i); err != nil {
			return err
		}
	}
	_, err := c.dec.ReadToken()
	return err
}

func (c *cursor) enter(open jsontext.Kind, what string) (bool, error) {
	switch k := c.kind(); k {
	case open:
		_, err := c.dec.ReadToken()
		c.opened = c.dec.InputOffset() - 1
		return err == nil, err
	case 'n':
		_, err := c.dec.ReadToken()
		return false, err
	case 0:
		_, err := c.dec.ReadToken() // returns the error that PeekKind hides
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return false, err
	default:
		return false, &shapeError{at: c.dec.StackPointer(), want: what, got: k, offset: c.offset()}
	}
}

// shapeError reports a value of another JSON type than the format says.
type shapeError struct {
	at     jsontext.Pointer
	want   string
	got    jsontext.Kind
	offset int64
}

func (e *shapeError) Error() string {
	return fmt.Sprintf("%s is %s, want %s", pointer(e.at), kindName(e.got), e.want)
}

func kindName(k jsontext.Kind) string {
	switch k {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	default:
		return "nothing"
	}
}

func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "the document"
	}
	return string(p)
}

// value returns the next value as raw bytes, valid until the next call.
func (c *cursor) value() (jsontext.Value, error) { return c.dec.ReadValue() }

// str returns a string value; null and other types read as "".
func (c *cursor) str() (string, error) {
	v, err := c.dec.ReadValue()
	if err != nil || v.Kind() != '"' {
		return "", err
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err
}

// flag returns a boolean value; other types read as false.
func (c *cursor) flag() (bool, error) {
	v, err := c.dec.ReadValue()
	return err == nil && v.Kind() == 't', err
}

// skipDeep is the depth below which whole values are skipped at once: faster
// than token by token, and at that depth a value is a resource or smaller.
const skipDeep = 5

// skip passes over a value of any size without holding it.
func (c *cursor) skip() error {
	if c.dec.StackDepth() >= skipDeep {
		_, err := c.dec.ReadValue()
		return err
	}
	switch c.kind() {
	case '{':
		return c.object(func([]byte) error { return c.skip() })
	case '[':
		return c.array(func(int) error { return c.skip() })
	default:
		_, err := c.dec.ReadValue()
		return err
	}
}

// problem explains an error of the cursor to the owner of the file.
func problem(err error, blob evidence.Blob) error {
	var p *evidence.Problem
	if err == nil || errors.As(err, &p) {
		return err
	}
	const again = "write the plan again with `terraform show -json tfplan > plan.json`"
	var syntax *jsontext.SyntacticError
	var shape *shapeError
	switch {
	case errors.Is(err, errValueTooLong):
		return &evidence.Problem{Reason: fmt.Sprintf("a single value is longer than %d MiB, the most that is held at once", MaxValue>>20), Do: again, Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &evidence.Problem{Reason: fmt.Sprintf("the file is truncated: it ends at byte %d inside the JSON", blob.Size()), Do: again, Err: err}
	case errors.As(err, &syntax):
		return &evidence.Problem{Reason: fmt.Sprintf("not valid JSON at byte %d (%s): %v", syntax.ByteOffset, pointer(syntax.JSONPointer), syntax.Err), Do: again, Err: err}
	case errors.As(err, &shape):
		return &evidence.Problem{Reason: fmt.Sprintf("not a plan: %v, near byte %d", shape, shape.offset), Do: again, Err: err}
	default:
		return &evidence.Problem{Reason: err.Error(), Do: "check that the file can be read", Err: err}
	}
}
