package tfplan

import "polygraph/internal/evidence"

// SealLike hides in d what another entry about the same object marks as
// sensitive: a drift entry and the change that reverts it have masks of their
// own, and what is secret in one must not be read off the other.
func (d *Detail) SealLike(o *Detail) {
	d.Before, _ = seal(d.Before, o.hidden, 0).(map[string]any)
	d.After, _ = seal(d.After, o.hidden, 0).(map[string]any)
	d.Identity, _ = d.Before["id"].(string)
}

// SealAll hides every value of d.
func (d *Detail) SealAll() {
	hide := func(m map[string]any) map[string]any {
		for name, v := range m {
			m[name] = seal(v, true, 0)
		}
		return m
	}
	d.Before, d.After = hide(d.Before), hide(d.After)
	d.Identity = ""
}

// everyElement is a mask for all the elements of a list.
type everyElement struct{ mask any }

// loosen makes a mask forget places in lists: the elements of a set stand in
// another order on the other side of the change.
func loosen(mask any) any {
	switch m := mask.(type) {
	case map[string]any:
		out := make(map[string]any, len(m))
		for k, v := range m {
			out[k] = loosen(v)
		}
		return out
	case []any:
		return everyElement{spread(m)}
	}
	return mask
}

// spread is what any element of a list hides.
func spread(list []any) any {
	var all any
	for _, m := range list {
		all = union(all, loosen(m))
	}
	return all
}

// union hides what either of two loosened masks hides.
func union(a, b any) any {
	switch x := a.(type) {
	case nil:
		return b
	case bool:
		if x {
			return true
		}
		return b
	case map[string]any:
		switch y := b.(type) {
		case map[string]any:
			out := make(map[string]any, len(x)+len(y))
			for k, v := range x {
				out[k] = union(v, y[k])
			}
			for k, v := range y {
				if _, both := x[k]; !both {
					out[k] = v
				}
			}
			return out
		case nil:
			return a
		case bool:
			return union(b, a)
		}
	case everyElement:
		switch y := b.(type) {
		case everyElement:
			return everyElement{union(x.mask, y.mask)}
		case nil:
			return a
		case bool:
			return union(b, a)
		}
	}
	return true // masks that do not fit each other: hide everything
}

// seal wraps what the mask marks. A mask of true hides the whole value, the
// names in a map included; only at depth 0, the object itself, the names are
// attributes of its type and stay. A mask that does not fit the value hides it.
func seal(v, mask any, depth int) any {
	if _, done := v.(evidence.Secret); done || v == nil {
		return v
	}
	switch m := mask.(type) {
	case bool:
		if !m {
			return v
		}
		o, ok := v.(map[string]any)
		if !ok || depth > 0 {
			return evidence.Seal(v)
		}
		out := make(map[string]any, len(o))
		for k, x := range o {
			out[k] = seal(x, true, 1)
		}
		return out
	case map[string]any:
		o, ok := v.(map[string]any)
		if !ok {
			return misfit(v, mask)
		}
		out := make(map[string]any, len(o))
		for k, x := range o {
			out[k] = seal(x, m[k], depth+1)
		}
		return out
	case []any:
		list, ok := v.([]any)
		if !ok {
			return misfit(v, mask)
		}
		out := make([]any, len(list))
		for i, x := range list {
			if i < len(m) {
				x = seal(x, m[i], depth+1)
			}
			out[i] = x
		}
		return out
	case everyElement:
		list, ok := v.([]any)
		if !ok {
			return misfit(v, mask)
		}
		out := make([]any, len(list))
		for i, x := range list {
			out[i] = seal(x, m.mask, depth+1)
		}
		return out
	}
	return v
}

// misfit hides a value whose mask has another shape and marks anything.
func misfit(v, mask any) any {
	if hides(mask) {
		return evidence.Seal(v)
	}
	return v
}

func hides(mask any) bool {
	switch m := mask.(type) {
	case bool:
		return m
	case []any:
		return hides(loosen(m))
	case everyElement:
		return hides(m.mask)
	case map[string]any:
		for _, v := range m {
			if hides(v) {
				return true
			}
		}
	default:
		return mask != nil // no mask that is known: it may mean anything
	}
	return false
}
