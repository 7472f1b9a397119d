package netpol

import (
	"cmp"
	"net/netip"
	"slices"

	"polygraph/internal/kubeobj"
)

// block is a CIDR of a rule with what it leaves out.
type block struct {
	prefix netip.Prefix
	except []netip.Prefix
	at     uint32
}

// prefix reads a CIDR. One with bits beyond its length is taken for the network
// around it.
//
// Source: ValidateIPBlock, kubernetes v1.37.2 pkg/apis/networking/validation, and
// parseCIDR, apimachinery v0.37.2 pkg/util/validation/ip.go: older servers take
// such bits and mask them, newer ones refuse a CIDR that has them.
func (r *reading) prefix(v *kubeobj.Value, path string) (netip.Prefix, bool) {
	if !r.is(v, kubeobj.String, path) {
		return netip.Prefix{}, false
	}
	p, err := netip.ParsePrefix(v.Text)
	if err != nil || p.Addr().Is4In6() {
		r.refuse(v.Offset, "Write an address and the length of the prefix: 192.0.2.0/24, 2001:db8::/32.", "%s: %s is no CIDR", path, short(v.Text))
		return netip.Prefix{}, false
	}
	if m := p.Masked(); m != p {
		r.note(v.Offset, "Write "+m.String()+", or the one address with its full length.", "%s: %s has bits beyond the length of its prefix and is read as %s; newer servers refuse it", path, v.Text, m)
		return m, true
	}
	return p, true
}

// block reads a CIDR with exceptions. strict: an exception must be smaller than the
// CIDR, not just in it.
func (r *reading) block(cidr *kubeobj.Value, in *kubeobj.Value, path string, strict bool) (b block, ok bool) {
	if b.prefix, ok = r.prefix(cidr, path+".cidr"); !ok {
		return b, false
	}
	b.at = cidr.Offset
	b.except, ok = r.except(in, path, func(p netip.Prefix) bool {
		return b.prefix.Contains(p.Addr()) && (p.Bits() > b.prefix.Bits() || !strict && p.Bits() == b.prefix.Bits())
	})
	return b, ok
}

// except reads the exceptions of a block.
func (r *reading) except(in *kubeobj.Value, path string, inside func(netip.Prefix) bool) (out []netip.Prefix, ok bool) {
	before := len(r.local)
	items, _ := r.list(in, "except", path)
	for i := range items {
		path := item(path+".except", i)
		p, ok := r.prefix(&items[i], path)
		if !ok {
			continue
		}
		if !inside(p) {
			r.refuse(items[i].Offset, "Write a part of the cidr; the server refuses anything else.", "%s: %s is no part of the cidr", path, p)
			continue
		}
		out = append(out, p)
	}
	return out, len(r.local) == before
}

// set is the block as the model has it.
func (b block) set() *Block { return &Block{Prefixes: []netip.Prefix{b.prefix}, Except: b.except} }

// mostOverlaps is how many overlaps of one rule are named.
const mostOverlaps = 5

// overlaps names blocks of one rule that contain one another. They are
// alternatives: the smaller one adds nothing, or lets in again what the greater
// one leaves out.
func (r *reading) overlaps(blocks []block, path string) {
	if len(blocks) < 2 {
		return
	}
	list := slices.Clone(blocks)
	slices.SortStableFunc(list, func(a, b block) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), cmp.Compare(a.prefix.Bits(), b.prefix.Bits()))
	})
	named := 0
	var around []block // what contains the one that is looked at, the greatest first
	for _, b := range list {
		for len(around) > 0 && !around[len(around)-1].prefix.Contains(b.prefix.Addr()) {
			around = around[:len(around)-1]
		}
		if n := len(around); n > 0 {
			outer := around[n-1]
			if named++; named > mostOverlaps {
				return
			}
			left := slices.IndexFunc(outer.except, func(e netip.Prefix) bool { return e.Overlaps(b.prefix) })
			switch {
			case left >= 0:
				r.note(b.at, "Leave out what nobody should reach in both, or delete the exception.", "%s: %s takes in again what %s leaves out (%s)", path, b.prefix, outer.prefix, outer.except[left])
			case b.prefix == outer.prefix:
				r.note(b.at, "Keep one of them.", "%s: %s stands there twice", path, b.prefix)
			default:
				r.note(b.at, "Delete the smaller one, or correct the greater one.", "%s: %s is a part of %s and adds nothing", path, b.prefix, outer.prefix)
			}
		}
		around = append(around, b)
	}
}
