//go:build linux

package packets

// admin draws an AdminNetworkPolicy or, without a priority, the
// BaselineAdminNetworkPolicy.
func (a *author) admin(name string, priority int) map[string]any {
	kind, actions := "AdminNetworkPolicy", []string{"Allow", "Deny", "Pass"}
	spec := map[string]any{"subject": a.subject()}
	if priority < 0 {
		kind, actions = "BaselineAdminNetworkPolicy", actions[:2]
	} else {
		spec["priority"] = priority
	}
	a.tier(spec, actions, func(rule map[string]any, outside bool) {
		if a.IntN(4) > 0 {
			rule["ports"] = a.list(3, func() map[string]any { return a.adminPort(!outside) })
		}
	})
	return map[string]any{
		"apiVersion": "policy.networking.k8s.io/v1alpha1", "kind": kind, "spec": spec,
		"metadata": map[string]any{"name": name},
	}
}

// clusterwide draws a ClusterNetworkPolicy.
func (a *author) clusterwide(name string, priority int) map[string]any {
	spec := map[string]any{"subject": a.subject(), "priority": priority, "tier": choose(a.Rand, []string{"Admin", "Admin", "Baseline"})}
	a.tier(spec, []string{"Accept", "Deny", "Pass"}, func(rule map[string]any, outside bool) {
		if a.IntN(4) > 0 {
			rule["protocols"] = a.list(3, func() map[string]any { return a.protocol(!outside) })
		}
	})
	return map[string]any{
		"apiVersion": "policy.networking.k8s.io/v1alpha2", "kind": "ClusterNetworkPolicy", "spec": spec,
		"metadata": map[string]any{"name": name},
	}
}

// tier draws the rules of both directions. ports gives ports to a rule, and is told
// whether it has networks among its peers: named ports are not valid beside them.
func (a *author) tier(spec map[string]any, actions []string, ports func(rule map[string]any, outside bool)) {
	for _, section := range []struct {
		name, peers string
		outside     bool
	}{{"ingress", "from", false}, {"egress", "to", true}} {
		if a.IntN(4) == 0 {
			continue
		}
		spec[section.name] = a.list(3, func() map[string]any {
			outside := false
			rule := map[string]any{"action": choose(a.Rand, actions)}
			rule[section.peers] = a.list(2, func() map[string]any {
				if section.outside && a.IntN(3) == 0 {
					outside = true
					return map[string]any{"networks": a.networks()}
				}
				return a.subject()
			})
			ports(rule, outside)
			return rule
		})
	}
}

func (a *author) networks() []string {
	out := []string{a.block().String()}
	if other := a.block().String(); a.IntN(2) == 0 && other != out[0] {
		out = append(out, other)
	}
	return out
}

// subject draws pods of v1alpha1 and v1alpha2: for a policy or as a peer.
func (a *author) subject() map[string]any {
	if a.IntN(2) == 0 {
		return map[string]any{"namespaces": a.teams()}
	}
	return map[string]any{"pods": map[string]any{"namespaceSelector": a.teams(), "podSelector": a.pods()}}
}

func (a *author) adminPort(named bool) map[string]any {
	switch a.IntN(4) {
	case 0:
		if named {
			return map[string]any{"namedPort": choose(a.Rand, portNames)}
		}
	case 1:
		if low, high := a.span(); low < high {
			return map[string]any{"portRange": a.orDefault(map[string]any{"start": low, "end": high})}
		}
	}
	return map[string]any{"portNumber": a.orDefault(map[string]any{"port": choose(a.Rand, a.w.ports)})}
}

// orDefault adds a protocol, at times by leaving it to the default.
func (a *author) orDefault(port map[string]any) map[string]any {
	if protocol := choose(a.Rand, protocols); protocol != "TCP" || a.IntN(2) == 0 {
		port["protocol"] = protocol
	}
	return port
}

func (a *author) protocol(named bool) map[string]any {
	key := map[string]string{"TCP": "tcp", "UDP": "udp", "SCTP": "sctp"}[choose(a.Rand, protocols)]
	switch a.IntN(4) {
	case 0:
		if named {
			return map[string]any{"destinationNamedPort": choose(a.Rand, portNames)}
		}
	case 1:
		if low, high := a.span(); low < high {
			return map[string]any{key: map[string]any{"destinationPort": map[string]any{"range": map[string]any{"start": low, "end": high}}}}
		}
	}
	return map[string]any{key: map[string]any{"destinationPort": map[string]any{"number": choose(a.Rand, a.w.ports)}}}
}
