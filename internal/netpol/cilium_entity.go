package netpol

import "polygraph/internal/kubeobj"

// ciliumEntities reads fromEntities or toEntities.
func (r *reading) ciliumEntities(rule *Rule, members func(string, bool, func(*kubeobj.Value, string)), d side) {
	var host, remote *kubeobj.Value
	members(d.to+"Entities", true, func(v *kubeobj.Value, path string) {
		if !r.is(v, kubeobj.String, path) {
			return
		}
		switch v.Text {
		case "host":
			host = v
		case "remote-node":
			remote = v
		case "world-ipv4", "world-ipv6":
			r.refuse(v.Offset, "Write world, or a CIDR.", "%s: the definition does not know %s", path, v.Text)
			return
		}
		peers, ok := entity(v.Text, v.Offset)
		if !ok {
			r.refuse(v.Offset, "Write world, cluster, host, remote-node, kube-apiserver or all.", "%s: %s is no entity", path, short(v.Text))
			return
		}
		rule.Peers = append(rule.Peers, peers...)
	})
	if host != nil && remote != nil {
		// Both together are every node, and which is the own one does not matter.
		rule.Peers = append(rule.Peers, Peer{Offset: host.Offset, Nodes: &Expr{}})
	}
}

// entity is what an entity, or a reserved label, stands for. What is no pod of a
// workload, no node and no address outside is matched by nothing.
//
// Source: cilium v1.20.2 Documentation/security/policy/layer3.rst, "Entities
// based", and EntitySelectorMapping of pkg/policy/api/entity.go.
func entity(name string, at uint32) ([]Peer, bool) {
	every := &Expr{}
	peer := Peer{Offset: at}
	unsure := func(why string) { peer.Unsure = []Unsure{{at, name + ": " + why}} }
	switch name {
	case "all":
		peer.Pods, peer.Outside, peer.Nodes = every, true, every
	case "world":
		peer.Outside = true
	case "world-ipv4", "world-ipv6":
		peer.Outside = true
		unsure("only where Cilium runs with both families")
	case "cluster", "cluster-mesh":
		peer.Pods, peer.Nodes = every, every
		if name == "cluster-mesh" {
			mesh := Peer{Offset: at, Outside: true, Unsure: []Unsure{{at, "cluster-mesh: which addresses are pods of other clusters the objects do not say"}}}
			return []Peer{peer, mesh}, true
		}
	case "host":
		peer.Nodes = every
		unsure("the node on which the pod runs, and which that is the objects do not say")
	case "remote-node":
		peer.Nodes = every
		unsure("every node but that on which the pod runs, and which that is the objects do not say")
	case "kube-apiserver":
		peer.Outside, peer.Nodes = true, every
		unsure("its addresses the objects do not say")
	case "unmanaged":
		peer.Pods = every
		unsure("which pods Cilium does not manage the objects do not say")
	case "health", "ingress", "init", "none":
	default:
		return nil, false
	}
	return []Peer{peer}, true
}
