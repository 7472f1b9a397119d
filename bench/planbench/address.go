package planbench

import (
	"cmp"
	"encoding/json"
	"fmt"
)

// key is the index of a module or resource instance: absent, a number (count) or a text (for_each).
type key struct {
	text   string
	number int
	kind   keyKind
}

type keyKind uint8

const (
	noKey keyKind = iota
	countKey
	eachKey
)

func each(text string) key   { return key{text: text, kind: eachKey} }
func count(number int) key   { return key{number: number, kind: countKey} }
func (k key) String() string { return k.wrap("[", "]") }

func (k key) wrap(open, end string) string {
	switch k.kind {
	case countKey:
		return fmt.Sprintf("%s%d%s", open, k.number, end)
	case eachKey:
		return fmt.Sprintf("%s%q%s", open, k.text, end)
	}
	return ""
}

// index is the key as the JSON field "index", or nil without a key.
func (k key) index() json.RawMessage {
	if k.kind == noKey {
		return nil
	}
	return json.RawMessage(k.wrap("", ""))
}

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.kind, other.kind), cmp.Compare(k.number, other.number), cmp.Compare(k.text, other.text))
}

// module is one instance of a module call. The root has no parent.
type module struct {
	parent    *module
	name      string
	key       key
	depth     int
	address   string
	children  []*module
	instances []*instance
}

func (m *module) child(name string, k key) *module {
	c := &module{parent: m, name: name, key: k, depth: m.depth + 1}
	c.address = "module." + name + k.String()
	if m.address != "" {
		c.address = m.address + "." + c.address
	}
	m.children = append(m.children, c)
	return c
}

// compare orders modules as Terraform does: the shallow ones first, then step by step.
func (m *module) compare(other *module) int {
	if m == other {
		return 0
	}
	if c := cmp.Compare(m.depth, other.depth); c != 0 {
		return c
	}
	if c := m.parent.compare(other.parent); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(m.name, other.name), m.key.compare(other.key))
}
