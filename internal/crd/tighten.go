package crd

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apimachinery/pkg/api/equality"

	"polygraph/internal/fields"
)

// compare walks two schemas and tells what the change of each node does. What is
// stored is not held against a schema when the schema changes, only when it is
// written.
func (x *observer) compare(was, is *apiextensions.JSONSchemaProps, at string) {
	for _, t := range constraints(was, is) {
		x.constraint(at, t)
	}
	x.fields(was, is, at)
	switch {
	case was.Items == nil || is.Items == nil || was.Items.Schema == nil || is.Items.Schema == nil:
	default:
		x.compare(was.Items.Schema, is.Items.Schema, at+".items")
	}
	a, b := was.AdditionalProperties, is.AdditionalProperties
	if a != nil && b != nil && a.Schema != nil && b.Schema != nil {
		x.compare(a.Schema, b.Schema, at+".additionalProperties")
	}
}

// fields tells of those that come and go.
func (x *observer) fields(was, is *apiextensions.JSONSchemaProps, at string) {
	for _, name := range slices.Sorted(maps.Keys(was.Properties)) {
		path := at + ".properties[" + name + "]"
		child, stays := is.Properties[name]
		if stays {
			old := was.Properties[name]
			x.compare(&old, &child, path)
			continue
		}
		if is.AdditionalProperties == nil && (is.XPreserveUnknownFields == nil || !*is.XPreserveUnknownFields) {
			x.add(path, fields.Outcome{
				Mechanism: fields.Dropped, Source: handlerSource,
				Because: "the field goes: its values are dropped when objects are read, and from the store when they are written",
			})
		}
	}
	preserved := func(s *apiextensions.JSONSchemaProps) bool {
		return s.XPreserveUnknownFields != nil && *s.XPreserveUnknownFields
	}
	if preserved(was) && !preserved(is) {
		x.add(at, fields.Outcome{
			Mechanism: fields.Dropped, Source: handlerSource,
			Because: "unknown fields are not preserved any more: they are dropped when objects are read, and from the store when they are written",
		})
	}
	if is.Default != nil && !equality.Semantic.DeepEqual(was.Default, is.Default) {
		because := "the default holds at once for all objects without the field, also for stored ones, as it is filled in on reading"
		if was.Default != nil {
			because += "; objects written before have the former default in the store and keep it"
		}
		x.add(at+".default", fields.Outcome{Mechanism: fields.InPlace, Because: because, Source: handlerSource})
	}
	if is.Default == nil && was.Default != nil {
		x.add(at, fields.Outcome{
			Mechanism: fields.InPlace, Source: handlerSource,
			Because: "no default is filled in any more; objects written before have it in the store and keep it",
		})
	}
}

func (x *observer) constraint(at string, t constraint) {
	path := at
	if t.name != "" {
		path += "." + t.name
	}
	if !t.tighter {
		x.add(path, fields.Outcome{Mechanism: fields.InPlace, Because: t.what + ": more is accepted", Source: handlerSource})
		return
	}
	still := "stored objects that do not meet it stay, and the next write of them is refused"
	if x.server >= since130 {
		still = "stored objects that do not meet it stay; a write of them is refused when it touches the value, or adds it"
	}
	x.add(path, fields.Outcome{
		Mechanism: fields.Stored, Still: still, Source: "k8s.io/apiextensions-apiserver/pkg/registry/customresource, strategy.go",
		Because: t.what + ": it is asked of objects when they are written",
	})
}

// constraint is one that differs. Where nobody can say which of two is the
// stricter one (patterns, rules), the new one counts as stricter.
type constraint struct {
	name, what string
	tighter    bool
}

func constraints(was, is *apiextensions.JSONSchemaProps) []constraint {
	var out []constraint
	add := func(name, what string, tighter bool) { out = append(out, constraint{name, what, tighter}) }
	if was.Type != is.Type || was.XIntOrString != is.XIntOrString {
		add("type", "another type", !is.XIntOrString && (is.Type != "" && !(was.Type == "integer" && is.Type == "number")))
	}
	for _, name := range is.Required {
		if !slices.Contains(was.Required, name) {
			add("required", name+" is required", true)
		}
	}
	for _, name := range was.Required {
		if !slices.Contains(is.Required, name) {
			add("required", name+" is not required any more", false)
		}
	}
	if !equality.Semantic.DeepEqual(was.Enum, is.Enum) {
		fewer := len(is.Enum) > 0 && (len(was.Enum) == 0 || slices.ContainsFunc(was.Enum, func(v apiextensions.JSON) bool {
			return !slices.ContainsFunc(is.Enum, func(w apiextensions.JSON) bool { return text(v) == text(w) })
		}))
		add("enum", "other values are allowed", fewer)
	}
	for _, b := range []struct {
		name    string
		was, is *int64
		upper   bool
	}{
		{"maxLength", was.MaxLength, is.MaxLength, true},
		{"minLength", was.MinLength, is.MinLength, false},
		{"maxItems", was.MaxItems, is.MaxItems, true},
		{"minItems", was.MinItems, is.MinItems, false},
		{"maxProperties", was.MaxProperties, is.MaxProperties, true},
		{"minProperties", was.MinProperties, is.MinProperties, false},
	} {
		out = append(out, bound(b.name, b.was, b.is, b.upper)...)
	}
	out = append(out, bound("maximum", was.Maximum, is.Maximum, true)...)
	out = append(out, bound("minimum", was.Minimum, is.Minimum, false)...)
	for _, e := range []struct {
		name    string
		was, is bool
	}{{"exclusiveMaximum", was.ExclusiveMaximum, is.ExclusiveMaximum}, {"exclusiveMinimum", was.ExclusiveMinimum, is.ExclusiveMinimum}} {
		if e.was != e.is {
			add(e.name, e.name+" changes", e.is)
		}
	}
	for _, s := range []struct{ name, was, is string }{{"pattern", was.Pattern, is.Pattern}, {"format", was.Format, is.Format}} {
		if s.was != s.is {
			add(s.name, "another "+s.name, s.is != "")
		}
	}
	if was.Nullable != is.Nullable {
		add("nullable", fmt.Sprintf("nullable is %v", is.Nullable), was.Nullable)
	}
	if !equality.Semantic.DeepEqual(was.MultipleOf, is.MultipleOf) {
		add("multipleOf", "another multipleOf", is.MultipleOf != nil)
	}
	out = append(out, structure(was, is)...)
	return append(out, rules(was, is)...)
}

func bound[T int64 | float64](name string, was, is *T, upper bool) []constraint {
	if was == is || was != nil && is != nil && *was == *is {
		return nil
	}
	if is == nil {
		return []constraint{{name, name + " is gone", false}}
	}
	tighter := was == nil || upper && *is < *was || !upper && *is > *was
	return []constraint{{name, fmt.Sprintf("%s is %v", name, *is), tighter}}
}

// structure is about lists and junctions.
func structure(was, is *apiextensions.JSONSchemaProps) []constraint {
	var out []constraint
	list := func(s *apiextensions.JSONSchemaProps) string {
		if s.XListType == nil {
			return "atomic"
		}
		return fmt.Sprint(*s.XListType, s.XListMapKeys)
	}
	if a, b := list(was), list(is); a != b {
		out = append(out, constraint{"", "items are told apart otherwise (x-kubernetes-list-type)", b != "atomic"})
	}
	for _, j := range []struct {
		name    string
		was, is any
		there   bool
	}{
		{"allOf", was.AllOf, is.AllOf, len(is.AllOf) > 0},
		{"anyOf", was.AnyOf, is.AnyOf, len(is.AnyOf) > 0},
		{"oneOf", was.OneOf, is.OneOf, len(is.OneOf) > 0},
		{"not", was.Not, is.Not, is.Not != nil},
	} {
		if !equality.Semantic.DeepEqual(j.was, j.is) {
			out = append(out, constraint{j.name, "another " + j.name, j.there})
		}
	}
	return out
}

func rules(was, is *apiextensions.JSONSchemaProps) []constraint {
	var out []constraint
	in := func(list apiextensions.ValidationRules, r apiextensions.ValidationRule) bool {
		return slices.ContainsFunc(list, func(o apiextensions.ValidationRule) bool {
			return o.Rule == r.Rule && equality.Semantic.DeepEqual(o.OptionalOldSelf, r.OptionalOldSelf)
		})
	}
	for i, r := range is.XValidations {
		if !in(was.XValidations, r) {
			out = append(out, constraint{fmt.Sprintf("x-kubernetes-validations[%d]", i), "a new rule: " + r.Rule, true})
		}
	}
	for _, r := range was.XValidations {
		if !in(is.XValidations, r) {
			out = append(out, constraint{"x-kubernetes-validations", "a rule is gone: " + r.Rule, false})
		}
	}
	return out
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(data)
}
