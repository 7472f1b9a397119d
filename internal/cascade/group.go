package cascade

import (
	"slices"

	"polygraph/internal/tfplan"
)

// within is a resource block within a module instance.
type within struct {
	module string
	block  tfplan.Sym
}

// blockOf numbers the blocks.
func (f *finder) blockOf(c *tfplan.Change) int32 {
	b := within{tfplan.ModuleInstance(c.Address), c.Resource}
	id, ok := f.blockIDs[b]
	if !ok {
		id = int32(len(f.blocks))
		f.blockIDs[b] = id
		f.blocks = append(f.blocks, b)
	}
	return id
}

func (f *finder) blockName(id int32) string {
	b := f.blocks[id]
	if b.module != "" {
		return b.module + "." + f.Name(b.block)
	}
	return f.Name(b.block)
}

func (f *finder) group(movers []*tfplan.Change, res *Result) {
	t := f.tracer(nil)
	roots := map[int32][]*tfplan.Change{} // by block: the changes nobody else explains
	for _, m := range movers {
		if b := f.blockOf(m); !m.Data && slices.Contains(t.of(m).blocks, b) {
			roots[b] = append(roots[b], m)
		}
	}
	groups := map[int32]*Group{}
	drawn := map[*tfplan.Change]bool{}
	var order []int32
	for _, c := range movers {
		if c.Data {
			continue
		}
		why, parts, ok := t.blame(c)
		if !ok {
			continue
		}
		for _, id := range why.blocks {
			links := t.leading(parts, id)
			if len(links) == 0 || len(roots[id]) == 0 {
				continue // it may be one, by way of a local
			}
			g := groups[id]
			if g == nil {
				g = &Group{Identity: f.blockName(id), Roots: roots[id]}
				groups[id] = g
				order = append(order, id)
			}
			d := &Drawn{Change: c, Links: links, More: why.fresh || why.dark || why.more, New: f.newReference(c, links)}
			for _, o := range why.blocks {
				if o != id {
					d.Others = append(d.Others, f.blockName(o))
				}
			}
			g.Drawn = append(g.Drawn, d)
			drawn[c] = true
		}
	}
	member := map[*tfplan.Change]bool{}
	for _, id := range order {
		g := groups[id]
		t.addReads(g, id)
		for _, r := range g.Roots {
			member[r] = true
		}
		res.Groups = append(res.Groups, *g)
	}
	for _, c := range movers {
		if c.Data || drawn[c] {
			continue
		}
		if o := t.unexplained(c); o != nil {
			res.Open = append(res.Open, *o)
		} else if !member[c] {
			res.Alone = append(res.Alone, c)
		}
	}
}

// maxInstances bounds how many instances are asked for the one that leads on.
const maxInstances = 64

// leading returns the links that lead to a cause.
func (t *tracer) leading(parts []*part, id int32) (out []Link) {
	for _, p := range parts {
		for _, l := range p.links {
			if !slices.Contains(t.bundle(l.all).blocks, id) {
				continue
			}
			for _, m := range l.all.movers[:min(len(l.all.movers), maxInstances)] {
				if slices.Contains(t.of(m).blocks, id) {
					l.From = m
					break
				}
			}
			out = append(out, l.Link)
		}
	}
	return out
}

// addReads adds the data sources between drawn changes and their cause.
func (t *tracer) addReads(g *Group, id int32) {
	seen := map[*tfplan.Change]bool{}
	var follow func([]Link)
	follow = func(links []Link) {
		for _, l := range links {
			if !l.From.Data || seen[l.From] {
				continue
			}
			seen[l.From] = true
			r := &Drawn{Change: l.From, Links: t.leading(t.parts[l.From], id)}
			if len(r.Links) > 0 {
				g.Reads = append(g.Reads, r)
				follow(r.Links)
			}
		}
	}
	for _, d := range g.Drawn {
		follow(d.Links)
	}
}

// maxCandidates is how many possible causes are named.
const maxCandidates = 5

// unexplained lists the inputs of a change of which nothing tells where they
// come from, directly or by way of a data source; nil when there are none.
func (t *tracer) unexplained(c *tfplan.Change) *Open {
	o := &Open{Change: c}
	for _, p := range t.parts[c] {
		// A circle has no cause in it: one of its links is not what it seems.
		if why := t.part(p); !p.open && (len(why.blocks) > 0 || why.fresh && !why.dark) {
			continue
		}
		o.Attributes = append(o.Attributes, p.attr)
		if p.local == nil {
			continue
		}
		for _, m := range p.local.movers {
			if len(o.Candidates) == maxCandidates {
				break
			}
			// What follows from c is no cause of it.
			if m.Node != c.Node && !slices.Contains(t.of(m).blocks, t.blockOf(c)) && !slices.Contains(o.Candidates, m) {
				o.Candidates = append(o.Candidates, m)
			}
		}
	}
	if len(o.Attributes) == 0 {
		return nil
	}
	return o
}
