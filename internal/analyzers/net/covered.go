package net

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// shape is rules that are written alike: to the same peers and the same ports.
type shape struct {
	anyone, anyPort bool
	peers           []*atom
	ports           []netpol.Port
	hasPeer         map[*atom]bool
	hasPort         map[netpol.Port]bool
	wide            []netpol.Port // ranges of more than one port
	rules           []cover       // in the order of the objects
	first           map[*netpol.Policy]*netpol.Rule
}

// rulebook finds rules that match all that another one does, from how they are
// written: the rules of one section, or of all policies with one subject.
type rulebook struct {
	peers  *lattice
	shapes map[string]*shape
	of     map[*netpol.Rule]*shape
	place  map[*netpol.Rule]int // in the order in which they were added
	anyone portBook
	by     map[*atom]*portBook
	looked int // shapes that were compared
}

// portBook are shapes by their ports.
type portBook struct {
	any  []*shape
	same map[netpol.Port][]*shape
	wide []netpol.Port // keys of same that are ranges
}

func newRulebook() *rulebook {
	return &rulebook{peers: newLattice(), shapes: map[string]*shape{}, of: map[*netpol.Rule]*shape{}, place: map[*netpol.Rule]int{}, by: map[*atom]*portBook{}}
}

// plainPort is a port in one form.
func plainPort(p netpol.Port) netpol.Port {
	p.Offset = 0
	if p.Name == "" && p.Low <= 1 && p.High == 65535 {
		p.Low, p.High = 0, 0
	}
	return p
}

// add puts in a rule; one of which something is not sure matches nothing for sure.
func (b *rulebook) add(p *netpol.Policy, r *netpol.Rule) {
	if len(r.Unsure) > 0 || r.Subject != nil || !r.Anyone && len(r.Peers) == 0 || !r.AnyPort && len(r.Ports) == 0 {
		return
	}
	s := &shape{anyone: r.Anyone, anyPort: r.AnyPort, hasPeer: map[*atom]bool{}, hasPort: map[netpol.Port]bool{}, first: map[*netpol.Policy]*netpol.Rule{}}
	for i := range r.Peers {
		if len(r.Peers[i].Unsure) > 0 {
			return
		}
		if a := b.peers.add(peerAtom(&r.Peers[i])); !s.hasPeer[a] {
			s.hasPeer[a], s.peers = true, append(s.peers, a)
		}
	}
	slices.SortFunc(s.peers, func(x, y *atom) int { return strings.Compare(x.key, y.key) })
	for _, p := range r.Ports {
		if p = plainPort(p); !s.hasPort[p] {
			s.hasPort[p], s.ports = true, append(s.ports, p)
			if p.Name == "" && p.Low < p.High {
				s.wide = append(s.wide, p)
			}
		}
	}
	slices.SortFunc(s.ports, func(x, y netpol.Port) int {
		return cmp.Or(cmp.Compare(x.Protocol, y.Protocol), cmp.Compare(x.Low, y.Low), cmp.Compare(x.High, y.High), strings.Compare(x.Name, y.Name))
	})
	var key strings.Builder
	key.WriteString(strconv.FormatBool(s.anyone) + strconv.FormatBool(s.anyPort))
	for _, a := range s.peers {
		key.WriteString("\x00" + strconv.Itoa(len(a.key)) + ":" + a.key)
	}
	for _, p := range s.ports {
		key.WriteString("\x01" + p.Protocol.String() + strconv.FormatBool(p.AnyProtocol) + strconv.Itoa(int(p.Low)) + "-" + strconv.Itoa(int(p.High)) + p.Name)
	}
	if old := b.shapes[key.String()]; old != nil {
		s = old
	} else {
		b.shapes[key.String()] = s
		b.file(s)
	}
	s.rules = append(s.rules, cover{p, r})
	if s.first[p] == nil {
		s.first[p] = r
	}
	b.of[r], b.place[r] = s, len(b.place)
}

func (b *rulebook) file(s *shape) {
	if s.anyone {
		b.anyone.add(s)
	}
	for _, a := range s.peers {
		if b.by[a] == nil {
			b.by[a] = &portBook{}
		}
		b.by[a].add(s)
	}
}

func (b *portBook) add(s *shape) {
	if s.anyPort {
		b.any = append(b.any, s)
		return
	}
	if b.same == nil {
		b.same = map[netpol.Port][]*shape{}
	}
	for _, p := range s.ports {
		if b.same[p] == nil && p.Name == "" && p.Low < p.High {
			b.wide = append(b.wide, p)
		}
		b.same[p] = append(b.same[p], s)
	}
}

// maxTried bounds the peers and ports of a rule among which the rarest is looked
// for.
const maxTried = 32

// candidates are the lists of shapes that match one of the ports that few do, and
// how many shapes that are.
func (b *portBook) candidates(s *shape) (lists [][]*shape, n int) {
	n = -1
	for _, q := range s.ports[:min(len(s.ports), maxTried)] {
		tried, size := [][]*shape{b.same[q]}, len(b.same[q])
		if whole := (netpol.Port{Protocol: q.Protocol, AnyProtocol: q.AnyProtocol}); q != whole && b.same[whole] != nil {
			tried, size = append(tried, b.same[whole]), size+len(b.same[whole])
		}
		for _, p := range b.wide {
			if p != q && holdsPort(p, q) {
				tried, size = append(tried, b.same[p]), size+len(b.same[p])
			}
		}
		if n < 0 || size < n {
			lists, n = tried, size
		}
	}
	return append([][]*shape{b.any}, lists...), max(n, 0) + len(b.any)
}

// wider calls found with each shape that matches all that s does, s itself too
// where it is of this book, until found returns true.
func (b *rulebook) wider(s *shape, found func(*shape) bool) {
	lists, _ := b.anyone.candidates(s)
	least := -1
	var best [][]*shape
	for _, a := range s.peers[:min(len(s.peers), maxTried)] {
		var tried [][]*shape
		size := 0
		for _, up := range b.peers.above(a) {
			if book := b.by[up]; book != nil {
				l, n := book.candidates(s)
				tried, size = append(tried, l...), size+n
			}
		}
		if least < 0 || size < least {
			best, least = tried, size
		}
	}
	for _, list := range append(lists, best...) {
		for _, o := range list {
			if b.looked++; b.covers(o, s) && found(o) {
				return
			}
		}
	}
}

// covers tells that whatever s matches o matches too; o is of this book.
func (b *rulebook) covers(o, s *shape) bool {
	if s.anyPort && !o.anyPort || s.anyone && !o.anyone {
		return false
	}
	if !o.anyPort && slices.ContainsFunc(s.ports, func(q netpol.Port) bool { return !o.holds(q) }) {
		return false
	}
	return o.anyone || !slices.ContainsFunc(s.peers, func(a *atom) bool {
		return !slices.ContainsFunc(b.peers.above(a), func(up *atom) bool { return o.hasPeer[up] })
	})
}

func (s *shape) holds(q netpol.Port) bool {
	return s.hasPort[q] || s.hasPort[netpol.Port{Protocol: q.Protocol, AnyProtocol: q.AnyProtocol}] ||
		slices.ContainsFunc(s.wide, func(p netpol.Port) bool { return holdsPort(p, q) })
}

func holdsPort(p, q netpol.Port) bool {
	if p.Protocol != q.Protocol || p.AnyProtocol != q.AnyProtocol {
		return false
	}
	if q.Name != "" || p.Name != "" {
		return p.Name == q.Name || p.Name == "" && p.Low == 0
	}
	return p.Low == 0 || q.Low != 0 && p.Low <= q.Low && q.High <= p.High
}

// covering finds rules that decide all that another one could, whatever pods
// there are.
type covering struct {
	groups   map[coverKey]*subjects
	sections map[*netpol.Section]*rulebook // of policies whose rules are asked in order
}

// coverKey is the policies that add up. Without a namespace they are those of one
// file: into which namespace each file is applied nobody says.
type coverKey struct {
	namespace, file string
	direction       reach.Direction
}

// subjects are the rules of a group, by the subject of their policies.
type subjects struct {
	*lattice
	books map[*atom]*rulebook
}

type cover struct {
	policy *netpol.Policy
	rule   *netpol.Rule
}

func keyOf(p *netpol.Policy, d reach.Direction) coverKey {
	if p.Namespace == "" {
		return coverKey{"", p.Object.Path, d}
	}
	return coverKey{p.Namespace, "", d}
}

func newCovering(policies []*netpol.Policy) *covering {
	c := &covering{map[coverKey]*subjects{}, map[*netpol.Section]*rulebook{}}
	for _, p := range policies {
		if p.Staged || p.Nodes || len(p.Unsure) > 0 {
			continue
		}
		for _, d := range []reach.Direction{reach.Ingress, reach.Egress} {
			s := d.Section(p)
			if len(s.Rules) == 0 {
				continue
			}
			book := newRulebook()
			if p.Kind == netpol.Network {
				key := keyOf(p, d)
				if c.groups[key] == nil {
					c.groups[key] = &subjects{newLattice(), map[*atom]*rulebook{}}
				}
				g := c.groups[key]
				a := g.add(selectorAtom(&p.Subject))
				if g.books[a] == nil {
					g.books[a] = book
				}
				book = g.books[a]
			} else {
				c.sections[s] = book
			}
			for i := range s.Rules {
				book.add(p, &s.Rules[i])
			}
		}
	}
	return c
}

// covered finds a rule that decides all that a rule could: an earlier one where
// rules are asked in order, any other one where they add up. Of two that cover
// each other the later one of a policy is named, and of two policies none.
func (c *covering) covered(p *netpol.Policy, r *netpol.Rule, d reach.Direction) (out *cover, why string) {
	if p.Kind != netpol.Network {
		book := c.sections[d.Section(p)]
		if book == nil || book.of[r] == nil {
			return nil, ""
		}
		book.wider(book.of[r], func(o *shape) bool {
			if book.place[o.first[p]] >= book.place[r] {
				return false
			}
			out = &o.rules[0]
			return true
		})
		return out, "an earlier rule has decided all that it names"
	}
	g := c.groups[keyOf(p, d)]
	if g == nil {
		return nil, ""
	}
	up := g.above(selectorAtom(&p.Subject))
	if len(up) == 0 || g.books[up[0]].of[r] == nil {
		return nil, ""
	}
	own := g.books[up[0]]
	s := own.of[r]
	if first := s.first[p]; first != r {
		return &cover{p, first}, samePolicy
	}
	for _, a := range up {
		book := g.books[a]
		book.wider(s, func(o *shape) bool {
			if o == s {
				return false
			}
			mutual := own.covers(s, o)
			switch mine := o.first[p]; {
			case mine != nil && (!mutual || own.place[mine] < own.place[r]):
				out, why = &cover{p, mine}, samePolicy
				return true
			case !mutual && out == nil:
				out, why = &o.rules[0], "another policy about the same pods allows more, so it limits nothing"
			}
			return false
		})
		if out != nil {
			return out, why
		}
	}
	return nil, ""
}

const samePolicy = "another rule of the same policy allows all of it already"
