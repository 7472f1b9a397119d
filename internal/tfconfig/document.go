package tfconfig

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The marks that stand for an interpolation while a template is read as JSON:
// characters of a private use area, which nobody writes.
const (
	markStart = "\uE0F1"
	markEnd   = "\uE0F2"
)

// document reads a template that makes a JSON object or list, as container
// definitions in a heredoc: interpolations are Parts of its value.
func (w *walker) document(t *hclsyntax.TemplateExpr) (any, bool) {
	if len(t.Parts) == 0 {
		return nil, false
	}
	first, ok := w.literal(t.Parts[0])
	head, isText := first.(string)
	if head = strings.TrimSpace(head); !ok || !isText || head == "" || head[0] != '{' && head[0] != '[' {
		return nil, false
	}
	var b strings.Builder
	quoted := false
	for i, p := range t.Parts {
		v, ok := w.literal(p)
		if s, scalar := text(v); ok && scalar {
			if strings.Contains(s, markStart) {
				return nil, false
			}
			b.WriteString(s)
			quoted = inside(s, quoted)
			continue
		}
		mark := fmt.Sprint(markStart, i, markEnd)
		if !quoted {
			mark = `"` + mark + `"`
		}
		b.WriteString(mark)
	}
	dec := json.NewDecoder(bytes.NewReader([]byte(b.String())))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil || dec.More() {
		return nil, false
	}
	w.kept += 2 * b.Len()
	return w.unmark(v, t), true
}

// inside tells whether the text ends inside of a JSON string.
func inside(s string, quoted bool) bool {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted:
			i++
		case s[i] == '"':
			quoted = !quoted
		}
	}
	return quoted
}

// unmark puts Parts where marks stand.
func (w *walker) unmark(v any, t *hclsyntax.TemplateExpr) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = w.unmark(v[i], t)
		}
		return v
	case map[string]any:
		for k := range v {
			if strings.Contains(k, markStart) {
				delete(v, k) // a computed name: its value is among the references
				continue
			}
			v[k] = w.unmark(v[k], t)
			if secretName(k) {
				v[k] = seal(v[k])
			}
		}
		sealNamed(v)
		return v
	case string:
		if strings.Contains(v, markStart) {
			return w.marked(v, t)
		}
		return v
	}
	return v
}

// marked is a string with interpolations in it.
func (w *walker) marked(s string, t *hclsyntax.TemplateExpr) Part {
	var p Part
	var b strings.Builder
	for s != "" {
		before, rest, found := strings.Cut(s, markStart)
		b.WriteString(escape(before))
		if !found {
			break
		}
		var i int
		number, after, _ := strings.Cut(rest, markEnd)
		if _, err := fmt.Sscan(number, &i); err == nil && i < len(t.Parts) {
			b.WriteString("${" + w.source(t.Parts[i].Range()) + "}")
			p.References = append(p.References, w.references(t.Parts[i])...)
		}
		s = after
	}
	p.Text = b.String()
	if len(p.Text) > maxText {
		p.Text = strings.ToValidUTF8(p.Text[:maxText], "")
	}
	return p
}
