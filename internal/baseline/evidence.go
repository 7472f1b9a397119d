package baseline

import (
	"cmp"
	"slices"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// alike is the share of names from which two pieces of evidence, found at
// different paths, are taken for the same one.
const alike = 0.5

// pair finds for each piece of BASE the piece of HEAD that shows the same: at
// the same path, else by the names in it, else as the only one of its kind that
// is left on both sides and says nothing about its names.
func pair(base, head *side) {
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
		pairByPath(k[0], k[1])
		pairByNames(free(k[0]), free(k[1]))
		if b, h := free(k[0]), free(k[1]); len(b) == 1 && len(h) == 1 && len(b[0].Sketch) == 0 && len(h[0].Sketch) == 0 {
			join(b[0], h[0])
		}
	}
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

// pairByPath also wants the two to have a name in common: a plan of something
// else in the place of the old one hides the old one.
func pairByPath(base, head []*piece) {
	at := map[string]*piece{}
	for _, h := range head {
		if _, twice := at[h.name]; !twice {
			at[h.name] = h
		}
	}
	for _, b := range base {
		if h := at[b.name]; h != nil && h.other == nil && (len(b.Sketch) == 0 || overlap(b.Sketch, h.Sketch) > 0) {
			join(b, h)
		}
	}
}

// maxPairs bounds the comparisons of pieces that were moved.
const maxPairs = 4_000_000

func pairByNames(base, head []*piece) {
	type candidate struct {
		b, h  *piece
		share float64
		found int // findings in common
	}
	if len(base)*len(head) > maxPairs {
		return // every one of them is lost, and the reader is told which
	}
	var all []candidate
	for _, b := range base {
		for _, h := range head {
			share := overlap(b.Sketch, h.Sketch)
			if share < alike {
				continue
			}
			if b.Environment != "" && h.Environment != "" && b.Environment != h.Environment {
				continue
			}
			all = append(all, candidate{b, h, share, common(b, h)})
		}
	}
	slices.SortStableFunc(all, func(x, y candidate) int {
		return cmp.Or(
			cmp.Compare(y.share, x.share), cmp.Compare(y.found, x.found),
			-cmp.Compare(kin(x.b.name, x.h.name), kin(y.b.name, y.h.name)),
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

// gone says what became of a piece of BASE that HEAD has not examined.
func gone(p *piece) finding.Status {
	if p.Nature == string(evidence.Declaration) {
		return finding.Removed
	}
	return finding.Lost
}
