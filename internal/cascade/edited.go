package cascade

import (
	"slices"

	"polygraph/internal/tfplan"
)

type attribute struct {
	change *tfplan.Change
	name   tfplan.Sym
}

// partEdited tells whether, of an attribute of which only a part is unknown,
// the known part is another one than before: then it is an edit as well.
func (f *finder) partEdited(c *tfplan.Change, attr tfplan.Sym) bool {
	if !f.Has(c.Partial, attr) {
		return false
	}
	at := attribute{c, attr}
	if known, ok := f.partly[at]; ok {
		return known
	}
	edited := false
	if d, err := f.Detail(c); err == nil && d.Before != nil {
		name := f.Name(attr)
		edited = !agree(d.Before[name], d.After[name], d.AfterUnknown[name])
	}
	f.partly[at] = edited
	return edited
}

// agree tells whether all that is known of a new value was so before.
func agree(old, new, unknown any) bool {
	switch u := unknown.(type) {
	case bool:
		if u {
			return true
		}
	case []any:
		o, ok1 := old.([]any)
		n, ok2 := new.([]any)
		if !ok1 || !ok2 || len(o) != len(n) {
			return false
		}
		at := func(i int) any {
			if i < len(u) {
				return u[i]
			}
			return nil
		}
		same := true
		for i := range n {
			same = same && agree(o[i], n[i], at(i))
		}
		return same || agreeInAnyOrder(o, n, at)
	case map[string]any:
		o, ok1 := old.(map[string]any)
		n, ok2 := new.(map[string]any)
		if !ok1 || !ok2 {
			return false
		}
		for name := range o {
			if _, there := n[name]; !there && !tfplan.Unsettled(u[name]) && !tfplan.IsEmpty(o[name]) {
				return false
			}
		}
		for name, v := range n {
			if !agree(o[name], v, u[name]) {
				return false
			}
		}
		return true
	}
	return tfplan.IsEmpty(old) && tfplan.IsEmpty(new) || tfplan.Equal(old, new)
}

// agreeInAnyOrder is for sets: an element that becomes unknown moves.
func agreeInAnyOrder(old, new []any, unknown func(int) any) bool {
	left := slices.Clone(old)
	for i, n := range new {
		j := slices.IndexFunc(left, func(o any) bool { return agree(o, n, unknown(i)) })
		if j < 0 {
			return false
		}
		left = slices.Delete(left, j, j+1)
	}
	return true
}
