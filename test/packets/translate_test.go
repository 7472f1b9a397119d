//go:build linux

package packets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	networking "k8s.io/api/networking/v1"
)

// line is one rule of nftables.
type line struct {
	chain   string
	when    string
	verdict verdict
	origin  string // the rule of the policy
}

// verdict is what a line does when its condition is true.
type verdict string

const (
	accept verdict = "accept"
	refuse verdict = "refuse"
	pass   verdict = "pass" // leave the tier
)

var verdicts = map[string]verdict{"Allow": accept, "Accept": accept, "Deny": refuse, "Pass": pass}

func (v verdict) in(d direction) string {
	if v == pass {
		return "return"
	}
	return fmt.Sprintf("goto %s_%s", v, d.chain)
}

// script is the rules of one pod.
type script []line

// condition is a part of a rule that looks at addresses or ports. It holds for
// one family (4, 6) or, with 0, for both.
type condition struct {
	family int
	text   string
}

var always = []condition{{}}

// direction is what differs between what a pod gets and what it sends.
type direction struct {
	chain   string // the hook
	section string
	ingress bool
	peer    string // saddr or daddr: where the address of the peer stands
}

var directions = []direction{{"input", "ingress", true, "saddr"}, {"output", "egress", false, "daddr"}}

// translate writes the rules of a pod. In each direction the cluster-wide policies
// of tier Admin are asked by priority, then the NetworkPolicies that isolate the
// pod, all together, and where there is none those of tier Baseline; what nobody
// decides is accepted.
//
// Sources: network-policy-api v0.2.0, ClusterNetworkPolicySpec.Tier and Priority,
// AdminNetworkPolicySpec.Priority and the actions of the rules; k8s.io/api v0.37.2
// networking/v1 NetworkPolicySpec.
func (s *stored) translate(of *pod) script {
	var out script
	for _, d := range directions {
		out = append(out, s.tier(of, d, "admin", s.admins)...)
		isolated, rules := s.networkPolicies(of, d)
		if isolated {
			out = append(out, rules...)
			out = append(out, line{"network_" + d.chain, "", refuse, "isolation"})
		} else {
			out = append(out, s.tier(of, d, "baseline", s.baseline)...)
		}
	}
	return out
}

// tier writes the cluster-wide policies of a tier that are about a pod.
func (s *stored) tier(of *pod, d direction, name string, policies []clusterPolicy) (out script) {
	policies = slices.Clone(policies)
	slices.SortFunc(policies, func(a, b clusterPolicy) int { return cmp.Compare(a.Spec.Priority, b.Spec.Priority) })
	for _, p := range policies {
		if !s.selects(&p.Spec.Subject, of) {
			continue
		}
		rules := p.Spec.Egress
		if d.ingress {
			rules = p.Spec.Ingress
		}
		for i, r := range rules {
			var peers []condition
			for _, peer := range append(r.From, r.To...) {
				peers = append(peers, s.clusterPeer(&peer, d)...)
			}
			origin := fmt.Sprintf("%s %s[%d]", p.Name, d.section, i)
			out = append(out, d.lines(name, peers, s.clusterPorts(&r, of, d), verdicts[r.Action], origin)...)
		}
	}
	return out
}

// networkPolicies writes the NetworkPolicies that isolate a pod.
func (s *stored) networkPolicies(of *pod, d direction) (isolated bool, out script) {
	// Of several rules that accept the same packet each is a good witness; the first by
	// the names of the policies is the one to be compared.
	policies := slices.Clone(s.network)
	slices.SortFunc(policies, func(a, b networking.NetworkPolicy) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range policies {
		if p.Namespace != of.namespace || !matches(&p.Spec.PodSelector, of.labels) || !applies(&p, d) {
			continue
		}
		isolated = true
		rule := func(i int, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort) {
			conditions := always // no peer: everybody
			if len(peers) > 0 {
				conditions = nil
				for _, peer := range peers {
					conditions = append(conditions, s.networkPeer(&p, &peer, d)...)
				}
			}
			origin := fmt.Sprintf("%s/%s %s[%d]", p.Namespace, p.Name, d.section, i)
			out = append(out, d.lines("network", conditions, s.networkPorts(ports, of, d), accept, origin)...)
		}
		if d.ingress {
			for i, r := range p.Spec.Ingress {
				rule(i, r.From, r.Ports)
			}
		} else {
			for i, r := range p.Spec.Egress {
				rule(i, r.To, r.Ports)
			}
		}
	}
	return isolated, out
}

// applies tells whether a NetworkPolicy is about a direction. Without policyTypes
// each is about ingress, and about egress too if it has rules for it.
func applies(p *networking.NetworkPolicy, d direction) bool {
	if len(p.Spec.PolicyTypes) == 0 {
		return d.ingress || len(p.Spec.Egress) > 0
	}
	if d.ingress {
		return slices.Contains(p.Spec.PolicyTypes, networking.PolicyTypeIngress)
	}
	return slices.Contains(p.Spec.PolicyTypes, networking.PolicyTypeEgress)
}

// lines is each peer with each port.
func (d direction) lines(tier string, peers, ports []condition, v verdict, origin string) (out script) {
	for _, peer := range peers {
		for _, port := range ports {
			if peer.family*port.family != 0 && peer.family != port.family {
				continue
			}
			out = append(out, line{tier + "_" + d.chain, peer.text + " " + port.text, v, origin})
		}
	}
	return out
}

// ruleset is the text for nft. Of several sets each has its own zone of connection
// tracking: what one let through is no connection for the next. Each line marks the
// packet with its number, and who accepts or refuses it notes the mark.
func (s script) ruleset(zone int) string {
	var b strings.Builder
	b.WriteString("flush ruleset\ntable inet polygraph {\n")
	for _, d := range directions {
		fmt.Fprintf(&b, " set ip_%s { type ipv4_addr . ipv4_addr . inet_proto . inet_service . mark; flags dynamic; size 65535; }\n", d.chain)
		fmt.Fprintf(&b, " set ip6_%s { type ipv6_addr . ipv6_addr . inet_proto . inet_service . mark; flags dynamic; size 65535; }\n", d.chain)
		for _, verdict := range []string{"accept", "refuse"} {
			fmt.Fprintf(&b, " chain %s_%s {\n", verdict, d.chain)
			for _, word := range []string{"ip", "ip6"} {
				fmt.Fprintf(&b, "  add @%[1]s_%[2]s { %[1]s saddr . %[1]s daddr . meta l4proto . th dport . meta mark }\n", word, d.chain)
			}
			if verdict == "accept" {
				b.WriteString("  accept\n }\n")
			} else {
				b.WriteString("  meta l4proto tcp reject with tcp reset\n  reject with icmpx type admin-prohibited\n }\n")
			}
		}
		for _, tier := range []string{"admin", "network", "baseline"} {
			fmt.Fprintf(&b, " chain %s_%s {\n", tier, d.chain)
			for i, l := range s {
				if l.chain == tier+"_"+d.chain {
					fmt.Fprintf(&b, "  %s meta mark set %d %s comment \"%s\"\n", l.when, i+1, l.verdict.in(d), l.origin)
				}
			}
			b.WriteString(" }\n")
		}
		hook := map[string]string{"input": "prerouting", "output": "output"}[d.chain]
		fmt.Fprintf(&b, " chain zone_%s { type filter hook %s priority raw\n  ct zone set %d\n }\n", d.chain, hook, zone)
		fmt.Fprintf(&b, " chain %[1]s { type filter hook %[1]s priority filter\n", d.chain)
		b.WriteString("  ct state established,related accept\n  iif lo accept\n  oif lo accept\n  meta l4proto { icmp, ipv6-icmp } accept\n")
		fmt.Fprintf(&b, "  jump admin_%[1]s\n  jump network_%[1]s\n  jump baseline_%[1]s\n  meta mark set 0 goto accept_%[1]s\n }\n", d.chain)
	}
	b.WriteString("}\n")
	return b.String()
}
