package cascade

import (
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// place is a block within a module instance, or within all instances below it.
type place struct {
	node   int32
	module string
}

// keyed is a block and one of the instance keys in an address.
type keyed struct {
	node int32
	key  string
}

// meaning is a source as it is meant at some place.
type meaning struct {
	source tfplan.Source
	module string
}

// register files a change under everything it can be found by: plans have tens
// of thousands of instances, and searching them for each would not end.
func (f *finder) register(c *tfplan.Change) {
	if c.Node < 0 {
		return
	}
	home := tfplan.ModuleInstance(c.Address)
	for m := range prefixes(home) {
		at := place{c.Node, m}
		f.at[at] = append(f.at[at], c)
	}
	for _, k := range tfplan.Keys(c.Address) {
		at := keyed{c.Node, k}
		f.byKey[at] = append(f.byKey[at], c)
	}
}

// prefixes yields a module instance, the one around it, and so on to the root.
func prefixes(module string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for yield(module) && module != "" {
			i := lastModule(module)
			module = module[:max(i-1, 0)]
		}
	}
}

// lastModule is where the last step of a module instance starts. Keys may
// contain anything.
func lastModule(module string) int {
	at, quoted := 0, false
	for i := 0; i < len(module); i++ {
		switch {
		case quoted && module[i] == '\\':
			i++
		case module[i] == '"':
			quoted = !quoted
		case !quoted && module[i] == '.' && strings.HasPrefix(module[i:], ".module."):
			at = i + 1
		}
	}
	return at
}

// meant returns the instances that a source means where c refers to it: within
// a module instance that both stand in, only those; what the reference spells
// out; and beside each.key the one with the same key.
func (f *finder) meant(c *tfplan.Change, s tfplan.Source) *bundle {
	if s.Node == c.Node {
		return nil // no block may refer to itself
	}
	home := f.shared(tfplan.ModuleInstance(c.Address), s.Node)
	all := f.at[place{s.Node, home}]
	if s.Paired && s.Pin == 0 && len(all) > 1 {
		if pair := f.pair(c, s, home); pair != nil {
			return f.bundleOf(pair, s)
		}
	}
	key := meaning{s, home}
	b, ok := f.meanings[key]
	if !ok {
		b = f.bundleOf(all, s)
		f.meanings[key] = b
	}
	return b
}

// shared is the innermost module instance around a place that a block stands
// in as well.
func (f *finder) shared(home string, node int32) string {
	at := place{node, home}
	if m, ok := f.homes[at]; ok {
		return m
	}
	block, found := f.Graph.Address(node), ""
	for m := range prefixes(home) {
		if m != "" && strings.HasPrefix(block, tfplan.StripKeys(m)+".") {
			found = m
			break
		}
	}
	f.homes[at] = found
	return found
}

// pair returns the instances that have the most keys in common with c.
func (f *finder) pair(c *tfplan.Change, s tfplan.Source, home string) (out []*tfplan.Change) {
	keys := tfplan.Keys(c.Address)
	best := 0
	for _, k := range keys {
		for _, h := range f.byKey[keyed{s.Node, k}] {
			if home != "" && !strings.HasPrefix(h.Address, home+".") || slices.Contains(out, h) {
				continue
			}
			n := 0
			for _, k := range tfplan.Keys(h.Address) {
				if slices.Contains(keys, k) {
					n++
				}
			}
			if n > best {
				best, out = n, nil
			}
			if n == best {
				out = append(out, h)
			}
		}
	}
	return out
}

func (f *finder) bundleOf(list []*tfplan.Change, s tfplan.Source) *bundle {
	b := &bundle{attr: s.Attr}
	for _, m := range list {
		switch {
		case !f.Graph.Meant(s, m.Address) || !f.unsettles(m, s.Attr):
		case m.Action == tfplan.Create:
			b.fresh = true
		default:
			b.movers = append(b.movers, m)
		}
	}
	return b
}

// unsettles tells whether an attribute of m is unknown until apply.
func (f *finder) unsettles(m *tfplan.Change, attr tfplan.Sym) bool {
	if attr == 0 {
		return len(f.Members(m.Unknown)) > 0 || m.Action.Replaces()
	}
	return f.Has(m.Unknown, attr) || m.Action == tfplan.DataRead
}
