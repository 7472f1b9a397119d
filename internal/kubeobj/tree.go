package kubeobj

import "slices"

// tree collects values. Lists and maps of a file lie side by side in large
// pieces, not each in its own.
type tree struct {
	slab  []Value
	stack []Value // items of maps and lists that are not complete yet
	count int     // of values, all documents together
}

const slabSize = 2048

// take moves the items from base on out of the stack.
func (t *tree) take(base int) []Value {
	items := t.stack[base:]
	if len(items) == 0 {
		return nil
	}
	t.count += len(items)
	if len(items) > cap(t.slab)-len(t.slab) {
		if len(items) > slabSize/4 {
			out := slices.Clone(items)
			t.drop(base)
			return out
		}
		t.slab = make([]Value, 0, slabSize)
	}
	from := len(t.slab)
	t.slab = append(t.slab, items...)
	t.drop(base)
	return t.slab[from:len(t.slab):len(t.slab)]
}

func (t *tree) drop(base int) {
	clear(t.stack[base:])
	t.stack = t.stack[:base]
}

// twice tells whether a name stands twice among the items from base on.
func (t *tree) twice(base int) bool {
	items := t.stack[base:]
	if len(items) <= 24 {
		for i := range items {
			for j := range i {
				if items[i].Name == items[j].Name {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(items))
	for i := range items {
		seen[items[i].Name] = struct{}{}
	}
	return len(seen) < len(items)
}

// last keeps of each name among the items from base on the one that came last,
// in the place of the first.
func (t *tree) last(base int) {
	items := t.stack[base:]
	at := make(map[string]int, len(items))
	n := 0
	for _, v := range items {
		if i, ok := at[v.Name]; ok {
			items[i] = v
			continue
		}
		at[v.Name] = n
		items[n] = v
		n++
	}
	t.drop(base + n)
}
