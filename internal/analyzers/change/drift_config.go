package change

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/tfplan"
)

// expression is what the configuration gives one attribute.
type expression struct {
	set        bool // it is configured
	isConstant bool
	constant   any
}

// maxExpression bounds one expression that is held.
const maxExpression = 1 << 20

// expression looks an attribute up in the plan's configuration, which is read
// once more for the drifted objects, and only for the table. known is false
// where it does not say.
func (x *examination) expression(c *tfplan.Change, attribute string) (e expression, known bool) {
	if x.expressions == nil {
		x.expressions = map[string]map[string]expression{}
		for i := range x.Drift {
			x.expressions[configKey(x.Name(x.Drift[i].Module), x.Name(x.Drift[i].Resource))] = nil
		}
		r := configReader{into: x.expressions, inside: strings.TrimPrefix(x.Inside, "/")}
		_ = r.read(x.item.Blob, x.item.Blob.Size()) // what is not found is not known
	}
	attributes := x.expressions[configKey(x.Name(c.Module), x.Name(c.Resource))]
	if attributes == nil {
		return e, false
	}
	return attributes[attribute], true
}

func configKey(module, resource string) string { return module + " " + resource }

// configReader reads the expressions of some resources.
type configReader struct {
	into   map[string]map[string]expression
	inside string // the member that the plan is, where it is a part of the document
	dec    *jsontext.Decoder
}

var errTooMuch = errors.New("an expression is too long")

// meteredReader bounds what the decoder holds of one value.
type meteredReader struct {
	r    io.Reader
	read int64
	used func() int64
}

func (m *meteredReader) Read(p []byte) (int, error) {
	if m.read-m.used() > maxExpression {
		return 0, errTooMuch
	}
	n, err := m.r.Read(p)
	m.read += int64(n)
	return n, err
}

func (r *configReader) read(blob io.ReaderAt, size int64) error {
	var head [3]byte
	start := int64(0)
	if n, _ := blob.ReadAt(head[:], 0); n == 3 && string(head[:]) == "\xef\xbb\xbf" {
		start = 3
	}
	in := &meteredReader{r: io.NewSectionReader(blob, start, size-start)}
	r.dec = jsontext.NewDecoder(in, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
	in.used = r.dec.InputOffset
	if r.inside == "" {
		return r.plan()
	}
	return r.object(func(name string) error {
		if name != r.inside {
			return r.dec.SkipValue()
		}
		return r.plan()
	})
}

func (r *configReader) plan() error {
	return r.object(func(name string) error {
		if name != "configuration" {
			return r.dec.SkipValue()
		}
		return r.object(func(name string) error {
			if name != "root_module" {
				return r.dec.SkipValue()
			}
			return r.module("")
		})
	})
}

// object calls fn for each member; another kind of value is skipped.
func (r *configReader) object(fn func(name string) error) error {
	if r.dec.PeekKind() != '{' {
		return r.dec.SkipValue()
	}
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for r.dec.PeekKind() == '"' {
		t, err := r.dec.ReadToken()
		if err != nil {
			return err
		}
		if err := fn(t.String()); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

func (r *configReader) module(path string) error {
	return r.object(func(name string) error {
		switch {
		case name == "resources" && r.dec.PeekKind() == '[':
			if _, err := r.dec.ReadToken(); err != nil {
				return err
			}
			for r.dec.PeekKind() == '{' {
				if err := r.resource(path); err != nil {
					return err
				}
			}
			_, err := r.dec.ReadToken()
			return err
		case name == "module_calls":
			return r.object(func(call string) error {
				below := "module." + call
				if path != "" {
					below = path + "." + below
				}
				return r.object(func(name string) error {
					if name != "module" {
						return r.dec.SkipValue()
					}
					return r.module(below)
				})
			})
		}
		return r.dec.SkipValue()
	})
}

// resource reads one block. Terraform writes the address, or type and name,
// before the expressions.
func (r *configReader) resource(path string) error {
	var address, typ, name string
	return r.object(func(member string) error {
		switch {
		case r.dec.PeekKind() == '"':
			t, err := r.dec.ReadToken()
			if err != nil {
				return err
			}
			switch member {
			case "address":
				address = t.String()
			case "type":
				typ = t.String()
			case "name":
				name = t.String()
			}
			return nil
		case member == "expressions":
			if address == "" {
				address = typ + "." + name
			}
			key := configKey(path, address)
			if _, wanted := r.into[key]; !wanted {
				return r.dec.SkipValue()
			}
			r.into[key] = map[string]expression{}
			return r.object(func(attribute string) error { return r.expression(key, attribute) })
		}
		return r.dec.SkipValue()
	})
}

func (r *configReader) expression(key, attribute string) error {
	e := expression{set: true}
	v, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	if v.Kind() == '{' {
		var fields struct {
			Constant *json.RawMessage `json:"constant_value"`
		}
		if json.Unmarshal(v, &fields) == nil && fields.Constant != nil {
			dec := json.NewDecoder(bytes.NewReader(*fields.Constant))
			dec.UseNumber()
			e.isConstant = dec.Decode(&e.constant) == nil
		}
	}
	r.into[key][attribute] = e
	return nil
}
