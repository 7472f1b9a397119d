package netpol_test

import (
	"net/netip"
	"slices"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// end is one end of a connection: a pod, a node, or an address outside.
type end struct {
	namespace, account       string
	labels, namespaceLabels  map[string]string
	ports                    map[string]netpol.Port // by name
	node                     map[string]string      // of a node its labels
	address                  netip.Addr             // of what is outside
	nodeName                 string
	isPod, isNode, isOutside bool
}

func (e *end) Attribute(on netpol.Attribute, key string) (string, bool) {
	switch on {
	case netpol.PodLabel:
		v, ok := e.labels[key]
		return v, ok
	case netpol.NamespaceLabel:
		if key == "kubernetes.io/metadata.name" {
			return e.namespace, true
		}
		v, ok := e.namespaceLabels[key]
		return v, ok
	case netpol.Namespace:
		return e.namespace, true
	case netpol.Account:
		return e.account, true
	case netpol.NodeLabel:
		v, ok := e.node[key]
		return v, ok
	case netpol.NodeName:
		return e.nodeName, e.isNode
	}
	return "", false
}

// match has three values.
type match uint8

const (
	no match = iota
	maybe
	yes
)

func (b match) but(unsure []netpol.Unsure) match {
	if b == yes && len(unsure) > 0 {
		return maybe
	}
	return b
}

// ask is a small judge of one policy, written for these tests: "allow", "deny",
// "pass" by a rule, "refused" by isolation, "-" where the policy has no say, "?"
// where it is not known.
func ask(p *netpol.Policy, ingress bool, subject, peer *end, proto netpol.Protocol, port uint16) string {
	section, destination := &p.Egress, peer
	if ingress {
		section, destination = &p.Ingress, subject
	}
	if p.Nodes != subject.isNode || !p.Subject.Match(subject) || !section.Applies {
		return "-"
	}
	if len(p.Unsure) > 0 {
		return "?"
	}
	for i := range section.Rules {
		rule := &section.Rules[i]
		m := min(reaches(rule, peer), opens(rule, destination, proto, port)).but(rule.Unsure)
		if m == maybe {
			return "?"
		}
		if m == yes {
			return [...]string{"allow", "deny", "pass"}[rule.Action]
		}
	}
	if section.Isolates {
		return "refused"
	}
	return "-"
}

func reaches(rule *netpol.Rule, e *end) match {
	if rule.Anyone {
		return yes
	}
	best := no
	for i := range rule.Peers {
		p := &rule.Peers[i]
		m := no
		in := p.Block != nil && e.address.IsValid() && slices.ContainsFunc(p.Block.Prefixes, func(x netip.Prefix) bool { return x.Contains(e.address) }) &&
			!slices.ContainsFunc(p.Block.Except, func(x netip.Prefix) bool { return x.Contains(e.address) })
		switch {
		case e.isOutside && p.Outside && (p.Block == nil || in):
			m = yes
		case e.isPod && p.Pods != nil && p.Pods.Match(e), e.isNode && p.Nodes != nil && p.Nodes.Match(e):
			switch {
			case p.Block == nil || p.Inside == netpol.Always && in:
				m = yes
			case p.Inside == netpol.ByEngine && in:
				m = maybe
			}
		}
		best = max(best, m.but(p.Unsure))
	}
	return best
}

func opens(rule *netpol.Rule, destination *end, proto netpol.Protocol, port uint16) match {
	if rule.AnyPort {
		return yes
	}
	for _, p := range rule.Ports {
		if p.Name != "" {
			named, ok := destination.ports[p.Name]
			if ok && named.Low == port && named.Protocol == proto && (p.AnyProtocol || p.Protocol == proto) {
				return yes
			}
			continue
		}
		if p.Protocol == proto && p.Low <= port && port <= p.High {
			return yes
		}
	}
	return no
}

// parsed reads a text that is right.
func parsed(t testing.TB, text string) *netpol.Set {
	t.Helper()
	f, problem := kubeobj.Parse("policies.yaml", []byte(text))
	if problem != nil || len(f.Unread) > 0 {
		t.Fatalf("%v %+v", problem, f)
	}
	set := netpol.Read(f.Objects)
	sound(t, set, len(text))
	return set
}

// The ends of the tables.
var (
	web = &end{
		isPod: true, namespace: "shop", account: "web", labels: map[string]string{"app": "web", "tier": "front"}, namespaceLabels: map[string]string{"team": "shop"},
		address: netip.MustParseAddr("10.0.0.5"), ports: map[string]netpol.Port{"http": {Low: 8080}, "dns": {Low: 53, Protocol: netpol.UDP}},
	}
	db = &end{
		isPod: true, namespace: "shop", account: "default", labels: map[string]string{"app": "db"}, namespaceLabels: map[string]string{"team": "shop"},
		ports: map[string]netpol.Port{"pg": {Low: 5432}},
	}
	mon   = &end{isPod: true, namespace: "ops", account: "mon", labels: map[string]string{"app": "mon"}, namespaceLabels: map[string]string{"team": "ops"}}
	node  = &end{isNode: true, nodeName: "n1", node: map[string]string{"role": "edge"}, address: netip.MustParseAddr("10.9.0.1")}
	far   = &end{isOutside: true, address: netip.MustParseAddr("192.0.2.7")}
	near  = &end{isOutside: true, address: netip.MustParseAddr("10.1.2.3")}
	six   = &end{isOutside: true, address: netip.MustParseAddr("2001:db8::1")}
	named = map[string]*end{"web": web, "db": db, "mon": mon, "node": node, "far": far, "near": near, "six": six}
)
