package crd

import (
	"slices"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// lists is what x-kubernetes-list-map-keys asks for.
func lists(s *apiextensions.JSONSchemaProps, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	keys := path.Child("x-kubernetes-list-map-keys")
	if s.XListType == nil || *s.XListType != "map" {
		if len(s.XListMapKeys) == 0 {
			return nil
		}
		const rule = "must be map if x-kubernetes-list-map-keys is non-empty"
		if s.XListType == nil {
			return append(errs, field.Required(path.Child("x-kubernetes-list-type"), rule))
		}
		return append(errs, field.Invalid(path.Child("x-kubernetes-list-type"), *s.XListType, rule))
	}
	if len(s.XListMapKeys) == 0 {
		errs = append(errs, field.Required(keys, "must not be empty if x-kubernetes-list-type is map"))
	}
	switch items := path.Child("items"); {
	case s.Items == nil:
		return append(errs, field.Required(items, "must have a schema if x-kubernetes-list-type is map"))
	case s.Items.Schema == nil:
		return append(errs, field.Invalid(items, nil, "must only have a single schema if x-kubernetes-list-type is map"))
	case s.Items.Schema.Type != "object":
		return append(errs, field.Invalid(items.Child("type"), s.Items.Schema.Type, "must be object if parent array's x-kubernetes-list-type is map"))
	}
	for i, key := range s.XListMapKeys {
		if p, ok := s.Items.Schema.Properties[key]; !ok {
			errs = append(errs, field.Invalid(keys, nil, "entries must all be names of item properties"))
		} else if p.Type == "array" || p.Type == "object" {
			errs = append(errs, field.Invalid(path.Child("items", "properties").Key(key).Child("type"), p.Type, "must be a scalar type if parent array's x-kubernetes-list-type is map"))
		}
		if slices.Contains(s.XListMapKeys[:i], key) {
			errs = append(errs, field.Invalid(keys, nil, "must not contain duplicate entries"))
		}
	}
	return errs
}

// keysOfItems restates validateMapListKeysMapSet: an item without its key, or
// without itself, could not be told from others.
func keysOfItems(s *apiextensions.JSONSchemaProps, path *field.Path) field.ErrorList {
	if s.Items == nil || s.Items.Schema == nil || s.XListType == nil || *s.XListType != "set" && *s.XListType != "map" {
		return nil
	}
	var errs field.ErrorList
	item := s.Items.Schema
	if item.Nullable {
		errs = append(errs, field.Forbidden(path.Child("items", "nullable"), "cannot be nullable when x-kubernetes-list-type is "+*s.XListType))
	}
	if *s.XListType == "set" {
		return errs
	}
	for _, key := range s.XListMapKeys {
		p, ok := item.Properties[key]
		if !ok {
			continue
		}
		at := path.Child("items", "properties").Key(key)
		if !slices.Contains(item.Required, key) && p.Default == nil {
			errs = append(errs, field.Required(at.Child("default"), "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"))
		}
		if p.Nullable {
			errs = append(errs, field.Forbidden(at.Child("nullable"), "this property is in x-kubernetes-list-map-keys, so it cannot be nullable"))
		}
	}
	return errs
}

// texts is what must hold of the rules before they are compiled.
func texts(s *apiextensions.JSONSchemaProps, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	lines := func(s string) bool { return strings.ContainsAny(s, "\n\r") }
	for i, r := range s.XValidations {
		at := path.Child("x-kubernetes-validations").Index(i)
		rule, said := strings.TrimSpace(r.Rule), strings.TrimSpace(r.Message)
		switch {
		case rule == "":
			errs = append(errs, field.Required(at.Child("rule"), "rule is not specified"))
		case r.Message != "" && said == "":
			errs = append(errs, field.Invalid(at.Child("message"), r.Message, "must be non-empty if specified"))
		case lines(said):
			errs = append(errs, field.Invalid(at.Child("message"), r.Message, "must not contain line breaks"))
		case lines(rule) && said == "":
			errs = append(errs, field.Required(at.Child("message"), "message must be specified if rule contains line breaks"))
		}
		if r.MessageExpression != "" && strings.TrimSpace(r.MessageExpression) == "" {
			errs = append(errs, field.Required(at.Child("messageExpression"), "messageExpression must be non-empty if specified"))
		}
		reasons := []string{"FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"}
		if r.Reason != nil && !slices.Contains(reasons, string(*r.Reason)) {
			errs = append(errs, field.NotSupported(at.Child("reason"), string(*r.Reason), reasons))
		}
		errs = append(errs, fieldPath(s, r.FieldPath, at.Child("fieldPath"))...)
	}
	return errs
}

func fieldPath(s *apiextensions.JSONSchemaProps, value string, at *field.Path) field.ErrorList {
	if value == "" {
		return nil
	}
	var errs field.ErrorList
	if strings.TrimSpace(value) == "" {
		errs = append(errs, field.Invalid(at, value, "must be non-empty if specified"))
	}
	if strings.ContainsAny(value, "\n\r") {
		errs = append(errs, field.Invalid(at, value, "must not contain line breaks"))
	}
	if structural, err := schema.NewStructural(s); err == nil {
		if _, _, err := cel.ValidFieldPath(value, structural); err != nil {
			errs = append(errs, field.Invalid(at, value, "must be a valid path"))
		}
	}
	return errs
}
