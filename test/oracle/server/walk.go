package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// walkCase is one mutation and what became of it. New is the old object of the root with the patches.
type walkCase struct {
	Root     int     `json:"root"`
	Field    string  `json:"field"` // without keys and indices: spec.template.spec.containers.image
	Base     string  `json:"base"`
	Mutation string  `json:"mutation"`
	Patches  []patch `json:"patches"`
	Outcome  string  `json:"outcome"`
	Accepted bool    `json:"accepted"`
	Causes   []cause `json:"causes,omitempty"` // the first line of each: some go on with both objects
	refusal  *refusal
}

// rootLine precedes the cases that begin from an object.
type rootLine struct {
	Root int             `json:"root"`
	Base string          `json:"base"`
	Old  json.RawMessage `json:"old"`
}

// Outcomes of a case.
const (
	inPlace = "in-place" // accepted and stored
	dropped = "dropped"  // accepted, and the field is stored as it was
	refused = "refused"  // though the value is valid
	invalid = "invalid"  // the value is: a create is refused for it too
	noop    = "noop"     // after defaulting, nothing has changed
)

// root is an old object.
type root struct {
	id     int
	tree   tree // as the server would store it
	object runtime.Object
	known  map[cause]bool // what a create of it would be refused for
	said   bool
	// pending is where a field was only put because its children need it: the old object lacks it.
	pending []patch
}

// walker walks one kind.
type walker struct {
	kind    *kind
	say     func(any) error
	roots   int
	cases   int
	tried   int
	fields  map[string]bool // reached; true where a valid mutant was found
	learned map[string]tree // the value that was valid, by owner and field
	vain    map[string]bool // where all that was tried was invalid, by owner, field and mutation
	base    string
	emitted map[string]bool
	failed  error
}

// place is where a structure stands in a root.
type place struct {
	root *root
	path []step
}

// walk mutates every field of the kind, from each of its base objects.
func (o *oracle) walk(name string, say func(any) error) error {
	k, err := o.kindOf(name, nil)
	if err != nil {
		return err
	}
	bases, err := k.bases()
	if err != nil {
		return err
	}
	external, err := k.scheme.New(k.gvk)
	if err != nil {
		return err
	}
	w := &walker{kind: k, say: say, fields: map[string]bool{}, learned: map[string]tree{}, vain: map[string]bool{}}
	summary := walkSummary{Done: true, Kind: k.Name, Pruned: map[string][]string{}, Broken: map[string][]cause{}}
	for _, b := range bases {
		summary.Bases = append(summary.Bases, b.name)
		if b.pruned != nil {
			summary.Pruned[b.name] = b.pruned
		}
		if b.broken != nil {
			summary.Broken[b.name] = b.broken
			continue
		}
		w.base, w.emitted = b.name, map[string]bool{}
		r := w.newRoot(b.tree)
		if r == nil {
			summary.Broken[b.name] = []cause{{Type: "Undecodable"}}
			continue
		}
		w.structure(deref(reflect.TypeOf(external)), []place{{root: r}}, "", nil)
		if w.failed != nil {
			return w.failed
		}
	}
	summary.Cases, summary.Tried, summary.Fields = w.cases, w.tried, len(w.fields)
	for field, valid := range w.fields {
		if !valid {
			summary.WithoutValid = append(summary.WithoutValid, field)
		}
	}
	slices.Sort(summary.WithoutValid)
	return say(summary)
}

// walkSummary ends a walk.
type walkSummary struct {
	Done         bool                `json:"done"`
	Kind         string              `json:"kind"`
	Bases        []string            `json:"bases"`
	Fields       int                 `json:"fields"`
	Cases        int                 `json:"cases"`
	Tried        int                 `json:"tried"`
	WithoutValid []string            `json:"withoutValid"`
	Pruned       map[string][]string `json:"pruned"` // what a base lost because this release does not take it
	Broken       map[string][]cause  `json:"broken"` // bases that are not valid at all
}

// newRoot is nil where the object cannot be decoded.
func (w *walker) newRoot(t tree) *root {
	text, err := json.Marshal(t)
	if err != nil {
		return nil
	}
	object, err := w.kind.decode(text)
	if err != nil {
		return nil
	}
	stored, err := w.kind.encode(object)
	if err != nil {
		return nil
	}
	if t, err = parse(stored); err != nil {
		return nil
	}
	w.roots++
	return &root{id: w.roots, tree: t, object: object, known: w.kind.known(object)}
}

// skipped are fields that the store, the field manager or the handler treat before any strategy does.
var skipped = map[string]bool{
	"apiVersion": true, "kind": true, "metadata.managedFields": true, "metadata.resourceVersion": true, "metadata.selfLink": true, "metadata.generateName": true,
}

// structure mutates the fields of a structure that stands at the places, all in one root.
func (w *walker) structure(t reflect.Type, places []place, at string, above []reflect.Type) {
	if slices.Contains(above, t) {
		return // a schema within a schema: once is enough
	}
	above = append(above[:len(above):len(above)], t)
	for _, m := range members(t) {
		name := strings.TrimPrefix(at+"."+m.name, ".")
		if skipped[name] || w.failed != nil {
			continue
		}
		if !w.fields[name] {
			w.fields[name] = false
		}
		var present, absent []place
		for _, p := range places {
			if _, ok := get(p.root.tree, under(p.path, m.name)); ok {
				present = append(present, p)
			} else {
				absent = append(absent, p)
			}
		}
		for _, p := range present[:min(len(present), 6)] {
			w.change(m, p, name)
		}
		tries := 3
		if len(present) > 0 {
			tries = 1
		}
		var made *place
		for _, p := range absent[:min(len(absent), tries)] {
			if made = w.set(m, t, p, name); made != nil {
				break
			}
		}
		if len(present) == 0 && made != nil {
			present = []place{*made}
		}
		w.descend(m, present, name, above)
	}
}

// descend goes into what the field holds.
func (w *walker) descend(m member, places []place, name string, above []reflect.Type) {
	switch shapeOf(m.typ) {
	case structure:
		var inner []place
		for _, p := range places {
			inner = append(inner, place{p.root, under(p.path, m.name)})
		}
		if inner != nil {
			w.structure(m.typ, inner, name, above)
		}
	case list:
		var inner []place
		for _, p := range places {
			items, _ := get(patched(p.root.tree, p.root.pending), under(p.path, m.name))
			l, _ := items.([]any)
			for i := range l {
				inner = append(inner, place{p.root, under(p.path, m.name, i)})
			}
		}
		if inner != nil {
			w.structure(deref(m.typ.Elem()), inner, name, above)
		}
	case dictionary:
		if e := deref(m.typ.Elem()); shapeOf(e) == structure {
			var inner []place
			for _, p := range places {
				value, _ := get(patched(p.root.tree, p.root.pending), under(p.path, m.name))
				fields, _ := value.(map[string]any)
				for key := range fields {
					inner = append(inner, place{p.root, under(p.path, m.name, key)})
					break
				}
			}
			if inner != nil {
				w.structure(e, inner, name, above)
			}
		}
	}
}
