//go:build linux

package packets

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
)

// author writes random policies.
type author struct {
	*rand.Rand
	w *world
}

// policies draws NetworkPolicies and, in two thirds of the sets, cluster-wide
// ones: of v1alpha1 or of v1alpha2, because nobody says in which order policies of
// both are asked.
func (c *cluster) policies(rng *rand.Rand, w *world) {
	a := &author{rng, w}
	for i := range 1 + a.IntN(6) {
		c.documents = append(c.documents, a.network(fmt.Sprintf("np%d", i)))
	}
	priorities := a.Perm(1001)
	switch a.IntN(3) {
	case 0:
		c.cluster = "none"
	case 1:
		c.cluster = "v1alpha1"
		for i := range a.IntN(4) {
			c.documents = append(c.documents, a.admin(fmt.Sprintf("anp%d", i), priorities[i]))
		}
		if a.IntN(3) > 0 {
			c.documents = append(c.documents, a.admin("default", -1))
		}
	case 2:
		c.cluster = "v1alpha2"
		for i := range 1 + a.IntN(5) {
			c.documents = append(c.documents, a.clusterwide(fmt.Sprintf("cnp%d", i), priorities[i]))
		}
	}
	a.Shuffle(len(c.documents), func(i, j int) { c.documents[i], c.documents[j] = c.documents[j], c.documents[i] })
}

// list draws n things, at least one in most cases.
func (a *author) list(most int, draw func() map[string]any) []map[string]any {
	out := make([]map[string]any, 0, most)
	for range 1 + a.IntN(most) {
		out = append(out, draw())
	}
	return out
}

// network draws a NetworkPolicy.
func (a *author) network(name string) map[string]any {
	spec := map[string]any{}
	switch a.IntN(12) {
	case 0:
		spec["podSelector"] = map[string]any{}
	case 1: // optional since v1.37, and the same
	default:
		spec["podSelector"] = a.pods()
	}
	a.section(spec, "ingress", "from")
	a.section(spec, "egress", "to")
	switch a.IntN(6) {
	case 0, 1:
		spec["policyTypes"] = []string{"Ingress", "Egress"}
	case 2:
		spec["policyTypes"] = []string{"Egress"}
	case 3:
		spec["policyTypes"] = []string{"Ingress"}
	case 4:
		spec["policyTypes"] = []string{}
	}
	return map[string]any{
		"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "spec": spec,
		"metadata": map[string]any{"name": name, "namespace": choose(a.Rand, []string{"shop", "shop", "pay", "ops"})},
	}
}

// section draws the rules of a direction: at times none, or an empty list.
func (a *author) section(spec map[string]any, section, peers string) {
	switch a.IntN(6) {
	case 0:
		return
	case 1:
		spec[section] = []map[string]any{}
		return
	}
	spec[section] = a.list(3, func() map[string]any {
		rule := map[string]any{}
		switch a.IntN(8) {
		case 0: // everybody
		case 1:
			rule[peers] = []map[string]any{}
		default:
			rule[peers] = a.list(3, a.peer)
		}
		switch a.IntN(6) {
		case 0: // every port
		case 1:
			rule["ports"] = []map[string]any{}
		default:
			rule["ports"] = a.list(3, a.port)
		}
		return rule
	})
}

// peer draws a peer of a NetworkPolicy.
func (a *author) peer() map[string]any {
	switch a.IntN(4) {
	case 0:
		return map[string]any{"podSelector": a.pods()}
	case 1:
		return map[string]any{"namespaceSelector": a.teams()}
	case 2:
		return map[string]any{"podSelector": a.pods(), "namespaceSelector": a.teams()}
	}
	block := a.block()
	out := map[string]any{"cidr": block.String()}
	if a.IntN(2) == 0 {
		var except []string
		for range 1 + a.IntN(2) {
			// A part of the block, around somebody who lives in it where there is one.
			inner := block.Addr()
			for range 10 {
				if at := a.address(); block.Contains(at) {
					inner = at
				}
			}
			bits := block.Bits() + 1 + a.IntN(12)
			if p, err := inner.Prefix(min(bits, inner.BitLen())); err == nil && p.Bits() > block.Bits() {
				except = append(except, p.String())
			}
		}
		out["except"] = except
	}
	if at := a.address(); a.IntN(8) == 0 && block.Contains(at) { // the bits of a host are cut off
		out["cidr"] = netip.PrefixFrom(at, block.Bits()).String()
	}
	return map[string]any{"ipBlock": out}
}

func (a *author) address() netip.Addr {
	return choose(a.Rand, choose(a.Rand, a.w.places).addrs)
}

// block draws a range that has somebody in it.
func (a *author) block() netip.Prefix {
	at := a.address()
	bits := choose(a.Rand, []int{0, 8, 15, 16, 24, 25, 30, 31, 32})
	if at.Is6() {
		bits = choose(a.Rand, []int{0, 8, 16, 48, 63, 64, 121, 125, 127, 128})
	}
	p, err := at.Prefix(bits)
	if err != nil {
		panic(err) // bits fit the family
	}
	return p
}

// pods and teams draw selectors for pods and for namespaces.
func (a *author) pods() map[string]any {
	return a.selector(map[string][]string{"app": {"web", "api", "db"}, "tier": {"front", "back"}, "env": {"prod", "dev"}})
}

func (a *author) teams() map[string]any {
	return a.selector(map[string][]string{"team": {"red", "blue"}, "env": {"prod", "dev"}, "kubernetes.io/metadata.name": {"shop", "pay", "ops"}})
}

func (a *author) selector(values map[string][]string) map[string]any {
	keys := make([]string, 0, len(values))
	for _, k := range []string{"app", "tier", "team", "env", "kubernetes.io/metadata.name"} {
		if values[k] != nil {
			keys = append(keys, k)
		}
	}
	out := map[string]any{}
	if a.IntN(2) == 0 {
		labels := map[string]string{}
		for range a.IntN(2) + a.IntN(2) {
			k := choose(a.Rand, keys)
			labels[k] = choose(a.Rand, values[k])
		}
		out["matchLabels"] = labels
	}
	if a.IntN(5) < 3 {
		var all []map[string]any
		for range 1 + a.IntN(3)/2 {
			k := choose(a.Rand, keys)
			e := map[string]any{"key": k, "operator": choose(a.Rand, []string{"In", "In", "NotIn", "Exists", "DoesNotExist"})}
			if op := e["operator"]; op == "In" || op == "NotIn" {
				e["values"] = []string{choose(a.Rand, values[k]), choose(a.Rand, append(slices.Clip(values[k]), "nobody"))}[:1+a.IntN(2)]
			}
			all = append(all, e)
		}
		out["matchExpressions"] = all
	}
	return out
}

// port draws a port of a NetworkPolicy.
func (a *author) port() map[string]any {
	out := map[string]any{}
	if a.IntN(4) > 0 {
		out["protocol"] = choose(a.Rand, protocols)
	}
	switch a.IntN(6) {
	case 0: // all of the protocol
		out["protocol"] = choose(a.Rand, protocols)
	case 1, 2:
		out["port"] = choose(a.Rand, portNames)
	case 3:
		low, high := a.span()
		out["port"], out["endPort"] = low, high
	default:
		out["port"] = choose(a.Rand, a.w.ports)
	}
	return out
}

// span is a range whose ends are tried, and their neighbours.
func (a *author) span() (low, high uint16) {
	low, high = choose(a.Rand, a.w.ports), choose(a.Rand, a.w.ports)
	return min(low, high), max(low, high)
}
