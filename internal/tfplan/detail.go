package tfplan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// MaxDetail bounds a change that is read again with all its values.
const MaxDetail = 8 << 20

// Detail is one change with its values. Sensitive ones are evidence.Secret.
type Detail struct {
	Before, After map[string]any // nil when the plan says null
	AfterUnknown  map[string]any // true at what is not known
	Identity      string         // before.id when it is a plain string
	ReplacePaths  [][]any
	// Unmasked tells that the plan does not say what of it is sensitive: its
	// values may be compared and must not be shown.
	Unmasked  bool
	Importing map[string]any

	hidden any // what either side marks as sensitive, whatever its place in a list
}

type rawEntry struct {
	Address any
	Change  *rawChange
}

type rawChange struct {
	Before, After, AfterUnknown     any
	BeforeSensitive, AfterSensitive any
	ReplacePaths                    [][]any
	Importing                       any
	masked                          bool

	choice
}

// Detail reads one change again. It needs the blob to be what it was.
func (p *Plan) Detail(c *Change) (*Detail, error) {
	if int64(c.length) > MaxDetail {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("%s is %d MiB long; its values are compared up to %d MiB", c.Address, c.length>>20, MaxDetail>>20),
			Do:     "compare it by hand",
		}
	}
	// A short read shows as JSON that is cut off.
	entry := make([]byte, c.length)
	got, _ := io.ReadFull(p.text.section(c.offset, int64(c.length)), entry)
	return p.open(c, readAgain(entry[:got]), choice{})
}

// open reads one change with a cursor that stands before it.
func (p *Plan) open(c *Change, from *cursor, want choice) (*Detail, error) {
	raw, err := decodeEntry(from, want)
	if err != nil || raw.belongsToAnother(c) {
		// Not the decoder's own text: it may quote what it met.
		return nil, &evidence.Problem{
			Reason: c.Address + " cannot be read again: the file changed while it was read",
			Do:     "run again on a copy of the plan",
		}
	}
	if raw.Change == nil {
		return &Detail{}, nil
	}
	before, after := raw.Change.BeforeSensitive, raw.Change.AfterSensitive
	d := &Detail{ReplacePaths: raw.Change.ReplacePaths}
	// A value is sealed when either side is marked: a value that stops being
	// sensitive in this plan was a secret all the same. Its own side's mask is
	// exact; the other side's lists may have another order.
	if hides(before) || hides(after) {
		d.hidden = union(loosen(before), loosen(after))
		raw.Change.Before = seal(seal(raw.Change.Before, before, 0), loosen(after), 0)
		raw.Change.After = seal(seal(raw.Change.After, after, 0), loosen(before), 0)
	}
	d.Before, _ = raw.Change.Before.(map[string]any)
	d.After, _ = raw.Change.After.(map[string]any)
	d.AfterUnknown, _ = raw.Change.AfterUnknown.(map[string]any)
	d.Importing, _ = raw.Change.Importing.(map[string]any)
	d.Identity, _ = d.Before["id"].(string)
	d.Unmasked = !raw.Change.masked
	return d, nil
}

// belongsToAnother tells that what stands at the offset now is another change.
func (e *rawEntry) belongsToAnother(c *Change) bool {
	name, named := e.Address.(string)
	return named && name != "" && name != c.Address
}

// decodeEntry decodes one entry with the reader of the pass over the plan: two
// readers would not agree on names that differ in case, or stand twice.
func decodeEntry(c *cursor, want choice) (*rawEntry, error) {
	// The section starts at the entry's brace.
	out := &rawEntry{}
	err := c.object(func(name []byte) (err error) {
		switch string(name) {
		case "address":
			out.Address, err = c.any()
		case "change":
			if c.kind() != '{' {
				return c.skip()
			}
			out.Change = &rawChange{choice: want}
			err = c.object(func(name []byte) error { return out.Change.member(c, string(name)) })
		default:
			_, err = c.value()
		}
		return err
	})
	return out, err
}

func (r *rawChange) member(c *cursor, name string) (err error) {
	if r.only != nil && !r.picks(name) {
		_, err = c.value()
		return err
	}
	switch name {
	case "before":
		r.Before, err = c.picked(r.only)
	case "after":
		r.After, err = c.picked(r.only)
	case "after_unknown":
		r.AfterUnknown, err = c.picked(r.only)
	case "before_sensitive":
		r.masked = true
		r.BeforeSensitive, err = c.picked(r.only)
	case "after_sensitive":
		r.masked = true
		r.AfterSensitive, err = c.picked(r.only)
	case "importing":
		r.Importing, err = c.any()
	case "replace_paths":
		var v any
		v, err = c.any()
		paths, _ := v.([]any)
		for _, p := range paths {
			if path, ok := p.([]any); ok {
				r.ReplacePaths = append(r.ReplacePaths, path)
			}
		}
	default:
		_, err = c.value()
	}
	return err
}

// any decodes the next value as encoding/json would into an any, with numbers
// as json.Number: 64-bit identifiers do not fit a float.
func (c *cursor) any() (any, error) {
	switch c.kind() {
	case '{':
		m := map[string]any{}
		err := c.object(func(name []byte) (err error) {
			key := string(name)
			m[key], err = c.any()
			return err
		})
		return m, err
	case '[':
		list := []any{}
		err := c.array(func(int) error {
			v, err := c.any()
			list = append(list, v)
			return err
		})
		return list, err
	}
	v, err := c.value()
	if err != nil {
		return nil, err
	}
	switch v.Kind() {
	case '"':
		if inner := v[1 : len(v)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
			return string(inner), nil
		}
		b, _ := jsontext.AppendUnquote(nil, v)
		return string(b), nil
	case '0':
		return json.Number(v), nil
	case 't', 'f':
		return v.Kind() == 't', nil
	}
	return nil, nil
}
