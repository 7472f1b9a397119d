package tfstate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"polygraph/internal/evidence"
)

// MaxSize bounds a state file. States of ten thousand objects are about 100
// MiB; a larger one is not examined, and says so.
const MaxSize = 512 << 20

// State is the identity of everything in a state.
type State struct {
	Terraform string
	Serial    int64
	Lineage   string
	Objects   []Object
}

// Kind is the kind of evidence this package reads.
func Kind() *evidence.Kind { return evidence.TerraformState() }

// Detect tells whether a file that starts with head is a state.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if t := bytes.TrimLeft(text, " \t\r\n"); len(t) == 0 || t[0] != '{' {
		return nil, nil
	}
	has := func(key string) bool { return bytes.Contains(text, []byte(`"`+key+`"`)) }
	switch {
	case has("resource_changes") || has("planned_values"):
		return nil, nil // a plan, which may carry a whole state inside
	case has("lineage") && has("serial"), has("terraform_version") && has("resources") && has("version") && strings.HasSuffix(name, ".tfstate"):
		return Kind(), nil
	case has("format_version") && has("values") && has("root_module"):
		return Kind(), nil
	}
	return nil, nil
}

type document struct {
	Version   jsontext.Value `json:"version"`
	Terraform string         `json:"terraform_version"`
	Format    string         `json:"format_version"`
	Serial    int64          `json:"serial"`
	Lineage   string         `json:"lineage"`
	Resources []struct {
		Module    string     `json:"module"`
		Mode      string     `json:"mode"`
		Type      string     `json:"type"`
		Name      string     `json:"name"`
		Instances []instance `json:"instances"`
	} `json:"resources"`
	Values *struct {
		Root module `json:"root_module"`
	} `json:"values"`
}

type module struct {
	Resources []printed `json:"resources"`
	Children  []module  `json:"child_modules"`
}

// instance is one object of a state file; printed is one that was printed as JSON.
type (
	instance struct{ Object }
	printed  struct{ Object }
)

// Read reads a state. Errors are *evidence.Problem.
func Read(ctx context.Context, item *evidence.Item) (*State, error) {
	const again = "write it again with `terraform state pull > terraform.tfstate`"
	if item.Blob.Size() > MaxSize {
		return nil, &evidence.Problem{Reason: fmt.Sprintf("the state is larger than %d MiB, the most that is examined", MaxSize>>20), Do: "split the state"}
	}
	var d document
	text, skipped := skipBOM(io.NewSectionReader(item.Blob, 0, item.Blob.Size()))
	in := &meter{r: text}
	dec := jsontext.NewDecoder(in, jsontext.AllowInvalidUTF8(true))
	in.used = dec.InputOffset
	b := &builder{names: map[string]string{}, skipped: skipped}
	err := json.UnmarshalDecode(dec, &d, json.WithUnmarshalers(json.JoinUnmarshalers(
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, in *instance) error { return b.instance(dec, &in.Object) }),
		json.UnmarshalFromFunc(func(dec *jsontext.Decoder, in *printed) error { return b.printed(dec, &in.Object) }),
	)))
	if err == nil {
		if _, more := dec.ReadToken(); !errors.Is(more, io.EOF) || errors.Is(more, io.ErrUnexpectedEOF) {
			return nil, &evidence.Problem{Reason: fmt.Sprintf("there is more behind the state, at byte %d", dec.InputOffset()), Do: "keep one state per file"}
		}
	}
	if err != nil {
		// Not the decoder's own text: it may quote a value.
		reason := fmt.Sprintf("not a valid state, near byte %d", dec.InputOffset())
		switch {
		case item.Blob.Size() == 0:
			reason = "the file is empty"
		case errors.Is(err, errValueTooLong):
			reason = fmt.Sprintf("a single value is longer than %d MiB, the most that is held at once", MaxValue>>20)
		case errors.Is(err, errTooMuch):
			return nil, &evidence.Problem{
				Reason: fmt.Sprintf("the state has more than %d objects, or more than %d MiB say what they are: the most that is kept", MaxObjects, MaxKept>>20),
				Do:     "split the state",
			}
		case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
			reason = "the state is truncated"
		}
		return nil, &evidence.Problem{Reason: reason, Do: again}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := &State{Terraform: d.Terraform, Serial: d.Serial, Lineage: d.Lineage}
	switch {
	case d.Values != nil:
		if major, _, _ := strings.Cut(d.Format, "."); major != "0" && major != "1" {
			return nil, &evidence.Problem{Reason: fmt.Sprintf("state format version %q: this Polygraph reads 0.x and 1.x", d.Format), Do: "update Polygraph"}
		}
		s.values(d.Values.Root)
	case string(d.Version) == "4":
		s.instances(&d)
	case d.Version != nil:
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("state version %s: only version 4 (Terraform 0.12 and later) is read", short(d.Version)),
			Do:     "let a current Terraform upgrade it: `terraform state pull`",
		}
	case d.Format != "":
		// An empty state prints as a format version alone.
	default:
		return nil, &evidence.Problem{Reason: "not a state: it has neither version nor format_version", Do: again}
	}
	return s, nil
}

func (s *State) instances(d *document) {
	for _, r := range d.Resources {
		address := r.Type + "." + r.Name
		if r.Mode == "data" {
			address = "data." + address
		}
		if r.Module != "" {
			address = r.Module + "." + address
		}
		for _, in := range r.Instances {
			o := in.Object
			o.Address, o.Type, o.Data = address+o.Address, r.Type, r.Mode == "data"
			s.Objects = append(s.Objects, o)
		}
	}
}

func (s *State) values(m module) {
	for _, r := range m.Resources {
		s.Objects = append(s.Objects, r.Object)
	}
	for _, c := range m.Children {
		s.values(c)
	}
}

// open starts an object: it says where it stands, and is false for what is none.
func (b *builder) open(dec *jsontext.Decoder, o *Object) (bool, error) {
	if dec.PeekKind() != '{' {
		_, err := dec.ReadValue()
		return false, errors.Join(err, errShape)
	}
	if b.count++; b.count > MaxObjects {
		return false, errTooMuch
	}
	if _, err := dec.ReadToken(); err != nil {
		return false, err
	}
	o.Pointer, o.Offset = string(dec.StackPointer()), dec.InputOffset()-1+b.skipped
	return true, b.spend(len(o.Pointer) + 256)
}

var errShape = errors.New("not an object")

// instance reads one object of a state file. Its address is only the index, to
// which the caller adds the rest.
func (b *builder) instance(dec *jsontext.Decoder, o *Object) error {
	if ok, err := b.open(dec, o); !ok || err != nil {
		return err
	}
	o.Prefix = "attributes"
	var hidden jsontext.Value
	err := b.members(dec, func(name string) (err error) {
		switch name {
		case "index_key":
			var v jsontext.Value
			v, err = dec.ReadValue()
			o.Address = key(v)
		case "deposed":
			var v jsontext.Value
			v, err = dec.ReadValue()
			o.Deposed = text(v) != ""
		case "status":
			var v jsontext.Value
			v, err = dec.ReadValue()
			o.Tainted = text(v) == "tainted"
		case "sensitive_attributes":
			hidden, err = b.mask(dec)
		case "attributes":
			err = b.attributes(dec, o)
		default:
			err = dec.SkipValue()
		}
		return err
	})
	o.seal(hiddenPaths(hidden))
	return errors.Join(err, b.spend(len(o.Address)))
}

// printed reads one object of a state that was printed as JSON.
func (b *builder) printed(dec *jsontext.Decoder, o *Object) error {
	if ok, err := b.open(dec, o); !ok || err != nil {
		return err
	}
	o.Prefix = "values"
	var hidden jsontext.Value
	err := b.members(dec, func(name string) (err error) {
		var v jsontext.Value
		switch name {
		case "address", "type", "mode", "deposed_key", "tainted":
			v, err = dec.ReadValue()
			switch name {
			case "address":
				o.Address = text(v)
			case "type":
				o.Type = b.name([]byte(text(v)))
			case "mode":
				o.Data = text(v) == "data"
			case "deposed_key":
				o.Deposed = text(v) != ""
			case "tainted":
				o.Tainted = string(v) == "true"
			}
		case "sensitive_values":
			hidden, err = b.mask(dec)
		case "values":
			err = b.attributes(dec, o)
		default:
			err = dec.SkipValue()
		}
		return err
	})
	o.seal(hiddenValues(hidden))
	return errors.Join(err, b.spend(len(o.Address)))
}

// mask reads what is sensitive; one that is too long to be held hides all.
func (b *builder) mask(dec *jsontext.Decoder) (jsontext.Value, error) {
	v, err := dec.ReadValue()
	if err == nil && len(v) > maxMask {
		return jsontext.Value("0"), nil
	}
	return v.Clone(), err
}

const maxMask = 1 << 20

func (b *builder) members(dec *jsontext.Decoder, each func(name string) error) error {
	for dec.PeekKind() == '"' {
		raw, err := dec.ReadValue()
		if err != nil {
			return err
		}
		name, _ := jsontext.AppendUnquote(nil, raw)
		if err := each(string(name)); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

func key(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		return "[" + strconv.Quote(text(v)) + "]"
	case '0':
		return "[" + string(v) + "]"
	default:
		return ""
	}
}

func text(v jsontext.Value) string {
	switch v.Kind() {
	case '"':
		b, _ := jsontext.AppendUnquote(nil, v)
		return string(b)
	case '0':
		return string(v)
	default:
		return ""
	}
}

// short is a value that is no version, for people.
func short(v jsontext.Value) string {
	if v.Kind() == '0' && len(v) < 20 {
		return string(v)
	}
	return "unknown"
}

// MaxValue bounds a JSON value that has to be held at once.
const MaxValue = 16 << 20

var errValueTooLong = errors.New("value too long")

// meter refuses to feed a value beyond MaxValue: the decoder's offset stands
// still while it buffers one.
type meter struct {
	r    io.Reader
	fed  int64
	used func() int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.fed-m.used() > MaxValue {
		return 0, errValueTooLong
	}
	n, err := m.r.Read(p)
	m.fed += int64(n)
	return n, err
}

// skipBOM returns what follows a byte order mark, and how long that was.
func skipBOM(r io.Reader) (io.Reader, int64) {
	var head [3]byte
	n, _ := io.ReadFull(r, head[:])
	rest := bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf"))
	return io.MultiReader(bytes.NewReader(rest), r), int64(n - len(rest))
}
