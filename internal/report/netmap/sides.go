package netmap

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// verdict is what is drawn of a pair.
type verdict uint8

const (
	denied verdict = iota
	allowedAll
	allowedSome
	notEnforced
	unsure
	self     // of itself; no row speaks of it
	notAsked // addresses to addresses
	verdicts
)

// judge is the worst answer about a pair, and the next one; denied where there is
// none.
func (g *graph) judge(from, to int32) (worst, next verdict) {
	s := g.get(from, to)
	switch {
	case s != 0:
	case g.ends[from].outside() && g.ends[to].outside():
		return notAsked, denied
	case from == to:
		return self, denied
	case !g.whole:
		return unsure, denied
	}
	answers := [...]struct {
		bit     state
		verdict verdict
	}{{unenforced, notEnforced}, {unknown, unsure}, {all, allowedAll}, {some, allowedSome}}
	for _, a := range answers {
		switch {
		case s&a.bit == 0:
		case worst == denied:
			worst = a.verdict
		case next == denied && worst != allowedAll: // all ports are all ports
			next = a.verdict
		}
	}
	return worst, next
}

// group is what is drawn under one heading: a namespace, or what is outside.
type group struct {
	outside   bool
	namespace string
}

func (g group) String() string {
	switch {
	case g.outside:
		return "addresses outside"
	case g.namespace == "":
		return "(no namespace)"
	}
	return g.namespace
}

func (e *endpoint) group() group {
	if e.outside() {
		return group{outside: true}
	}
	return group{namespace: e.namespace}
}

// label is the name of an endpoint under the heading of its group.
func (e *endpoint) label() string {
	if first, rest, more := strings.Cut(e.name, ","); e.outside() && more && len(e.name) > 30 {
		return first + " and " + strconv.Itoa(1+strings.Count(rest, ",")) + " more"
	}
	if rest, ok := strings.CutPrefix(e.name, e.namespace+"/"); ok && e.namespace != "" && rest != "" {
		return rest
	}
	return e.name
}

// sides are the sources and the destinations in the order in which they are drawn.
// Ranges of addresses that are only sources are no destinations: the ranges of the
// two directions need not be the same.
func (g *graph) sides() (rows, columns []int32) {
	order := make([]int32, len(g.ends))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := &g.ends[a], &g.ends[b]
		if x.outside() != y.outside() {
			return cmp.Compare(rank(x), rank(y))
		}
		return cmp.Or(cmp.Compare(x.namespace, y.namespace), compareRanges(x, y), cmp.Compare(x.name, y.name), cmp.Compare(x.kind, y.kind))
	})
	for _, i := range order {
		e := &g.ends[i]
		both := !e.outside() || e.listed || e.source == e.target
		if both || e.source {
			rows = append(rows, i)
		}
		if both || e.target {
			columns = append(columns, i)
		}
	}
	return rows, columns
}

func rank(e *endpoint) int {
	if e.outside() {
		return 1
	}
	return 0
}

// compareRanges sorts ranges by their first address.
func compareRanges(a, b *endpoint) int {
	if len(a.ranges) == 0 || len(b.ranges) == 0 {
		return cmp.Compare(len(a.ranges), len(b.ranges))
	}
	return a.ranges[0].low.Compare(b.ranges[0].low)
}

// stretch is a group and how many of one side are in it.
type stretch struct {
	group group
	ends  []int32
}

// stretches are the groups of one side.
func (g *graph) stretches(side []int32) (out []stretch) {
	for len(side) > 0 {
		first := g.ends[side[0]].group()
		n := 1
		for n < len(side) && g.ends[side[n]].group() == first {
			n++
		}
		out = append(out, stretch{first, side[:n]})
		side = side[n:]
	}
	return out
}

// tally counts pairs by verdict. A pair of an endpoint with itself of which no row
// speaks is no pair.
type tally [verdicts]int

func (t tally) pairs() int {
	return t[denied] + t[allowedAll] + t[allowedSome] + t[notEnforced] + t[unsure]
}

func (t tally) open() int { return t[allowedAll] + t[allowedSome] + t[notEnforced] }

func (g *graph) count(rows, columns []int32) (t tally) {
	for _, r := range rows {
		for _, c := range columns {
			v, _ := g.judge(r, c)
			t[v]++
		}
	}
	return t
}
