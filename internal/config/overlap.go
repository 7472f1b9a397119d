package config

import (
	"cmp"
	"net/netip"
	"slices"

	"polygraph/internal/strictyaml"
)

// overlaps reports address ranges of one environment that lie within those of
// another one. Two ranges are apart or one holds the other, so after sorting it
// is enough to look at those that are still open.
func overlaps(d *strictyaml.Document, list []claim) {
	type span struct {
		claim
		netip.Prefix
	}
	var spans []span
	for _, c := range list {
		if p, err := netip.ParsePrefix(c.value); err == nil {
			spans = append(spans, span{c, p})
		}
	}
	slices.SortStableFunc(spans, func(a, b span) int {
		return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	var open []span
	for _, s := range spans {
		open = slices.DeleteFunc(open, func(o span) bool { return !o.Overlaps(s.Prefix) })
		other := slices.IndexFunc(open, func(o span) bool { return o.environment != s.environment })
		if other >= 0 {
			o := open[other]
			at, first := s.claim, o.claim
			if at.at.Line < first.at.Line {
				at, first = first, at
			}
			d.Report(at.at, "give each address to one environment", "%s of %s overlaps %s of %s in line %d",
				at.value, at.environment, first.value, first.environment, first.at.Line)
		}
		// Equal ranges of one environment would only pile up.
		if !slices.ContainsFunc(open, func(o span) bool { return o.environment == s.environment }) {
			open = append(open, s)
		}
	}
}
