package reach

import (
	"cmp"
	"iter"
	"net/netip"
	"slices"

	"polygraph/internal/netpol"
)

// Endpoints are the workloads, by namespace and name, and after them the sets of
// addresses outside.
func (m *Model) Endpoints() []*Endpoint { return m.endpoints }

// Find is the endpoint that has an address.
func (m *Model) Find(a netip.Addr) (*Endpoint, bool) {
	a = a.Unmap().WithZone("")
	if i, ok := m.places[a]; ok {
		return m.endpoints[i], true
	}
	for _, e := range m.endpoints {
		if slices.ContainsFunc(e.Ranges, func(p netip.Prefix) bool { return p.Contains(a) }) {
			return e, true
		}
	}
	return nil, false
}

// Between is what passes from one endpoint to another; from a workload to itself,
// what passes between two of its pods.
func (m *Model) Between(src, dst int) Cell { return *m.between(src, dst) }

func (m *Model) between(src, dst int) *Cell {
	if len(m.faces[src]) == 1 && len(m.faces[dst]) == 1 {
		s, d := m.faces[src][0], m.faces[dst][0]
		if !m.classes[s].family.meets(m.classes[d].family) {
			return &m.none
		}
		return m.pair(s, d)
	}
	var four, six *Cell
	for _, s := range m.faces[src] {
		for _, d := range m.faces[dst] {
			f, g := m.classes[s].family, m.classes[d].family
			switch {
			case !f.meets(g):
			case f == v6 || g == v6:
				six = m.pair(s, d)
			default:
				four = m.pair(s, d)
			}
		}
	}
	switch {
	case four == nil && six == nil:
		return &m.none
	case four == nil:
		return six
	case six == nil:
		return four
	}
	out := &Cell{Unknown: four.Unknown.Union(six.Unknown), Open: four.Open.Union(six.Open)}
	out.Open = out.Open.Minus(out.Unknown)
	out.Allowed = four.Allowed.Intersect(six.Allowed)
	rest := out.Unknown.Union(out.Open)
	out.IPv4 = four.Allowed.Minus(six.Allowed).Minus(rest)
	out.IPv6 = six.Allowed.Minus(four.Allowed).Minus(rest)
	return out
}

// From are the endpoints to which something passes, or perhaps passes, from one
// endpoint, in their order. The cells must not be changed. Endpoints of one class
// are answered together, so that the time grows with what passes.
func (m *Model) From(src int) iter.Seq2[int, *Cell] {
	return func(yield func(int, *Cell) bool) {
		if len(m.faces[src]) > 1 {
			for i := range m.endpoints {
				if c := m.between(src, i); !c.empty() && !yield(i, c) {
					return
				}
			}
			return
		}
		for _, r := range m.reached(m.faces[src][0]) {
			if !yield(int(r.endpoint), r.cell) {
				return
			}
		}
	}
}

type reached struct {
	endpoint int32
	cell     *Cell
}

// reached are the endpoints that a class reaches; of the last class they are kept.
func (m *Model) reached(class int32) []reached {
	if m.last.class == class && m.last.list != nil {
		return m.last.list
	}
	list := m.last.list[:0]
	for d := range m.classes {
		if len(m.members[d]) == 0 || !m.classes[class].family.meets(m.classes[d].family) {
			continue
		}
		if c := m.pair(class, int32(d)); !c.empty() {
			for _, e := range m.members[d] {
				list = append(list, reached{e, c})
			}
		}
	}
	for _, e := range m.twofold {
		src := m.members[class]
		if len(src) == 0 {
			break
		}
		if c := m.between(int(src[0]), int(e)); !c.empty() {
			list = append(list, reached{e, c})
		}
	}
	slices.SortFunc(list, func(a, b reached) int { return cmp.Compare(a.endpoint, b.endpoint) })
	m.last.class, m.last.list = class, list
	return list
}

func (c *Cell) empty() bool {
	return c.Allowed.Empty() && c.Unknown.Empty() && c.Open.Empty() && c.IPv4.Empty() && c.IPv6.Empty()
}

// pair is what passes between two classes.
func (m *Model) pair(s, d int32) *Cell {
	x, y := &m.classes[s], &m.classes[d]
	host := x.host || y.host
	out, in := m.halves(s, d, accepted)
	c := m.combine(out, in, host)
	if x.programs[accepted][egress] == x.programs[inForce][egress] && y.programs[accepted][ingress] == y.programs[inForce][ingress] {
		return c
	}
	out, in = m.halves(s, d, inForce)
	real := m.combine(out, in, host)
	if real == c {
		return c
	}
	key := [2]*Cell{c, real}
	if both, ok := m.both[key]; ok {
		return both
	}
	open := real.Allowed.Minus(c.Allowed).Minus(c.Unknown)
	both := &Cell{Allowed: real.Allowed.Minus(open), Unknown: real.Unknown, Open: open}
	m.both[key] = both
	return both
}

// halves are the decisions of both directions; -1 where there is none to ask.
func (m *Model) halves(s, d int32, by mode) (out, in int32) {
	out, in = -1, -1
	if n := m.classes[s].programs[by][egress]; n >= 0 {
		out = m.decisionOf(m.programs[egress][n], m.row(egress, n), d, d)
	}
	if n := m.classes[d].programs[by][ingress]; n >= 0 {
		in = m.decisionOf(m.programs[ingress][n], m.row(ingress, n), s, d)
	}
	return out, in
}

func (m *Model) row(direction int, n int32) *row {
	if r := m.rows[direction][n]; r != nil {
		return r
	}
	r := m.fill(m.programs[direction][n])
	if m.size += r.size(); m.size > maxRows {
		for d := range m.rows {
			clear(m.rows[d])
		}
		m.size = r.size()
	}
	m.rows[direction][n] = r
	return r
}

func (m *Model) combine(out, in int32, host bool) *Cell {
	key := uint64(uint32(out+1))<<33 | uint64(uint32(in+1))<<1
	if host {
		key |= 1
	}
	if c, ok := m.pairs[key]; ok {
		return c
	}
	open := decision{allowed: AllPorts()}
	a, b := open, open
	if out >= 0 {
		a = m.decisions[out]
	}
	if in >= 0 {
		b = m.decisions[in]
	}
	c := &Cell{Allowed: a.allowed.Intersect(b.allowed)}
	c.Unknown = a.allowed.Union(a.unknown).Intersect(b.allowed.Union(b.unknown)).Minus(c.Allowed)
	if host {
		// Traffic between a pod and the node on which it runs is always let through, and
		// which node that is nobody says here.
		// Source: kubernetes.io/docs/concepts/services-networking/network-policies: "Traffic
		// to and from the node where a Pod is running is always allowed".
		c.Unknown = AllPorts().Minus(c.Allowed)
	}
	m.pairs[key] = c
	return c
}

// Ask says what becomes of one port, and by which rules. Where the answer differs
// between IPv4 and IPv6 it is Unknown: AskFamily tells.
func (m *Model) Ask(src, dst int, proto netpol.Protocol, port uint16) Answer {
	four, ok4 := m.ask(src, dst, proto, port, v4)
	six, ok6 := m.ask(src, dst, proto, port, v6)
	switch {
	case ok4 && ok6 && four.Outcome != six.Outcome:
		a := four
		if six.Outcome != Allowed {
			a = six
		}
		a.Outcome, a.Families = Unknown, true
		return a
	case ok4:
		return four
	case ok6:
		return six
	}
	return Answer{Outcome: Denied, NoFamily: true}
}

// AskFamily is Ask for addresses of one family.
func (m *Model) AskFamily(src, dst int, proto netpol.Protocol, port uint16, six bool) Answer {
	f := v4
	if six {
		f = v6
	}
	a, ok := m.ask(src, dst, proto, port, f)
	if !ok {
		return Answer{Outcome: Denied, NoFamily: true}
	}
	return a
}

func (m *Model) ask(src, dst int, proto netpol.Protocol, port uint16, f family) (a Answer, ok bool) {
	for _, s := range m.faces[src] {
		for _, d := range m.faces[dst] {
			if m.classes[s].family.meets(f) && m.classes[d].family.meets(f) && m.classes[s].family.meets(m.classes[d].family) {
				return m.answer(s, d, proto, port), true
			}
		}
	}
	return a, false
}

// answer is that of the policies accepted, with that of those in force where it
// differs.
func (m *Model) answer(s, d int32, proto netpol.Protocol, port uint16) Answer {
	a := m.answerBy(s, d, proto, port, accepted)
	if m.classes[s].programs[accepted][egress] == m.classes[s].programs[inForce][egress] && m.classes[d].programs[accepted][ingress] == m.classes[d].programs[inForce][ingress] {
		return a
	}
	real := m.answerBy(s, d, proto, port, inForce)
	if real.Outcome == a.Outcome {
		return a
	}
	a.InForce = &real
	if a.Outcome == Denied && real.Outcome == Allowed {
		a.Outcome = Open
	} else {
		a.Outcome = real.Outcome
	}
	return a
}

func (m *Model) answerBy(s, d int32, proto netpol.Protocol, port uint16, by mode) (a Answer) {
	if n := m.classes[s].programs[by][egress]; n >= 0 {
		r := m.row(egress, n)
		a.Egress = m.explainSlot(m.programs[egress][n], r, d, m.classes[d].ports, proto, port)
	}
	if n := m.classes[d].programs[by][ingress]; n >= 0 {
		r := m.row(ingress, n)
		a.Ingress = m.explainSlot(m.programs[ingress][n], r, s, m.classes[d].ports, proto, port)
	}
	switch {
	case a.Egress.Outcome == Allowed && a.Ingress.Outcome == Allowed:
		a.Outcome = Allowed
	case m.classes[s].host || m.classes[d].host:
		a.Outcome, a.Node = Unknown, true
	case a.Egress.Outcome == Denied || a.Ingress.Outcome == Denied:
		a.Outcome = Denied
	default:
		a.Outcome = Unknown
	}
	return a
}

func (m *Model) explainSlot(p *program, r *row, peer, ports int32, proto netpol.Protocol, port uint16) Decision {
	steps := r.steps(&r.slots[r.of[peer]])
	return m.explain(p, steps, m.resolveAll(p, steps, ports), proto, port)
}
