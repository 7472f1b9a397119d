package reach

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"

	"polygraph/internal/netpol"
)

// Range is ports Low to High, both included.
type Range struct{ Low, High uint16 }

// Ports is a set of ports of TCP, UDP and SCTP: of each protocol sorted ranges
// that neither overlap nor touch. The zero value is empty. It is never changed.
type Ports struct {
	ranges [netpol.Protocols][]Range
}

var whole = []Range{{1, 65535}}

// AllPorts is every port of every protocol.
func AllPorts() Ports { return Ports{[netpol.Protocols][]Range{whole, whole, whole}} }

// PortsOf is a range of ports of one protocol; empty when low is above high.
func PortsOf(p netpol.Protocol, low, high uint16) (out Ports) {
	if low = max(low, 1); low <= high {
		out.ranges[p] = []Range{{low, high}}
	}
	return out
}

// Empty tells that there are none.
func (p Ports) Empty() bool {
	return len(p.ranges[0])+len(p.ranges[1])+len(p.ranges[2]) == 0
}

// All tells that there are no others.
func (p Ports) All() bool {
	for _, r := range p.ranges {
		if len(r) != 1 || r[0] != whole[0] {
			return false
		}
	}
	return true
}

// Has tells whether a port is among them.
func (p Ports) Has(proto netpol.Protocol, port uint16) bool {
	list := p.ranges[proto]
	i := sort.Search(len(list), func(i int) bool { return list[i].High >= port })
	return i < len(list) && list[i].Low <= port
}

// joined is a set of ranges in any order, which may overlap.
func joined(ranges [netpol.Protocols][]Range) (out Ports) {
	for i, list := range ranges {
		slices.SortFunc(list, func(a, b Range) int { return cmp.Compare(a.Low, b.Low) })
		var merged []Range
		for _, r := range list {
			n := len(merged) - 1
			if n >= 0 && int(r.Low) <= int(merged[n].High)+1 {
				merged[n].High = max(merged[n].High, r.High)
				continue
			}
			merged = append(merged, r)
		}
		out.ranges[i] = merged
	}
	return out
}

// Ranges are the ports of one protocol.
func (p Ports) Ranges(proto netpol.Protocol) []Range { return p.ranges[proto] }

// Equal tells whether two sets are the same.
func (p Ports) Equal(q Ports) bool {
	for i := range p.ranges {
		if !slices.Equal(p.ranges[i], q.ranges[i]) {
			return false
		}
	}
	return true
}

// Union, Intersect and Minus combine two sets.
func (p Ports) Union(q Ports) Ports { return p.combine(q, func(a, b bool) bool { return a || b }) }

// Intersect is what is in both.
func (p Ports) Intersect(q Ports) Ports { return p.combine(q, func(a, b bool) bool { return a && b }) }

// Minus is what is in p and not in q.
func (p Ports) Minus(q Ports) Ports { return p.combine(q, func(a, b bool) bool { return a && !b }) }

func (p Ports) combine(q Ports, keep func(a, b bool) bool) (out Ports) {
	for i := range p.ranges {
		out.ranges[i] = sweep(p.ranges[i], q.ranges[i], keep)
	}
	return out
}

// sweep walks the borders of both lists.
func sweep(a, b []Range, keep func(a, b bool) bool) []Range {
	borders := make([]int, 0, 2*(len(a)+len(b)))
	for _, list := range [2][]Range{a, b} {
		for _, r := range list {
			borders = append(borders, int(r.Low), int(r.High)+1)
		}
	}
	slices.Sort(borders)
	borders = slices.Compact(borders)
	var out []Range
	i, j := 0, 0
	for n := 0; n+1 < len(borders); n++ {
		low, high := borders[n], borders[n+1]-1
		for i < len(a) && int(a[i].High) < low {
			i++
		}
		for j < len(b) && int(b[j].High) < low {
			j++
		}
		if !keep(i < len(a) && int(a[i].Low) <= low, j < len(b) && int(b[j].Low) <= low) {
			continue
		}
		if k := len(out) - 1; k >= 0 && int(out[k].High)+1 == low {
			out[k].High = uint16(high)
		} else {
			out = append(out, Range{uint16(low), uint16(high)})
		}
	}
	return out
}

// String is "all", "none", "TCP 80, 8000-8080; UDP 53"; a whole protocol is "all
// TCP".
func (p Ports) String() string {
	if p.All() {
		return "all"
	}
	if p.Empty() {
		return "none"
	}
	var b strings.Builder
	for i, ranges := range p.ranges {
		if len(ranges) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		if ranges[0] == whole[0] {
			b.WriteString("all " + netpol.Protocol(i).String())
			continue
		}
		b.WriteString(netpol.Protocol(i).String())
		for n, r := range ranges {
			if n > 0 {
				b.WriteByte(',')
			}
			b.WriteByte(' ')
			b.WriteString(strconv.Itoa(int(r.Low)))
			if r.High > r.Low {
				b.WriteString("-" + strconv.Itoa(int(r.High)))
			}
		}
	}
	return b.String()
}
