package tfconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"polygraph/internal/evidence"
)

// maxDepthJSON bounds how deep the values of a JSON file may nest.
const maxDepthJSON = 1000

// node is a value of a JSON file with its place.
type node struct {
	kind    jsontext.Kind
	scalar  any // string, json.Number, bool or nil
	members []member
	items   []node
	offset  int64
	end     int64
}

type member struct {
	name   string
	offset int64
	value  node
}

// json reads the JSON syntax of Terraform: the names at the top are types of
// blocks, and what stands below them are labels as far as the type has some.
//
// Source: Terraform, JSON Configuration Syntax
// (developer.hashicorp.com/terraform/language/syntax/json).
func (r *reader) json() ([]Block, error) {
	d := &documents{reader: r, dec: jsontext.NewDecoder(bytes.NewReader(r.src), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	root, err := d.value(0)
	if err == nil {
		if _, err = d.dec.ReadToken(); errors.Is(err, io.EOF) {
			err = nil
		} else if err == nil {
			err = errors.New("more than one value")
		}
	}
	var p *evidence.Problem
	switch {
	case errors.As(err, &p):
		return nil, p
	case err != nil:
		return nil, d.broken()
	case root.kind != '{' && root.kind != '[':
		return nil, &evidence.Problem{Reason: "not a JSON object", Do: "run `terraform validate` in its folder, and mend what it says"}
	}
	var out []Block
	for _, o := range objects(&root) {
		for i := range o.members {
			m := &o.members[i]
			if m.name != "//" {
				out = append(out, r.typed(m, labels("", m.name), "")...)
			}
		}
	}
	return out, nil
}

// documents reads nodes.
type documents struct {
	*reader
	dec    *jsontext.Decoder
	tokens int
}

func (d *documents) broken() *evidence.Problem {
	at := min(int(d.dec.InputOffset()), len(d.src))
	line := 1 + bytes.Count(d.src[:at], []byte("\n"))
	column := at - bytes.LastIndexByte(d.src[:at], '\n')
	return &evidence.Problem{
		Reason: fmt.Sprintf("not valid JSON at line %d, column %d", line, column),
		Do:     "run `terraform validate` in its folder, and mend what it says",
	}
}

// start is where the next token begins.
func (d *documents) start() int64 {
	at := d.dec.InputOffset()
	for at < int64(len(d.src)) && strings.IndexByte(" \t\r\n,:", d.src[at]) >= 0 {
		at++
	}
	return at
}

func (d *documents) value(depth int) (node, error) {
	if d.tokens++; d.tokens > MaxTokens/4 || depth > maxDepthJSON {
		return node{}, &evidence.Problem{
			Reason: fmt.Sprintf("more than %d values, or more than %d inside of each other: not read", MaxTokens/4, maxDepthJSON),
			Do:     "split the file: Terraform reads all files of a folder as one",
		}
	}
	n := node{offset: d.start()}
	t, err := d.dec.ReadToken()
	if err != nil {
		return n, err
	}
	switch n.kind = t.Kind(); n.kind {
	case '{':
		for d.dec.PeekKind() != '}' {
			m := member{offset: d.start()}
			name, err := d.dec.ReadToken()
			if err != nil {
				return n, err
			}
			m.name = name.String()
			if m.value, err = d.value(depth + 1); err != nil {
				return n, err
			}
			n.members = append(n.members, m)
		}
		_, err = d.dec.ReadToken()
	case '[':
		for d.dec.PeekKind() != ']' {
			item, err := d.value(depth + 1)
			if err != nil {
				return n, err
			}
			n.items = append(n.items, item)
		}
		_, err = d.dec.ReadToken()
	case '"':
		n.scalar = t.String()
	case '0':
		n.scalar = json.Number(t.String())
	case 't', 'f':
		n.scalar = t.Bool()
	}
	n.end = d.dec.InputOffset()
	return n, err
}

// objects are the objects that a value stands for: itself, or those of a list.
func objects(n *node) []*node {
	if n.kind == '{' {
		return []*node{n}
	}
	var out []*node
	for i := range n.items {
		out = append(out, objects(&n.items[i])...)
	}
	return out
}

// labels is how many labels blocks of a type have, -1 for what is no block
// wherever it stands. In is the block around it, "" at the top.
func labels(in, typ string) int {
	if in == "" {
		switch typ {
		case "resource", "data", "ephemeral", "action", "list":
			return 2
		case "provider", "variable", "output", "module", "check":
			return 1
		}
		return 0
	}
	switch typ {
	case "dynamic", "provisioner":
		return 1
	case "backend", "provider_meta":
		if in == "terraform" {
			return 1
		}
	case "data":
		if in == "check" {
			return 2
		}
	case "lifecycle", "connection", "content", "validation", "precondition", "postcondition":
		return 0
	case "required_providers", "cloud", "workspaces":
		if in == "terraform" || in == "cloud" {
			return 0
		}
	}
	return -1
}

// typed turns one member into blocks, taking as many labels as the type has.
func (r *reader) typed(m *member, labels int, under string, have ...string) []Block {
	if r.kept > MaxKept {
		return nil
	}
	typ := m.name
	if len(have) > 0 {
		typ = have[0]
	}
	var out []Block
	for _, o := range objects(&m.value) {
		if labels > 0 {
			for i := range o.members {
				next := &o.members[i]
				if next.name == "//" {
					continue
				}
				path := append([]string{typ}, have[min(1, len(have)):]...)
				out = append(out, r.typed(next, labels-1, under, append(path, next.name)...)...)
			}
			continue
		}
		b := Block{Type: r.word(typ), Offset: m.offset, End: o.end}
		for _, l := range have[min(1, len(have)):] {
			b.Labels = append(b.Labels, r.word(l))
		}
		r.kept += blockCost
		r.body(&b, o, under)
		out = append(out, b)
	}
	return out
}

func (r *reader) body(b *Block, o *node, under string) {
	if b.Type == "variable" || b.Type == "output" {
		under = b.Label(0)
		for i := range o.members {
			if m := &o.members[i]; m.name == "sensitive" && m.value.scalar == true {
				under = "secret"
			}
		}
	}
	for i := range o.members {
		m := &o.members[i]
		if m.name == "//" || r.kept > MaxKept {
			continue
		}
		n := labels(b.Type, m.name)
		if b.Type == "locals" || b.Type == "required_providers" {
			n = -1
		}
		blocks := len(objects(&m.value)) > 0
		if n >= 0 && blocks {
			b.Blocks = append(b.Blocks, r.typed(m, n, under)...)
			continue
		}
		r.kept += attributeCost
		a := Attribute{Name: r.word(m.name), Offset: m.offset, End: m.value.end}
		w := jsonWalker{reader: r, members: &a.Members}
		a.Value, a.Known = w.value(&m.value, "")
		if p, ok := a.Value.(Part); ok {
			a.Value, a.Text = nil, p.Text
		}
		a.References = w.references
		if secretName(a.Name) || a.Name == "default" && secretName(under) {
			a.Value, a.Text = seal(a.Value), ""
		}
		b.Attributes = append(b.Attributes, a)
		if blocks && b.Type != "locals" && b.Type != "required_providers" && b.Type != "variable" {
			b.Blocks = append(b.Blocks, r.typed(m, 0, under)...)
		}
	}
}

// jsonWalker reads one value; its strings are templates.
type jsonWalker struct {
	*reader
	members    *[]Member
	references []string
}

func (w *jsonWalker) value(n *node, path string) (any, bool) {
	switch n.kind {
	case '{':
		out, known := make(map[string]any, len(n.members)), true
		for i := range n.members {
			m := &n.members[i]
			at := path + "/" + pointer(m.name)
			v, ok := w.value(&m.value, at)
			if secretName(m.name) {
				v = seal(v)
			}
			out[m.name], known = v, known && ok
			*w.members = append(*w.members, Member{Path: at, Offset: m.offset})
			w.kept += 96 + len(at) + len(m.name)
		}
		sealNamed(out)
		return out, known
	case '[':
		list, known := make([]any, 0, len(n.items)), true
		for i := range n.items {
			v, ok := w.value(&n.items[i], path+"/"+strconv.Itoa(i))
			list, known = append(list, v), known && ok
		}
		w.kept += 16 * len(list)
		return list, known
	case '"':
		s, _ := n.scalar.(string)
		return w.template(s)
	}
	return n.scalar, true
}

// template reads a string of a JSON file as Terraform does.
func (w *jsonWalker) template(s string) (any, bool) {
	w.kept += len(s)
	if !strings.Contains(s, "${") && !strings.Contains(s, "%{") {
		return s, true
	}
	src := []byte(s)
	text := Part{Text: strings.ToValidUTF8(s[:min(len(s), maxText)], "")}
	if tooDeepTemplate(src) {
		return text, false
	}
	e, diags := hclsyntax.ParseTemplate(src, "", hcl.InitialPos)
	if diags.HasErrors() {
		return text, false
	}
	inner := &reader{src: src, kept: w.kept}
	e, _ = unwrap(e)
	if v, ok := inner.literal(e); ok {
		return v, true
	}
	text.References = inner.references(e)
	for _, name := range text.References {
		if len(w.references) < maxReferences {
			w.references = append(w.references, name)
		}
	}
	return text, false
}

// tooDeepTemplate measures a template without its own tokens: they are few.
func tooDeepTemplate(src []byte) bool {
	return bytes.Count(src, []byte("{"))+bytes.Count(src, []byte("("))+bytes.Count(src, []byte("["))+
		bytes.Count(src, []byte("!"))+bytes.Count(src, []byte("-"))+bytes.Count(src, []byte("?"))+bytes.Count(src, []byte("+"))+
		bytes.Count(src, []byte("=")) > MaxNesting/4
}
