package crd

import (
	"context"
	"fmt"
	"math"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/model"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"k8s.io/apiserver/pkg/cel/common"
)

// validate runs the checks of the server in its order (customresource.Validate
// and ValidateUpdate, pkg/registry/customresource/strategy.go). old is nil for a
// create. It returns what is left of the cost that CEL may have.
func (v *served) validate(m, old map[string]any) (field.ErrorList, int64) {
	ctx := context.Background()
	namespaced := v.definition.namespaced()
	var errs field.ErrorList
	var checks []validation.ValidationOption
	var rules []cel.Option
	if old == nil {
		errs = apivalidation.ValidateObjectMeta(metadata(m), namespaced, apivalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
		errs = append(errs, validation.ValidateCustomResource(nil, m, v.openAPI)...)
	} else {
		if v.ratchets() {
			pair := common.NewCorrelatedObject(m, old, &model.Structural{Structural: v.structural})
			checks = append(checks, validation.WithRatcheting(pair))
			rules = append(rules, cel.WithRatcheting(pair))
		}
		errs = apivalidation.ValidateObjectMetaUpdate(metadata(m), metadata(old), field.NewPath("metadata"))
		errs = append(errs, validation.ValidateCustomResourceUpdate(nil, m, old, v.openAPI, checks...)...)
	}
	errs = append(errs, v.scale(m)...)
	errs = append(errs, objectmeta.Validate(ctx, nil, m, v.structural, false)...)
	if old == nil || len(listtype.ValidateListSetsAndMaps(nil, v.structural, old)) == 0 {
		errs = append(errs, listtype.ValidateListSetsAndMaps(nil, v.structural, m)...)
	}
	if v.rules == nil {
		return errs, celconfig.RuntimeCELCostBudget
	}
	if blocks(errs) {
		return append(errs, field.Invalid(nil, nil, "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation")), celconfig.RuntimeCELCostBudget
	}
	var before any
	if old != nil {
		before = old
	}
	found, left := v.rules.Validate(ctx, nil, v.structural, m, before, celconfig.RuntimeCELCostBudget, rules...)
	return append(errs, found...), left
}

// blocks tells whether the errors keep CEL rules from being looked at
// (strategy.go, hasBlockingErr).
func blocks(errs field.ErrorList) bool {
	for _, e := range errs {
		switch e.Type {
		case field.ErrorTypeNotSupported, field.ErrorTypeRequired, field.ErrorTypeTooLong, field.ErrorTypeTooMany, field.ErrorTypeTypeInvalid:
			return true
		}
	}
	return false
}

// scale checks what the scale subresource reads
// (customresource.ValidateScaleSpec, ValidateScaleStatus).
func (v *served) scale(m map[string]any) field.ErrorList {
	if v.version.Subresources == nil || v.version.Subresources.Scale == nil {
		return nil
	}
	s := v.version.Subresources.Scale
	var errs field.ErrorList
	for _, path := range []string{s.SpecReplicasPath, s.StatusReplicasPath} {
		n, _, err := unstructured.NestedInt64(m, strings.Split(strings.TrimPrefix(path, "."), ".")...)
		switch {
		case err != nil:
			errs = append(errs, field.Invalid(field.NewPath(path), n, "should be an integer"))
		case n < 0:
			errs = append(errs, field.Invalid(field.NewPath(path), n, "should be a non-negative integer"))
		case n > math.MaxInt32:
			errs = append(errs, field.Invalid(field.NewPath(path), n, fmt.Sprintf("should be less than or equal to %v", math.MaxInt32)))
		}
	}
	if s.LabelSelectorPath != nil {
		path := *s.LabelSelectorPath
		if _, _, err := unstructured.NestedString(m, strings.Split(strings.TrimPrefix(path, "."), ".")...); err != nil {
			errs = append(errs, field.Invalid(field.NewPath(path), "", "should be a string"))
		}
	}
	return errs
}
