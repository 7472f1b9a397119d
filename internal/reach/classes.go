package reach

import (
	"fmt"
	"strings"
)

// classify finds the classes, and the endpoints that they stand for.
func (m *Model) classify() {
	x := m.matcher
	var of [modes][2][]int32
	for d := range m.programs {
		c := compiler{all: m.policies, direction: d, seen: map[string]int32{}}
		for by := range modes {
			of[by][d] = c.programs(len(x.faces), by)
		}
		m.programs[d] = c.list
		m.rows[d] = make([]*row, len(c.list))
	}
	p := newPartition(x.n)
	ports := m.namedPorts()
	p.splitBy(func(i int) int {
		if i >= len(x.faces) {
			return -1
		}
		v := int(ports[i])*3 + int(x.faces[i].family)
		if x.host.has(i) {
			return -2 - v
		}
		return v
	})
	for by := range of {
		for d := range of[by] {
			p.splitBy(func(i int) int {
				if i >= len(x.faces) {
					return -1
				}
				return int(of[by][d][i])
			})
		}
	}
	m.splitByRules(p)
	first := make([]int32, len(p.size))
	for i := range first {
		first[i] = -1
	}
	number := make([]int32, len(p.size))
	for i, c := range p.class {
		if first[c] >= 0 {
			continue
		}
		first[c] = int32(i)
		number[c] = int32(len(m.classes))
		k := class{member: int32(i), programs: [modes][2]int32{{-1, -1}, {-1, -1}}}
		if i < len(x.faces) {
			k.family, k.host, k.ports = x.faces[i].family, x.host.has(i), ports[i]
			for by := range of {
				k.programs[by] = [2]int32{of[by][0][i], of[by][1][i]}
			}
		}
		m.classes = append(m.classes, k)
	}
	for i := range p.class {
		p.class[i] = number[p.class[i]]
	}
	m.index(p.class)
	m.name(p.class)
}

// namedPorts numbers the named ports of each face, as far as policies name them.
func (m *Model) namedPorts() []int32 {
	wanted := map[string]bool{}
	for _, c := range m.policies {
		for _, s := range c.sections {
			if s == nil {
				continue
			}
			for _, r := range s.rules {
				for _, n := range r.named {
					wanted[n.Name] = true
				}
			}
		}
	}
	out := make([]int32, len(m.matcher.faces))
	seen := map[string]int32{}
	for i := range m.matcher.faces {
		var key strings.Builder
		var list []namedPort
		for _, n := range m.matcher.units[m.matcher.faces[i].unit].ports {
			if wanted[n.name] {
				list = append(list, n)
				fmt.Fprintf(&key, "%s %d %d\x00", n.name, n.protocol, n.port)
			}
		}
		if list == nil {
			continue
		}
		n, ok := seen[key.String()]
		if !ok {
			n = int32(len(m.named))
			m.named = append(m.named, list)
			seen[key.String()] = n
		}
		out[i] = n
	}
	return out
}

// splitByRules tells peers apart that some rule tells apart.
func (m *Model) splitByRules(p *partition) {
	seen := map[uint64][]set{}
	split := func(s set) {
		h := s.hash()
		for _, t := range seen[h] {
			if t.equal(s) {
				return
			}
		}
		seen[h] = append(seen[h], s)
		if s.count() < m.matcher.n {
			p.split(s)
		}
	}
	for _, c := range m.policies {
		for _, s := range c.sections {
			if s == nil {
				continue
			}
			for _, r := range s.rules {
				split(r.peers.must)
				split(r.peers.may)
			}
		}
	}
}

// index turns what rules match into classes.
func (m *Model) index(of []int32) {
	seen := map[uint64][]*ruleAt{}
	for _, c := range m.policies {
		for _, s := range c.sections {
			if s == nil {
				continue
			}
		rules:
			for _, r := range s.rules {
				h := r.peers.may.hash() ^ r.peers.must.hash()*31
				for _, t := range seen[h] {
					if t.may.equal(r.peers.may) && t.must.equal(r.peers.must) {
						m.peers[r] = t.peers
						continue rules
					}
				}
				k := &rulePeers{anyone: r.peers.must.count() == m.matcher.n}
				if !k.anyone {
					last := map[int32]bool{}
					r.peers.may.each(func(i int) {
						if c := of[i]; !last[c] {
							last[c] = true
							k.classes = append(k.classes, ruleClass{c, r.peers.must.has(i)})
						}
					})
				}
				m.peers[r] = k
				seen[h] = append(seen[h], &ruleAt{r.peers, k})
			}
		}
	}
}

type ruleAt struct {
	match
	peers *rulePeers
}
