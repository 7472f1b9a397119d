package fields

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

func keyed(t *kubeschema.Type) bool {
	return t != nil && (len(t.Keys) > 0 || t.Set || t.MergeKey != "")
}

// keysOf are the fields by which items are told apart. Server-side apply knows
// more than kubectl: a port by its protocol too.
func keysOf(t *kubeschema.Type) []string {
	switch {
	case t == nil || t.Set || t.MergeKey == "=" && len(t.Keys) == 0:
		return nil
	case len(t.Keys) > 0:
		return t.Keys
	case t.MergeKey != "":
		return []string{t.MergeKey}
	}
	return nil
}

// key tells an item of a keyed list, as its path shows it. A key that is not
// written is its default.
func key(t *kubeschema.Type, item *stored) string {
	keys := keysOf(t)
	if keys == nil {
		return "=" + item.text
	}
	var b strings.Builder
	for i, name := range keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(name)
		b.WriteByte('=')
		v := item.at(name)
		switch {
		case v != nil && v.kind != kubeobj.Null:
			b.WriteString(v.text)
		case name == "protocol":
			b.WriteString("TCP")
		}
	}
	return b.String()
}

func itemStep(at *step, t *kubeschema.Type, item *stored, i int) *step {
	if keyed(t) {
		return &step{up: at, keys: key(t, item), sort: stepKeyed}
	}
	return &step{up: at, index: i, sort: stepIndex}
}

// list compares two lists, by key where they have one.
func (c *comparison) list(was, now *stored, at *step) {
	if was.equal(now) {
		return
	}
	edits, silent := len(c.edits), len(c.silent)
	defer func() { c.leave(edits, silent) }()
	if !keyed(was.typ) {
		c.indexed(was, now, at)
		return
	}
	pairs, gone, come := match(was, now)
	last, moved := -1, false
	for j, i := range pairs {
		if i < 0 {
			continue
		}
		moved = moved || i < last
		last = i
		c.differ(&was.items[i], &now.items[j], itemStep(at, was.typ, &was.items[i], i))
	}
	for _, i := range gone {
		c.differ(&was.items[i], nil, itemStep(at, was.typ, &was.items[i], i))
	}
	for _, j := range come {
		c.differ(nil, &now.items[j], itemStep(at, now.typ, &now.items[j], j))
	}
	if moved {
		c.emit(was, now, at)
		c.edits[len(c.edits)-1].Order = true
	}
}

// match pairs the items of two lists: by key, and those that are left over by a
// name that only one on each side has (a port whose number changes). It returns
// for each new item the old one's place, or -1, and what is left over.
func match(was, now *stored) (pairs, gone, come []int) {
	pairs = make([]int, len(now.items))
	taken := make([]bool, len(was.items))
	if len(was.items)*len(now.items) > 4096 {
		matchMany(was, now, pairs, taken)
	} else {
		matchFew(was, now, pairs, taken)
	}
	for i := range was.items {
		if !taken[i] {
			gone = append(gone, i)
		}
	}
	for j, i := range pairs {
		if i < 0 {
			come = append(come, j)
		}
	}
	if len(gone) == 0 || len(come) == 0 {
		return pairs, gone, come
	}
	byName := func(s *stored, places []int) map[string]int {
		out := map[string]int{}
		for _, i := range places {
			if name := s.items[i].says("name"); name != "" {
				if _, twice := out[name]; twice {
					out[name] = -1
				} else {
					out[name] = i
				}
			}
		}
		return out
	}
	before, after := byName(was, gone), byName(now, come)
	gone, come = gone[:0], come[:0]
	for j := range pairs {
		if pairs[j] >= 0 {
			continue
		}
		name := now.items[j].says("name")
		i, ok := before[name]
		if k, only := after[name]; name != "" && ok && only && i >= 0 && k == j {
			pairs[j], taken[i] = i, true
			continue
		}
		come = append(come, j)
	}
	for i := range was.items {
		if !taken[i] {
			gone = append(gone, i)
		}
	}
	return pairs, gone, come
}

func matchFew(was, now *stored, pairs []int, taken []bool) {
	for j := range now.items {
		pairs[j] = -1
		// Mostly the items stand in the same places.
		if j < len(was.items) && !taken[j] && sameKey(was.typ, &was.items[j], &now.items[j]) {
			pairs[j], taken[j] = j, true
			continue
		}
		for i := range was.items {
			if !taken[i] && sameKey(was.typ, &was.items[i], &now.items[j]) {
				pairs[j], taken[i] = i, true
				break
			}
		}
	}
}

func matchMany(was, now *stored, pairs []int, taken []bool) {
	places := map[string][]int{}
	for i := range was.items {
		k := key(was.typ, &was.items[i])
		places[k] = append(places[k], i)
	}
	for j := range now.items {
		pairs[j] = -1
		k := key(was.typ, &now.items[j])
		if p := places[k]; len(p) > 0 {
			pairs[j], taken[p[0]] = p[0], true
			places[k] = p[1:]
		}
	}
}

func sameKey(t *kubeschema.Type, a, b *stored) bool {
	keys := keysOf(t)
	if keys == nil {
		return a.equal(b)
	}
	for _, name := range keys {
		x, y := a.says(name), b.says(name)
		if name == "protocol" {
			if x == "" {
				x = "TCP"
			}
			if y == "" {
				y = "TCP"
			}
		}
		if x != y {
			return false
		}
	}
	return true
}

// indexed compares lists without keys: what is the same at both ends is not in
// question, the rest item by item.
func (c *comparison) indexed(was, now *stored, at *step) {
	a, b := was.items, now.items
	first := 0
	for first < len(a) && first < len(b) && a[first].equal(&b[first]) {
		first++
	}
	tail := 0
	for tail < len(a)-first && tail < len(b)-first && a[len(a)-1-tail].equal(&b[len(b)-1-tail]) {
		tail++
	}
	a, b = a[first:len(a)-tail], b[first:len(b)-tail]
	for i := range max(len(a), len(b)) {
		here := &step{up: at, index: first + i, sort: stepIndex}
		switch {
		case i >= len(a):
			c.differ(nil, &b[i], here)
		case i >= len(b):
			c.differ(&a[i], nil, here)
		default:
			c.differ(&a[i], &b[i], here)
		}
	}
}
