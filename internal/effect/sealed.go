package effect

import (
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// shortest is the length from which on a value of a plan without marks counts as
// something that must not be shown: numbers of versions are shorter.
const shortest = 4

// sealed takes the values of a plan that does not say what is sensitive out of
// what is said about it. Addresses, which are no values, stay.
func sealed(o *Object, out Outcome) Outcome {
	if out.Verdict == InEffect {
		return out // nothing is said
	}
	var values, addresses []string
	for _, x := range append([]*Object{o}, objectsOf(out)...) {
		d, err := x.Detail()
		if err != nil || !d.Unmasked {
			continue
		}
		addresses = append(addresses, x.Address)
		values = leaves(d.Before, leaves(d.After, values))
	}
	if len(values) == 0 {
		return out
	}
	open := strings.Join(addresses, " ")
	values = slices.DeleteFunc(values, func(v string) bool {
		return len(v) < shortest || v == evidence.Redacted || strings.Contains(open, v)
	})
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	hide := func(s string) string {
		for _, v := range values {
			s = strings.ReplaceAll(s, v, evidence.Redacted)
		}
		return s
	}
	out.Title, out.Remedy.Text, out.Remedy.Patch = hide(out.Title), hide(out.Remedy.Text), hide(out.Remedy.Patch)
	out.Remedy.Commands = slices.DeleteFunc(slices.Clone(out.Remedy.Commands), func(s string) bool { return hide(s) != s })
	out.Proof, out.Missing = slices.Clone(out.Proof), slices.Clone(out.Missing)
	for i := range out.Proof {
		out.Proof[i].Text = hide(out.Proof[i].Text)
	}
	for i := range out.Missing {
		out.Missing[i].Evidence, out.Missing[i].Get = hide(out.Missing[i].Evidence), hide(out.Missing[i].Get)
	}
	return out
}

func objectsOf(out Outcome) []*Object {
	var list []*Object
	for _, f := range out.Proof {
		if !slices.Contains(list, f.Object) {
			list = append(list, f.Object)
		}
	}
	return list
}

// leaves appends the texts in a value.
func leaves(v any, into []string) []string {
	switch x := v.(type) {
	case map[string]any:
		for _, e := range x {
			into = leaves(e, into)
		}
	case []any:
		for _, e := range x {
			into = leaves(e, into)
		}
	default:
		if s := Text(v); s != "" {
			into = append(into, s)
		}
	}
	return into
}
