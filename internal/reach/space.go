package reach

import (
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"polygraph/internal/netpol"
)

// space is all addresses, split once at every border of every block. Atoms are the
// ranges between borders; classes are atoms that the same blocks contain.
type space struct {
	atoms   []netipx.IPRange // sorted, IPv4 before IPv6, without gaps
	classes []int            // of each atom
	ranges  [][]netipx.IPRange
	blocks  map[string]set // over classes, by blockKey
	pods    map[string]overlap
}

// overlap is how a block meets the addresses that a pod may have whose own address
// is not known.
type overlap struct{ some, all bool }

// podRanges are where a pod may have its address, if nobody says where it has:
// private and shared space, which VPCs and overlays use, and any of IPv6.
//
// Source: RFC 1918, RFC 6598, RFC 2544 (198.18.0.0/15), RFC 4193; docs.aws.amazon.com
// VPC user guide, "VPC CIDR blocks"; EKS user guide, "Learn about IPv6 addresses".
func podRanges() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "198.18.0.0/15", "fc00::/7", "2000::/3"} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// newSpace splits the addresses at the borders of blocks. pods are where pods have
// their addresses; nil where that is not known.
func newSpace(blocks []*netpol.Block, pods []netip.Prefix) *space {
	s := &space{blocks: map[string]set{}, pods: map[string]overlap{}}
	type known struct {
		key    string
		ranges []netipx.IPRange
	}
	var all []known
	starts := []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	for _, b := range blocks {
		key := blockKey(b)
		if _, ok := s.blocks[key]; ok {
			continue
		}
		s.blocks[key] = nil
		k := known{key, rangesOf(b)}
		for _, r := range k.ranges {
			starts = append(starts, r.From())
			if next := r.To().Next(); next.IsValid() {
				starts = append(starts, next)
			}
		}
		all = append(all, k)
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	for i, from := range starts {
		to := lastOf(from)
		if i+1 < len(starts) && starts[i+1].Is4() == from.Is4() {
			to = starts[i+1].Prev()
		}
		s.atoms = append(s.atoms, netipx.IPRangeFrom(from, to))
	}
	marks := make([]set, len(all))
	for n, k := range all {
		marks[n] = newSet(len(s.atoms))
		for _, r := range k.ranges {
			for i := s.atom(r.From()); i < len(s.atoms) && s.atoms[i].From().Compare(r.To()) <= 0; i++ {
				marks[n].add(i)
			}
		}
	}
	s.classify(marks)
	told := len(pods) > 0
	if !told {
		pods = podRanges()
	}
	six := slices.ContainsFunc(blocks, func(b *netpol.Block) bool {
		return slices.ContainsFunc(b.Prefixes, func(p netip.Prefix) bool { return p.Addr().Is6() })
	})
	for _, k := range all {
		// Where nobody speaks of IPv6, pods are taken to have IPv4.
		s.pods[k.key] = meet(k.ranges, pods, told || six)
	}
	for n, k := range all {
		in := newSet(len(s.ranges))
		marks[n].each(func(i int) { in.add(s.classes[i]) })
		s.blocks[k.key] = in
	}
	return s
}

func meet(ranges []netipx.IPRange, pods []netip.Prefix, six bool) (o overlap) {
	var b netipx.IPSetBuilder
	for _, r := range ranges {
		b.AddRange(r)
	}
	block, _ := b.IPSet()
	o.all = true
	for _, p := range pods {
		o.some = o.some || block.OverlapsPrefix(p)
		o.all = o.all && (block.ContainsPrefix(p) || p.Addr().Is6() && !six)
	}
	o.all = o.all && o.some
	return o
}

// classify puts atoms that the same blocks contain into one class.
func (s *space) classify(marks []set) {
	p := newPartition(len(s.atoms))
	for _, m := range marks {
		p.split(m)
	}
	seen := map[int32]int{}
	s.classes = make([]int, len(s.atoms))
	for i, c := range p.class {
		n, ok := seen[c]
		if !ok {
			n = len(s.ranges)
			seen[c] = n
			s.ranges = append(s.ranges, nil)
		}
		s.classes[i] = n
		s.ranges[n] = append(s.ranges[n], s.atoms[i])
	}
}

// atom is the atom of an address.
func (s *space) atom(a netip.Addr) int {
	i, found := slices.BinarySearchFunc(s.atoms, a, func(r netipx.IPRange, a netip.Addr) int { return r.From().Compare(a) })
	if !found {
		i--
	}
	return i
}

// class is the class of an address.
func (s *space) class(a netip.Addr) int { return s.classes[s.atom(a)] }

// prefixes are the addresses of a class, in the shortest form.
func (s *space) prefixes(class int) []netip.Prefix {
	var b netipx.IPSetBuilder
	for _, r := range s.ranges[class] {
		b.AddRange(r)
	}
	all, _ := b.IPSet() // only the parsing of text can fail
	return all.Prefixes()
}

func lastOf(a netip.Addr) netip.Addr {
	return netipx.PrefixLastIP(netip.PrefixFrom(a, 0).Masked())
}

// rangesOf are the addresses of a block.
func rangesOf(b *netpol.Block) []netipx.IPRange {
	var s netipx.IPSetBuilder
	for _, p := range b.Prefixes {
		s.AddPrefix(p)
	}
	for _, p := range b.Except {
		s.RemovePrefix(p)
	}
	all, _ := s.IPSet()
	return all.Ranges()
}

func blockKey(b *netpol.Block) string {
	var t strings.Builder
	for _, p := range b.Prefixes {
		t.WriteString(p.String())
		t.WriteByte(' ')
	}
	t.WriteByte('-')
	for _, p := range b.Except {
		t.WriteString(p.String())
		t.WriteByte(' ')
	}
	return t.String()
}

// partition is classes of 0 to n-1 that are split by sets.
type partition struct {
	class []int32
	size  []int32 // of each class
	moved map[int32]int32
	hits  map[int32]int32
}

func newPartition(n int) *partition {
	return &partition{class: make([]int32, n), size: []int32{int32(n)}, moved: map[int32]int32{}, hits: map[int32]int32{}}
}

// split puts the members of a set into other classes than the rest. Its time
// grows with the members, or with the rest where those are fewer.
func (p *partition) split(by set) {
	p.splitOn(by.each)
}

func (p *partition) splitOn(each func(func(int))) {
	clear(p.moved)
	clear(p.hits)
	each(func(i int) { p.hits[p.class[i]]++ })
	each(func(i int) {
		c := p.class[i]
		if p.hits[c] == p.size[c] {
			return // all of the class
		}
		to, ok := p.moved[c]
		if !ok {
			to = int32(len(p.size))
			p.size = append(p.size, p.hits[c])
			p.size[c] -= p.hits[c]
			p.hits[c] = -1 // never equal to a size again
			p.moved[c] = to
		}
		p.class[i] = to
	})
}

// splitBy splits by a value of each member.
func (p *partition) splitBy(value func(int) int) {
	type pair struct {
		class int32
		value int
	}
	seen := map[pair]int32{}
	taken := map[int32]bool{}
	for i, c := range p.class {
		k := pair{c, value(i)}
		to, ok := seen[k]
		if !ok {
			to = c
			if taken[c] {
				to = int32(len(p.size))
				p.size = append(p.size, 0)
			}
			taken[c] = true
			seen[k] = to
		}
		if to != c {
			p.size[c]--
			p.size[to]++
			p.class[i] = to
		}
	}
}
