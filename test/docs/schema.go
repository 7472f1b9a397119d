package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// schemaTable lists every key of a JSON schema, nested ones by their path:
// "environments.NAME.accounts".
func schemaTable(schema []byte) (string, error) {
	var s node
	if err := json.Unmarshal(schema, &s); err != nil {
		return "", err
	}
	var p pageText
	p.line("| key | value | meaning |")
	p.line("|---|---|---|")
	n, err := s.rows(&p, "")
	if err == nil && n == 0 {
		err = fmt.Errorf("the schema has no keys")
	}
	return p.String(), err
}

// keyForm is what a key looks like. Anything else in the schema is a mistake in
// the types that it is made from.
var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// node is as much of a JSON schema as the reference shows.
type node struct {
	Type        string           `json:"type"`
	Description string           `json:"description"`
	Properties  map[string]*node `json:"properties"`
	Additional  json.RawMessage  `json:"additionalProperties"`
	Items       *node            `json:"items"`
	Names       *node            `json:"propertyNames"`
	Required    []string         `json:"required"`
	Enum        []any            `json:"enum"`
	Pattern     string           `json:"pattern"`
	Minimum     *float64         `json:"minimum"`
	Maximum     *float64         `json:"maximum"`
}

func (n *node) rows(p *pageText, prefix string) (int, error) {
	count := 0
	for _, key := range slices.Sorted(maps.Keys(n.Properties)) {
		if !keyForm.MatchString(key) {
			return count, fmt.Errorf("the schema allows a key %q", prefix+key)
		}
		c, err := n.Properties[key].row(p, prefix+key, slices.Contains(n.Required, key))
		if count += c; err != nil {
			return count, err
		}
	}
	return count, nil
}

func (n *node) row(p *pageText, path string, required bool) (int, error) {
	meaning := n.Description
	if required {
		meaning = strings.TrimSpace(meaning + " Required.")
	}
	p.line("| `", path, "` | ", cell(n.value()), " | ", strings.ReplaceAll(cell(meaning), "*", `\*`), " |")
	below, prefix := n, path+"."
	if n.Items != nil {
		below, prefix = n.Items, path+"[]."
	} else if each := n.each(); each != nil {
		name := strings.ToUpper(strings.TrimSuffix(path[strings.LastIndex(path, ".")+1:], "s"))
		below, prefix = each, path+"."+name+"."
	}
	count, err := below.rows(p, prefix)
	return count + 1, err
}

// each is what the values of a mapping with free keys are.
func (n *node) each() *node {
	var each node
	if n.Type != "object" || len(n.Properties) > 0 || json.Unmarshal(n.Additional, &each) != nil {
		return nil
	}
	return &each
}

func (n *node) value() string {
	switch {
	case len(n.Enum) > 0:
		var words []string
		for _, w := range n.Enum {
			words = append(words, fmt.Sprintf("`%v`", w))
		}
		return strings.Join(words, ", ")
	case n.Items != nil:
		return "list: " + n.Items.value()
	case n.each() != nil && n.Names != nil:
		return "mapping: " + n.Names.value() + " to " + n.each().value()
	case n.Type == "object":
		return "mapping"
	case n.Minimum != nil && n.Maximum != nil:
		return fmt.Sprintf("%s, %g to %g", n.Type, *n.Minimum, *n.Maximum)
	case n.Type == "":
		return "-"
	}
	return n.Type
}
