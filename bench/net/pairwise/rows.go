package pairwise

import (
	"net/netip"
	"slices"

	"polygraph/bench/net/rows"
)

// Rows evaluates all pairs; the ranges of addresses are those between the borders
// of blocks, not merged.
func (c *Cluster) Rows() rows.Set {
	var out rows.Set
	outside := c.outside()
	for _, a := range c.Workloads {
		for _, b := range c.Workloads {
			if p := c.Passes(End{Workload: a}, End{Workload: b}); !p.empty() {
				out.Add(a.end(), b.end(), p.String())
			}
		}
		for _, r := range outside {
			if p := c.Passes(End{Workload: a}, End{Address: r.First}); !p.empty() {
				out.Add(a.end(), rows.Addresses(r), p.String())
			}
			if p := c.Passes(End{Address: r.First}, End{Workload: a}); !p.empty() {
				out.Add(rows.Addresses(r), a.end(), p.String())
			}
		}
	}
	return out
}

func (w *Workload) end() rows.End { return rows.Workload(w.Kind, w.Namespace, w.Name) }

// outside is the address space, cut at the borders of all blocks: no rule tells
// two addresses of a range apart.
func (c *Cluster) outside() []rows.Range {
	starts := []netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}
	cut := func(p netip.Prefix) {
		whole := rows.RangeOf(p)
		starts = append(starts, whole.First)
		if after := whole.Last.Next(); after.IsValid() {
			starts = append(starts, after)
		}
	}
	for _, policies := range c.policies {
		for _, p := range policies {
			for _, r := range slices.Concat(p.ingress, p.egress) {
				r.cut(cut)
			}
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.Compact(starts)
	var out []rows.Range
	for i, first := range starts {
		last := rows.LastOf(first)
		if i+1 < len(starts) && starts[i+1].Is4() == first.Is4() {
			last = starts[i+1].Prev()
		}
		out = append(out, rows.Range{First: first, Last: last})
	}
	return out
}

// cut calls do with every prefix of the rule.
func (r rule) cut(do func(netip.Prefix)) {
	for _, peer := range r.peers {
		if peer.block == nil {
			continue
		}
		do(peer.block.cidr)
		for _, except := range peer.block.except {
			do(except)
		}
	}
}
