package crd

import (
	"slices"

	"k8s.io/apimachinery/pkg/runtime"

	"polygraph/internal/kubeobj"
)

// Audited is an object that does not meet its definition, although it may well be
// stored: a definition is not held against what is there before it is written.
type Audited struct {
	Object *kubeobj.Object
	// Refusals are all that is wrong with it: a server refuses to create it anew.
	Refusals []Refusal
	// Tolerated is true when an update that leaves those values alone is accepted
	// all the same (from 1.30 on, CRDValidationRatcheting); otherwise every update
	// is refused, of labels and finalizers too, until they are mended.
	Tolerated bool
}

// Audit holds objects against the definitions, each as it is stored. Objects of
// other kinds are left out; unknown are those that cannot be judged, and why.
func (s *Set) Audit(objects []*kubeobj.Object) (invalid []Audited, unknown map[*kubeobj.Object]string) {
	unknown = make(map[*kubeobj.Object]string)
	for _, o := range objects {
		if s.kinds[groupKind{o.Group, o.Kind}] == nil {
			continue
		}
		refusals, tolerated, why := s.audit(o)
		switch {
		case why != "":
			unknown[o] = why
		case len(refusals) > 0:
			invalid = append(invalid, Audited{Object: o, Refusals: refusals, Tolerated: tolerated})
		}
	}
	return invalid, unknown
}

func (s *Set) audit(o *kubeobj.Object) (refusals []Refusal, tolerated bool, why string) {
	defer func() {
		if p := recover(); p != nil {
			refusals, tolerated, why = nil, false, errPanic.Error()
		}
	}()
	v, refusal, unknown := s.find(o)
	if refusal != nil {
		return []Refusal{*refusal}, false, ""
	}
	if unknown != "" {
		return nil, false, unknown
	}
	m, unknown := s.before(v, o)
	if unknown != "" {
		return nil, false, unknown
	}
	created, left := v.validate(m, nil)
	s.charge(left)
	updated, left := v.validate(runtime.DeepCopyJSON(m), m)
	s.charge(left)
	refusals = v.refusals(o, created)
	for _, r := range v.refusals(o, updated) { // rules about an update without any change
		if !slices.Contains(refusals, r) {
			refusals = append(refusals, r)
		}
	}
	return refusals, len(updated) == 0, ""
}
