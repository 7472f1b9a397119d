package cascade

import "polygraph/internal/tfplan"

// replacement is a change seen as what it is to those who refer to an attribute
// that an update in place leaves as it is: whoever forces its replacement makes
// that attribute unknown, edits of its own do not.
type replacement struct{ change *tfplan.Change }

// asSeen tells how a change counts for those who refer to an attribute of it.
func (t *tracer) asSeen(m *tfplan.Change, attr tfplan.Sym) any {
	if attr == 0 || m.Data || !m.Action.Replaces() || !t.edited(m) || !t.linked(m) || !t.survives(m, attr) {
		return m
	}
	return replacement{m}
}

// survives tells whether an update in place leaves an attribute of this type
// known. That is up to the provider; the evidence is other objects of the type
// that this very plan updates in place.
func (f *finder) survives(m *tfplan.Change, attr tfplan.Sym) bool {
	key := kept{m.Type, attr}
	if yes, ok := f.survived[key]; ok {
		return yes
	}
	seen, yes := false, true
	for _, u := range f.updated[m.Type] {
		if u.Provider != m.Provider {
			continue
		}
		seen = true
		yes = yes && !f.Has(u.Unknown, attr)
	}
	f.survived[key] = seen && yes
	return seen && yes
}

// kept is an attribute of a resource type.
type kept struct{ typ, attr tfplan.Sym }
