package net

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"go4.org/netipx"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// maxListed is how many of many things a text names.
const maxListed = 5

// nameOf is how people write an endpoint: shop/web, or its addresses.
func nameOf(e *reach.Endpoint) string {
	if w := e.Workload; w != nil {
		return workloadName(w)
	}
	return rangesText(e.Ranges)
}

// rangesText writes addresses down: as prefixes, or as all but some where that is
// shorter: "0.0.0.0/0 except 10.0.0.0/8 and 192.0.2.0/24, ::/0".
func rangesText(ranges []netip.Prefix) string {
	var parts []string
	for _, whole := range []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")} {
		var of, but netipx.IPSetBuilder
		but.AddPrefix(whole)
		for _, p := range ranges {
			if p.Addr().Is4() == whole.Addr().Is4() {
				of.AddPrefix(p)
				but.RemovePrefix(p)
			}
		}
		in, _ := of.IPSet() // only text that is parsed can fail
		out, _ := but.IPSet()
		if n := len(out.Prefixes()); n > 0 && n < len(in.Prefixes()) {
			parts = append(parts, whole.String()+" except "+strings.Join(prefixTexts(out), " and "))
			continue
		}
		parts = append(parts, prefixTexts(in)...)
	}
	return strings.Join(parts, ", ")
}

func prefixTexts(s *netipx.IPSet) (out []string) {
	for _, p := range s.Prefixes() {
		out = append(out, p.String())
	}
	return out
}

func workloadName(w *reach.Workload) string {
	s := w.Name
	if w.Namespace != "" {
		s = w.Namespace + "/" + s
	}
	if w.Variant != "" {
		s += " (" + w.Variant + ")"
	}
	return s
}

func kindOf(e *reach.Endpoint) string {
	if e.Workload == nil {
		return "addresses"
	}
	return e.Workload.Kind
}

// short is "NetworkPolicy shop/web".
func short(o *kubeobj.Object) string {
	if o.Namespace == "" {
		return o.Kind + " " + o.Name
	}
	return o.Kind + " " + o.Namespace + "/" + o.Name
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// some names the first of many things.
func some(names []string) string {
	if len(names) <= maxListed {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:maxListed], ", ") + fmt.Sprintf(" and %d more", len(names)-maxListed)
}

// byWhom says which rule decided: "NetworkPolicy shop/db ingress[0] (db.yaml:12)".
func (s *sides) byWhom(d *reach.Decision) string {
	switch {
	case d.Policy == nil:
		return "no policy"
	case d.Rule == nil:
		names := make([]string, 0, len(d.Isolating))
		for _, p := range d.Isolating {
			names = append(names, short(p.Object))
		}
		return "no rule of " + some(names) + s.place(d.Policy.Object, d.Policy.Object.Root.Offset)
	}
	name := short(d.Policy.Object) + " " + strings.TrimPrefix(d.Rule.Pointer, "spec.")
	if d.Rule.Name != "" {
		name += " " + strconv.Quote(d.Rule.Name)
	}
	return name + s.place(d.Policy.Object, d.Rule.Offset)
}

func (s *sides) place(o *kubeobj.Object, offset uint32) string {
	if n := s.line(o.Path, offset); n > 0 {
		return " (" + o.Path + ":" + strconv.Itoa(n) + ")"
	}
	return " (" + o.Path + ")"
}

// actionOf is what a rule does, for people.
func actionOf(d *reach.Decision) string {
	switch {
	case d.Policy == nil:
		return "let through: no policy is about it"
	case d.Outcome == reach.Unknown:
		return "not known: " + d.Why
	case d.Outcome == reach.Allowed:
		return "allowed"
	case d.Rule == nil:
		return "denied: isolated, and no rule allows it"
	}
	return "denied by a rule"
}

func isNamespaced(k netpol.Kind) bool {
	return k == netpol.Network || k == netpol.Cilium || k == netpol.Calico
}
