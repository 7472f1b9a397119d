package tfplan

import "slices"

// Source is one attribute of one resource block that a value is computed from.
// Attr 0 means the whole object.
type Source struct {
	Node int32
	Attr Sym
}

// Sources is what an attribute is computed from.
type Sources struct {
	From []Source
	// Locals tells that part of the value comes through a local, which the plan
	// JSON does not spell out: From is then incomplete.
	Locals bool
}

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
		out.Locals = true
	case refEach:
		for _, e := range own {
			if e.attr == g.each && g.refs[e.ref].kind != refEach {
				g.resolve(m, e.ref, nil, out, depth+1)
			}
		}
	}
}

func (s *Sources) add(x Source) {
	if !slices.Contains(s.From, x) {
		s.From = append(s.From, x)
	}
}

// InScope returns everything an expression in the node's module could possibly
// be computed from: the superset that a value through a local comes from.
func (g *Graph) InScope(node int32) []Source {
	var out Sources
	m := g.nodes[node].Module
	mod := &g.modules[m]
	for _, n := range mod.nodes {
		if n != node {
			out.add(Source{n, 0})
		}
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
	}
	slices.SortFunc(out.From, func(a, b Source) int {
		if a.Node != b.Node {
			return int(a.Node - b.Node)
		}
		return int(a.Attr) - int(b.Attr)
	})
	return out.From
}
