package reach

import (
	"strconv"
	"strings"

	"polygraph/internal/netpol"
)

// face is a unit as its addresses of one family are seen; a unit with addresses
// of both families has two. Behind the faces stand the classes of outside
// addresses: together they are the peers that rules choose from.
type face struct {
	unit   int
	family family
	places []int32
	known  bool
}

type family uint8

const (
	anyFamily family = iota // not known, or no policy tells
	v4
	v6
)

func (f family) meets(g family) bool { return f == anyFamily || g == anyFamily || f == g }

// matcher evaluates selectors and peers over faces and outside classes.
type matcher struct {
	units  []*unit
	faces  []face
	space  *space
	blocks BlockMatching
	n      int // faces and classes
	host   set // faces of pods on their nodes' network
	cache  map[string]match
	index  map[indexKey]*values
}

type indexKey struct {
	on  netpol.Attribute
	key string
}

// values are which faces have which value of one attribute.
type values struct {
	by      map[string]set
	unknown set // faces of which it is not known
}

// outside is the number of a class of addresses as a peer.
func (m *matcher) outside(class int) int { return len(m.faces) + class }

// faces only: outside addresses have no attributes.
func (m *matcher) none() match { return noMatch(m.n) }

// every matches all faces and no address outside.
func (m *matcher) every() match {
	out := m.none()
	for i := range m.faces {
		out.must.add(i)
		out.may.add(i)
	}
	return out
}

// expr is what an expression is true of, among faces. The result is shared: it
// must not be changed.
func (m *matcher) expr(e *netpol.Expr) match {
	key := exprKey(e)
	if out, ok := m.cache[key]; ok {
		return out
	}
	out := m.evaluate(e)
	m.cache[key] = out
	return out
}

func (m *matcher) evaluate(e *netpol.Expr) match {
	switch e.Op {
	case netpol.All:
		return m.every()
	case netpol.None:
		return m.none()
	case netpol.And:
		out := m.every()
		for i := range e.Terms {
			out.and(m.expr(&e.Terms[i]))
		}
		return out
	case netpol.Or:
		out := m.none()
		for i := range e.Terms {
			out.or(m.expr(&e.Terms[i]))
		}
		return out
	case netpol.Not:
		out := m.expr(&e.Terms[0]).not(m.n)
		out.and(m.every())
		return out
	}
	v := m.valuesOf(e.On, e.Key)
	out := m.none()
	if e.Op == netpol.In {
		for _, value := range e.Values {
			if s, ok := v.by[value]; ok {
				out.must.or(s)
			}
		}
		out.may = out.must.clone()
	} else {
		absent := m.every().must
		for value, s := range v.by {
			if e.Holds(value, true) {
				out.must.or(s)
			}
			for i := range absent {
				absent[i] &^= s[i]
			}
		}
		for i := range absent {
			absent[i] &^= v.unknown[i]
		}
		if e.Holds("", false) {
			out.must.or(absent)
		}
		out.may = out.must.clone()
	}
	out.may.or(v.unknown)
	return out
}

func (m *matcher) valuesOf(on netpol.Attribute, key string) *values {
	k := indexKey{on, key}
	if v, ok := m.index[k]; ok {
		return v
	}
	v := &values{by: map[string]set{}, unknown: newSet(m.n)}
	for i := range m.faces {
		value, there, known := m.units[m.faces[i].unit].attribute(on, key)
		if !known {
			v.unknown.add(i)
			continue
		}
		if !there {
			continue
		}
		s, ok := v.by[value]
		if !ok {
			s = newSet(m.n)
			v.by[value] = s
		}
		s.add(i)
	}
	m.index[k] = v
	return v
}

// peers are whom the peers of a rule match: faces and outside classes.
func (m *matcher) peers(r *netpol.Rule) match {
	out := m.none()
	if r.Anyone {
		return allMatch(m.n)
	}
	for i := range r.Peers {
		out.or(m.peer(&r.Peers[i]))
	}
	return out
}

func (m *matcher) peer(p *netpol.Peer) match {
	out := m.none()
	if p.Pods != nil {
		pods := m.expr(p.Pods).clone()
		for i := range pods.may {
			pods.must[i] &^= m.host[i]
			pods.may[i] &^= m.host[i]
		}
		out.or(pods)
	}
	if p.Nodes != nil {
		nodes := m.expr(p.Nodes).clone()
		nodes.must.and(m.host)
		nodes.may.and(m.host)
		out.or(nodes)
	}
	if p.Block != nil {
		out.and(m.addresses(p))
	}
	if p.Outside {
		classes := len(m.space.ranges)
		var in set
		if p.Block != nil {
			in = m.space.blocks[blockKey(p.Block)]
		}
		for c := range classes {
			if in == nil || in.has(c) {
				out.must.add(m.outside(c))
				out.may.add(m.outside(c))
			}
		}
	}
	if len(p.Unsure) > 0 {
		return out.unsure()
	}
	return out
}

// addresses are the faces whose addresses are in the block of a peer.
func (m *matcher) addresses(p *netpol.Peer) match {
	matching := m.blocks
	switch p.Inside {
	case netpol.Always:
		matching = BlocksMatchPods
	case netpol.Never:
		matching = BlocksMatchOutsideOnly
	}
	if matching == BlocksMatchOutsideOnly {
		return m.none()
	}
	key := blockKey(p.Block)
	in, pods := m.space.blocks[key], m.space.pods[key]
	out := m.none()
	for i := range m.faces {
		must, may := m.faces[i].in(in)
		if !m.faces[i].known {
			must, may = pods.all, pods.some
		}
		if must && matching == BlocksMatchPods {
			out.must.add(i)
		}
		if may {
			out.may.add(i)
		}
	}
	return out
}

// in tells whether all, and whether some, of the addresses of a face are in a block.
func (f *face) in(in set) (must, may bool) {
	must = len(f.places) > 0
	for _, c := range f.places {
		must = must && in.has(int(c))
		may = may || in.has(int(c))
	}
	return must, may
}

// exprKey writes an expression down, so that the same one is evaluated once.
func exprKey(e *netpol.Expr) string {
	var b strings.Builder
	writeExpr(&b, e)
	return b.String()
}

func writeExpr(b *strings.Builder, e *netpol.Expr) {
	b.WriteByte('a' + byte(e.Op))
	b.WriteByte('A' + byte(e.On))
	for _, s := range append([]string{e.Key}, e.Values...) {
		b.WriteString(strconv.Itoa(len(s)))
		b.WriteByte(':')
		b.WriteString(s)
	}
	b.WriteByte('(')
	for i := range e.Terms {
		writeExpr(b, &e.Terms[i])
	}
	b.WriteByte(')')
}
