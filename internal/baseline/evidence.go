package baseline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// half is the share of names from which evidence is taken for the same: found at
// different paths, of all names of both; at the same path, of BASE's names.
const half = 0.5

// pair finds for each piece of BASE the piece of HEAD that shows the same: at
// the same path, else by the names in it, else as the only one of its kind that
// is left on both sides and says nothing about its names.
func (m *matcher) pair(base, head *side) {
	kinds := map[string][2][]*piece{}
	for _, p := range base.pieces {
		k := kinds[p.Kind]
		k[0] = append(k[0], p)
		kinds[p.Kind] = k
	}
	for _, p := range head.pieces {
		k := kinds[p.Kind]
		k[1] = append(k[1], p)
		kinds[p.Kind] = k
	}
	for _, k := range kinds {
		m.pairByPath(k[0], k[1])
		m.pairMoved(free(k[0]), free(k[1]))
		m.pairByNames(free(k[0]), free(k[1]))
		if b, h := free(k[0]), free(k[1]); len(b) == 1 && len(h) == 1 && len(b[0].Sketch) == 0 && len(h[0].Sketch) == 0 && m.oneEnvironment(b[0], h[0]) {
			join(b[0], h[0])
		}
	}
}

// oneEnvironment: declared environments that differ are never the same evidence.
func (m *matcher) oneEnvironment(b, h *piece) bool {
	declared := b.Environment != "" && h.Environment != "" && !b.Inferred && !h.Inferred
	return !declared || m.sameEnvironment(b.Environment, h.Environment)
}

func join(b, h *piece) { b.other, h.other = h, b }

func free(list []*piece) []*piece {
	var out []*piece
	for _, p := range list {
		if p.other == nil {
			out = append(out, p)
		}
	}
	return out
}

// pairByPath also wants at least half of BASE's names in HEAD: a plan of
// something else, or of next to nothing, in the place of the old one hides it.
func (m *matcher) pairByPath(base, head []*piece) {
	at := map[string]*piece{}
	for _, h := range head {
		if _, twice := at[h.name]; !twice {
			at[h.name] = h
		}
	}
	for _, b := range base {
		if h := at[b.name]; h != nil && h.other == nil && m.oneEnvironment(b, h) && (len(b.Sketch) == 0 || kept(b.Sketch, h.Sketch) >= half) {
			join(b, h)
		}
	}
}

// pairMoved pairs what was moved and has the same names and the same findings,
// where only one piece on each side has. It takes linear time, for trees that
// were moved as a whole.
func (m *matcher) pairMoved(base, head []*piece) {
	key := func(p *piece) string {
		var found []string
		for f, n := range p.bare {
			found = append(found, fmt.Sprint(f, " ", n))
		}
		slices.Sort(found)
		return strings.Join(p.Sketch, "") + "|" + strings.Join(found, ",")
	}
	at := map[string][]*piece{}
	for _, h := range head {
		at[key(h)] = append(at[key(h)], h)
	}
	seen := map[string]int{}
	for _, b := range base {
		seen[key(b)]++
	}
	for _, b := range base {
		if k := key(b); len(b.Sketch) > 0 && seen[k] == 1 && len(at[k]) == 1 && m.oneEnvironment(b, at[k][0]) {
			join(b, at[k][0])
		}
	}
}

// maxPairs bounds the comparisons of pieces that were moved.
const maxPairs = 4_000_000

func (m *matcher) pairByNames(base, head []*piece) {
	type candidate struct {
		b, h  *piece
		share float64
		found int // findings in common
		kin   int // path segments in common
	}
	if len(base)*len(head) > maxPairs {
		return // every one of them is lost, and the reader is told which
	}
	var all []candidate
	for _, b := range base {
		for _, h := range head {
			share := overlap(b.Sketch, h.Sketch)
			if share >= half && m.oneEnvironment(b, h) {
				all = append(all, candidate{b, h, share, common(b, h), kin(b.name, h.name)})
			}
		}
	}
	slices.SortStableFunc(all, func(x, y candidate) int {
		return cmp.Or(
			cmp.Compare(y.share, x.share), cmp.Compare(y.found, x.found),
			cmp.Compare(y.kin, x.kin),
			strings.Compare(x.b.name, y.b.name), strings.Compare(x.h.name, y.h.name),
		)
	})
	for _, c := range all {
		if c.b.other == nil && c.h.other == nil {
			join(c.b, c.h)
		}
	}
}

// common is how many findings two pieces have in common, less those that only
// one of them has: of two plans with the same names it tells which is which.
func common(b, h *piece) int {
	n := 0
	for f, k := range b.bare {
		n += 2*min(k, h.bare[f]) - k
	}
	for _, k := range h.bare {
		n -= k
	}
	return n
}

// kin is how many path segments two names share: envs/dev/plan.json is closer
// to live/dev/plan.json than to live/prod/plan.json.
func kin(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for _, s := range x {
		if slices.Contains(y, s) {
			n++
		}
	}
	return n
}

// overlap estimates the share of names that two bottom-k sketches have in
// common, from the least k hashes of their union.
func overlap(a, b []string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	k, both, seen := max(len(a), len(b)), 0, 0
	i, j := 0, 0
	for seen < k && (i < len(a) || j < len(b)) {
		switch {
		case i == len(a):
			j++
		case j == len(b) || a[i] < b[j]:
			i++
		case a[i] > b[j]:
			j++
		default:
			both++
			i++
			j++
		}
		seen++
	}
	return float64(both) / float64(seen)
}

// kept estimates which share of the names behind one sketch are among those
// behind another. Below its greatest hash a sketch is complete, so each hash of
// was that lies there is an answer.
func kept(was, is []string) float64 {
	if len(is) == 0 {
		return 0
	}
	last := is[len(is)-1]
	asked, found := 0, 0
	for _, h := range was {
		if len(is) == maxSketch && h > last {
			break
		}
		asked++
		if _, ok := slices.BinarySearch(is, h); ok {
			found++
		}
	}
	if asked == 0 {
		return 1 // HEAD has far more names: nothing tells that one is missing
	}
	return float64(found) / float64(asked)
}

// maxSketch is the length of a sketch that may leave hashes out.
const maxSketch = 64

// gone says what became of a piece of BASE that HEAD has not examined.
func gone(p *piece) finding.Status {
	if p.Nature == string(evidence.Declaration) {
		return finding.Removed
	}
	return finding.Lost
}
