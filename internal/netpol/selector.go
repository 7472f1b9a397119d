package netpol

import (
	"k8s.io/apimachinery/pkg/api/validate/content"

	"polygraph/internal/kubeobj"
)

// all is the conjunction of expressions, as short as it goes.
func all(terms ...Expr) Expr {
	var out []Expr
	for _, t := range terms {
		switch t.Op {
		case All:
		case None:
			return Expr{Op: None}
		case And:
			out = append(out, t.Terms...)
		default:
			out = append(out, t)
		}
	}
	switch len(out) {
	case 0:
		return Expr{}
	case 1:
		return out[0]
	}
	return Expr{Op: And, Terms: out}
}

// within is true of what is in a namespace.
func within(namespace string) Expr {
	return Expr{Op: In, On: Namespace, Values: []string{namespace}}
}

// requirement is one line of a label selector.
type requirement struct {
	key    string
	op     Op // In, NotIn, Exists, NotExists
	values []string
	at     uint32
	pair   bool // of matchLabels
}

// requirements reads a label selector; ok is false where something in it is none.
// An empty one has none and selects everything.
//
// Source: LabelSelectorAsSelector, apimachinery v0.37.2
// pkg/apis/meta/v1/helpers.go, and ValidateLabelSelector, the same
// pkg/apis/meta/v1/validation/validation.go.
func (r *reading) requirements(v *kubeobj.Value, path string, name func(key string) string) (out []requirement, ok bool) {
	before := len(r.local)
	if !r.fields(v, path, "matchLabels", "matchExpressions") {
		return nil, false
	}
	if pairs := field(v, "matchLabels"); pairs != nil && r.is(pairs, kubeobj.Map, path+".matchLabels") {
		for _, f := range pairs.Each() {
			path := path + ".matchLabels"
			if r.label(f.Offset, f.Name, path, name) && r.value(f, path+"["+f.Name+"]") {
				out = append(out, requirement{f.Name, In, []string{f.Text}, f.Offset, true})
			}
		}
	}
	items, _ := r.list(v, "matchExpressions", path)
	for i := range items {
		if q, ok := r.expression(&items[i], item(path+".matchExpressions", i), name); ok {
			out = append(out, q)
		}
	}
	return out, len(r.local) == before
}

var operators = map[string]Op{"In": In, "NotIn": NotIn, "Exists": Exists, "DoesNotExist": NotExists}

func (r *reading) expression(e *kubeobj.Value, path string, name func(key string) string) (q requirement, ok bool) {
	if !r.fields(e, path, "key", "operator", "values") {
		return q, false
	}
	key, operator := field(e, "key"), field(e, "operator")
	if key == nil || operator == nil {
		r.refuse(e.Offset, "Write key and operator.", "%s has no key or no operator", path)
		return q, false
	}
	if !r.is(key, kubeobj.String, path+".key") || !r.is(operator, kubeobj.String, path+".operator") || !r.label(key.Offset, key.Text, path+".key", name) {
		return q, false
	}
	q = requirement{key: key.Text, at: e.Offset}
	if q.op, ok = operators[operator.Text]; !ok {
		r.refuse(operator.Offset, "Write In, NotIn, Exists or DoesNotExist.", "%s: %s is no operator", path, short(operator.Text))
		return q, false
	}
	values, _ := r.list(e, "values", path)
	for i := range values {
		if !r.value(&values[i], item(path+".values", i)) {
			return q, false
		}
		q.values = append(q.values, values[i].Text)
	}
	switch set := q.op == In || q.op == NotIn; {
	case set && len(values) == 0:
		r.refuse(e.Offset, "Write the values, or use Exists or DoesNotExist.", "%s: %s without values", path, operator.Text)
		return q, false
	case !set && len(values) > 0:
		r.refuse(e.Offset, "Leave the values out, or use In or NotIn.", "%s: %s with values", path, operator.Text)
		return q, false
	}
	return q, true
}

// label tells that a text is the key of a label. name takes off what an engine
// writes before a key.
func (r *reading) label(at uint32, key, path string, name func(key string) string) bool {
	if v := (kubeobj.Value{Kind: kubeobj.String, Text: key, Offset: at}); !r.final(&v, path) {
		return false
	}
	if name != nil {
		key = name(key)
	}
	if problems := content.IsLabelKey(key); len(problems) > 0 {
		r.refuse(at, "Write the key as it stands on the object.", "%s: %s is no key of a label", path, short(key))
		return false
	}
	return true
}

func (r *reading) value(v *kubeobj.Value, path string) bool {
	if !r.is(v, kubeobj.String, path) {
		return false
	}
	if problems := content.IsLabelValue(v.Text); len(problems) > 0 {
		r.refuse(v.Offset, "Write the value as it stands on the object.", "%s: %s is no value of a label", path, short(v.Text))
		return false
	}
	return true
}

// labels reads a label selector over one attribute. What is no selector is true of
// everything, and the caller finds why in local.
func (r *reading) labels(v *kubeobj.Value, path string, on Attribute) Expr {
	list, ok := r.requirements(v, path, nil)
	if !ok {
		return Expr{}
	}
	terms := make([]Expr, len(list))
	for i, q := range list {
		terms[i] = Expr{Op: q.op, On: on, Key: q.key, Values: q.values}
	}
	return all(terms...)
}
