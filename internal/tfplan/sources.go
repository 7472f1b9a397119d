package tfplan

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Source is one attribute of one resource block that a value is computed from.
// Attr 0 means the whole object.
type Source struct {
	Node int32
	Attr Sym
	// Pin is the part of an instance's address that the references spell out,
	// like module.eu["a"] or aws_subnet.x[0]; 0 where any instance is meant.
	Pin Sym
	// Paired: the reference stands beside each.key or each.value, so of several
	// module instances the one with the same key may be meant. Otherwise all are.
	Paired bool
}

// Sources is what an attribute is computed from.
type Sources struct {
	From []Source
	// LocalsOf lists the modules through whose locals part of the value comes.
	// The plan JSON does not spell locals out: From is then incomplete, and
	// Scope of those modules is all it can come from.
	LocalsOf []int32

	// Guards of the walk, dropped when it is over: what was followed already
	// (outputs that share inputs make a lattice, with exponentially many paths)
	// and, once From is long, what is in it.
	seen map[step]bool
	have map[Source]bool
}

// step is a reference and the module it stands in.
type step struct {
	module int32
	ref    refID
	how    how
}

// how a source was reached: the innermost instance that was spelled out, and
// whether each stood beside it.
type how struct {
	pin    Sym
	paired bool
}

// Locals tells that part of the value comes through a local.
func (s *Sources) Locals() bool { return len(s.LocalsOf) > 0 }

// Inputs resolves the references of one resource block, attribute by attribute.
type Inputs map[Sym]*Sources

// maxDepth bounds the walk through nested modules; Terraform itself has no
// bound, real trees stay under ten.
const maxDepth = 64

// Inputs returns the resolved references of a node. References of nested blocks
// are filed under the block's top-level attribute.
func (g *Graph) Inputs(node int32) Inputs {
	in := Inputs{}
	n := g.nodes[node]
	own := g.edges[n.first : n.first+n.edges]
	for _, e := range own {
		s := in[e.attr]
		if s == nil {
			s = &Sources{}
			in[e.attr] = s
		}
		g.resolve(n.Module, e.ref, how{paired: g.hasEach(own, e.attr)}, own, s, 0)
	}
	// depends_on of a module call holds for every resource inside it.
	for m := n.Module; m > 0; m = g.modules[m].parent {
		for _, ref := range g.modules[m].dependsOn {
			s := in[g.dependsOn]
			if s == nil {
				s = &Sources{}
				in[g.dependsOn] = s
			}
			g.resolve(g.modules[m].parent, ref, how{}, nil, s, 0)
		}
	}
	for _, s := range in {
		s.seen, s.have = nil, nil
	}
	return in
}

// resolve follows one reference that stands in module m. own are the edges of
// the block it stands in, for each.value.
func (g *Graph) resolve(m int32, ref refID, by how, own []edge, out *Sources, depth int) {
	if depth > maxDepth || m < 0 {
		return
	}
	r := g.refs[ref]
	mod := &g.modules[m]
	if (r.kind == refModule || r.kind == refVar) && out.followed(step{m, ref, by}) {
		return
	}
	switch r.kind {
	case refResource:
		if n := g.find(mod.path, r.target); n >= 0 {
			if r.key != 0 {
				by.pin = g.sym.internString(g.sym.names[r.target] + g.sym.names[r.key])
			}
			out.add(Source{n, r.attr, by.pin, by.paired})
		}
	case refModule:
		child, ok := mod.calls[r.target]
		if !ok {
			return
		}
		if r.key != 0 {
			by.pin = g.sym.internString("module." + g.sym.names[r.target] + g.sym.names[r.key])
		}
		outputs := g.modules[child].outputs
		wanted := []Sym{r.attr}
		if r.attr == 0 { // in one order: what is found first is shown first
			wanted = slices.Sorted(maps.Keys(outputs))
		}
		for _, name := range wanted {
			for _, ref := range outputs[name] {
				g.resolve(child, ref, by, nil, out, depth+1)
			}
		}
	case refVar:
		if mod.parent < 0 {
			return // an input variable of the root: known at plan time
		}
		// Out of the module again: which instance it was says nothing any more.
		by = how{paired: slices.ContainsFunc(mod.vars[r.target], func(r refID) bool { return g.refs[r].kind == refEach })}
		for _, ref := range mod.vars[r.target] {
			if g.refs[ref].kind == refEach {
				for _, each := range mod.each {
					g.resolve(mod.parent, each, by, nil, out, depth+1)
				}
				continue
			}
			g.resolve(mod.parent, ref, by, nil, out, depth+1)
		}
	case refLocal:
		if !slices.Contains(out.LocalsOf, m) {
			out.LocalsOf = append(out.LocalsOf, m)
		}
	case refEach:
		for _, e := range own {
			if e.attr == g.each && g.refs[e.ref].kind != refEach {
				g.resolve(m, e.ref, by, nil, out, depth+1)
			}
		}
	}
}

func (g *Graph) hasEach(own []edge, attr Sym) bool {
	return slices.ContainsFunc(own, func(e edge) bool { return e.attr == attr && g.refs[e.ref].kind == refEach })
}

// followed notes a step and tells whether it was taken before.
func (s *Sources) followed(at step) bool {
	if s.seen[at] {
		return true
	}
	if s.seen == nil {
		s.seen = map[step]bool{}
	}
	s.seen[at] = true
	return false
}

// few is how long a list may get before searching it needs an index.
const few = 16

func (s *Sources) add(x Source) {
	if len(s.From) < few {
		if !slices.Contains(s.From, x) {
			s.From = append(s.From, x)
		}
		return
	}
	if s.have == nil {
		s.have = make(map[Source]bool, 4*few)
		for _, y := range s.From {
			s.have[y] = true
		}
	}
	if !s.have[x] {
		s.have[x] = true
		s.From = append(s.From, x)
	}
}

// Scope returns everything a local of the module could be computed from: the
// module's resources (as whole objects), the outputs of the modules it calls
// and the variables passed to it, and where those come through locals of other
// modules in turn, the scope of those. It is a superset.
func (g *Graph) Scope(module int32) []Source {
	if s, ok := g.scopes[module]; ok {
		return s
	}
	seen := map[Source]bool{}
	visited := map[int32]bool{}
	queue := []int32{module}
	for len(queue) > 0 {
		m := queue[0]
		queue = queue[1:]
		if visited[m] {
			continue
		}
		visited[m] = true
		var out Sources
		mod := &g.modules[m]
		for _, n := range mod.nodes {
			seen[Source{Node: n}] = true
		}
		for _, child := range mod.calls {
			for _, refs := range g.modules[child].outputs {
				for _, ref := range refs {
					g.resolve(child, ref, how{}, nil, &out, 0)
				}
			}
		}
		if mod.parent >= 0 {
			for _, refs := range mod.vars {
				for _, ref := range refs {
					g.resolve(mod.parent, ref, how{}, nil, &out, 0)
				}
			}
			for _, ref := range mod.each {
				g.resolve(mod.parent, ref, how{}, nil, &out, 0)
			}
		}
		for _, s := range out.From {
			seen[s] = true
		}
		queue = append(queue, out.LocalsOf...)
	}
	list := make([]Source, 0, len(seen))
	for s := range seen {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Source) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Attr, b.Attr), cmp.Compare(a.Pin, b.Pin))
	})
	g.scopes[module] = list
	return list
}

// ModuleNodes lists the resource blocks of a node's own module: what its
// replace_triggered_by can refer to.
func (g *Graph) ModuleNodes(node int32) []Source {
	var out []Source
	for _, n := range g.modules[g.nodes[node].Module].nodes {
		if n != node {
			out = append(out, Source{Node: n})
		}
	}
	return out
}

// Meant tells whether an instance is one that the source's references can mean.
func (g *Graph) Meant(s Source, address string) bool {
	if s.Pin == 0 {
		return true
	}
	pin := g.sym.names[s.Pin]
	for at := 0; ; at++ {
		i := strings.Index(address[at:], pin)
		if i < 0 {
			return false
		}
		at += i
		end := at + len(pin)
		if (at == 0 || address[at-1] == '.') && (end == len(address) || address[end] == '.') {
			return true
		}
	}
}
