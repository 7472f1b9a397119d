package crd

import (
	"reflect"
	"slices"

	celgo "github.com/google/cel-go/cel"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilversion "k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/cel/environment"
)

// checker collects what the server says about a definition.
type checker struct {
	demands       demands
	env           *environment.EnvSet
	compatibility *utilversion.Version
	errs          field.ErrorList
	spent         int // see work
	tooMuch       bool
}

// demands are what is asked of a definition. One that was stored before the
// server asked for something is not asked for it afterwards
// (ValidateCustomResourceDefinitionUpdate).
type demands struct {
	schemas, types, structural, pruned, atomicSets, mapKeys, reviews, caBundle bool

	rules, messages map[string]bool // CEL that was accepted before
	unchanged       map[string]bool // versions whose schema is as it was
	manySelectable  map[string]bool // versions that had too many selectable fields
}

func demandsOf(old *apiextensions.CustomResourceDefinition) demands {
	d := demands{
		schemas: true, types: true, structural: true, pruned: true, atomicSets: true, mapKeys: true, reviews: true,
		rules: make(map[string]bool), messages: make(map[string]bool), unchanged: make(map[string]bool), manySelectable: make(map[string]bool),
	}
	if old == nil {
		return d
	}
	for _, s := range schemas(&old.Spec) {
		d.relax(s)
	}
	whole := old.Spec.Validation != nil && old.Spec.Validation.OpenAPIV3Schema != nil
	for _, v := range old.Spec.Versions {
		if !whole && (v.Schema == nil || v.Schema.OpenAPIV3Schema == nil) {
			d.schemas = false
		}
	}
	c := old.Spec.Conversion
	d.reviews = c == nil || len(c.ConversionReviewVersions) == 0 ||
		slices.ContainsFunc(c.ConversionReviewVersions, func(v string) bool { return v == "v1" || v == "v1beta1" })
	if apiextensions.IsCRDConditionTrue(old, apiextensions.Established) {
		d.caBundle = c == nil || c.WebhookClientConfig == nil || len(c.WebhookClientConfig.CABundle) == 0 || validBundle(c.WebhookClientConfig.CABundle)
	}
	return d
}

// relax drops the demands that a stored schema does not meet.
func (d *demands) relax(s *apiextensions.JSONSchemaProps) {
	structural, err := schema.NewStructural(s)
	if err != nil || len(schema.ValidateStructural(nil, structural)) > 0 {
		d.structural = false
	} else if has(s, func(n *apiextensions.JSONSchemaProps) bool { return n.Default != nil }) {
		pruned := structural.DeepCopy()
		if defaulting.PruneDefaults(pruned) == nil && !reflect.DeepEqual(structural, pruned) {
			d.pruned = false
		}
	}
	each(s, func(n *apiextensions.JSONSchemaProps) {
		if n.Type != "" && !slices.Contains(types, n.Type) {
			d.types = false
		}
		if nonAtomicSet(n, nil) != nil {
			d.atomicSets = false
		}
		if len(keysOfItems(n, field.NewPath(""))) > 0 {
			d.mapKeys = false
		}
		for _, v := range n.XValidations {
			d.rules[v.Rule] = true
			if v.MessageExpression != "" {
				d.messages[v.MessageExpression] = true
			}
		}
	})
}

// compare notes which versions are as they were.
func (d *demands) compare(after, before *apiextensions.CustomResourceDefinition) {
	for _, v := range after.Spec.Versions {
		is, err := apiextensions.GetSchemaForVersion(after, v.Name)
		was, wasErr := apiextensions.GetSchemaForVersion(before, v.Name)
		if err == nil && wasErr == nil && equality.Semantic.DeepEqual(is, was) {
			d.unchanged[v.Name] = true
		}
		for _, b := range before.Spec.Versions {
			if b.Name == v.Name && len(b.SelectableFields) > 8 && equality.Semantic.DeepEqual(v.SelectableFields, b.SelectableFields) {
				d.manySelectable[v.Name] = true
			}
		}
	}
	if len(before.Spec.SelectableFields) > 8 && equality.Semantic.DeepEqual(after.Spec.SelectableFields, before.Spec.SelectableFields) {
		d.manySelectable[""] = true
	}
}

// RuleEnv and MessageExpressionEnv choose the libraries of an expression: what
// was accepted before may use those of a newer server.
func (d *demands) RuleEnv(set *environment.EnvSet, expression string) *celgo.Env {
	if d.rules[expression] {
		return set.StoredExpressionsEnv()
	}
	return set.NewExpressionsEnv()
}

// MessageExpressionEnv is RuleEnv for messages.
func (d *demands) MessageExpressionEnv(set *environment.EnvSet, expression string) *celgo.Env {
	if d.messages[expression] {
		return set.StoredExpressionsEnv()
	}
	return set.NewExpressionsEnv()
}
