package fields

import (
	"strings"
	"sync"
)

// ruling is what there is to know about a kind, in the order in which it is
// asked.
type ruling struct {
	kept     []*kept
	gated    []*gatedField
	refusals []*refusal
	effects  []*effect
}

// gatedField is a gate and one of its fields, as the kind has it.
type gatedField struct {
	*gated
	field string
}

// rulings are those of the kinds that are judged: of which an effect of any
// field is told.
var rulings = sync.OnceValue(func() map[string]*ruling {
	all := map[string]*ruling{}
	for i := range effects {
		if r := &effects[i]; r.fields == "" {
			for k := range strings.FieldsSeq(r.kinds) {
				all[k] = &ruling{}
			}
		}
	}
	for kind, b := range all {
		for i := range keptFields {
			if keptFields[i].covers(kind) {
				b.kept = append(b.kept, &keptFields[i])
			}
		}
		for i := range gates {
			for _, f := range gates[i].of(kind) {
				b.gated = append(b.gated, &gatedField{gated: &gates[i], field: f})
			}
		}
		for i := range refusals {
			if refusals[i].covers(kind) {
				b.refusals = append(b.refusals, &refusals[i])
			}
		}
		for i := range effects {
			if effects[i].covers(kind) {
				b.effects = append(b.effects, &effects[i])
			}
		}
	}
	return all
})

// covers tells whether the rule is one of a kind.
func (r *rule) covers(kind string) bool {
	if r.kinds == "" {
		return true
	}
	for k := range strings.FieldsSeq(r.kinds) {
		if k == kind {
			return true
		}
	}
	return false
}
