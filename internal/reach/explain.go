package reach

import (
	"slices"

	"polygraph/internal/netpol"
)

// Segment is ports of a connection that have one outcome for one reason.
type Segment struct {
	Ports   Ports
	Outcome Outcome
	// Family is 4 or 6 where the segment is about addresses of one family only.
	Family          int
	Egress, Ingress Decision
}

// witness is ports about which a program decides by the same rule.
type witness struct {
	ports    Ports
	decision Decision
}

// Explain takes a connection apart: every port is in one segment, or in one of
// each family. Denied ports are left out unless wanted.
func (m *Model) Explain(src, dst int, denied bool) (out []Segment) {
	one := len(m.faces[src]) == 1 && len(m.faces[dst]) == 1
	for _, s := range m.faces[src] {
		for _, d := range m.faces[dst] {
			f, g := m.classes[s].family, m.classes[d].family
			if !f.meets(g) {
				continue
			}
			number := 0
			if !one {
				if number = 4; f == v6 || g == v6 {
					number = 6
				}
			}
			out = append(out, m.segments(s, d, number, denied)...)
		}
	}
	return joinFamilies(out)
}

func (m *Model) segments(s, d int32, family int, denied bool) (out []Segment) {
	cell := m.pair(s, d)
	if !denied && cell.empty() {
		return nil
	}
	parts := []struct {
		ports   Ports
		outcome Outcome
	}{{cell.Allowed, Allowed}, {cell.Open, Open}, {cell.Unknown, Unknown}}
	if denied {
		parts = append(parts, struct {
			ports   Ports
			outcome Outcome
		}{AllPorts().Minus(cell.Allowed).Minus(cell.Open).Minus(cell.Unknown), Denied})
	}
	out1, in := m.witnesses(egress, s, d, d), m.witnesses(ingress, d, s, d)
	for _, part := range parts {
		if part.ports.Empty() {
			continue
		}
		for _, e := range out1 {
			left := part.ports
			if !e.ports.All() {
				left = left.Intersect(e.ports)
			}
			if left.Empty() {
				continue
			}
			for _, i := range in {
				both := left
				if !i.ports.All() {
					both = left.Intersect(i.ports)
				}
				if !both.Empty() {
					out = append(out, Segment{Ports: both, Outcome: part.outcome, Family: family, Egress: e.decision, Ingress: i.decision})
				}
			}
		}
	}
	return out
}

// witnesses are those of the program of a subject about a peer. They are worked
// out once for each way in which the program meets its peers.
func (m *Model) witnesses(direction int, subject, peer, to int32) []witness {
	n := m.classes[subject].programs[accepted][direction]
	if n < 0 {
		return m.nobody
	}
	p, r := m.programs[direction][n], m.row(direction, n)
	s := &r.slots[r.of[peer]]
	ports := m.portsFor(p, r, s, to)
	if w, ok := s.witnesses[ports]; ok {
		return w
	}
	w := m.bear(p, r.steps(s), ports)
	if s.witnesses == nil {
		s.witnesses = map[int32][]witness{}
	}
	s.witnesses[ports] = w
	return w
}

func (m *Model) bear(p *program, steps []step, ports int32) (out []witness) {
	type key struct {
		outcome Outcome
		policy  *netpol.Policy
		rule    *netpol.Rule
		why     string
	}
	seen := map[key]int{}
	var ranges [][netpol.Protocols][]Range
	resolved := m.resolveAll(p, steps, ports)
	for proto := range netpol.Protocol(netpol.Protocols) {
		borders := bordersOf(resolved, proto)
		for i := 0; i+1 < len(borders); i++ {
			low, high := uint16(borders[i]), uint16(borders[i+1]-1)
			d := m.explain(p, steps, resolved, proto, low)
			k := key{d.Outcome, d.Policy, d.Rule, d.Why}
			n, ok := seen[k]
			if !ok {
				n = len(out)
				seen[k] = n
				out, ranges = append(out, witness{decision: d}), append(ranges, [netpol.Protocols][]Range{})
			}
			ranges[n][proto] = join(ranges[n][proto], Range{low, high})
		}
	}
	for i := range out {
		out[i].ports = Ports{ranges[i]}
	}
	return out
}

// joinFamilies joins what both families have alike.
func joinFamilies(list []Segment) []Segment {
	var out []Segment
	for _, s := range list {
		n := slices.IndexFunc(out, func(o Segment) bool {
			return o.Family != s.Family && o.Family != 0 && s.Family != 0 && o.Outcome == s.Outcome && o.Ports.Equal(s.Ports) &&
				o.Egress.Rule == s.Egress.Rule && o.Egress.Policy == s.Egress.Policy && o.Ingress.Rule == s.Ingress.Rule && o.Ingress.Policy == s.Ingress.Policy
		})
		if n >= 0 {
			out[n].Family = 0
			continue
		}
		out = append(out, s)
	}
	return out
}
