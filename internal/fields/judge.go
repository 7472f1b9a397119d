package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Judge says what becomes of each edit, in the order of the edits. It judges
// built-in kinds; an edit of another kind is Unknown.
//
// Each edit is judged by itself, with the others in view: a server that refuses
// one of them refuses the whole update. What an edit is refused for lies in the
// object (its own fields, its status); admission, quota and other objects are
// not here.
func Judge(v kubeschema.Version, old, new *kubeobj.Object, edits []Edit) []Outcome {
	out := make([]Outcome, len(edits))
	if old == nil || new == nil {
		return out
	}
	c := &change{version: v, kind: new.Type(), old: old, new: new, edits: edits}
	c.book = rulings()[c.kind]
	for i := range edits {
		out[i] = c.outcome(&edits[i])
	}
	return out
}

func (c *change) outcome(e *Edit) Outcome {
	if c.book == nil {
		return Outcome{Because: "the kind is not one of Kubernetes' own"}
	}
	if e.Mistyped != "" {
		return Outcome{
			Mechanism: Refused, Because: e.Mistyped, Rule: "cannot be decoded",
			Source: "apimachinery pkg/runtime/serializer/json Decode, 1.37.2",
		}
	}
	if e.Unknown {
		return Outcome{
			Mechanism: Dropped, Because: "this server has no such field; kubectl refuses it first, unless --validate is ignore or warn",
			Source: "Server Side Field Validation, kubernetes.io/docs/reference/using-api/api-concepts, 1.37",
		}
	}
	if o, ok := c.dropped(e); ok {
		return o
	}
	o, sure := c.refused(e)
	if sure || o.Because != "" {
		return o
	}
	return c.effect(e)
}

// answer is what a condition finds.
type answer uint8

const (
	no answer = iota
	yes
	unsure // what decides is not in the objects
)

func when(b bool) answer {
	if b {
		return yes
	}
	return no
}

// rule is what the rules for refusals and for effects have in common: to which
// edits they apply.
type rule struct {
	kinds  string // "Deployment.apps ReplicaSet.apps"; "" is every kind
	fields string // several, each for itself and all below; "" is every field
	but    string // except these, and below
	from   kubeschema.Version
	to     kubeschema.Version // 0 is the newest
	// when is what else must hold, and asks says it: "the claim is bound". No
	// when is always.
	when func(*change, *Edit) answer
	asks string
}

// applies tells whether the rule is about the edit, when aside.
func (r *rule) applies(v kubeschema.Version, e *Edit) bool {
	if !r.in(v) {
		return false
	}
	if r.fields == "" {
		return true
	}
	for f := range strings.FieldsSeq(r.fields) {
		if touches(e, f) {
			return !belowAny(e.Field, r.but)
		}
	}
	return false
}

func (r *rule) in(v kubeschema.Version) bool { return v >= r.from && (r.to == 0 || v <= r.to) }

// holds is what the rule's condition finds.
func (r *rule) holds(c *change, e *Edit) answer {
	if r.when == nil {
		return yes
	}
	return r.when(c, e)
}

// within tells whether a field is another one or lies below it.
func within(field, of string) bool {
	return field == of || len(field) > len(of) && field[len(of)] == '.' && field[:len(of)] == of
}

// touches tells whether an edit is one of the field, of something below it, or
// of something that comes or goes with the field in it.
func touches(e *Edit, field string) bool {
	if within(e.Field, field) {
		return true
	}
	return within(field, e.Field) && (holds(e.Old, field[len(e.Field)+1:]) || holds(e.New, field[len(e.Field)+1:]))
}
