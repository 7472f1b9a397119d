package tfplan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// MaxValue bounds a JSON value that has to be held at once: one string, one
// attribute of a resource, one resource outside of what is examined.
const MaxValue = 16 << 20

// cursor walks a JSON text value by value. Its methods stop at the first error,
// which problem explains.
type cursor struct {
	dec  *jsontext.Decoder
	in   *meter
	name []byte // scratch for unquoted names
	// opened is where the object or array entered last begins.
	opened int64
	names  int          // bytes that the names of the open objects take
	full   func() error // asked for every member and element; may be nil
}

// maxNames bounds the names of the objects that are open at once: the decoder
// remembers them all, to refuse one that comes twice.
const maxNames = 16 << 20

// nameCost is what remembering a name takes besides its bytes.
const nameCost = 64

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

var (
	errValueTooLong = errors.New("value too long")
	errTooManyNames = errors.New("too many names")
	errTooMuch      = errors.New("too much to keep")
)

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
	names := c.names
	for c.kind() != '}' {
		raw, err := c.dec.ReadValue()
		if err != nil {
			return err
		}
		if c.names += len(raw) + nameCost; c.names > maxNames {
			return errTooManyNames
		}
		if err := c.room(); err != nil {
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
	c.names = names
	_, err := c.dec.ReadToken()
	return err
}

func (c *cursor) room() error {
	if c.full == nil {
		return nil
	}
	return c.full()
}

// array calls element for each element. element must consume it.
func (c *cursor) array(element func(i int) error) error {
	if ok, err := c.enter('[', "an array"); !ok {
		return err
	}
	for i := 0; c.kind() != ']'; i++ {
		if err := c.room(); err != nil {
			return err
		}
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
		return false, &shapeError{at: c.next(), want: what, got: k, offset: c.offset()}
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

// pointer shows a path for people. What lies inside an attribute is left out:
// the names of a map that is sensitive as a whole are secret too.
func pointer(p jsontext.Pointer) string {
	if p == "" {
		return "the document"
	}
	tokens := strings.Split(string(p), "/")
	keep := 2 // the first is empty, before the leading slash
	switch tokens[1] {
	case "resource_changes", "resource_drift":
		keep = 6 // section, index, change, before, attribute
	case "deferred_changes":
		keep = 7
	case "configuration":
		keep = len(tokens)
		if i := slices.Index(tokens, "constant_value"); i >= 0 {
			keep = i + 1
		}
	}
	if keep < len(tokens) {
		tokens = append(tokens[:keep], "...")
	}
	return clip(strings.Join(tokens, "/"))
}

// next is the path of the value that comes next.
func (c *cursor) next() jsontext.Pointer {
	p := c.dec.StackPointer()
	if kind, n := c.dec.StackIndex(c.dec.StackDepth()); kind == '[' {
		if n > 0 {
			p = p.Parent() // it names the element before
		}
		p += jsontext.Pointer("/" + strconv.FormatInt(n, 10))
	}
	return p
}

// value returns the next value as raw bytes, valid until the next call.
func (c *cursor) value() (jsontext.Value, error) { return c.dec.ReadValue() }

// str returns a string value; null reads as "".
func (c *cursor) str() (string, error) {
	if err := c.want('"', "a string"); err != nil {
		return "", err
	}
	v, err := c.dec.ReadValue()
	if err != nil || v.Kind() != '"' {
		return "", err
	}
	// The only error left is invalid UTF-8, which becomes U+FFFD, as everywhere.
	b, _ := jsontext.AppendUnquote(nil, v)
	return string(b), nil
}

// flag returns a boolean value; null reads as false.
func (c *cursor) flag() (bool, error) {
	if c.kind() != 't' {
		if err := c.want('f', "a boolean"); err != nil {
			return false, err
		}
	}
	v, err := c.dec.ReadValue()
	return err == nil && v.Kind() == 't', err
}

// want refuses a value of another type than the format says. Null is always
// taken: writers that keep every key use it for what is not there.
func (c *cursor) want(kind jsontext.Kind, what string) error {
	switch k := c.kind(); k {
	case kind, 'n', 0: // 0 is an error, which the next read returns
		return nil
	default:
		return &shapeError{at: c.next(), want: what, got: k, offset: c.offset()}
	}
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

// syntaxText says what is wrong without quoting any of it.
func syntaxText(err error) string {
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return ": a name comes twice in one object, so the plan says two things"
	case errors.Is(err, jsontext.ErrNonStringName):
		return ": a name is missing"
	case err != nil && strings.Contains(err.Error(), "depth"):
		return ": nested too deep"
	}
	return ""
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
	case blob.Size() == 0:
		return &evidence.Problem{Reason: "the file is empty", Do: again, Err: err}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &evidence.Problem{Reason: fmt.Sprintf("the file is truncated: it ends at byte %d inside the JSON", blob.Size()), Do: again, Err: err}
	case errors.Is(err, errTooManyNames):
		return &evidence.Problem{Reason: fmt.Sprintf("one object has more names than the %d MiB that are held at once", maxNames>>20), Do: again, Err: err}
	case errors.Is(err, errTooMuch):
		return &evidence.Problem{
			Reason: fmt.Sprintf("more changes and names than the %d MiB that are kept of one plan (about %d changes)", MaxKept>>20, MaxKept/(changeCost+100)),
			Do:     "plan in parts: one plan for each root module, or with -target", Err: err,
		}
	case errors.As(err, &syntax):
		// Not the decoder's own text: it quotes what it met, which may be a secret.
		return &evidence.Problem{Reason: fmt.Sprintf("not valid JSON at byte %d (%s)%s", syntax.ByteOffset, pointer(syntax.JSONPointer), syntaxText(syntax.Err)), Do: again}
	case errors.As(err, &shape):
		return &evidence.Problem{Reason: fmt.Sprintf("not a plan: %v, near byte %d", shape, shape.offset), Do: again, Err: err}
	default:
		return &evidence.Problem{Reason: err.Error(), Do: "check that the file can be read", Err: err}
	}
}
