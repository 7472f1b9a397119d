package stateful

import (
	"slices"
	"strconv"
	"strings"
)

// Example makes an object of the state that keeps its data, or one that loses it, with no other
// attributes than those that the entry reads. It answers false where there is no such object: nothing
// keeps what has no guards, nothing loses what an [Always] guard keeps, and a guard that rests on
// [Condition.Outside] evidence can be neither shown to hold nor to fail.
func (e Entry) Example(kept bool) (map[string]any, bool) {
	if !kept {
		return e.losing()
	}
	for i := range e.Guards {
		if object, ok := e.keeping(i); ok {
			return object, true
		}
	}
	return nil, false
}

// losing fails every guard by its own condition, and fulfils what the guards need besides, so that
// each guard is one change away from holding.
func (e Entry) losing() (map[string]any, bool) {
	object := e.frame()
	for _, g := range e.Guards {
		value, ok := g.failing()
		if !ok {
			return nil, false
		}
		for _, c := range g.With {
			c.fulfil(object)
		}
		set(object, g.Attribute, value)
	}
	return object, true
}

// keeping makes an object that only guard i keeps, as far as the others can fail at all.
func (e Entry) keeping(i int) (map[string]any, bool) {
	object := e.frame()
	for j, g := range e.Guards {
		if value, ok := g.failing(); ok && j != i {
			set(object, g.Attribute, value)
		}
	}
	g := e.Guards[i]
	for _, c := range append([]Condition{g.Condition}, g.With...) {
		if !c.fulfil(object) {
			return nil, false
		}
	}
	return object, true
}

// frame has the attributes that do not decide.
func (e Entry) frame() map[string]any {
	object := map[string]any{}
	if e.DerivedWhen != nil {
		set(object, e.DerivedWhen.Attribute, nil)
	}
	for _, g := range e.Guards {
		if g.Needs != "" {
			set(object, g.Needs, "final-copy")
		}
	}
	return object
}

// fulfil sets a value that holds.
func (c Condition) fulfil(object map[string]any) bool {
	if c.Outside {
		return false
	}
	var value any
	switch c.Keeps {
	case IsTrue:
		value = true
	case IsFalse:
		value = false
	case Positive:
		value = float64(7)
	case NonEmpty:
		value = "final-copy"
	case OneOf:
		value = c.Values[0]
	case Always:
		if value = c.Default; c.Attribute == "" {
			return true
		}
	}
	set(object, c.Attribute, value)
	return true
}

// failing returns a value that fails, when there is one.
func (c Condition) failing() (any, bool) {
	if c.Outside {
		return nil, false
	}
	switch c.Keeps {
	case IsTrue:
		return false, true
	case IsFalse:
		return true, true
	case Positive:
		return float64(0), true
	case NonEmpty:
		return nil, true
	case OneOf:
		if s, ok := c.Default.(string); ok && c.Otherwise == "" && !slices.Contains(c.Values, s) {
			return s, true
		}
		return c.Otherwise, c.Otherwise != ""
	}
	return nil, false
}

// set writes a value at a path and makes the blocks on the way.
func set(object map[string]any, path string, value any) {
	key, rest, nested := strings.Cut(path, ".")
	if !nested {
		object[key] = value
		return
	}
	index, deeper, _ := strings.Cut(rest, ".")
	if _, err := strconv.Atoi(index); err != nil {
		deeper = rest
	}
	list, _ := object[key].([]any)
	if len(list) == 0 {
		list = []any{map[string]any{}}
		object[key] = list
	}
	set(list[0].(map[string]any), deeper, value)
}
