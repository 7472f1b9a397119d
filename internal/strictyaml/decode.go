package strictyaml

import (
	"encoding"
	"errors"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"polygraph/internal/finding"
)

// Located is a value and where it stands.
type Located[T any] struct {
	Value T
	At    finding.Location
}

func (Located[T]) isLocated() {}

// Map is a mapping with keys that the user chooses, in the order of the file.
type Map[K ~string, V any] []Entry[K, V]

func (Map[K, V]) isMap() {}

// Entry is one key of a Map, where it stands, and its value.
type Entry[K ~string, V any] struct {
	Key   K
	At    finding.Location
	Value V
}

type (
	located interface{ isLocated() }
	mapping interface{ isMap() }
)

// Advice is an error of a scalar type that also says what to do.
type Advice struct{ Reason, Do string }

func (a *Advice) Error() string { return a.Reason }

// field is one key that a struct takes.
type field struct {
	name, doc string
	required  bool
	index     int
	typ       reflect.Type
}

func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" || name == "-" {
			continue
		}
		out = append(out, field{name, f.Tag.Get("doc"), rest == "required", i, f.Type})
	}
	return out
}

func (d *Document) decode(root *yaml.Node, v any) {
	d.value(root, reflect.ValueOf(v).Elem(), "the file")
}

// value reads a node into v; what names it for people. It tells whether v can
// be used.
func (d *Document) value(n *yaml.Node, v reflect.Value, what string) bool {
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		if !d.value(n, p.Elem(), what) {
			return false
		}
		v.Set(p)
		return true
	}
	if _, ok := v.Interface().(located); ok {
		v.FieldByName("At").Set(reflect.ValueOf(d.at(n)))
		return d.value(n, v.FieldByName("Value"), what)
	}
	if _, ok := v.Interface().(mapping); ok {
		return d.entries(n, v, what)
	}
	if _, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return d.scalar(n, v, what)
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.object(n, v, what)
	case reflect.Slice:
		return d.list(n, v, what)
	default:
		return d.scalar(n, v, what)
	}
}

func (d *Document) object(n *yaml.Node, v reflect.Value, what string) bool {
	if !d.want(n, yaml.MappingNode, what, "a mapping (key: value)") {
		return false
	}
	if at := v.FieldByName("At"); at.IsValid() {
		at.Set(reflect.ValueOf(d.at(n)))
	}
	known := fields(v.Type())
	var names []string
	for _, f := range known {
		names = append(names, f.name)
	}
	seen := map[string]bool{}
	ok := true
	d.pairs(n, what, func(key string, k, val *yaml.Node) {
		seen[key] = true
		for _, f := range known {
			if f.name == key {
				ok = d.value(val, v.Field(f.index), "`"+key+"`") && ok
				return
			}
		}
		d.Report(d.at(k), Suggest(key, names), "unknown key %s in %s", Quote(key), what)
		ok = false
	})
	for _, f := range known {
		if f.required && !seen[f.name] {
			d.Report(d.at(n), "add it: "+f.doc, "%s has no `%s`", what, f.name)
			ok = false
		}
	}
	return ok
}

// pairs visits the keys of a mapping, each once.
func (d *Document) pairs(n *yaml.Node, what string, visit func(key string, k, v *yaml.Node)) {
	first := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode || k.ShortTag() != "!!str" {
			d.Report(d.at(k), "a key is text: put it in quotes", "a key of %s is %s", what, kind(k))
			continue
		}
		if other := first[k.Value]; other != nil {
			d.Report(d.at(k), "keep one of them", "the key %s of %s is there twice, first in line %d", Quote(k.Value), what, other.Line)
			continue
		}
		first[k.Value] = k
		visit(k.Value, k, v)
	}
}

func (d *Document) entries(n *yaml.Node, v reflect.Value, what string) bool {
	if !d.want(n, yaml.MappingNode, what, "a mapping (key: value)") {
		return false
	}
	ok := true
	d.pairs(n, what, func(key string, k, val *yaml.Node) {
		e := reflect.New(v.Type().Elem()).Elem()
		e.FieldByName("At").Set(reflect.ValueOf(d.at(k)))
		good := d.scalar(k, e.FieldByName("Key"), "a key of "+what)
		good = d.value(val, e.FieldByName("Value"), "`"+cut(key)+"`") && good
		if good {
			v.Set(reflect.Append(v, e))
		}
		ok = ok && good
	})
	return ok
}

func (d *Document) list(n *yaml.Node, v reflect.Value, what string) bool {
	if !d.want(n, yaml.SequenceNode, what, "a list") {
		return false
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, len(n.Content)))
	ok := true
	for _, c := range n.Content {
		e := reflect.New(v.Type().Elem()).Elem()
		if d.value(c, e, "an entry of "+strings.TrimPrefix(what, "an entry of ")) {
			v.Set(reflect.Append(v, e))
		} else {
			ok = false
		}
	}
	return ok
}

func (d *Document) want(n *yaml.Node, k yaml.Kind, what, expected string) bool {
	if n.Kind == k {
		return true
	}
	do := ""
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		do = "give it a value or remove the key"
	} else if k == yaml.SequenceNode && n.Kind == yaml.ScalarNode {
		do = "put it in brackets: [" + cut(n.Value) + "]"
	}
	d.Report(d.at(n), do, "%s is %s, where %s is expected", what, kind(n), expected)
	return false
}

// scalar reads text, a date (as text), an integer or a boolean.
func (d *Document) scalar(n *yaml.Node, v reflect.Value, what string) bool {
	fail := func(expected, do string) bool {
		d.Report(d.at(n), do, "%s is %s, where %s is expected", what, kind(n), expected)
		return false
	}
	tag := n.ShortTag()
	if tag == "!!null" {
		return fail(expectation(v), "give it a value or remove the key")
	}
	if n.Kind != yaml.ScalarNode {
		return fail(expectation(v), "")
	}
	switch v.Kind() {
	case reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if tag != "!!int" || err != nil || strconv.Itoa(i) != n.Value {
			return fail(expectation(v), "")
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		if tag != "!!bool" || n.Value != "true" && n.Value != "false" {
			return fail(expectation(v), "write true or false")
		}
		v.SetBool(n.Value == "true")
	default:
		_, dated := v.Interface().(interface{ IsDate() })
		if tag != "!!str" && (tag != "!!timestamp" || !dated) {
			return fail(expectation(v), quotes(n, tag))
		}
		if t, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
			if err := t.UnmarshalText([]byte(n.Value)); err != nil {
				do := ""
				var a *Advice
				if errors.As(err, &a) {
					do = a.Do
				}
				d.Report(d.at(n), do, "%s: %s", what, err)
				return false
			}
			return true
		}
		v.SetString(n.Value)
	}
	return true
}

func quotes(n *yaml.Node, tag string) string {
	do := `put it in quotes: "` + cut(n.Value) + `"`
	if tag == "!!int" {
		do += "; as a number it loses its leading zeros"
	}
	return do
}

func expectation(v reflect.Value) string {
	if e, ok := v.Interface().(interface{ Expected() string }); ok {
		return e.Expected()
	}
	switch v.Kind() {
	case reflect.Int:
		return "a whole number"
	case reflect.Bool:
		return "true or false"
	default:
		return "text"
	}
}
