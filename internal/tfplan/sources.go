package tfplan

import (
	"cmp"
	"slices"
)

// Source is one attribute of one resource block that a value is computed from.
// Attr 0 means the whole object.
type Source struct {
	Node int32
	Attr Sym
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
		g.resolve(n.Module, e.ref, own, s, 0)
	}
	// depends_on of a module call holds for every resource inside it.
	for m := n.Module; m > 0; m = g.modules[m].parent {
		for _, ref := range g.modules[m].dependsOn {
			s := in[g.dependsOn]
			if s == nil {
				s = &Sources{}
				in[g.dependsOn] = s
			}
			g.resolve(g.modules[m].parent, ref, nil, s, 0)
		}
	}
	for _, s := range in {
		s.seen, s.have = nil, nil
	}
	return in
}

// resolve follows one reference that stands in module m. own are the edges of
// the block it stands in, for each.value.
func (g *Graph) resolve(m int32, ref refID, own []edge, out *Sources, depth int) {
	if depth > maxDepth || m < 0 {
		return
	}
	r := g.refs[ref]
	mod := &g.modules[m]
	if (r.kind == refModule || r.kind == refVar) && out.followed(step{m, ref}) {
		return
	}
	switch r.kind {
	case refResource:
		if n := g.find(mod.path, r.target); n >= 0 {
			out.add(Source{n, r.attr})
		}
	case refModule:
		child, ok := mod.calls[r.target]
		if !ok {
			return
		}
		for name, refs := range g.modules[child].outputs {
			if r.attr == 0 || name == r.attr {
				for _, ref := range refs {
					g.resolve(child, ref, nil, out, depth+1)
				}
			}
		}
	case refVar:
		if mod.parent < 0 {
			return // an input variable of the root: known at plan time
		}
		for _, ref := range mod.vars[r.target] {
			if g.refs[ref].kind == refEach {
				for _, each := range mod.each {
					g.resolve(mod.parent, each, nil, out, depth+1)
				}
				continue
			}
			g.resolve(mod.parent, ref, nil, out, depth+1)
		}
	case refLocal:
		if !slices.Contains(out.LocalsOf, m) {
			out.LocalsOf = append(out.LocalsOf, m)
		}
	case refEach:
		for _, e := range own {
			if e.attr == g.each && g.refs[e.ref].kind != refEach {
				g.resolve(m, e.ref, nil, out, depth+1)
			}
		}
	}
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
			seen[Source{n, 0}] = true
		}
		for _, child := range mod.calls {
			for _, refs := range g.modules[child].outputs {
				for _, ref := range refs {
					g.resolve(child, ref, nil, &out, 0)
				}
			}
		}
		if mod.parent >= 0 {
			for _, refs := range mod.vars {
				for _, ref := range refs {
					g.resolve(mod.parent, ref, nil, &out, 0)
				}
			}
			for _, ref := range mod.each {
				g.resolve(mod.parent, ref, nil, &out, 0)
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
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(a.Attr, b.Attr))
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
			out = append(out, Source{n, 0})
		}
	}
	return out
}
