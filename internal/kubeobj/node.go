package kubeobj

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// nodes reads one document with yaml.v3 and gives scalars, keys and merge keys
// the meaning that they have for kubectl, which reads with go-yaml v2.
type nodes struct {
	*tree
	places  *places
	base    int // of the document in the file
	again   func(offset int)
	open    map[*yaml.Node]bool // aliases that are being followed
	aliased int                 // values that came by an alias
	depth   int
}

// refusal is why a document has no value, and where.
type refusal struct {
	reason string
	line   int // from 1 in the document; 0: all of it
}

func (r *refusal) Error() string { return r.reason }

func refuse(n *yaml.Node, reason string) error { return &refusal{reason, n.Line} }

// document reads the first document of a text; rest is the line on which
// another one begins behind its end, 0 when there is none. Kind is Absent when
// there is nothing.
func (r *nodes) document(text string) (v Value, rest int, err error) {
	defer func() {
		// The library ends in a panic on some texts that are no YAML.
		if p := recover(); p != nil {
			v, rest, err = Value{}, 0, &refusal{reason: "no valid YAML"}
		}
	}()
	data := []byte(text)
	if !strings.HasSuffix(text, "\n") {
		data = append(data, '\n') // kubectl reads by lines and ends each with one
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var n yaml.Node
	switch err := dec.Decode(&n); {
	case errors.Is(err, io.EOF):
		return Value{}, 0, nil
	case err != nil:
		line := lineOf(err)
		if strings.Contains(err.Error(), "did not find expected") && line <= strings.Count(text, "\n") {
			line++ // the parser counts from 0, the scanner from 1
		}
		return Value{}, 0, &refusal{"no valid YAML" + said(err), line}
	case n.Kind != yaml.DocumentNode || len(n.Content) == 0:
		return Value{}, 0, nil
	}
	if v, err = r.value(n.Content[0]); err != nil {
		return Value{}, 0, err
	}
	var next yaml.Node
	switch err := dec.Decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		rest = max(lineOf(err), 1)
	case len(next.Content) > 0:
		rest = max(next.Content[0].Line, 1)
	}
	return v, rest, nil
}

// lineOf takes the line out of a message of the YAML library, and nothing else:
// messages may quote the text.
func lineOf(err error) int {
	var line int
	if _, e := fmt.Sscanf(strings.TrimPrefix(err.Error(), "yaml: "), "line %d:", &line); e != nil {
		return 0
	}
	return line
}

// said is what the library found wrong. Its messages are fixed texts, but for
// those that name an anchor: the file is quoted nowhere.
func said(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if _, after, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(text, "line ") {
		text = after
	}
	if strings.ContainsAny(text, "'\"`") && strings.Contains(text, "anchor") || len(text) > 80 {
		return ""
	}
	return ": " + text
}

func (r *nodes) value(n *yaml.Node) (Value, error) {
	if r.depth++; r.depth > MaxDepth+1 {
		return Value{}, refuse(n, tooDeep)
	}
	defer func() { r.depth-- }()
	if r.count+len(r.stack) > MaxValues {
		return Value{}, errFull
	}
	if len(r.open) > 0 {
		if r.aliased++; r.aliased > MaxAliased {
			return Value{}, refuse(n, tooManyAliased)
		}
	}
	switch n.Kind {
	case yaml.AliasNode:
		var v Value
		err := r.follow(n, func(to *yaml.Node) (err error) { v, err = r.value(to); return err })
		v.Offset = r.offset(n)
		return v, err
	case yaml.MappingNode:
		base := len(r.stack)
		if err := r.pairs(n); err != nil {
			return Value{}, err
		}
		if r.twice(base) {
			r.last(base)
		}
		return Value{Kind: Map, Offset: r.offset(n), Items: r.take(base)}, nil
	case yaml.SequenceNode:
		base := len(r.stack)
		for _, c := range n.Content {
			v, err := r.value(c)
			if err != nil {
				return Value{}, err
			}
			r.stack = append(r.stack, v)
		}
		return Value{Kind: List, Offset: r.offset(n), Items: r.take(base)}, nil
	}
	found, err := r.resolve(n)
	if err != nil {
		return Value{}, err
	}
	v, ok := scalar(found, n.Value)
	if !ok {
		return Value{}, refuse(n, "a number that JSON does not have")
	}
	if s, is := found.(string); is {
		v.Text = s
	}
	v.Offset = r.offset(n)
	return v, nil
}

// follow goes to what an alias stands for.
func (r *nodes) follow(n *yaml.Node, do func(*yaml.Node) error) error {
	if n.Alias == nil || r.open[n.Alias] {
		return refuse(n, "an alias that stands for itself")
	}
	if r.open == nil {
		r.open = map[*yaml.Node]bool{}
	}
	r.open[n.Alias] = true
	defer delete(r.open, n.Alias)
	return do(n.Alias)
}

// pairs puts the fields of a map on the stack. What a merge key brings counts
// from where it stands, so that it beats what stands before it: go-yaml v2
// does that, and the specification does not.
func (r *nodes) pairs(n *yaml.Node) error {
	own := map[string]struct{}{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if r.merges(k) {
			if err := r.merge(n.Content[i+1]); err != nil {
				return err
			}
			continue
		}
		name, err := r.name(k)
		if err != nil {
			return err
		}
		if _, ok := own[name]; ok {
			r.again(int(r.offset(k)))
		}
		own[name] = struct{}{}
		v, err := r.value(n.Content[i+1])
		if err != nil {
			return err
		}
		v.Name = name
		r.stack = append(r.stack, v)
	}
	return nil
}

func (r *nodes) merges(k *yaml.Node) bool {
	return k.Kind == yaml.ScalarNode && k.Value == "<<" && (k.Tag == "!!merge" || r.plain(k) && r.tag(k) == "")
}

func (r *nodes) merge(n *yaml.Node) error {
	one := func(n *yaml.Node) error {
		if n.Kind == yaml.AliasNode {
			return r.follow(n, r.merged)
		}
		return r.merged(n)
	}
	if n.Kind != yaml.SequenceNode {
		return one(n)
	}
	// Those in front beat those behind.
	for i := len(n.Content) - 1; i >= 0; i-- {
		if err := one(n.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

func (r *nodes) merged(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return refuse(n, "a merge key whose value is no map")
	}
	if r.depth++; r.depth > MaxDepth+1 {
		return refuse(n, tooDeep)
	}
	defer func() { r.depth-- }()
	if r.aliased++; r.aliased > MaxAliased { // an empty map is work too
		return refuse(n, tooManyAliased)
	}
	return r.pairs(n)
}

// name is the name of a key.
func (r *nodes) name(k *yaml.Node) (string, error) {
	if k.Kind == yaml.AliasNode {
		k = k.Alias
	}
	if k == nil || k.Kind != yaml.ScalarNode {
		return "", &refusal{reason: "a key that is a map or a list"}
	}
	found, err := r.resolve(k)
	if err != nil {
		return "", err
	}
	written := k.Value
	if s, is := found.(string); is {
		written = s
	}
	name, ok := keyName(found, written)
	if !ok {
		return "", refuse(k, "a key that JSON does not have")
	}
	return name, nil
}

func (r *nodes) offset(n *yaml.Node) uint32 {
	return uint32(r.base + r.places.offset(n.Line, n.Column))
}
