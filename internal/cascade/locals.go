package cascade

import (
	"slices"
	"strconv"

	"polygraph/internal/tfplan"
)

// scope is all that changes and that an expression can come from which the plan
// does not spell out: a local, or replace_triggered_by.
type scope struct {
	movers, fresh []*tfplan.Change
	triggers      bool
	identifiers   *index // of the movers, nil until asked for
}

// maxScoped bounds what all scopes together hold: each module instance has its
// own, and in each everything may be in reach.
const maxScoped = 1_000_000

// localScope is what the locals of the modules can come from, seen from c. It
// keeps to what the plan says contributed to it (relevant_attributes).
func (f *finder) localScope(c *tfplan.Change, modules []int32) *scope {
	home := tfplan.ModuleInstance(c.Address)
	key := home
	for _, m := range modules {
		key += " " + strconv.Itoa(int(m))
	}
	if s, ok := f.scopes[key]; ok {
		return s
	}
	s := &scope{}
	f.scopes[key] = s
	if f.scoped > maxScoped {
		return s // empty: what comes through it stays open
	}
	seen := map[*tfplan.Change]bool{}
	for _, m := range modules {
		for _, source := range f.Graph.Scope(m) {
			if f.HasRelevant && !f.relevant(source) {
				continue
			}
			s.take(f.at[place{source.Node, f.shared(home, source.Node)}], seen, func(m *tfplan.Change) bool {
				return f.Graph.Meant(source, m.Address) && f.unsettles(m, source.Attr)
			})
		}
	}
	f.scoped += len(s.movers) + len(s.fresh)
	return s
}

// triggerScope is what replace_triggered_by can refer to: every managed change
// of the module, whether or not a value is unknown. relevant_attributes says
// nothing about it.
func (f *finder) triggerScope(c *tfplan.Change) *scope {
	home := tfplan.ModuleInstance(c.Address)
	key := "triggers " + home + " " + strconv.Itoa(int(f.Graph.Module(c.Node)))
	if s, ok := f.scopes[key]; ok {
		return s
	}
	s := &scope{triggers: true}
	f.scopes[key] = s
	seen := map[*tfplan.Change]bool{}
	for _, source := range f.Graph.ModuleNodes(c.Node) {
		s.take(f.at[place{source.Node, home}], seen, func(m *tfplan.Change) bool { return !m.Data })
	}
	s.take(f.at[place{c.Node, home}], seen, func(m *tfplan.Change) bool { return !m.Data })
	return s
}

func (s *scope) take(list []*tfplan.Change, seen map[*tfplan.Change]bool, want func(*tfplan.Change) bool) {
	for _, m := range list {
		switch {
		case seen[m] || !want(m):
			continue
		case m.Action == tfplan.Create:
			s.fresh = append(s.fresh, m)
		default:
			s.movers = append(s.movers, m)
		}
		seen[m] = true
	}
}

func (f *finder) relevant(s tfplan.Source) bool {
	attrs, ok := f.Relevant[f.Graph.Address(s.Node)]
	return ok && (s.Attr == 0 || slices.Contains(attrs, s.Attr) || slices.Contains(attrs, 0))
}

// maxRounds bounds how many locals in a row are followed.
const maxRounds = 16

// settleLocals attributes what comes through a local, or through
// replace_triggered_by, where the evidence allows only one cause.
//
// Two ways lead there. The old value tells: an attribute that held the old ARN
// of a key which is replaced came from that key. Or nothing else can be it: all
// that the local can be computed from and that changes has one cause. Where
// neither holds, the change stays open. What is settled settles others, so this
// goes round until nothing more follows.
func (f *finder) settleLocals(movers []*tfplan.Change) {
	for range maxRounds {
		settled := false
		only := map[*scope]*link{}
		for _, c := range movers {
			for _, p := range f.parts[c] {
				if !p.open {
					continue
				}
				if !p.local.triggers {
					if l, exact := f.byValue(c, p); l != nil {
						p.links, p.open, p.besides, settled = []link{*l}, false, !exact, true
						continue
					}
				}
				l, tried := only[p.local]
				if !tried {
					l = f.onlyCause(p.local)
					only[p.local] = l
				}
				if l != nil && l.From.Node != c.Node {
					mine := *l
					mine.Attribute = p.attr
					p.links, p.open, settled = []link{mine}, false, true
				}
			}
		}
		if !settled {
			return
		}
		f.readers = nil
	}
}

// onlyCause returns the one cause of everything in a scope, if there is but
// one. A new object among the possibilities is the author's edit, and what is
// unknown may come from it.
func (f *finder) onlyCause(s *scope) *link {
	if len(s.fresh) > 0 || len(s.movers) == 0 {
		return nil
	}
	t := f.tracer(s)
	var all cause
	for _, m := range s.movers {
		all.add(t.of(m))
	}
	if len(all.blocks) != 1 || all.fresh || all.dark || all.more {
		return nil
	}
	from := s.movers[0]
	for _, m := range s.movers {
		if f.blockOf(m) == all.blocks[0] {
			from = m
			break
		}
		if len(t.of(from).blocks) == 0 && len(t.of(m).blocks) > 0 {
			from = m // not one of those that are open themselves
		}
	}
	if len(t.of(from).blocks) == 0 {
		return nil
	}
	return &link{Link{From: from, Basis: OnlyCause}, &bundle{movers: []*tfplan.Change{from}}}
}
