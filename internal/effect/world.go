package effect

import (
	"strconv"
	"strings"

	"polygraph/internal/tfplan"
)

// maxHeld is how much text of the plan is held as values at a time: decoded it is
// several times as large.
const maxHeld = 512 << 10

// World is a plan, seen as the objects that it is about.
type World struct {
	*tfplan.Plan
	byType  map[tfplan.Sym][]*Object
	indexes map[string]*index
	held    []*Object
	room    int64          // of maxHeld, what is left
	memo    map[string]any // what once found
}

// Object is a managed object that the plan leaves as it is, changes, creates or
// destroys.
type Object struct {
	*tfplan.Change
	world  *World
	nth    int // of its type
	detail *tfplan.Detail
	place  *place // nil until asked for
	err    error  // why its values cannot be read
}

// Over returns the world of a plan.
func Over(p *tfplan.Plan) *World {
	w := &World{Plan: p, byType: map[tfplan.Sym][]*Object{}, indexes: map[string]*index{}, room: maxHeld}
	for i := range p.Changes {
		c := &p.Changes[i]
		if !c.Data && c.Deposed == "" {
			w.byType[c.Type] = append(w.byType[c.Type], &Object{Change: c, world: w, nth: len(w.byType[c.Type])})
		}
	}
	return w
}

// Of returns the objects of these types, in the order of the plan.
func (w *World) Of(types ...string) []*Object {
	var out []*Object
	for _, t := range types {
		if s := w.Sym(t); s != 0 {
			out = append(out, w.byType[s]...)
		}
	}
	return out
}

// TypeName is the resource type.
func (o *Object) TypeName() string { return o.world.Name(o.Change.Type) }

// Runs tells whether an object of before the apply goes on after it: it is
// neither created nor replaced nor destroyed. Only such an object can run an old
// version.
func (o *Object) Runs() bool { return o.Action == tfplan.NoOp || o.Action == tfplan.Update }

// Touched tells whether the plan changes it, in place or by replacing it.
func (o *Object) Touched() bool { return o.Action == tfplan.Update || o.Action.Replaces() }

// Detail returns its values.
func (o *Object) Detail() (*tfplan.Detail, error) {
	if o.detail == nil && o.err == nil {
		w := o.world
		if w.room -= o.Size(); w.room < 0 {
			for _, old := range w.held {
				old.detail = nil
			}
			clear(w.held)
			w.held, w.room = w.held[:0], maxHeld-o.Size()
		}
		o.detail, o.err = w.Plan.Detail(o.Change)
		if o.err != nil {
			return nil, o.err
		}
		w.held = append(w.held, o)
	}
	return o.detail, o.err
}

// Before is a value in the state: what runs now. Path is dotted and counts into
// lists: "launch_template.0.id". Nil when there is none.
func (o *Object) Before(path string) any {
	d, err := o.Detail()
	if err != nil {
		return nil
	}
	return at(d.Before, path)
}

// After is a planned value, nil when there is none or it is not known.
func (o *Object) After(path string) any {
	d, err := o.Detail()
	if err != nil {
		return nil
	}
	return at(d.After, path)
}

// Unknown tells whether the planned value, or a part of it, is known only after
// apply.
func (o *Object) Unknown(path string) bool {
	d, err := o.Detail()
	if err != nil {
		return true
	}
	return unknownAt(d.AfterUnknown, path)
}

func unknownAt(u map[string]any, path string) bool {
	var cur any = u
	for _, step := range strings.Split(path, ".") {
		switch v := cur.(type) {
		case bool:
			return v
		case map[string]any:
			cur = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return false
			}
			cur = v[i]
		default:
			return false
		}
	}
	return tfplan.Unsettled(cur)
}

// Edited tells whether the plan gives a value another one, or one that is known
// only after apply.
func (o *Object) Edited(path string) bool {
	if !o.Touched() || !o.mayDiffer(path) {
		return false
	}
	b, a := o.Before(path), o.After(path)
	return o.Unknown(path) || !tfplan.Equal(b, a) && !(tfplan.IsEmpty(b) && tfplan.IsEmpty(a))
}

// mayDiffer asks the summary of the change, which costs no reading: it names the
// attributes that differ or are unknown.
func (o *Object) mayDiffer(path string) bool {
	top, _, _ := strings.Cut(path, ".")
	s := o.world.Sym(top)
	return s != 0 && (o.world.Has(o.Changed, s) || o.world.Has(o.Change.Unknown, s))
}

// EditedOf returns which of these attributes are edited.
func (o *Object) EditedOf(paths ...string) []string {
	var out []string
	for _, p := range paths {
		if o.Edited(p) {
			out = append(out, p)
		}
	}
	return out
}

// Names tells whether the object, as it runs now, names another one: whether the
// value at path is one of the values that the other has at the given paths of
// its own (id, arn, name, ...) in the state.
func (o *Object) Names(path string, other *Object, by ...string) bool {
	v := Text(o.Before(path))
	if v == "" {
		return false
	}
	for _, b := range by {
		if v == Text(other.Before(b)) {
			return true
		}
	}
	return false
}

// Users returns the objects of a type that go on running and name this one at
// any of the paths, as they run now.
func (o *Object) Users(typ string, paths []string, by ...string) []*Object {
	var out []*Object
	for _, u := range o.world.Of(typ) {
		if !u.Runs() {
			continue
		}
		for _, p := range paths {
			if u.Names(p, o, by...) {
				out = append(out, u)
				break
			}
		}
	}
	return out
}

// Text is a string or number as text; "" for anything else, and for what is
// sensitive.
func Text(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case interface{ String() string }: // json.Number
		if _, ok := v.(interface{ Int64() (int64, error) }); ok {
			return x.String()
		}
	}
	return ""
}

// Number is a number; ok is false for anything else.
func Number(v any) (float64, bool) {
	s := Text(v)
	if s == "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

func at(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}
