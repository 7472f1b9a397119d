package crd

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

var types = []string{"array", "boolean", "integer", "number", "object", "string"}

// rootFields may stand at the root of a schema whose status has a subresource:
// its status is checked by properties.status alone (allowedFieldsAtRootSchema).
var rootFields = []string{
	"Description", "Type", "Format", "Title", "Maximum", "ExclusiveMaximum", "Minimum", "ExclusiveMinimum", "MaxLength",
	"MinLength", "Pattern", "MaxItems", "MinItems", "UniqueItems", "MultipleOf", "Required", "Items", "Properties",
	"ExternalDocs", "Example", "XPreserveUnknownFields", "XValidations",
}

// validation restates validateCustomResourceDefinitionValidation.
func (c *checker) validation(v *apiextensions.CustomResourceValidation, path *field.Path, status, unchanged bool) {
	if v == nil {
		return
	}
	before := len(c.errs)
	if v.OpenAPIV3Schema != nil {
		c.root(v.OpenAPIV3Schema, path.Child("openAPIV3Schema"), status, unchanged)
	}
	if len(c.errs) == before && !c.tooMuch {
		if _, _, err := validation.NewSchemaValidatorForVersion(v.OpenAPIV3Schema, c.compatibility); err != nil {
			c.refuse(field.Invalid(path, "", fmt.Sprintf("error building validator: %v", err)))
		}
	}
}

func (c *checker) root(s *apiextensions.JSONSchemaProps, path *field.Path, status, unchanged bool) {
	before := len(c.errs)
	if status {
		c.rootFields(s, path)
	}
	if s.Nullable {
		c.refuse(field.Forbidden(field.NewPath(path.String()+".nullable"), "nullable cannot be true at the root"))
	}
	if c.spent += work(s); c.spent > maxWork {
		c.tooMuch = true
		return
	}
	var rules *ruleContext
	structural, err := schema.NewStructural(s)
	if err == nil {
		if errs := schema.ValidateStructural(path, structural); len(errs) > 0 {
			c.refuse(errs...)
		} else if errs, fault := defaulting.ValidateDefaults(context.Background(), path, structural, true, c.demands.pruned); fault != nil {
			c.refuse(field.Invalid(path, "", fault.Error()))
		} else if len(errs) > 0 {
			c.refuse(errs...)
		} else {
			rules = rootRules(s)
		}
	}
	n := &node{checker: c, defaults: true, unchanged: unchanged}
	errs, ruleErrs := n.check(s, path, true, rules)
	c.refuse(append(errs, ruleErrs...)...)
	if err != nil && len(c.errs) == before {
		c.refuse(field.Invalid(path, "", err.Error()))
	}
	if rules != nil {
		c.refuse(rules.total.over(path)...)
	}
}

func (c *checker) rootFields(s *apiextensions.JSONSchemaProps, path *field.Path) {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		switch {
		case v.Field(i).IsZero():
		case name == "Type" && s.Type != "object":
			c.refuse(field.Invalid(path.Child("type"), s.Type, `only "object" is allowed as the type at the root of the schema if the status subresource is enabled`))
			return
		case !slices.Contains(rootFields, name):
			c.refuse(field.Invalid(path, nil, fmt.Sprintf("only %v fields are allowed at the root of the schema if the status subresource is enabled", rootFields)))
			return
		}
	}
}

// node is where in a schema the check is (ValidateCustomResourceDefinitionOpenAPISchema).
type node struct {
	*checker
	defaults     bool // defaults are allowed
	whyNot       string
	meta         bool        // inside of metadata, apiVersion or kind
	uncorrelated *field.Path // the list or map above whose items have no old value
	unchanged    bool        // the cost of a rule was accepted before
}

func (n node) without(why string) *node { n.defaults, n.whyNot = false, why; return &n }
func (n node) below(p *field.Path) *node {
	if n.uncorrelated == nil {
		n.uncorrelated = p
	}
	return &n
}

// check returns what is wrong with a schema and all below it, and what is wrong
// with rules: they are compiled only where all below is sound.
func (n *node) check(s *apiextensions.JSONSchemaProps, path *field.Path, root bool, rules *ruleContext) (errs, ruleErrs field.ErrorList) {
	if s == nil {
		return nil, nil
	}
	errs = append(n.unsupported(s, path), n.own(s, path)...)
	into := func(n *node, child *apiextensions.JSONSchemaProps, path *field.Path, rules *ruleContext) {
		e, r := n.check(child, path, false, rules)
		errs, ruleErrs = append(errs, e...), append(ruleErrs, r...)
	}
	if a := s.AdditionalProperties; a != nil {
		if len(s.Properties) > 0 && (!a.Allows || a.Schema != nil) {
			errs = append(errs, field.Forbidden(path.Child("additionalProperties"), "additionalProperties and properties are mutual exclusive"))
		}
		sub := n
		if n.meta {
			sub = n.without("inside additionalProperties applying to object metadata")
		}
		into(sub, a.Schema, path.Child("additionalProperties"), rules.values(a.Schema))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		child, sub := s.Properties[name], n
		if !cel.MapIsCorrelatable(s.XMapType) {
			sub = n.below(path)
		}
		if (root || s.XEmbeddedResource) && (name == "metadata" || name == "kind" || name == "apiVersion") {
			inside := *sub
			inside.meta = true
			if sub = &inside; root {
				sub = inside.without("in top-level " + name)
			}
		}
		into(sub, &child, path.Child("properties").Key(name), rules.property(&child, name))
	}
	into(n, s.Not, path.Child("not"), nil)
	for _, l := range []struct {
		name string
		list []apiextensions.JSONSchemaProps
	}{{"allOf", s.AllOf}, {"oneOf", s.OneOf}, {"anyOf", s.AnyOf}} {
		for i := range l.list {
			into(n, &l.list[i], path.Child(l.name).Index(i), nil)
		}
	}
	for name, child := range s.Definitions {
		into(n, &child, path.Child("definitions").Key(name), nil)
	}
	if s.Items != nil {
		sub := n
		if s.XListType == nil || *s.XListType != "map" {
			sub = n.below(path)
		}
		into(sub, s.Items.Schema, path.Child("items"), rules.items(s.Items.Schema))
		for i := range s.Items.JSONSchemas {
			into(sub, &s.Items.JSONSchemas[i], path.Child("items").Index(i), rules.items(&s.Items.JSONSchemas[i]))
		}
	}
	for name, child := range s.Dependencies {
		into(n, child.Schema, path.Child("dependencies").Key(name), nil)
	}
	errs = append(errs, lists(s, path)...)
	if n.demands.mapKeys {
		errs = append(errs, keysOfItems(s, path)...)
	}
	errs = append(errs, texts(s, path)...)
	if len(errs) == 0 && len(s.XValidations) > 0 && rules != nil {
		ruleErrs = append(ruleErrs, n.compile(s, path, rules)...)
	}
	return errs, ruleErrs
}

// unsupported restates specStandardValidatorV3.validate.
func (n *node) unsupported(s *apiextensions.JSONSchemaProps, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if n.demands.types && s.Type != "" && !slices.Contains(types, s.Type) {
		errs = append(errs, field.NotSupported(path.Child("type"), s.Type, types))
	}
	if s.Default != nil && !n.defaults {
		errs = append(errs, field.Forbidden(path.Child("default"), strings.TrimSpace("must not be set "+n.whyNot)))
	}
	for _, f := range []struct {
		name  string
		there bool
		rule  string
	}{
		{"id", s.ID != "", ""},
		{"additionalItems", s.AdditionalItems != nil, ""},
		{"patternProperties", len(s.PatternProperties) > 0, ""},
		{"definitions", len(s.Definitions) > 0, ""},
		{"dependencies", s.Dependencies != nil, ""},
		{"$ref", s.Ref != nil, ""},
		{"type", s.Type == "null", "type cannot be set to null, use nullable as an alternative"},
		{"items", s.Items != nil && len(s.Items.JSONSchemas) > 0, "items must be a schema object and not an array"},
		{"x-kubernetes-embedded-resource", n.meta && s.XEmbeddedResource, "must not be used inside of resource meta"},
	} {
		if f.there {
			rule := f.rule
			if rule == "" {
				rule = f.name + " is not supported"
			}
			errs = append(errs, field.Forbidden(path.Child(f.name), rule))
		}
	}
	return errs
}

// own is what a schema may not say about itself.
func (n *node) own(s *apiextensions.JSONSchemaProps, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	if s.UniqueItems {
		errs = append(errs, field.Forbidden(path.Child("uniqueItems"), "uniqueItems cannot be set to true since the runtime complexity becomes quadratic"))
	}
	if p := s.XPreserveUnknownFields; p != nil && !*p {
		errs = append(errs, field.Invalid(path.Child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined"))
	}
	errs = append(errs, typed(s, path, s.XMapType, "x-kubernetes-map-type", "object", "atomic", "granular")...)
	errs = append(errs, typed(s, path, s.XListType, "x-kubernetes-list-type", "array", "atomic", "set", "map")...)
	if n.demands.atomicSets && s.Type == "array" {
		if e := nonAtomicSet(s, path); e != nil {
			errs = append(errs, e)
		}
	}
	return errs
}

// typed demands the type and the values of an x-kubernetes-*-type.
func typed(s *apiextensions.JSONSchemaProps, path *field.Path, value *string, name, of string, allowed ...string) field.ErrorList {
	if value == nil {
		return nil
	}
	var errs field.ErrorList
	rule := "must be " + of + " if " + name + " is specified"
	switch s.Type {
	case of:
	case "":
		errs = append(errs, field.Required(path.Child("type"), rule))
	default:
		errs = append(errs, field.Invalid(path.Child("type"), s.Type, rule))
	}
	if !slices.Contains(allowed, *value) {
		errs = append(errs, field.NotSupported(path.Child(name), *value, allowed))
	}
	return errs
}

// nonAtomicSet finds a set of what cannot be compared as a whole.
func nonAtomicSet(s *apiextensions.JSONSchemaProps, path *field.Path) *field.Error {
	if s.XListType == nil || *s.XListType != "set" || s.Items == nil || s.Items.Schema == nil {
		return nil
	}
	const rule = "must be atomic as item of a list with x-kubernetes-list-type=set"
	switch is := s.Items.Schema; {
	case is.Type == "array" && is.XListType != nil && *is.XListType != "atomic":
		return field.Invalid(path.Child("items", "x-kubernetes-list-type"), *is.XListType, rule)
	case is.Type == "object" && (is.XMapType == nil || *is.XMapType != "atomic"):
		return field.Invalid(path.Child("items", "x-kubernetes-map-type"), nil, rule)
	}
	return nil
}
