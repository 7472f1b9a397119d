package netpol

import (
	"math"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// calicoPart is an object of Calico while it is read, with what it may refer to.
type calicoPart struct {
	*reading
	calico *calicoReader
}

func (r *calicoReader) part(o *kubeobj.Object) calicoPart {
	return calicoPart{&reading{object: o, set: r.set}, r}
}

// broken refuses a value, whatever it is; a placeholder is only not known yet.
func (c calicoPart) broken(v *kubeobj.Value, do, path, what string) {
	if c.final(v, path) {
		c.refuse(at(v, &c.object.Root), do, "%s %s", path, what)
	}
}

// known tells fields that nobody reads: they are refused, or dropped, or mean
// something in an edition that is not known here.
func (c calicoPart) known(v *kubeobj.Value, path string, fields ...string) {
	if v = notNull(v); v != nil {
		c.fields(v, path, fields...)
	}
}

// text reads a string; "" where none is written.
func (c calicoPart) text(in *kubeobj.Value, path, name string) string {
	v := field(in, name)
	if v == nil || !c.is(v, kubeobj.String, path+"."+name) {
		return ""
	}
	return v.Text
}

func (c calicoPart) flag(in *kubeobj.Value, path, name string) bool {
	v := field(in, name)
	return v != nil && c.is(v, kubeobj.Bool, path+"."+name) && v.Text == "true"
}

func (c calicoPart) order(spec *kubeobj.Value) *float64 {
	v := field(spec, "order")
	if v == nil || !c.is(v, kubeobj.Number, "spec.order") {
		return nil
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		c.broken(v, "Write a number.", "spec.order:", show(v)+" is no number")
		return nil
	}
	return &f
}

// selector reads a selector, and whether there is one. What is none is true of
// everything, and the caller finds why in local.
func (c calicoPart) selector(in *kubeobj.Value, path, name string, scope selectorScope) (e Expr, there bool) {
	text := c.text(in, path, name)
	if text == "" {
		return Expr{}, false
	}
	e, err := parseSelector(text, scope)
	if err != nil {
		do := `Write it in Calico's language, as in app == "web" && has(tier).`
		if strings.ContainsAny(text, "\r\n") {
			do = "Write it on one line: Calico takes no line breaks in a selector, and YAML's > and | leave one at the end (>- and |- do not)."
		}
		c.broken(field(in, name), do, path+"."+name, "is no selector: "+err.Error())
	}
	return e, true
}

// show is a value in a sentence.
func show(v *kubeobj.Value) string {
	switch {
	case notNull(v) == nil:
		return "nothing"
	case v.Kind == kubeobj.Map || v.Kind == kubeobj.List:
		return sorts[v.Kind]
	case v.Kind == kubeobj.String:
		return short(v.Text)
	}
	return v.Text
}

// textOf is the text of a scalar, and "" of anything else.
func textOf(v *kubeobj.Value) string {
	if notNull(v) == nil || v.Kind >= kubeobj.Map {
		return ""
	}
	return v.Text
}

// count is how many values a list has.
func count(v *kubeobj.Value) int {
	if !v.Is(kubeobj.List) {
		return 0
	}
	return len(v.Items)
}
