package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// mutant is one way to carry a mutation out; the first that is valid counts.
type mutant struct {
	patches []patch
	value   tree // to be tried first elsewhere
}

// repeated are the lists beside a field that have its value first, and must.
var repeated = map[string]string{"core.ServiceSpec.clusterIP": "clusterIPs"}

// change mutates a field that is there.
func (w *walker) change(m member, p place, name string) {
	path := under(p.path, m.name)
	old, _ := get(p.root.tree, path)
	w.attempt(m, p, name, "removed", path, []mutant{{patches: []patch{{Path: path, Remove: true}}}})
	put := func(value tree) mutant { return mutant{patches: []patch{{Path: path, Value: value}}, value: value} }
	puts := func(values []tree) []mutant {
		var all []mutant
		for _, value := range values {
			all = append(all, put(value))
		}
		return all
	}
	switch shapeOf(m.typ) {
	case leaf:
		switch table := valuesOfType[typeKey(m.typ)]; {
		case larger(m.typ, old) != nil:
			w.attempt(m, p, name, "increased", path, puts(larger(m.typ, old)))
			w.attempt(m, p, name, "decreased", path, puts(smaller(m.typ, old)))
		case words[typeKey(m.typ)] != "":
			for _, value := range distinct(table, old) {
				w.attempt(m, p, name, "changed", path, []mutant{put(value), w.alone(m, p, put(value))})
			}
		default:
			mutants := puts(candidates(m, old))
			if list, ok := repeated[m.owner+"."+m.name]; ok {
				for _, with := range slices.Clone(mutants) {
					first := patch{Path: under(p.path, list, 0), Value: with.value}
					mutants = append(mutants, mutant{patches: append(with.patches, first), value: with.value})
				}
				slices.Reverse(mutants)
			}
			w.attempt(m, p, name, "changed", path, mutants)
		}
	case list, scalars:
		l, _ := old.([]any)
		var added, removed []mutant
		for _, item := range items(m.typ, m.name) {
			added = append(added, put(append(slices.Clone(l), item)))
		}
		for i := range l {
			removed = append(removed, mutant{patches: []patch{{Path: under(path, i), Remove: true}}})
		}
		slices.Reverse(removed) // the last item needs the others least
		w.attempt(m, p, name, "item added", path, added)
		w.attempt(m, p, name, "item removed", path, removed)
		if len(l) > 1 {
			reversed := slices.Clone(l)
			slices.Reverse(reversed)
			w.attempt(m, p, name, "reordered", path, []mutant{put(reversed)})
		}
		if shapeOf(m.typ) == scalars && len(l) > 0 {
			var changed []mutant
			for _, item := range items(m.typ, m.name) {
				if !same(item, l[0]) {
					changed = append(changed, mutant{patches: []patch{{Path: under(path, 0), Value: item}}})
				}
			}
			w.attempt(m, p, name, "item changed", path, changed)
		}
	case dictionary:
		w.dictionary(m, p, name, path, old)
	}
}

func (w *walker) dictionary(m member, p place, name string, path []step, old tree) {
	fields, _ := old.(map[string]any)
	var added, changed, removed []mutant
	for _, value := range candidates(m, nil) {
		if more, ok := value.(map[string]any); ok {
			all := maps.Clone(fields)
			if all == nil {
				all = map[string]any{}
			}
			fresh := false
			for key, v := range more {
				if _, taken := all[key]; !taken {
					all[key], fresh = v, true
				}
			}
			if fresh {
				added = append(added, mutant{patches: []patch{{Path: path, Value: all}}})
			}
		}
	}
	for _, key := range sortedKeys(fields) {
		removed = append(removed, mutant{patches: []patch{{Path: under(path, key), Remove: true}}})
		values := larger(deref(m.typ.Elem()), fields[key])
		values = append(values, byShape(deref(m.typ.Elem()), m.name, fields[key])...)
		for _, value := range limited(distinct(values, fields[key]), 6) {
			changed = append(changed, mutant{patches: []patch{{Path: under(path, key), Value: value}}})
		}
		if typeKey(deref(m.typ.Elem())) == "resource.Quantity" {
			for _, value := range smaller(deref(m.typ.Elem()), fields[key]) {
				w.attempt(m, p, name, "entry decreased", path, []mutant{{patches: []patch{{Path: under(path, key), Value: value}}}})
			}
		}
	}
	w.attempt(m, p, name, "entry added", path, added)
	w.attempt(m, p, name, "entry changed", path, changed)
	w.attempt(m, p, name, "entry removed", path, removed)
}

// alone takes the optional structures beside a field away: they often belong to the value that it had.
func (w *walker) alone(m member, p place, with mutant) mutant {
	parent, _ := get(patched(p.root.tree, p.root.pending), p.path)
	fields, _ := parent.(map[string]any)
	patches := slices.Clone(with.patches)
	for name, value := range fields {
		if _, isMap := value.(map[string]any); isMap && name != m.name && len(p.path) > 0 && name != "template" && name != "selector" {
			patches = append(patches, patch{Path: under(p.path, name), Remove: true})
		}
	}
	return mutant{patches: patches}
}

// set mutates a field that is absent. It returns where the field stands then, for its own fields.
func (w *walker) set(m member, t reflect.Type, p place, name string) *place {
	path := under(p.path, m.name)
	var mutants []mutant
	values := candidates(m, nil)
	if learned, ok := w.learned[m.owner+"."+m.name]; ok {
		values = distinct(append([]tree{learned}, values...), nil)
	}
	for _, value := range values {
		put := []patch{{Path: path, Value: value}}
		mutants = append(mutants, mutant{patches: put, value: value})
		if rest := w.siblings(m, t, p); len(rest) > 0 {
			mutants = append(mutants, mutant{patches: append(put, rest...), value: value})
		}
	}
	enumerated := words[typeKey(m.typ)] != "" || m.typ.Kind() == reflect.Bool
	if enumerated && len(mutants) > 1 {
		for _, one := range mutants {
			w.attempt(m, p, name, "set", path, []mutant{one})
		}
		return nil
	}
	chosen, outcome := w.attempt(m, p, name, "set", path, mutants)
	if chosen == nil || shapeOf(m.typ) == leaf || shapeOf(m.typ) == scalars {
		return nil
	}
	return w.derived(p, chosen, outcome, name, path)
}

// derived makes an old object that has the field, so that its own fields can be mutated.
func (w *walker) derived(p place, chosen *mutant, outcome, name string, path []step) *place {
	all := append(slices.Clone(p.root.pending), chosen.patches...)
	t := patched(p.root.tree, all)
	switch {
	case outcome == invalid || p.root.pending != nil:
	case strings.HasPrefix(name, "status"):
		// Controllers write it, whatever a user may.
		if r := w.newRoot(t); r != nil {
			return &place{r, p.path}
		}
	default:
		// Whether an object can have it shows when one is created with it.
		if r := w.newRoot(t); r != nil {
			if created, refusal := w.kind.created(r.object); refusal == nil {
				if text, err := w.kind.encode(created); err == nil {
					if stored, err := parse(text); err == nil && sameAt(stored, r.tree, path) {
						return &place{r, p.path}
					}
				}
			}
		}
	}
	pending := *p.root
	pending.pending = all
	return &place{&pending, p.path}
}

// siblings are patches that remove the other members of a union.
func (w *walker) siblings(m member, t reflect.Type, p place) []patch {
	only, ok := unions[m.owner]
	if !ok || only != nil && !slices.Contains(only, m.name) {
		return nil
	}
	var patches []patch
	for _, other := range members(t) {
		if other.owner != m.owner || other.name == m.name || only != nil && !slices.Contains(only, other.name) {
			continue
		}
		if _, ok := get(patched(p.root.tree, p.root.pending), under(p.path, other.name)); ok {
			patches = append(patches, patch{Path: under(p.path, other.name), Remove: true})
		}
	}
	return patches
}

// attempt carries the first valid mutant out and says what became of it.
func (w *walker) attempt(m member, p place, name, mutation string, path []step, mutants []mutant) (*mutant, string) {
	var best *walkCase
	var chosen *mutant
	vain := m.owner + "." + m.name + " " + mutation
	mutants = firstOf(mutants, w.patience(p.root, vain))
	for i := range mutants {
		c := w.evaluate(p.root, append(slices.Clone(p.root.pending), mutants[i].patches...), path)
		if c == nil || w.failed != nil {
			return nil, ""
		}
		if c.Outcome == noop {
			continue
		}
		if best == nil || best.Outcome == invalid && c.Outcome != invalid {
			best, chosen = c, &mutants[i]
		}
		if c.Outcome != invalid {
			break
		}
	}
	if best == nil {
		return nil, ""
	}
	best.Field, best.Base, best.Mutation, best.Root, best.Accepted = name, w.base, mutation, p.root.id, best.refusal == nil
	if w.vain[vain] = best.Outcome == invalid; !w.vain[vain] {
		w.fields[name] = true
		if chosen.value != nil {
			w.learned[m.owner+"."+m.name] = chosen.value
		}
	}
	w.emit(p.root, best)
	return chosen, best.Outcome
}

// patience is how many mutants are tried. A valid value is among the first nearly always: the rest is tried once,
// and not where the field stands in something that no object can have.
func (w *walker) patience(r *root, vain string) int {
	switch {
	case !w.vain[vain] && r.pending == nil:
		return 24
	case !w.vain[vain] || r.pending == nil:
		return 6
	}
	return 2
}

// emit says a case unless one like it was said of this base.
func (w *walker) emit(r *root, c *walkCase) {
	key := c.Field + "\x00" + c.Mutation + "\x00" + c.Outcome
	if c.Outcome == refused {
		if c.Causes = firstLines(c.refusal.said()); len(c.Causes) > 0 {
			key += "\x00" + c.Causes[0].Detail
		}
	}
	if c.Outcome == invalid && (w.emitted[key] || w.fields[c.Field]) || w.emitted[key] {
		return
	}
	w.emitted[key] = true
	if !r.said {
		r.said = true
		text, err := json.Marshal(r.tree)
		if err == nil {
			err = w.say(rootLine{Root: r.id, Base: w.base, Old: text})
		}
		if err != nil {
			w.failed = err
			return
		}
	}
	if c.Outcome == invalid {
		c.Causes = firstLines(c.refusal.said())
	}
	w.cases++
	if err := w.say(c); err != nil {
		w.failed = err
	}
}

func firstLines(causes []cause) []cause {
	for i := range causes {
		causes[i].Detail, _, _ = strings.Cut(causes[i].Detail, "\n")
	}
	return causes
}

func firstOf(mutants []mutant, n int) []mutant { return mutants[:min(n, len(mutants))] }

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
