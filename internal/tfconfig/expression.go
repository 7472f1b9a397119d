package tfconfig

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// keeps names the functions that keep what they are given: at most they write
// it in another form.
func keeps(function string) bool {
	switch function {
	case "jsonencode", "yamlencode", "tostring", "tolist", "toset", "tomap", "tonumber", "tobool", "nonsensitive":
		return true
	}
	return false
}

// fill gives an attribute what its expression says.
func (r *reader) fill(a *Attribute, e hclsyntax.Expression, under string) {
	e, a.Function = unwrap(e)
	w := walker{reader: r, members: &a.Members}
	v, known := w.value(e, "")
	hide := secretName(a.Name) || a.Name == "default" && secretName(under) || a.Function == "sensitive"
	if hide {
		v = seal(v)
	}
	a.Known = known
	if p, ok := v.(Part); ok {
		a.References = p.References
		if !hide {
			a.Text = p.Text
		}
		return
	}
	a.Value = v
	if !known {
		a.References = r.references(e)
		if _, ok := e.(*hclsyntax.TemplateExpr); ok && a.Function == "" {
			a.Function = "template"
		}
	}
}

// unwrap takes parentheses and functions that keep their argument off.
func unwrap(e hclsyntax.Expression) (hclsyntax.Expression, string) {
	function := ""
	for {
		switch x := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			e = x.Expression
		case *hclsyntax.TemplateWrapExpr: // "${x}" is x
			e = x.Wrapped
		case *hclsyntax.FunctionCallExpr:
			if len(x.Args) != 1 || x.ExpandFinal || !keeps(x.Name) && x.Name != "sensitive" {
				return e, function
			}
			if function == "" || x.Name == "sensitive" {
				function = x.Name
			}
			e = x.Args[0]
		default:
			return e, function
		}
	}
}

// walker reads one expression.
type walker struct {
	*reader
	members *[]Member
}

// value returns what the expression is worth as far as it is literal, and a
// Part where nothing of it is.
func (w *walker) value(e hclsyntax.Expression, path string) (v any, known bool) {
	if w.kept > MaxKept {
		return nil, false
	}
	e, function := unwrap(e)
	defer func() {
		if function == "sensitive" {
			v = seal(v)
		}
	}()
	switch x := e.(type) {
	case *hclsyntax.TupleConsExpr:
		list, known := make([]any, 0, len(x.Exprs)), true
		for i, item := range x.Exprs {
			v, ok := w.value(item, path+"/"+strconv.Itoa(i))
			list, known = append(list, v), known && ok
			w.kept += 16
		}
		return list, known
	case *hclsyntax.ObjectConsExpr:
		return w.object(x, path)
	}
	if v, ok := w.literal(e); ok {
		return v, true
	}
	if t, ok := e.(*hclsyntax.TemplateExpr); ok && path == "" {
		if v, ok := w.document(t); ok {
			return v, false
		}
	}
	return w.part(e), false
}

func (w *walker) object(x *hclsyntax.ObjectConsExpr, path string) (any, bool) {
	out, known := make(map[string]any, len(x.Items)), true
	for _, item := range x.Items {
		key, ok := w.key(item.KeyExpr)
		if !ok {
			known = false // a computed name: its value is among the references
			continue
		}
		at := path + "/" + pointer(key)
		v, ok := w.value(item.ValueExpr, at)
		if secretName(key) {
			v = seal(v)
		}
		out[key], known = v, known && ok
		*w.members = append(*w.members, Member{Path: at, Offset: int64(item.KeyExpr.Range().Start.Byte)})
		w.kept += 96 + len(at) + len(key)
	}
	sealNamed(out)
	return out, known
}

func (w *walker) key(e hclsyntax.Expression) (string, bool) {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if !k.ForceNonLiteral {
			if s := hcl.ExprAsKeyword(k.Wrapped); s != "" {
				return w.word(s), true
			}
		}
		e = k.Wrapped
	}
	v, ok := w.literal(e)
	if !ok {
		return "", false
	}
	switch v := v.(type) {
	case string:
		return w.word(v), true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

// literal returns the value of an expression that is written out.
func (r *reader) literal(e hclsyntax.Expression) (any, bool) {
	switch x := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return r.scalar(x.Val)
	case *hclsyntax.ParenthesesExpr:
		return r.literal(x.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return r.literal(x.Wrapped)
	case *hclsyntax.UnaryOpExpr:
		v, ok := r.literal(x.Val)
		if n, number := v.(json.Number); ok && number && x.Op == hclsyntax.OpNegate {
			if s, negative := strings.CutPrefix(n.String(), "-"); negative {
				return json.Number(s), true
			}
			return "-" + n, true
		}
	case *hclsyntax.TemplateExpr:
		if len(x.Parts) == 1 {
			if v, ok := r.literal(x.Parts[0]); ok {
				s, ok := text(v)
				return s, ok
			}
			return nil, false
		}
		var b strings.Builder
		for _, p := range x.Parts {
			v, ok := r.literal(p)
			s, scalar := text(v)
			if !ok || !scalar {
				return nil, false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return nil, false
}

// text writes a scalar as a template does.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

func (r *reader) scalar(v cty.Value) (any, bool) {
	switch {
	case !v.IsKnown() || v.IsMarked():
		return nil, false
	case v.IsNull():
		return nil, true
	case v.Type() == cty.String:
		s := v.AsString()
		r.kept += len(s)
		return s, true
	case v.Type() == cty.Bool:
		return v.True(), true
	case v.Type() == cty.Number:
		return number(v.AsBigFloat())
	}
	return nil, false
}

// number writes a number as it would be written, and refuses one with an
// exponent so large that it would take memory.
func number(f *big.Float) (any, bool) {
	if e := f.MantExp(nil); f.IsInf() || e > 4096 || e < -4096 {
		return nil, false
	}
	if f.IsInt() {
		return json.Number(f.Text('f', 0)), true
	}
	// Terraform's numbers have 512 bits; more digits than a float64 has are of
	// no use to anybody.
	return json.Number(f.Text('g', 17)), true
}

// part describes what is not literal.
func (r *reader) part(e hclsyntax.Expression) Part {
	p := Part{References: r.references(e)}
	switch x := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		p.Text = "${" + r.source(x.Range()) + "}"
	case *hclsyntax.TemplateExpr:
		var b strings.Builder
		for _, part := range x.Parts {
			if v, ok := r.literal(part); ok {
				s, _ := text(v)
				b.WriteString(escape(s))
			} else {
				b.WriteString("${" + r.source(part.Range()) + "}")
			}
			if b.Len() > maxText {
				break
			}
		}
		p.Text = b.String()
	}
	if len(p.Text) > maxText {
		p.Text = strings.ToValidUTF8(p.Text[:maxText], "")
	}
	r.kept += len(p.Text) + 40
	return p
}

// escape writes literal text as it stands in a template.
func escape(s string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "${", "$${"), "%{", "%%{")
}

func (r *reader) source(rng hcl.Range) string {
	return string(rng.SliceBytes(r.src))
}

// references are the traversals in an expression without their keys.
func (r *reader) references(e hclsyntax.Expression) []string {
	var out []string
	for _, t := range e.Variables() {
		if len(out) == maxReferences {
			break
		}
		name := traversal(t)
		if name != "" && !slices.Contains(out, name) {
			out = append(out, r.word(name))
		}
	}
	return slices.Clip(out)
}

func traversal(t hcl.Traversal) string {
	if len(t) == 1 {
		return t.RootName()
	}
	var b strings.Builder
	for _, step := range t {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(s.Name)
		case hcl.TraverseAttr:
			b.WriteByte('.')
			b.WriteString(s.Name)
		}
	}
	return b.String()
}

func pointer(s string) string {
	if !strings.ContainsAny(s, "~/") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}
