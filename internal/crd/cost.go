package crd

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	apiservercel "k8s.io/apiserver/pkg/cel"
)

const (
	maxRuleCost  = 10_000_000  // StaticEstimatedCostLimit, of one expression
	maxTotalCost = 100_000_000 // StaticEstimatedCRDCostLimit, of one schema

	// maxWork bounds what compiling a definition may take; see work.
	maxWork = 500_000
	// ruleWork is what a rule costs, in nodes: milliseconds instead of microseconds.
	ruleWork = 200
)

// work is about how many schema nodes are visited to compile a schema: for each
// node with rules all below it become types of CEL, and once more for each
// default above. HTTPRoute of the Gateway API, v1.6.3, which has more rules than
// others, needs some twenty thousand.
func work(s *apiextensions.JSONSchemaProps) int {
	_, _, total := effort(s)
	return total
}

func effort(s *apiextensions.JSONSchemaProps) (nodes, rules, total int) {
	if s == nil {
		return 0, 0, 0
	}
	nodes = 1
	children(s, func(child *apiextensions.JSONSchemaProps) {
		n, r, t := effort(child)
		nodes, rules, total = nodes+n, rules+r, total+t
	})
	if len(s.XValidations) > 0 {
		here := nodes + ruleWork*len(s.XValidations)
		rules, total = rules+here, total+here
	}
	if s.Default != nil {
		total += rules
	}
	return nodes, rules, min(total, maxWork+1)
}

// ruleContext follows the walk through a schema with what its rules need: their
// type, and how often the node can occur (CELSchemaContext).
type ruleContext struct {
	schema *apiextensions.JSONSchemaProps
	parent *ruleContext
	access func(*ruleType) *ruleType // the type, from the parent's
	within bool                      // rules stand here or above
	times  *uint64                   // nil is unbounded
	total  *totalCost

	known *ruleType
	err   error
}

type ruleType struct {
	schema *schema.Structural
	decl   *apiservercel.DeclType
}

func rootRules(s *apiextensions.JSONSchemaProps) *ruleContext {
	once := uint64(1)
	return &ruleContext{schema: s, within: len(s.XValidations) > 0, times: &once, total: &totalCost{}}
}

func (c *ruleContext) property(s *apiextensions.JSONSchemaProps, name string) *ruleContext {
	return c.child(s, func(t *ruleType) *ruleType {
		p := t.schema.Properties[name]
		if escaped, ok := apiservercel.Escape(name); ok && t.schema.Properties != nil {
			if f, ok := t.decl.Fields[escaped]; ok {
				return &ruleType{&p, f.Type}
			}
		}
		return nil
	})
}

func (c *ruleContext) items(s *apiextensions.JSONSchemaProps) *ruleContext {
	return c.child(s, func(t *ruleType) *ruleType {
		if t.schema.Items == nil {
			return nil
		}
		return &ruleType{t.schema.Items, t.decl.ElemType}
	})
}

func (c *ruleContext) values(s *apiextensions.JSONSchemaProps) *ruleContext {
	return c.child(s, func(t *ruleType) *ruleType {
		if t.schema.AdditionalProperties == nil {
			return nil
		}
		return &ruleType{t.schema.AdditionalProperties.Structural, t.decl.ElemType}
	})
}

func (c *ruleContext) child(s *apiextensions.JSONSchemaProps, access func(*ruleType) *ruleType) *ruleContext {
	if c == nil {
		return nil
	}
	out := &ruleContext{schema: s, parent: c, access: access, within: c.within || s != nil && len(s.XValidations) > 0, total: c.total}
	if each := most(c.schema); c.times != nil && each != nil {
		n := product(*c.times, *each)
		out.times = &n
	}
	return out
}

// most is how many children a node can have at each of its places; nil is any
// number.
func most(s *apiextensions.JSONSchemaProps) *uint64 {
	one := uint64(1)
	var limit *int64
	switch {
	case s == nil:
		return nil
	case s.Type == "object" && s.AdditionalProperties != nil:
		limit = s.MaxProperties
	case s.Type == "array":
		limit = s.MaxItems
	default:
		return &one
	}
	if limit == nil {
		return nil
	}
	n := uint64(max(*limit, 0))
	return &n
}

func product(cost, times uint64) uint64 {
	if cost != 0 && math.MaxUint64/cost < times {
		return math.MaxUint64
	}
	return cost * times
}

// types returns the type of the rules here, from the parent where that is
// possible: making it anew goes through all below.
func (c *ruleContext) types() (*ruleType, error) {
	if c == nil || !c.within {
		return nil, nil
	}
	if c.known != nil || c.err != nil {
		return c.known, c.err
	}
	if c.parent != nil {
		above, err := c.parent.types()
		if err != nil {
			c.err = err
			return nil, err
		}
		if above != nil {
			if c.known = c.access(above); c.known != nil {
				return c.known, nil
			}
		}
	}
	structural, err := schema.NewStructural(c.schema)
	if err != nil {
		c.err = err
		return nil, err
	}
	decl := model.SchemaDeclType(structural, c.parent == nil || c.schema.XEmbeddedResource)
	if decl == nil {
		c.err = errors.New("unable to convert structural schema to CEL declarations")
		return nil, c.err
	}
	c.known = &ruleType{structural, decl}
	return c.known, nil
}

// compile is the part about rules of ValidateCustomResourceDefinitionOpenAPISchema.
func (n *node) compile(s *apiextensions.JSONSchemaProps, path *field.Path, rules *ruleContext) field.ErrorList {
	all := path.Child("x-kubernetes-validations")
	t, err := rules.types()
	if err == nil && t == nil {
		err = errors.New("internal error: failed to retrieve type information for x-kubernetes-validations")
	}
	if err != nil {
		return field.ErrorList{field.InternalError(all, err)}
	}
	compiled, err := cel.Compile(t.schema, t.decl, celconfig.PerCallLimit, n.env, &n.demands)
	if err != nil {
		return field.ErrorList{field.InternalError(all, err)}
	}
	var errs field.ErrorList
	for i, r := range compiled {
		at := all.Index(i)
		times := r.MaxCardinality
		if rules.times != nil {
			times = *rules.times
		}
		errs = append(errs, n.spend(at.Child("rule"), "estimated rule cost", product(r.MaxCost, times), rules.total)...)
		if r.Error != nil {
			if r.Error.Type == apiservercel.ErrorTypeRequired {
				errs = append(errs, field.Required(at.Child("rule"), r.Error.Detail))
			} else {
				errs = append(errs, field.Invalid(at.Child("rule"), nil, r.Error.Detail))
			}
		}
		if r.MessageExpressionError != nil {
			errs = append(errs, field.Invalid(at.Child("messageExpression"), nil, r.MessageExpressionError.Detail))
		} else if r.MessageExpression != nil {
			errs = append(errs, n.spend(at.Child("messageExpression"), "estimated messageExpression cost", r.MessageExpressionMaxCost, rules.total)...)
		}
		switch {
		case r.UsesOldSelf && n.uncorrelated != nil:
			errs = append(errs, field.Invalid(at.Child("rule"), nil, fmt.Sprintf("oldSelf cannot be used on the uncorrelatable portion of the schema within %v", n.uncorrelated)))
		case !r.UsesOldSelf && s.XValidations[i].OptionalOldSelf != nil:
			errs = append(errs, field.Invalid(at.Child("optionalOldSelf"), nil, "may not be set if oldSelf is not used in rule"))
		}
	}
	return errs
}

func (n *node) spend(path *field.Path, what string, cost uint64, total *totalCost) field.ErrorList {
	total.add(path, cost)
	if n.unchanged || cost <= maxRuleCost {
		return nil
	}
	return field.ErrorList{field.Forbidden(path, exceeds(what, cost, maxRuleCost))}
}

// totalCost is what the rules of one schema cost together at most.
type totalCost struct {
	sum     uint64
	largest []ruleCost
}

type ruleCost struct {
	path *field.Path
	cost uint64
}

func (t *totalCost) add(path *field.Path, cost uint64) {
	if t.sum += cost; t.sum < cost {
		t.sum = math.MaxUint64
	}
	if cost >= maxTotalCost/100 {
		t.largest = append(t.largest, ruleCost{path, cost})
	}
}

// over names the four dearest rules where all together cost too much.
func (t *totalCost) over(path *field.Path) field.ErrorList {
	if t.sum <= maxTotalCost {
		return nil
	}
	slices.SortStableFunc(t.largest, func(a, b ruleCost) int {
		switch {
		case a.cost > b.cost:
			return -1
		case a.cost < b.cost:
			return 1
		}
		return 0
	})
	var errs field.ErrorList
	for _, r := range t.largest[:min(4, len(t.largest))] {
		errs = append(errs, field.Forbidden(r.path, "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema"))
	}
	return append(errs, field.Forbidden(path, exceeds("x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema", t.sum, maxTotalCost)))
}

func exceeds(what string, cost, limit uint64) string {
	by := "more than 100x"
	if factor := float64(cost) / float64(limit); factor < 1.5 {
		by = fmt.Sprintf("%fx", factor)
	} else if factor <= 100 {
		by = fmt.Sprintf("%.1fx", factor)
	}
	return fmt.Sprintf("%s exceeds budget by factor of %s (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)", what, by)
}
