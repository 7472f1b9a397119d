package cascade

import (
	"slices"

	"polygraph/internal/tfplan"
)

// tracer follows changes to their causes and remembers what it found.
//
// What a local can come from is a superset, so the way goes in circles that the
// configuration does not have. Everything in a circle has the same causes
// (Tarjan's strongly connected components); stopping where a circle closes would
// make the answer depend on where it was entered.
type tracer struct {
	*finder
	// assume is a scope that is just being settled: what comes through its local
	// comes from somewhere else in it, and adds nothing to the causes of the whole.
	assume *scope
	nodes  map[any]*node // by *tfplan.Change, replacement, *bundle or *scope
	stack  []any
}

type node struct {
	index, low int
	done       bool
	cause      cause
}

func (f *finder) tracer(assume *scope) *tracer {
	return &tracer{finder: f, assume: assume, nodes: map[any]*node{}}
}

// of is where all of a change comes from: what is computed from it has to
// reckon with every part of it.
func (t *tracer) of(c *tfplan.Change) cause { return t.visit(c).cause }

func (t *tracer) bundle(b *bundle) cause { return t.visit(b).cause }

// part is where one input comes from.
func (t *tracer) part(p *part) cause {
	out := t.seed(p)
	for _, l := range p.links {
		out.add(t.bundle(l.all))
	}
	if p.besides && p.local != t.assume {
		out.add(t.visit(p.local).cause)
	}
	return out
}

func (t *tracer) seed(p *part) cause {
	return cause{fresh: p.fresh, dark: p.open && (t.assume == nil || p.local != t.assume)}
}

func (t *tracer) visit(v any) *node {
	if n, ok := t.nodes[v]; ok {
		return n
	}
	n := &node{index: len(t.nodes)}
	n.low = n.index
	t.nodes[v] = n
	t.stack = append(t.stack, v)
	follow := func(w any) {
		m := t.visit(w)
		if m.done {
			n.cause.add(m.cause)
		} else {
			n.low = min(n.low, m.low)
		}
	}
	switch x := v.(type) {
	case *bundle:
		for _, m := range x.movers {
			follow(t.asSeen(m, x.attr))
		}
	case replacement:
		parts, _ := t.decisive(x.change)
		var seed cause
		for _, p := range parts {
			seed.add(t.seed(p))
			for _, l := range p.links {
				follow(l.all)
			}
			if p.besides && p.local != t.assume {
				follow(p.local)
			}
		}
		n.cause.add(t.absorb(x.change, seed, false))
	case *scope:
		n.cause.more = len(x.fresh) > 0
		for _, m := range x.movers {
			follow(m)
		}
	case *tfplan.Change:
		var seed cause
		told := false
		for _, p := range t.parts[x] {
			seed.add(t.seed(p))
			told = told || p.fresh || p.open || len(p.links) > 0
			for _, l := range p.links {
				follow(l.all)
			}
			if p.besides && p.local != t.assume {
				follow(p.local)
			}
		}
		own := !told || t.own(x)
		if own && x.Action.Replaces() && t.linked(x) {
			// Others replace it, and that alone makes its identifiers unknown.
			// Whether its own edits would have done so too cannot be told.
			own, seed.more = false, true
		}
		n.cause.add(t.absorb(x, seed, own))
	}
	if n.low == n.index {
		t.finish(n)
	}
	return n
}

// finish gives all members of a circle the causes of all of them.
func (t *tracer) finish(first *node) {
	start := len(t.stack) - 1
	for t.nodes[t.stack[start]] != first {
		start--
	}
	var all cause
	for _, v := range t.stack[start:] {
		all.add(t.nodes[v].cause)
	}
	for _, v := range t.stack[start:] {
		if c, ok := v.(*tfplan.Change); ok && (all.fresh || all.dark) {
			all = t.absorb(c, all, false)
		}
	}
	for _, v := range t.stack[start:] {
		n := t.nodes[v]
		n.cause, n.done = all, true
	}
	t.stack = t.stack[:start]
}

// absorb tells what new objects and untold sources do to a change as its own
// doing: of what follows from it, the change is the nearest cause there is.
// Where other changes draw it, they are, and there may be more. A data source is
// never the cause: what delays its reading is.
func (t *tracer) absorb(c *tfplan.Change, all cause, own bool) cause {
	if c.Data {
		return all
	}
	if all.fresh || all.dark {
		if t.linked(c) {
			all.more = true
		} else {
			own = true
		}
	}
	if own {
		all.addBlock(t.blockOf(c))
	}
	// While a scope is being settled, what is untold has to be settled first.
	all.fresh, all.dark = false, all.dark && t.assume != nil
	return all
}

// linked tells whether a change is there, or is a replacement, because of
// changes that are known.
func (f *finder) linked(c *tfplan.Change) bool {
	parts, ok := f.decisive(c)
	return ok && slices.ContainsFunc(parts, func(p *part) bool { return len(p.links) > 0 })
}
