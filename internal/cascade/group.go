package cascade

import (
	"slices"

	"polygraph/internal/tfplan"
)

// reaches tells whether c is among the causes of m: then m cannot be a cause of
// c, references have no cycles.
func (f *finder) reaches(m, c *tfplan.Change, seen map[*tfplan.Change]bool) bool {
	if m == c {
		return true
	}
	if seen == nil {
		seen = map[*tfplan.Change]bool{}
	}
	if seen[m] {
		return false
	}
	seen[m] = true
	for _, l := range f.linksOf(m) {
		if f.reaches(l.From, c, seen) {
			return true
		}
	}
	return false
}

// pure tells whether a change is what it is only because of others: nothing of
// it was edited, or it is replaced and what forces that comes from others.
func (f *finder) pure(d *Drawn) bool {
	if len(d.Links) == 0 {
		return false
	}
	if !d.Edited {
		return true
	}
	if !d.Change.Action.Replaces() {
		return false
	}
	forced := false
	for path := range f.Names(d.Change.Forces) {
		forced = true
		if !slices.ContainsFunc(d.Links, func(l Link) bool { return l.Attribute == top(path) }) {
			return false
		}
	}
	return forced
}

func top(path string) string {
	for i := range len(path) {
		if path[i] == '.' {
			return path[:i]
		}
	}
	return path
}

// rootsOf walks up to the changes that nobody else explains.
func (f *finder) rootsOf(c *tfplan.Change, seen map[*tfplan.Change]bool) []*tfplan.Change {
	d := f.drawn[c]
	if d == nil || !f.pure(d) {
		return []*tfplan.Change{c}
	}
	if seen == nil {
		seen = map[*tfplan.Change]bool{}
	}
	if seen[c] {
		return nil
	}
	seen[c] = true
	var out []*tfplan.Change
	for _, l := range d.Links {
		for _, r := range f.rootsOf(l.From, seen) {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// block names the resource block of a change within its module instance.
func block(p *tfplan.Plan, c *tfplan.Change) string {
	r := p.Name(c.Resource)
	if m := tfplan.ModuleInstance(c.Address); m != "" {
		return m + "." + r
	}
	return r
}

func (f *finder) group(movers []*tfplan.Change, res *Result) {
	groups := map[string]*Group{}
	member := map[*tfplan.Change]bool{}
	var order []string
	for _, c := range movers {
		d := f.drawn[c]
		if d == nil || c.Data || !f.pure(d) {
			continue
		}
		var mine []string
		for _, r := range f.rootsOf(c, nil) {
			// A data source that is read during apply because of a new object
			// is no cause: the new object is, and that was asked for.
			if r.Data || r == c {
				continue
			}
			id := block(f.Plan, r)
			g := groups[id]
			if g == nil {
				g = &Group{Identity: id}
				groups[id] = g
				order = append(order, id)
			}
			if !slices.Contains(g.Roots, r) {
				g.Roots = append(g.Roots, r)
				member[r] = true
			}
			if !slices.Contains(mine, id) {
				mine = append(mine, id)
				g.Drawn = append(g.Drawn, d)
				g.addReads(f, d)
				member[c] = true
			}
		}
	}
	for _, id := range order {
		res.Groups = append(res.Groups, *groups[id])
	}
	for _, c := range movers {
		if c.Data {
			continue
		}
		open := f.open[c]
		if d := f.drawn[c]; len(open) == 0 || member[c] && d != nil && f.pure(d) {
			// Settled, or drawn anyway: what else draws it changes nothing.
			if !member[c] {
				res.Alone++
			}
			continue
		}
		o := Open{Change: c}
		for _, p := range open {
			o.Attributes = append(o.Attributes, p.attr)
			for _, m := range f.possible(c, p.scope).movers {
				if len(o.Candidates) < 5 && !slices.Contains(o.Candidates, m) {
					o.Candidates = append(o.Candidates, m)
				}
			}
		}
		res.Open = append(res.Open, o)
	}
}

// addReads adds the data sources between a drawn change and its cause.
func (g *Group) addReads(f *finder, d *Drawn) {
	for _, l := range d.Links {
		r := f.drawn[l.From]
		if r == nil || !l.From.Data || slices.Contains(g.Reads, r) {
			continue
		}
		g.Reads = append(g.Reads, r)
		g.addReads(f, r)
	}
}

func (f *finder) linksOf(c *tfplan.Change) []Link {
	if d := f.drawn[c]; d != nil {
		return d.Links
	}
	return nil
}
