package tfplan

import (
	"encoding/binary"
	"slices"
)

// Sym is an interned string; Set an interned sorted set of them. Resources of
// one type share their attribute names and mostly their sets, so a change
// carries two words where it would carry lists.
type (
	Sym uint32
	Set uint32
)

// symbols interns strings and sets. Sym 0 is "" and Set 0 the empty set.
type symbols struct {
	ids   map[string]Sym
	names []string
	sets  map[string]Set
	slabs [][]Sym
	key   []byte
	kept  int64 // bytes kept of the plan so far, roughly
}

// MaxKept bounds what is kept of one plan: the summaries of its changes, its
// names and its references. A realistic plan of 40,000 changes keeps 10 MiB.
const MaxKept = 48 << 20

func newSymbols() *symbols {
	return &symbols{
		ids: map[string]Sym{"": 0}, names: []string{""},
		sets: map[string]Set{"": 0}, slabs: [][]Sym{nil},
	}
}

func (s *symbols) intern(b []byte) Sym {
	if id, ok := s.ids[string(b)]; ok { // no allocation: the compiler knows this form
		return id
	}
	return s.add(string(b))
}

func (s *symbols) internString(v string) Sym {
	if id, ok := s.ids[v]; ok {
		return id
	}
	return s.add(v)
}

func (s *symbols) add(v string) Sym {
	id := Sym(len(s.names))
	s.names = append(s.names, v)
	s.ids[v] = id
	s.kept += int64(len(v)) + nameCost
	return id
}

// set interns the members; it sorts and compacts the slice in place.
func (s *symbols) set(members []Sym) Set {
	slices.Sort(members)
	members = slices.Compact(members)
	s.key = s.key[:0]
	for _, m := range members {
		s.key = binary.LittleEndian.AppendUint32(s.key, uint32(m))
	}
	if id, ok := s.sets[string(s.key)]; ok {
		return id
	}
	id := Set(len(s.slabs))
	s.sets[string(s.key)] = id
	s.slabs = append(s.slabs, slices.Clone(members))
	s.kept += int64(2*len(s.key)) + nameCost
	return id
}
