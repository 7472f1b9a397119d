package main

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
)

// tree is an object as JSON has it: maps, slices, strings, numbers.
type tree = any

// step is a name in a map or an index in a list.
type step = any

// patch is one thing that a mutation does to the old object.
type patch struct {
	Path   []step `json:"path"`
	Value  tree   `json:"value,omitempty"`
	Remove bool   `json:"remove,omitempty"`
}

func parse(text []byte) (tree, error) {
	var t tree
	err := json.Unmarshal(text, &t)
	return t, err
}

func get(t tree, path []step) (tree, bool) {
	for _, s := range path {
		switch at := s.(type) {
		case string:
			m, ok := t.(map[string]any)
			if !ok {
				return nil, false
			}
			if t, ok = m[at]; !ok {
				return nil, false
			}
		case int:
			l, ok := t.([]any)
			if !ok || at >= len(l) {
				return nil, false
			}
			t = l[at]
		}
	}
	return t, t != nil
}

// patched is a tree with the patches. What they do not touch is shared with the old one, which nobody writes to.
func patched(t tree, patches []patch) tree {
	for _, p := range patches {
		t = patchedAt(t, p.Path, p)
	}
	return t
}

func patchedAt(t tree, path []step, p patch) tree {
	if len(path) == 0 {
		return p.Value
	}
	last := len(path) == 1 && p.Remove
	switch at := path[0].(type) {
	case string:
		m, _ := t.(map[string]any)
		m = maps.Clone(m)
		if m == nil {
			m = map[string]any{}
		}
		if last {
			delete(m, at)
		} else {
			m[at] = patchedAt(m[at], path[1:], p)
		}
		return m
	case int:
		l, _ := t.([]any)
		switch {
		case last && at < len(l):
			return slices.Delete(slices.Clone(l), at, at+1)
		case last:
			return l
		case at >= len(l):
			return append(slices.Clone(l), patchedAt(nil, path[1:], p))
		}
		l = slices.Clone(l)
		l[at] = patchedAt(l[at], path[1:], p)
		return l
	}
	return t
}

func under(path []step, more ...step) []step {
	return append(slices.Clip(slices.Clone(path)), more...)
}

func same(a, b tree) bool { return reflect.DeepEqual(a, b) }

// sameAt compares what two trees have at a path. Absent and empty are different.
func sameAt(a, b tree, path []step) bool {
	x, inA := get(a, path)
	y, inB := get(b, path)
	return inA == inB && same(x, y)
}
