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

// Object is one object of a state.
type Object struct {
	Address string
	Type    string
	ID      string // attribute id, "" when the object has none
	Data    bool
	Deposed bool
}

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
		Module    string `json:"module"`
		Mode      string `json:"mode"`
		Type      string `json:"type"`
		Name      string `json:"name"`
		Instances []struct {
			IndexKey   jsontext.Value `json:"index_key"`
			Deposed    string         `json:"deposed"`
			Attributes struct {
				ID jsontext.Value `json:"id"`
			} `json:"attributes"`
		} `json:"instances"`
	} `json:"resources"`
	Values *struct {
		Root module `json:"root_module"`
	} `json:"values"`
}

type module struct {
	Resources []struct {
		Address string `json:"address"`
		Mode    string `json:"mode"`
		Type    string `json:"type"`
		Deposed string `json:"deposed_key"`
		Values  struct {
			ID jsontext.Value `json:"id"`
		} `json:"values"`
	} `json:"resources"`
	Children []module `json:"child_modules"`
}

// Read reads a state. Errors are *evidence.Problem.
func Read(ctx context.Context, item *evidence.Item) (*State, error) {
	const again = "write it again with `terraform state pull > terraform.tfstate`"
	if item.Blob.Size() > MaxSize {
		return nil, &evidence.Problem{Reason: fmt.Sprintf("the state is larger than %d MiB, the most that is examined", MaxSize>>20), Do: "split the state"}
	}
	var d document
	in := &meter{r: skipBOM(io.NewSectionReader(item.Blob, 0, item.Blob.Size()))}
	dec := jsontext.NewDecoder(in, jsontext.AllowInvalidUTF8(true))
	in.used = dec.InputOffset
	err := json.UnmarshalDecode(dec, &d)
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
			s.Objects = append(s.Objects, Object{
				Address: address + key(in.IndexKey), Type: r.Type, ID: text(in.Attributes.ID),
				Data: r.Mode == "data", Deposed: in.Deposed != "",
			})
		}
	}
}

func (s *State) values(m module) {
	for _, r := range m.Resources {
		s.Objects = append(s.Objects, Object{
			Address: r.Address, Type: r.Type, ID: text(r.Values.ID), Data: r.Mode == "data", Deposed: r.Deposed != "",
		})
	}
	for _, c := range m.Children {
		s.values(c)
	}
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

func skipBOM(r io.Reader) io.Reader {
	var head [3]byte
	n, _ := io.ReadFull(r, head[:])
	return io.MultiReader(bytes.NewReader(bytes.TrimPrefix(head[:n], []byte("\xef\xbb\xbf"))), r)
}
