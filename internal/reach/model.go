package reach

import (
	"net/netip"
	"slices"

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
	size      int // of rows, in bytes
	named     [][]namedPort
	decisions []decision

	decisionKeys map[string]int32
	pairs        map[uint64]*Cell
	both         map[[2]*Cell]*Cell
	none         Cell
	members      [][]int32 // endpoints of each class that have no other
	twofold      []int32   // endpoints with addresses of both families
	last         struct {
		class int32
		list  []reached
	}
	policies []*policy
	compiled map[*netpol.Policy]*policy
	places   map[netip.Addr]int
	nobody   []witness // of addresses outside: nobody is asked
}

// maxRows bounds the rows that are kept, in bytes: when they are more, all are let
// go, and worked out again when they are asked for. One row may be larger, by
// what its own policy has in rules.
const maxRows = 512 << 20

// Build makes a model of the objects and their policies.
func Build(objects []*kubeobj.Object, s *netpol.Set, o Options) *Model {
	space := newSpace(blocksOf(s), o.PodRanges)
	m := &Model{
		peers: map[*rule]*rulePeers{}, named: [][]namedPort{nil}, decisionKeys: map[string]int32{},
		pairs: map[uint64]*Cell{}, both: map[[2]*Cell]*Cell{}, places: map[netip.Addr]int{}, compiled: map[*netpol.Policy]*policy{}, nobody: []witness{{ports: AllPorts()}},
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
