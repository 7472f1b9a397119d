package identity

import (
	"fmt"
	"path"
)

// Couple is a root of each side about the same things.
type Couple struct {
	Before, After *Root
	Key           string // what tells it from other couples: no path of this checkout
}

// Key tells a root from others of its side.
func (r *Root) Key() string {
	if r.Lineage != "" {
		return r.Lineage
	}
	return path.Base(r.Label)
}

// Doubt says what looks like a mistake in how two states were named; "" for
// nothing. The comparison is right all the same: it goes by identities.
func (c Couple) Doubt() string {
	b, a := c.Before, c.After
	switch {
	case b.Label == "" || a.Label == "" || b.Plan || a.Plan || b.Dumps || a.Dumps:
	case b.Label == a.Label:
		return a.Label + " is on both sides: nothing in it can differ"
	case b.Lineage != "" && a.Lineage != "" && b.Lineage != a.Lineage:
		return b.Label + " and " + a.Label + " are of different lineages: they are not two versions of one state"
	case b.Lineage != "" && b.Lineage == a.Lineage && b.Serial > a.Serial:
		return fmt.Sprintf("%s is serial %d and %s is serial %d of one state: the sides look swapped", b.Label, b.Serial, a.Label, a.Serial)
	}
	return ""
}

// Pair matches the roots of two sides: by lineage, which stays with a state for
// life, then by file name, then what is left when one is left of each kind. A
// root without a partner is compared with nothing, so that its names are gone or
// added.
func Pair(before, after []*Root) []Couple {
	taken := map[*Root]bool{}
	partner := map[*Root]*Root{}
	match := func(same func(b, a *Root) bool) {
		for _, a := range after {
			if partner[a] != nil {
				continue
			}
			for _, b := range before {
				if !taken[b] && a.Dumps == b.Dumps && same(b, a) {
					partner[a], taken[b] = b, true
					break
				}
			}
		}
	}
	match(func(b, a *Root) bool { return a.Plan && b.Plan && a.Label == b.Label })
	match(func(b, a *Root) bool { return a.Lineage != "" && a.Lineage == b.Lineage })
	match(func(b, a *Root) bool { return path.Base(a.Label) == path.Base(b.Label) })
	if free(after, func(r *Root) bool { return partner[r] != nil || r.Dumps }) == 1 && free(before, func(r *Root) bool { return taken[r] || r.Dumps }) == 1 {
		match(func(_, a *Root) bool { return !a.Dumps })
	}
	match(func(_, a *Root) bool { return a.Dumps })
	var out []Couple
	for _, a := range after {
		b := partner[a]
		if b == nil {
			b = &Root{Whole: a.Whole}
		}
		out = append(out, Couple{b, a, a.Key()})
	}
	for _, b := range before {
		if !taken[b] {
			out = append(out, Couple{b, &Root{Whole: b.Whole, Cut: b.Cut}, b.Key()})
		}
	}
	return out
}

func free(roots []*Root, used func(*Root) bool) int {
	n := 0
	for _, r := range roots {
		if !used(r) {
			n++
		}
	}
	return n
}
