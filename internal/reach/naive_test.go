package reach

import (
	"net/netip"
	"slices"
	"sort"

	"polygraph/internal/netpol"
)

// naive evaluates one packet by walking all policies, without classes, programs
// or rows: the oracle of the tests. Everything is known to it.
type naive struct {
	policies []*netpol.Policy
	blocks   BlockMatching
	in       func(*netpol.Policy, *Workload) bool
}

// end is one end of a packet: a pod, or an address outside.
type end struct {
	unit    *unit // nil outside
	address netip.Addr
}

func (e end) Attribute(on netpol.Attribute, key string) (string, bool) {
	v, ok, known := e.unit.attribute(on, key)
	if !known {
		panic("the oracle knows everything")
	}
	return v, ok
}

func (n *naive) packet(src, dst end, proto netpol.Protocol, port uint16) Outcome {
	if a := n.direction(false, src, dst, dst, proto, port); a != Allowed {
		return a
	}
	return n.direction(true, dst, src, dst, proto, port)
}

func (n *naive) direction(in bool, subject, peer, dst end, proto netpol.Protocol, port uint16) Outcome {
	if subject.unit == nil {
		return Allowed
	}
	section := func(p *netpol.Policy) *netpol.Section {
		if in {
			return &p.Ingress
		}
		return &p.Egress
	}
	var about []*netpol.Policy
	for _, p := range n.policies {
		if section(p).Applies && !p.Staged && p.Subject.Match(subject) && (n.in == nil || n.in(p, subject.unit.workload)) {
			about = append(about, p)
		}
	}
	tier := func(kinds ...netpol.Kind) (out []*netpol.Policy) {
		for _, p := range about {
			if slices.Contains(kinds, p.Kind) {
				out = append(out, p)
			}
		}
		sort.SliceStable(out, func(i, j int) bool { return out[i].Priority < out[j].Priority })
		return out
	}
	rest := func() Outcome { return Allowed }
	// Of policies with one priority any may be the one that is asked.
	ordered := func(list []*netpol.Policy, next func() Outcome) Outcome {
		for i := 0; i < len(list); {
			said := map[Outcome]bool{}
			j := i
			for ; j < len(list) && list[j].Priority == list[i].Priority; j++ {
				switch act, ok := n.first(section(list[j]), peer, dst, proto, port); {
				case !ok:
				case act == netpol.Pass:
					said[next()] = true
				case act == netpol.Allow:
					said[Allowed] = true
				default:
					said[Denied] = true
				}
			}
			if len(said) > 1 {
				return Unknown
			}
			for o := range said {
				return o
			}
			i = j
		}
		return next()
	}
	baseline := func() Outcome { return ordered(tier(netpol.BaselineAdmin, netpol.ClusterBaseline), rest) }
	return ordered(tier(netpol.Admin, netpol.ClusterAdmin), func() Outcome {
		isolated := false
		for _, p := range tier(netpol.Network) {
			isolated = isolated || section(p).Isolates
			if _, ok := n.first(section(p), peer, dst, proto, port); ok {
				return Allowed
			}
		}
		if isolated {
			return Denied
		}
		return baseline()
	})
}

func (n *naive) first(s *netpol.Section, peer, dst end, proto netpol.Protocol, port uint16) (netpol.Action, bool) {
	for i := range s.Rules {
		r := &s.Rules[i]
		if n.peers(r, peer) && ports(r, dst, proto, port) {
			return r.Action, true
		}
	}
	return 0, false
}

func (n *naive) peers(r *netpol.Rule, peer end) bool {
	if r.Anyone {
		return true
	}
	return slices.ContainsFunc(r.Peers, func(p netpol.Peer) bool {
		in := true
		if p.Block != nil {
			in = slices.ContainsFunc(p.Block.Prefixes, func(q netip.Prefix) bool { return q.Contains(peer.address) }) &&
				!slices.ContainsFunc(p.Block.Except, func(q netip.Prefix) bool { return q.Contains(peer.address) })
		}
		if peer.unit == nil {
			return p.Outside && in
		}
		if p.Block != nil && (p.Inside == netpol.Never || p.Inside == netpol.ByEngine && n.blocks == BlocksMatchOutsideOnly) {
			return false
		}
		return p.Pods != nil && p.Pods.Match(peer) && in
	})
}

func ports(r *netpol.Rule, dst end, proto netpol.Protocol, port uint16) bool {
	if r.AnyPort {
		return true
	}
	return slices.ContainsFunc(r.Ports, func(p netpol.Port) bool {
		if p.Name != "" {
			return dst.unit != nil && slices.ContainsFunc(dst.unit.ports, func(q namedPort) bool {
				return q.name == p.Name && (p.AnyProtocol || q.protocol == p.Protocol) && q.protocol == proto && q.port == port
			})
		}
		return p.Protocol == proto && (p.Low == 0 || p.Low <= port && port <= p.High)
	})
}
