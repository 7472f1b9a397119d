package oracle

import (
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
)

// Outcome is what became of a mutation.
type Outcome string

// Outcomes of a case. No other comes out of a walk.
const (
	InPlace Outcome = "in-place" // accepted and stored
	Dropped Outcome = "dropped"  // accepted, and the field is stored as it was
	Refused Outcome = "refused"  // by what it changes: a create takes the value
	Invalid Outcome = "invalid"  // by its value: a create is refused for it too
)

// Case is one mutation of one field.
type Case struct {
	Field    string // without keys and indices: spec.template.spec.containers.image
	Base     string // the object it begins from: "suspended" of a Job
	Mutation string // set, changed, removed, increased, item added, entry removed, ...
	Outcome  Outcome
	Root     int // names Old within the walk
	Old, New Object
	Causes   []Cause // the first line of each
}

// Summary ends a walk.
type Summary struct {
	Kind         string              `json:"kind"`
	Bases        []string            `json:"bases"`
	Fields       int                 `json:"fields"`
	Cases        int                 `json:"cases"`
	Tried        int                 `json:"tried"`        // mutants, valid or not
	WithoutValid []string            `json:"withoutValid"` // fields for which no valid mutant was found
	Pruned       map[string][]string `json:"pruned"`       // what a base lost because the release does not take it
	Broken       map[string][]Cause  `json:"broken"`       // bases that the release does not take at all
}

type patch struct {
	Path   []any `json:"path"`
	Value  any   `json:"value"`
	Remove bool  `json:"remove"`
}

// line is one of a walk: an object to begin from, a case, or the end.
type line struct {
	Root     int     `json:"root"`
	Old      Object  `json:"old"`
	Field    string  `json:"field"`
	Base     string  `json:"base"`
	Mutation string  `json:"mutation"`
	Patches  []patch `json:"patches"`
	Outcome  Outcome `json:"outcome"`
	Causes   []Cause `json:"causes"`
	Done     bool    `json:"done"`
	Summary
}

// Walk mutates every field of a kind. The summary is complete when the cases have come to their end; what
// went wrong is in Err. The objects of the cases share what is the same in them: read only.
func (o *Oracle) Walk(kind string) *Walk { return &Walk{oracle: o, kind: kind} }

// Walk is one walk over one kind.
type Walk struct {
	Summary Summary
	Err     error
	oracle  *Oracle
	kind    string
}

// Cases yields what the program says as it says it, so memory holds one kind's old objects and one case.
// A loop that breaks off leaves the rest to be read and thrown away.
func (w *Walk) Cases() iter.Seq[Case] {
	return func(yield func(Case) bool) {
		w.oracle.mu.Lock()
		defer w.oracle.mu.Unlock()
		if w.Err = w.oracle.send(question{Op: "walk", Kind: w.kind}); w.Err != nil {
			return
		}
		roots := map[int]Object{}
		reading := true
		for {
			var l line
			if w.Err = w.oracle.receive(&l); w.Err != nil {
				return
			}
			switch {
			case l.Done:
				w.Summary = l.Summary
				return
			case l.Old != nil:
				roots[l.Root] = l.Old
				continue
			case !reading:
				continue
			}
			c, err := l.carried(roots)
			if err != nil {
				w.Err = fmt.Errorf("%s %s: %w", w.kind, l.Field, err)
				return
			}
			reading = yield(c)
		}
	}
}

func (l line) carried(roots map[int]Object) (Case, error) {
	old, ok := roots[l.Root]
	if !ok {
		return Case{}, errors.New("a case without an object to begin from")
	}
	var t any = old
	for _, p := range l.Patches {
		t = patched(t, p.Path, p)
	}
	updated, ok := t.(Object)
	if !ok {
		return Case{}, errors.New("a mutation that leaves no object")
	}
	return Case{Field: l.Field, Base: l.Base, Mutation: l.Mutation, Outcome: l.Outcome, Root: l.Root, Old: old, New: updated, Causes: l.Causes}, nil
}

// patched is the tree with one patch, as the program carries it out.
func patched(t any, path []any, p patch) any {
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
			m[at] = patched(m[at], path[1:], p)
		}
		return m
	case float64:
		l, _ := t.([]any)
		i := int(at)
		switch {
		case last && i < len(l):
			return slices.Delete(slices.Clone(l), i, i+1)
		case last:
			return l
		case i >= len(l):
			return append(slices.Clone(l), patched(nil, path[1:], p))
		}
		l = slices.Clone(l)
		l[i] = patched(l[i], path[1:], p)
		return l
	}
	return t
}
