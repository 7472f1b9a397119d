package pairwise

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// End is one end of a connection: a workload, or an address outside of the
// cluster.
type End struct {
	Workload *Workload
	Address  netip.Addr
}

// Egress is what the policies about the source let out of it to a destination.
func (c *Cluster) Egress(from, to End) Ports {
	if from.Workload == nil {
		return allPorts()
	}
	isolated := false
	var passed Ports
	for _, p := range c.policies[from.Workload.Namespace] {
		if !p.isolatesEgress || !p.subject.Matches(from.Workload.Labels) {
			continue
		}
		isolated = true
		for _, r := range p.egress {
			if c.matches(p, r, to) {
				passed = passed.union(portsOf(r, to))
			}
		}
	}
	if !isolated {
		return allPorts()
	}
	return passed
}

// Ingress is what the policies about the destination let in from a source.
func (c *Cluster) Ingress(from, to End) Ports {
	if to.Workload == nil {
		return allPorts()
	}
	isolated := false
	var passed Ports
	for _, p := range c.policies[to.Workload.Namespace] {
		if !p.isolatesIngress || !p.subject.Matches(to.Workload.Labels) {
			continue
		}
		isolated = true
		for _, r := range p.ingress {
			if c.matches(p, r, from) {
				passed = passed.union(portsOf(r, to))
			}
		}
	}
	if !isolated {
		return allPorts()
	}
	return passed
}

// Passes is what both sides let through, of packets that there can be: one end
// with IPv4 only and the other with IPv6 only have nothing to say to each other.
func (c *Cluster) Passes(from, to End) Ports {
	if !(from.has(true) && to.has(true) || from.has(false) && to.has(false)) {
		return Ports{}
	}
	return c.Egress(from, to).intersect(c.Ingress(from, to))
}

// Families returns a function that tells whether a workload, named as rows name
// it, can have addresses of IPv4, or of IPv6.
func (c *Cluster) Families() func(name string, four bool) bool {
	byName := map[string]*Workload{}
	for _, w := range c.Workloads {
		byName[w.end().Name] = w
	}
	return func(name string, four bool) bool {
		w := byName[name]
		return w == nil || End{Workload: w}.has(four)
	}
}

// has tells whether an end has addresses of IPv4, or of IPv6; a workload whose
// addresses nobody knows may have both.
func (e End) has(four bool) bool {
	if e.Workload == nil {
		return e.Address.Is4() == four
	}
	for _, a := range e.Workload.Addresses {
		if a.Is4() == four {
			return true
		}
	}
	return len(e.Workload.Addresses) == 0
}

// matches tells whether a rule is about the other end.
func (c *Cluster) matches(p policy, r rule, other End) bool {
	if r.anyone {
		return true
	}
	for _, peer := range r.peers {
		if c.isPeer(p, peer, other) {
			return true
		}
	}
	return false
}

func (c *Cluster) isPeer(p policy, peer peer, other End) bool {
	if peer.block != nil {
		if other.Workload == nil {
			return peer.block.has(other.Address)
		}
		if c.BlocksMatchPods {
			for _, a := range other.Workload.Addresses {
				if peer.block.has(a) {
					return true
				}
			}
		}
		return false
	}
	if other.Workload == nil {
		return false
	}
	if peer.namespaces == nil && other.Workload.Namespace != p.namespace {
		return false
	}
	if peer.namespaces != nil && !peer.namespaces.Matches(c.namespaceLabels(other.Workload.Namespace)) {
		return false
	}
	return peer.pods == nil || peer.pods.Matches(other.Workload.Labels)
}

func (b *block) has(a netip.Addr) bool {
	for _, except := range b.except {
		if except.Contains(a) {
			return false
		}
	}
	return b.cidr.Contains(a)
}

// portsOf are the ports of a rule, names as the destination has them.
func portsOf(r rule, to End) (out Ports) {
	if len(r.ports) == 0 {
		return allPorts()
	}
	for _, port := range r.ports {
		protocol := corev1.ProtocolTCP
		if port.Protocol != nil {
			protocol = *port.Protocol
		}
		switch {
		case port.Port == nil:
			out = out.add(protocol, 1, 65535)
		case port.Port.Type == intstr.Int:
			out = out.add(protocol, port.Port.IntVal, last(port))
		case to.Workload != nil:
			for _, open := range to.Workload.Ports {
				if open.Name == port.Port.StrVal && protocolOf(open) == protocol {
					out = out.add(protocol, open.ContainerPort, open.ContainerPort)
				}
			}
		}
	}
	return out
}

func last(p networkingv1.NetworkPolicyPort) int32 {
	if p.EndPort != nil {
		return *p.EndPort
	}
	return p.Port.IntVal
}

func protocolOf(p corev1.ContainerPort) corev1.Protocol {
	if p.Protocol == "" {
		return corev1.ProtocolTCP
	}
	return p.Protocol
}
