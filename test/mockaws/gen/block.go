package main

import (
	"fmt"
	"regexp"
	"strings"
)

// block turns what was read of one structure into the form of schema.json.
func (g *generated) block(class string) (map[string]any, error) {
	attributes, blocks := map[string]any{}, map[string]any{}
	for _, name := range sortedKeys(g.members[class]) {
		m := g.members[class][name]
		if name == "timeouts" {
			continue // client-side waiting: no plan tells a lie with it
		}
		presence := "optional"
		if g.required[class][name] {
			presence = "required"
		}
		if m.isBlock && m.nested != "" {
			inner, err := g.block(m.nested)
			if err != nil {
				return nil, err
			}
			inner["nesting"], inner[presence] = nesting(m), true
			if g.both[class][name] {
				inner["computed"] = true
			}
			blocks[name] = inner
			continue
		}
		typ, err := attributeType(m)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", class, name, err)
		}
		attributes[name] = map[string]any{"type": typ, presence: true}
	}
	for _, name := range sortedKeys(g.computed[class]) {
		if _, settable := g.members[class][name]; settable {
			continue
		}
		attribute, err := g.readOnly(g.computed[class][name])
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", class, name, err)
		}
		attributes[name] = attribute
	}
	out := map[string]any{"attributes": attributes}
	if len(blocks) > 0 {
		out["blocks"] = blocks
	}
	return out, nil
}

func nesting(m *member) string {
	if m.kind == "struct" {
		return "single" // at most one: a list of one in the provider's own schema
	}
	return m.kind
}

func attributeType(m *member) (string, error) {
	element := map[string]string{"string": "string", "number": "number", "boolean": "bool"}
	if m.kind == "simple" {
		if t := element[m.storage]; t != "" {
			return t, nil
		}
	}
	for suffix, kind := range map[string]string{"List": m.kind, "Map": "map"} {
		if base, ok := strings.CutSuffix(m.storage, suffix); ok && element[base] != "" && m.kind != "simple" {
			return kind + "(" + element[base] + ")", nil
		}
	}
	return "", fmt.Errorf("unknown shape %q of %q; teach gen/block.go about it", m.kind, m.storage)
}

var (
	reGetter = regexp.MustCompile(`(tolist\()?this\.get(\w+)Attribute\('`)
	reMap    = regexp.MustCompile(`new cdktf\.(\w+)Map\(`)
	reList   = regexp.MustCompile(`new (\w+?)(List|OutputReference)\(this, "\w+"(?:, (true|false))?`)
)

// readOnly reads a computed attribute's type off the expression that returns it.
func (g *generated) readOnly(expression string) (map[string]any, error) {
	simple := map[string]string{
		"String": "string", "Number": "number", "Boolean": "bool",
		"List": "list(string)", "NumberList": "list(number)", "StringMap": "map(string)",
	}
	var m []string
	switch {
	case match(reGetter, expression, &m):
		t := simple[m[2]]
		if m[1] != "" {
			t = strings.Replace(t, "list", "set", 1)
		}
		if t == "" {
			return nil, fmt.Errorf("unknown getter %s; teach gen/block.go about it", expression)
		}
		return map[string]any{"type": t, "computed": true}, nil
	case match(reMap, expression, &m):
		return map[string]any{"type": "map(" + strings.ToLower(m[1]) + ")", "computed": true}, nil
	case match(reList, expression, &m):
		inner, err := g.block(m[1])
		if err != nil {
			return nil, err
		}
		kind := "list"
		if m[3] == "true" {
			kind = "set"
		}
		return map[string]any{"type": "object", "nesting": kind, "computed": true, "fields": inner["attributes"]}, nil
	}
	return nil, fmt.Errorf("no type in %q; teach gen/block.go about it", expression)
}
