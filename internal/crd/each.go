package crd

import "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"

// each visits a schema and all schemas in it.
func each(s *apiextensions.JSONSchemaProps, visit func(*apiextensions.JSONSchemaProps)) {
	if s == nil {
		return
	}
	visit(s)
	children(s, func(child *apiextensions.JSONSchemaProps) { each(child, visit) })
}

// children visits the schemas right below a schema; of what stands in a map, a
// copy.
func children(s *apiextensions.JSONSchemaProps, visit func(*apiextensions.JSONSchemaProps)) {
	one := func(c *apiextensions.JSONSchemaProps) {
		if c != nil {
			visit(c)
		}
	}
	some := func(list []apiextensions.JSONSchemaProps) {
		for i := range list {
			visit(&list[i])
		}
	}
	named := func(m map[string]apiextensions.JSONSchemaProps) {
		for _, c := range m {
			visit(&c)
		}
	}
	if s.Items != nil {
		one(s.Items.Schema)
		some(s.Items.JSONSchemas)
	}
	some(s.AllOf)
	some(s.AnyOf)
	some(s.OneOf)
	one(s.Not)
	named(s.Properties)
	named(s.PatternProperties)
	named(s.Definitions)
	if s.AdditionalProperties != nil {
		one(s.AdditionalProperties.Schema)
	}
	if s.AdditionalItems != nil {
		one(s.AdditionalItems.Schema)
	}
	for _, d := range s.Dependencies {
		one(d.Schema)
	}
}

// has tells whether a schema or one in it is so.
func has(s *apiextensions.JSONSchemaProps, is func(*apiextensions.JSONSchemaProps) bool) bool {
	found := false
	each(s, func(n *apiextensions.JSONSchemaProps) { found = found || is(n) })
	return found
}
