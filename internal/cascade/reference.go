package cascade

import (
	"encoding/json"
	"strings"

	"polygraph/internal/tfplan"
)

// newReference tells that a drawn change did not hold the old value of what it
// refers to: then the reference itself may be the edit, and the change would be
// in the plan without the cause. A value that was transformed on the way (a
// hash, a substring) looks the same, so this is a doubt and no verdict.
func (f *finder) newReference(c *tfplan.Change, links []Link) bool {
	if c.Data {
		return false
	}
	checked := false
	for _, l := range links {
		if l.Basis != Referred || l.From.Data {
			return false
		}
		if l.FromAttr == "" {
			// The whole object, or which of its attributes the plan does not say.
			if l.From.Action.Replaces() || f.holdsIdentifier(c, l) {
				return false
			}
			checked = true
			continue
		}
		old, known := f.oldValueOf(l.From, l.FromAttr)
		if !known {
			return false
		}
		checked = true
		for _, was := range f.oldValues(c, l.Attribute) {
			if strings.Contains(was, old) {
				return false
			}
		}
	}
	return checked
}

// holdsIdentifier tells whether a change held what identified its source.
func (f *finder) holdsIdentifier(c *tfplan.Change, l Link) bool {
	for _, was := range f.oldValues(c, l.Attribute) {
		for _, id := range f.identifiersOf(l.From) {
			if strings.Contains(was, id.value) {
				return true
			}
		}
	}
	return false
}

// source is one attribute of one change.
type source struct {
	change *tfplan.Change
	attr   string
}

// oldValueOf is what an attribute held before, when it is a plain scalar that
// may be shown.
func (f *finder) oldValueOf(m *tfplan.Change, attr string) (string, bool) {
	key := source{m, attr}
	if v, ok := f.scalars[key]; ok {
		return v, v != ""
	}
	v := ""
	if d, err := f.Detail(m); err == nil {
		switch x := d.Before[attr].(type) {
		case string:
			v = x
		case json.Number:
			v = string(x)
		}
	}
	f.scalars[key] = v
	return v, v != ""
}
