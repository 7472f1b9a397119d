package managers

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// node is a field, or an item of a list, in the tree of what a manager owns.
type node struct {
	children map[string]*node // by the element as it is printed: spec, [name=web]
	order    []string         // the names, in the order read
	member   bool             // the manager owns this itself
	value    *kubeobj.Value   // where it is said
}

// maxDepth bounds the levels: no type of the API is half as deep, except the
// schemas of CustomResourceDefinitions.
const maxDepth = 500

// The prefixes of names in fieldsV1.
//
// Source: structured-merge-diff v6.4.2 fieldpath/serialize-pe.go.
const (
	fieldPrefix = "f:" // the name of a field
	keyPrefix   = "k:" // the keys of an item of a list, as JSON
	valuePrefix = "v:" // an item of a set, as JSON
	indexPrefix = "i:" // the position of an item
)

func parse(fields *kubeobj.Value) (*node, string) {
	root := &node{value: fields}
	if !fields.Is(kubeobj.Map) {
		return nil, "fieldsV1 is no object"
	}
	if problem := root.read(fields, 0); problem != "" {
		return nil, problem
	}
	root.member = false
	return root, ""
}

// read reads what stands below a name. With nothing below it, the name itself is
// owned; a dot says the same where there is more. What begins with a prefix of a
// later version is left out, as Kubernetes does.
func (n *node) read(v *kubeobj.Value, depth int) string {
	if depth > maxDepth {
		return "fieldsV1 is nested more than " + strconv.Itoa(maxDepth) + " levels deep"
	}
	if v.Kind != kubeobj.Map && v.Kind != kubeobj.Null {
		return "something in fieldsV1 is no object"
	}
	for _, f := range v.Each() {
		if f.Name == "." {
			n.member = true
			continue
		}
		name, known, ok := element(f.Name)
		if !ok {
			return "a name in fieldsV1 is not valid"
		}
		if !known {
			continue
		}
		child := n.child(name)
		child.value = f
		if problem := child.read(f, depth+1); problem != "" {
			return problem
		}
	}
	if len(n.children) == 0 {
		n.member = true
	}
	return ""
}

func (n *node) child(name string) *node {
	if c := n.children[name]; c != nil {
		return c
	}
	if n.children == nil {
		n.children = map[string]*node{}
	}
	c := &node{}
	n.children[name] = c
	n.order = append(n.order, name)
	return c
}

// element prints a name of fieldsV1 as it stands in a path of fields.Edit: spec,
// [app.kubernetes.io/name], [name=web], [containerPort=80,protocol=TCP] (keys by
// their names), [=x] for an item of a set, [0]. Known is false for a prefix of a
// later version.
func element(s string) (printed string, known, ok bool) {
	if len(s) < 2 || s[1] != ':' {
		return "", false, false
	}
	prefix, rest := s[:2], s[2:]
	switch prefix {
	case fieldPrefix:
		return field(rest), true, true
	case valuePrefix:
		text, ok := scalar([]byte(rest))
		return "[=" + text + "]", true, ok
	case indexPrefix:
		i, err := strconv.Atoi(rest)
		return "[" + strconv.Itoa(i) + "]", true, err == nil
	case keyPrefix:
		var keys map[string]json.RawMessage
		if json.Unmarshal([]byte(rest), &keys) != nil {
			return "", true, false
		}
		parts := make([]string, 0, len(keys))
		for name, raw := range keys {
			text, ok := scalar(raw)
			if !ok {
				return "", true, false
			}
			parts = append(parts, name+"="+text)
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ",") + "]", true, true
	}
	return "", false, true
}

// scalar prints a JSON value as it is written in YAML: a string without quotes,
// 80.0 as 80.
func scalar(raw []byte) (string, bool) {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return "", false
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	text, err := json.Marshal(v)
	return string(text), err == nil
}

// field prints the name of a field: with brackets where it could be taken for a
// path.
func field(name string) string {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '$' {
			return "[" + name + "]"
		}
	}
	return name
}

// add puts an element behind a path.
func add(path, element string) string {
	if path == "" || strings.HasPrefix(element, "[") {
		return path + element
	}
	return path + "." + element
}
