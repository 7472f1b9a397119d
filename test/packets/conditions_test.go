//go:build linux

package packets

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// family is how nftables calls the addresses of a prefix, and its number.
func family(six bool) (string, int) {
	if six {
		return "ip6", 6
	}
	return "ip", 4
}

// addresses is true of the pods that are picked.
func (s *stored) addresses(d direction, pick func(*pod) bool) (out []condition) {
	for _, six := range []bool{false, true} {
		var list []string
		for _, p := range s.pods {
			for _, a := range p.place.addrs {
				if a.Is6() == six && pick(p) {
					list = append(list, a.String())
				}
			}
		}
		if list != nil {
			word, number := family(six)
			out = append(out, condition{number, fmt.Sprintf("%s %s { %s }", word, d.peer, strings.Join(list, ", "))})
		}
	}
	return out
}

// networkPeer is a peer of a NetworkPolicy.
//
// Source: k8s.io/api v0.37.2 networking/v1 NetworkPolicyPeer, IPBlock. Whether an
// ipBlock is compared with the addresses of pods too differs between engines: the
// cluster says which kind it has.
func (s *stored) networkPeer(p *networking.NetworkPolicy, peer *networking.NetworkPolicyPeer, d direction) []condition {
	if b := peer.IPBlock; b != nil {
		prefix := netip.MustParsePrefix(b.CIDR).Masked()
		word, number := family(prefix.Addr().Is6())
		text := within(word, d.peer, prefix)
		if s.outsideOnly {
			for _, pods := range s.addresses(d, func(*pod) bool { return true }) {
				if pods.family == number {
					text += strings.Replace(" "+pods.text, "addr {", "addr != {", 1)
				}
			}
		}
		for _, e := range b.Except {
			text += fmt.Sprintf(" %s %s != %s", word, d.peer, e)
		}
		return []condition{{number, text}}
	}
	return s.addresses(d, func(of *pod) bool {
		if peer.NamespaceSelector == nil && of.namespace != p.Namespace {
			return false
		}
		if peer.NamespaceSelector != nil && !matches(peer.NamespaceSelector, s.namespaces[of.namespace]) {
			return false
		}
		return peer.PodSelector == nil || matches(peer.PodSelector, of.labels)
	})
}

// within is true of addresses in a prefix. nftables has no word for all addresses
// of a family but the family itself.
func within(word, side string, prefix netip.Prefix) string {
	if prefix.Bits() == 0 {
		return "meta nfproto " + map[string]string{"ip": "ipv4", "ip6": "ipv6"}[word]
	}
	return fmt.Sprintf("%s %s %s", word, side, prefix)
}

// clusterPeer is a peer of a cluster-wide policy. Networks are compared with pods
// too.
//
// Source: network-policy-api v0.2.0 ClusterNetworkPolicyEgressPeer.Networks:
// "cluster-internal traffic will be checked against the rule as well".
func (s *stored) clusterPeer(peer *clusterPeer, d direction) (out []condition) {
	if peer.Networks == nil {
		return s.addresses(d, func(of *pod) bool { return s.selects(peer, of) })
	}
	for _, n := range peer.Networks {
		prefix := netip.MustParsePrefix(n)
		word, number := family(prefix.Addr().Is6())
		out = append(out, condition{number, within(word, d.peer, prefix)})
	}
	return out
}

// networkPorts is the ports of a rule of a NetworkPolicy; without any, all.
//
// Source: k8s.io/api v0.37.2 networking/v1 NetworkPolicyPort.
func (s *stored) networkPorts(ports []networking.NetworkPolicyPort, of *pod, d direction) (out []condition) {
	if len(ports) == 0 {
		return always
	}
	for _, p := range ports {
		protocol := core.ProtocolTCP
		if p.Protocol != nil {
			protocol = *p.Protocol
		}
		switch {
		case p.Port == nil:
			out = append(out, condition{0, "meta l4proto " + strings.ToLower(string(protocol))})
		case p.Port.Type == intstr.String:
			out = append(out, s.named(p.Port.StrVal, string(protocol), of, d)...)
		case p.EndPort != nil:
			out = append(out, span(string(protocol), uint16(p.Port.IntVal), uint16(*p.EndPort)))
		default:
			out = append(out, span(string(protocol), uint16(p.Port.IntVal), uint16(p.Port.IntVal)))
		}
	}
	return out
}

// clusterPorts is the ports of a rule of a cluster-wide policy; without any, all
// packets. A name there has no protocol: it is the port's own.
func (s *stored) clusterPorts(r *clusterRule, of *pod, d direction) (out []condition) {
	if len(r.Ports) == 0 && len(r.Protocols) == 0 {
		return always
	}
	for _, p := range r.Ports {
		switch {
		case p.PortNumber != nil:
			out = append(out, span(orTCP(p.PortNumber.Protocol), p.PortNumber.Port, p.PortNumber.Port))
		case p.PortRange != nil:
			out = append(out, span(orTCP(p.PortRange.Protocol), p.PortRange.Start, p.PortRange.End))
		default:
			out = append(out, s.named(*p.NamedPort, "", of, d)...)
		}
	}
	for _, p := range r.Protocols {
		if p.DestinationNamedPort != "" {
			out = append(out, s.named(p.DestinationNamedPort, "", of, d)...)
		}
		for protocol, port := range map[string]*clusterPort{"TCP": p.TCP, "UDP": p.UDP, "SCTP": p.SCTP} {
			switch {
			case port == nil:
			case port.DestinationPort.Range != nil:
				out = append(out, span(protocol, port.DestinationPort.Range.Start, port.DestinationPort.Range.End))
			default:
				out = append(out, span(protocol, port.DestinationPort.Number, port.DestinationPort.Number))
			}
		}
	}
	return out
}

// orTCP is the default of the CRDs of v1alpha1.
func orTCP(protocol string) string { return cmp.Or(protocol, "TCP") }

func span(protocol string, low, high uint16) condition {
	if low == high {
		return condition{0, fmt.Sprintf("%s dport %d", strings.ToLower(protocol), low)}
	}
	return condition{0, fmt.Sprintf("%s dport %d-%d", strings.ToLower(protocol), low, high)}
}

// named is a port by its name: of the pod that gets the packet, which is the
// subject for ingress, and each of the others for egress.
func (s *stored) named(name, protocol string, subject *pod, d direction) (out []condition) {
	for _, p := range s.pods {
		for _, n := range p.ports {
			if n.name != name || protocol != "" && n.protocol != protocol {
				continue
			}
			port := span(n.protocol, n.port, n.port)
			if d.ingress {
				if p == subject {
					out = append(out, port)
				}
				continue
			}
			for _, a := range p.place.addrs {
				word, number := family(a.Is6())
				out = append(out, condition{number, fmt.Sprintf("%s daddr %s %s", word, a, port.text)})
			}
		}
	}
	return out
}
