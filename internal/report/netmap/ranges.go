package netmap

import (
	"net/netip"
	"slices"
	"strings"
)

// span is the addresses from low to high, both included, of one family.
type span struct{ low, high netip.Addr }

// spans are the ranges of a list of CIDRs, of which each may say what it leaves
// out ("0.0.0.0/0 except 10.0.0.0/8 and 192.0.2.0/24"), sorted and merged; nil when
// a word of the list is none.
func spans(list string) (out []span) {
	var items []string
	for item := range strings.SplitSeq(list, ",") {
		if strings.Contains(item, " except ") {
			items = append(items, strings.TrimSpace(item))
		} else {
			items = append(items, strings.Fields(item)...)
		}
	}
	for _, item := range items {
		whole, but, _ := strings.Cut(item, " except ")
		p, err := netip.ParsePrefix(whole)
		if err != nil {
			return nil
		}
		left := []span{{p.Masked().Addr(), last(p)}}
		for word := range strings.SplitSeq(but, " and ") {
			if but == "" {
				break
			}
			q, err := netip.ParsePrefix(word)
			if err != nil {
				return nil
			}
			left = without(left, span{q.Masked().Addr(), last(q)})
		}
		out = append(out, left...)
	}
	slices.SortFunc(out, func(a, b span) int { return a.low.Compare(b.low) })
	merged := out[:0]
	for _, s := range out {
		n := len(merged)
		if n > 0 && s.low.BitLen() == merged[n-1].high.BitLen() && touches(merged[n-1], s) {
			if merged[n-1].high.Less(s.high) {
				merged[n-1].high = s.high
			}
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// without takes b out of each span.
func without(list []span, b span) (out []span) {
	for _, s := range list {
		if s.high.Less(b.low) || b.high.Less(s.low) {
			out = append(out, s)
			continue
		}
		if s.low.Less(b.low) {
			out = append(out, span{s.low, b.low.Prev()})
		}
		if b.high.Less(s.high) {
			out = append(out, span{b.high.Next(), s.high})
		}
	}
	return out
}

// touches tells whether b, which begins no earlier, continues a.
func touches(a, b span) bool {
	return b.low.Compare(a.high) <= 0 || a.high.Next() == b.low
}

func last(p netip.Prefix) netip.Addr {
	b := p.Masked().Addr().AsSlice()
	for i := range b {
		if free := 8*(i+1) - p.Bits(); free > 0 {
			b[i] |= byte(1<<min(free, 8) - 1)
		}
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// meet tells whether two sets share an address, and whether all of a is in b.
func meet(a, b []span) (some, within bool) {
	within = len(a) > 0
	j := 0
	for _, s := range a {
		for j < len(b) && b[j].high.Less(s.low) {
			j++
		}
		if j == len(b) || s.high.Less(b[j].low) {
			within = false
			continue
		}
		some = true
		if s.low.Less(b[j].low) || b[j].high.Less(s.high) {
			within = false
		}
	}
	return some, within
}

// maxMeetings bounds the work of comparing ranges: their number squared, times the
// endpoints.
const maxMeetings = 100_000_000

// close lets ranges of addresses have the answers of others that they lie in:
// rows about 10.0.0.0/8 speak of 10.1.0.0/16 too. Where that would take too long,
// a pair of which no row speaks is unknown.
func (g *graph) close() {
	var outside []int32
	for i := range g.ends {
		if g.ends[i].outside() && g.ends[i].ranges != nil {
			outside = append(outside, int32(i))
		}
	}
	if g.disjoint(outside) {
		return // no range has anything of another
	}
	n := len(g.ends)
	tooLong := len(outside)*len(outside)*n > maxMeetings
	// What is gained is added at the end: only rows are passed on.
	to, from := make([]state, len(outside)*n), make([]state, len(outside)*n)
	for i, a := range outside {
		to, from := to[i*n:][:n], from[i*n:][:n]
		for _, b := range outside {
			some, within := false, false
			if a != b && !tooLong {
				some, within = meet(g.ends[a].ranges, g.ends[b].ranges)
			}
			if !some {
				continue
			}
			for w := range int32(n) {
				if !g.ends[w].outside() {
					to[w] |= inherited(g.get(w, a), g.get(w, b), within)
					from[w] |= inherited(g.get(a, w), g.get(b, w), within)
				}
			}
		}
		for w := range int32(n) {
			if tooLong && !g.ends[w].outside() && g.get(w, a) == 0 {
				to[w] = unknown
			}
			if tooLong && !g.ends[w].outside() && g.get(a, w) == 0 {
				from[w] = unknown
			}
		}
	}
	for i, a := range outside {
		for w := range int32(n) {
			if s := to[i*n+int(w)]; s != 0 {
				g.add(w, a, s)
			}
			if s := from[i*n+int(w)]; s != 0 {
				g.add(a, w, s)
			}
		}
	}
}

// disjoint tells that no address is in two ranges, as in the rows of one list.
func (g *graph) disjoint(outside []int32) bool {
	var all []span
	for _, i := range outside {
		all = append(all, g.ends[i].ranges...)
	}
	slices.SortFunc(all, func(a, b span) int { return a.low.Compare(b.low) })
	for i := 1; i < len(all); i++ {
		if all[i].low.Compare(all[i-1].high) <= 0 {
			return false
		}
	}
	return true
}

// inherited is what a range gains from another that it meets.
func inherited(own, other state, within bool) state {
	switch {
	case within:
		return other
	case own != 0 || other == 0:
		return 0
	}
	s := other&^all | part
	if other&all != 0 {
		s |= some
	}
	return s
}
