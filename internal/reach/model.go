package reach

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// class is peers that nothing tells apart.
type class struct {
	member int32 // one of them, as a peer number
	family family
	// of ingress and egress, by the policies accepted and by those in force; -1 for
	// addresses
	programs [modes][2]int32
	ports    int32 // its named ports, as a number of Model.named
	host     bool
}

// rulePeers are the classes that a rule matches.
type rulePeers struct {
	anyone  bool
	classes []ruleClass
}

type ruleClass struct {
	class int32
	sure  bool
}

// Model is a cluster and the addresses around it, ready to be asked. It is not
// safe for concurrent use: answers are worked out when they are asked for, and
// kept.
type Model struct {
	endpoints []*Endpoint
	faces     [][]int32 // classes of each endpoint: one for each family it is seen in
	classes   []class
	matcher   *matcher
	peers     map[*rule]*rulePeers
	programs  [2][]*program
	rows      [2][]*row
	cells     int // in rows
	named     [][]namedPort
	decisions []decision

	decisionKeys map[string]int32
	pairs        map[uint64]Cell
	overflow     bool
	policies     []*policy
	compiled     map[*netpol.Policy]*policy
	places       map[netip.Addr]int
}

// maxCells bounds the rows that are kept: 2 bytes each.
const maxCells = 256 << 20

// Build makes a model of the objects and their policies.
func Build(objects []*kubeobj.Object, s *netpol.Set, o Options) *Model {
	space := newSpace(blocksOf(s), o.PodRanges)
	m := &Model{
		peers: map[*rule]*rulePeers{}, named: [][]namedPort{nil}, decisionKeys: map[string]int32{},
		pairs: map[uint64]Cell{}, places: map[netip.Addr]int{}, compiled: map[*netpol.Policy]*policy{},
	}
	units := gather(objects, space)
	m.matcher = newMatcher(units, space, o.Blocks)
	tiers := map[string]netpol.Tier{}
	for _, t := range s.Tiers {
		tiers[t.Name] = t
	}
	for i, p := range s.Policies {
		c := m.matcher.compile(p, i, tiers)
		if o.In != nil {
			m.enforce(c, o.In)
		}
		m.policies = append(m.policies, c)
		m.compiled[p] = c
	}
	slices.SortFunc(m.policies, comparePlaces)
	m.classify()
	return m
}

// enforce takes the pods out of what is in force for which a policy is not.
func (m *Model) enforce(c *policy, in func(*netpol.Policy, *Workload) bool) {
	c.inForce = c.subject.clone()
	c.subject.may.each(func(i int) {
		if i < len(m.matcher.faces) && !in(c.source, m.matcher.units[m.matcher.faces[i].unit].workload) {
			c.inForce.must[i/64] &^= 1 << (i % 64)
			c.inForce.may[i/64] &^= 1 << (i % 64)
		}
	})
}

func blocksOf(s *netpol.Set) []*netpol.Block {
	var out []*netpol.Block
	for _, p := range s.Policies {
		for _, section := range []*netpol.Section{&p.Ingress, &p.Egress} {
			for i := range section.Rules {
				r := &section.Rules[i]
				for j := range r.Peers {
					if b := r.Peers[j].Block; b != nil {
						out = append(out, b)
					}
				}
				if r.Subject != nil && r.Subject.Block != nil {
					out = append(out, r.Subject.Block)
				}
			}
		}
	}
	return out
}

func newMatcher(units []*unit, s *space, blocks BlockMatching) *matcher {
	m := &matcher{units: units, space: s, blocks: blocks, cache: map[string]match{}, index: map[indexKey]*values{}}
	for i, u := range units {
		for f, places := range u.places {
			if len(places) > 0 {
				m.faces = append(m.faces, face{i, v4 + family(f), places, true})
			}
		}
		if len(u.places[0])+len(u.places[1]) == 0 {
			m.faces = append(m.faces, face{unit: i})
		}
	}
	m.n = len(m.faces) + len(s.ranges)
	m.host = newSet(m.n)
	for i, f := range m.faces {
		if units[f.unit].workload.Host {
			m.host.add(i)
		}
	}
	return m
}

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

// name makes the endpoints: units of one owner that nothing tells apart are one.
func (m *Model) name(of []int32) {
	type owner struct {
		object *kubeobj.Object
		a, b   int32
	}
	x := m.matcher
	classes := make([][]int32, len(x.units))
	for i, f := range x.faces {
		classes[f.unit] = append(classes[f.unit], of[i])
	}
	seen := map[owner]*Endpoint{}
	byEndpoint := map[*Endpoint][]int32{}
	siblings := map[*kubeobj.Object][]*Endpoint{}
	for i, u := range x.units {
		c := classes[i]
		k := owner{u.workload.Object, c[0], c[len(c)-1]}
		if e, ok := seen[k]; ok {
			e.Workload.Addresses = append(e.Workload.Addresses, u.workload.Addresses...)
			e.Workload.Pods += u.workload.Pods
			for key, v := range e.Workload.Labels {
				if u.workload.Labels[key] != v {
					delete(e.Workload.Labels, key)
				}
			}
			continue
		}
		e := &Endpoint{Workload: u.workload}
		seen[k] = e
		byEndpoint[e] = c
		m.endpoints = append(m.endpoints, e)
		siblings[u.workload.Object] = append(siblings[u.workload.Object], e)
	}
	for _, same := range siblings {
		if len(same) > 1 {
			nameVariants(same)
		}
	}
	slices.SortStableFunc(m.endpoints, func(a, b *Endpoint) int {
		v, w := a.Workload, b.Workload
		return cmp.Or(cmp.Compare(v.Namespace, w.Namespace), cmp.Compare(v.Name, w.Name), cmp.Compare(v.Kind, w.Kind), cmp.Compare(v.Variant, w.Variant))
	})
	outside := map[int32]*Endpoint{}
	for c := range x.space.ranges {
		k := of[x.outside(c)]
		if e, ok := outside[k]; ok {
			e.Ranges = append(e.Ranges, x.space.prefixes(c)...)
			continue
		}
		e := &Endpoint{Ranges: x.space.prefixes(c)}
		outside[k] = e
		byEndpoint[e] = []int32{k}
		m.endpoints = append(m.endpoints, e)
	}
	for i, e := range m.endpoints {
		e.Index = i
		m.faces = append(m.faces, byEndpoint[e])
		slices.SortFunc(e.Ranges, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
		if e.Workload == nil {
			m.classes[m.faces[i][0]].family = familyOf(e.Ranges)
		}
		if w := e.Workload; w != nil {
			w.Index = i
			slices.SortFunc(w.Addresses, netip.Addr.Compare)
			for _, a := range w.Addresses {
				if !w.Host {
					m.places[a] = i
				}
			}
		}
	}
}

// nameVariants names the workloads of one owner by the labels in which they differ.
func nameVariants(same []*Endpoint) {
	for n, e := range same {
		var differ []string
		for k, v := range e.Workload.Labels {
			if slices.ContainsFunc(same, func(o *Endpoint) bool { return o.Workload.Labels[k] != v }) {
				differ = append(differ, k+"="+v)
			}
		}
		slices.Sort(differ)
		if e.Workload.Variant = strings.Join(differ, ","); e.Workload.Variant == "" {
			e.Workload.Variant = fmt.Sprint(n + 1)
		}
	}
}

func familyOf(ranges []netip.Prefix) family {
	switch four := slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Addr().Is4() }); {
	case !four:
		return v6
	case slices.ContainsFunc(ranges, func(p netip.Prefix) bool { return p.Addr().Is6() }):
		return anyFamily
	}
	return v4
}
