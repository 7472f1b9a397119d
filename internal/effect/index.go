package effect

import (
	"slices"
	"strings"
)

// index files the objects of a type by a value. Building it reads all of them
// once, and only the attribute that it is about.
type index struct {
	before, after map[string][]*Object
	open          []*Object
	now           []string // of each object, in the order of its type
}

// readTogether are values that are asked for of all objects of a type sooner or
// later: one reading serves them all.
var readTogether = map[string][]string{
	"aws_instance": {"subnet_id", "launch_template.0.id", "launch_template.0.name"},
}

func (w *World) index(typ, path string) *index {
	if x, ok := w.indexes[typ+" "+path]; ok {
		return x
	}
	paths := readTogether[typ]
	if !slices.Contains(paths, path) {
		paths = []string{path}
	}
	objects := w.Of(typ)
	var tops []string
	var built []*index
	for _, p := range paths {
		top, _, _ := strings.Cut(p, ".")
		tops = append(tops, top)
		x := &index{before: map[string][]*Object{}, after: map[string][]*Object{}, now: make([]string, len(objects))}
		built = append(built, x)
		w.indexes[typ+" "+p] = x
	}
	picker := w.SidesPicker(func(name []byte) bool {
		for _, t := range tops {
			if string(name) == t {
				return true
			}
		}
		return false
	})
	for i, o := range objects {
		d, err := picker.Pick(o.Change)
		for n, path := range paths {
			x := built[n]
			if err != nil {
				x.open = append(x.open, o)
				continue
			}
			if b := Text(at(d.Before, path)); b != "" {
				x.now[i] = b
				x.before[b] = append(x.before[b], o)
			}
			if a := Text(at(d.After, path)); a != "" {
				x.after[a] = append(x.after[a], o)
			} else if unknownAt(d.AfterUnknown, path) {
				x.open = append(x.open, o)
			}
		}
	}
	return w.indexes[typ+" "+path]
}

// By returns the objects of a type that have a value at path, as they run now or
// as they are planned.
func (w *World) By(typ, path, value string) []*Object {
	if value == "" {
		return nil
	}
	x := w.index(typ, path)
	if len(x.before[value]) == 0 {
		return x.after[value]
	}
	out := slices.Clone(x.before[value])
	for _, o := range x.after[value] {
		if x.now[o.nth] != value {
			out = append(out, o)
		}
	}
	return out
}

// Planned returns the objects of a type for which a value is planned at path.
func (w *World) Planned(typ, path, value string) []*Object {
	if value == "" {
		return nil
	}
	return w.index(typ, path).after[value]
}

// Open returns the objects of a type whose planned value at path is known only
// after apply.
func (w *World) Open(typ, path string) []*Object { return w.index(typ, path).open }

// Now is Text(o.Before(path)) for who asks it of all objects of a type: it reads
// all of them at once, and of each only this.
func (o *Object) Now(path string) string {
	return o.world.index(o.TypeName(), path).now[o.nth]
}

// Referring returns the objects of a type whose planned value at path is known
// only after apply and is, by the configuration, computed from this object and
// nothing else. It is silent where a local comes between, and where the block of
// this object has several instances: which of them is meant is not known.
func (o *Object) Referring(typ, path string) []*Object {
	w := o.world
	if o.Node < 0 || w.instances()[o.Node] != 1 {
		return nil
	}
	return once(w, "referring "+typ+" "+path, func() map[int32][]*Object {
		attr := w.Sym(path)
		targets := map[int32]int32{} // of each block that was asked
		out := map[int32][]*Object{}
		for _, r := range w.Open(typ, path) {
			if r.Node < 0 {
				continue
			}
			to, told := targets[r.Node]
			if !told {
				to = -1
				if s := w.Graph.Inputs(r.Node)[attr]; s != nil && !s.Locals() && len(s.From) == 1 {
					to = s.From[0].Node
				}
				targets[r.Node] = to
			}
			if to >= 0 {
				out[to] = append(out[to], r)
			}
		}
		return out
	})[o.Node]
}

// instances counts the objects of each block.
func (w *World) instances() map[int32]int {
	return once(w, "instances", func() map[int32]int {
		out := map[int32]int{}
		for _, objects := range w.byType {
			for _, o := range objects {
				if o.Node >= 0 {
					out[o.Node]++
				}
			}
		}
		return out
	})
}
