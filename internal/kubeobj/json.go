package kubeobj

import (
	"errors"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// stream reads JSON documents one after the other.
type stream struct {
	*tree
	text string
	base int // where dec began
	dec  *jsontext.Decoder
	// again is called where a name stands again in its map.
	again func(offset int)
}

func newStream(t *tree, text string, from, end int, again func(int)) *stream {
	return &stream{
		tree: t, text: text, base: from, again: again,
		dec: jsontext.NewDecoder(strings.NewReader(text[from:end]), jsontext.AllowDuplicateNames(true)),
	}
}

var errFull = errors.New("a bound was met")

// document reads the next one; io.EOF when there is none.
func (s *stream) document() (Value, error) {
	if s.dec.PeekKind() == 0 {
		_, err := s.dec.ReadToken()
		return Value{}, err
	}
	return s.value(0)
}

// offset is where reading stands.
func (s *stream) offset() int { return s.base + int(s.dec.InputOffset()) }

func (s *stream) value(depth int) (Value, error) {
	if depth > MaxDepth || s.count+len(s.stack) > MaxValues {
		return Value{}, errFull
	}
	switch k := s.dec.PeekKind(); k {
	case '{', '[':
		if _, err := s.dec.ReadToken(); err != nil {
			return Value{}, err
		}
		v := Value{Offset: uint32(s.offset() - 1), Kind: List}
		if k == '{' {
			v.Kind = Map
		}
		base := len(s.stack)
		for {
			switch s.dec.PeekKind() {
			case '}', ']':
				if _, err := s.dec.ReadToken(); err != nil {
					return Value{}, err
				}
				if k == '{' && s.twice(base) {
					s.again(int(v.Offset))
					s.last(base)
				}
				v.Items = s.take(base)
				return v, nil
			}
			name := ""
			if k == '{' {
				n, err := s.scalar()
				if err != nil {
					return Value{}, err
				}
				name = n.Text
			}
			item, err := s.value(depth + 1)
			if err != nil {
				return Value{}, err
			}
			item.Name = name
			s.stack = append(s.stack, item)
		}
	}
	return s.scalar()
}

func (s *stream) scalar() (Value, error) {
	raw, err := s.dec.ReadValue()
	if err != nil {
		return Value{}, err
	}
	start := s.offset() - len(raw)
	v := Value{Offset: uint32(start)}
	written := s.text[start : start+len(raw)]
	switch raw.Kind() {
	case 'n':
		v.Kind = Null
	case 't', 'f':
		v.Kind, v.Text = Bool, written
	case '0':
		v.Kind, v.Text = Number, written
	default:
		v.Kind = String
		if strings.IndexByte(written, '\\') < 0 {
			v.Text = written[1 : len(written)-1]
			break
		}
		b, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return Value{}, err
		}
		v.Text = string(b)
	}
	return v, nil
}

// cut tells whether a text ended too early.
func cut(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
