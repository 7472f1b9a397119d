package netpol

import (
	"net/netip"
	"strings"

	"polygraph/internal/kubeobj"
)

// truth is the value of an expression where a label may be unknown.
type truth uint8

const (
	no truth = iota
	maybe
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// addressSet is what has labels and addresses and is no pod: a NetworkSet, a
// GlobalNetworkSet, a HostEndpoint. A selector of a rule matches it as it matches
// pods, and then each packet from or to its addresses, whoever has them.
//
// Source: docs.tigera.io/calico/latest/reference/resources/networkset;
// networksetprocessor.go, projectcalico/calico v3.32.
type addressSet struct {
	object     *kubeobj.Object
	namespaced bool
	labels     *kubeobj.Value
	// space is its Namespace; nil where that is not among the objects, and then its
	// labels are not known.
	space    *kubeobj.Object
	prefixes []netip.Prefix
	// unsure: it has more addresses, or others, than prefixes says.
	unsure string
}

// matches tells whether a selector is true of the set.
func (s *addressSet) matches(e *Expr) truth {
	switch e.Op {
	case All:
		return yes
	case None:
		return no
	case Not:
		return yes - s.matches(&e.Terms[0])
	case And:
		out := yes
		for i := range e.Terms {
			out = min(out, s.matches(&e.Terms[i]))
		}
		return out
	case Or:
		out := no
		for i := range e.Terms {
			out = max(out, s.matches(&e.Terms[i]))
		}
		return out
	}
	value, ok, known := s.attribute(e.On, e.Key)
	if !known {
		return maybe
	}
	return truthOf(e.Holds(value, ok))
}

func (s *addressSet) attribute(on Attribute, key string) (value string, ok, known bool) {
	switch {
	case on == PodLabel:
		v := s.labels.Get(key)
		return textOf(v), v != nil, true
	case !s.namespaced:
		return "", false, true
	case on == Namespace:
		return s.object.Namespace, true, true
	case on != NamespaceLabel:
		return "", false, true
	case key == "kubernetes.io/metadata.name" && s.object.Namespace != "":
		return s.object.Namespace, true, true // every server writes it
	case s.space == nil:
		return "", false, false
	}
	v := s.space.Get("metadata", "labels", key)
	return textOf(v), v != nil, true
}

// setOf reads the addresses under a field of spec.
func (r *calicoReader) setOf(o *kubeobj.Object, name string) *addressSet {
	s := &addressSet{object: o, labels: o.Get("metadata", "labels"), namespaced: o.Kind == "NetworkSet"}
	if s.namespaced {
		s.space = r.namespaces[o.Namespace]
	}
	c := r.part(o)
	s.prefixes = c.prefixes(o.Get("spec"), "spec", name)
	if field(o.Get("spec"), "allowedEgressDomains") != nil {
		s.unsure = "allowedEgressDomains: the addresses of domain names change"
	}
	if len(c.local) > 0 {
		s.unsure = c.local[0].Why
	}
	return s
}

// prefixes reads a list of networks and addresses.
func (c calicoPart) prefixes(in *kubeobj.Value, path, name string) []netip.Prefix {
	var out []netip.Prefix
	items, _ := c.list(in, name, path)
	for i := range items {
		v, path := &items[i], item(path+"."+name, i)
		p, ok := prefixOf(v.Str())
		if !ok {
			c.broken(v, "Write it as 192.0.2.0/24 or 2001:db8::/32.", path+":", show(v)+" is no network and no address")
			continue
		}
		out = append(out, p)
	}
	return out
}

// prefixOf reads a network or an address; bits below the mask are dropped.
func prefixOf(text string) (netip.Prefix, bool) {
	if !strings.Contains(text, "/") {
		a, err := netip.ParseAddr(text)
		if err != nil || a.Zone() != "" {
			return netip.Prefix{}, false
		}
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), true
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return netip.Prefix{}, false
	}
	return p.Masked(), true
}

// intersect is what is in a prefix of both lists.
func intersect(a, b []netip.Prefix) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range a {
		for _, q := range b {
			switch {
			case !p.Overlaps(q):
			case p.Bits() >= q.Bits():
				out = append(out, p)
			default:
				out = append(out, q)
			}
		}
	}
	return out
}
