package netpol

import (
	"net/netip"

	"polygraph/internal/kubeobj"
)

// ciliumPeers reads the peers of a rule and tells whether it names any: a list that
// is there and empty names nobody, and no list at all is everybody where there are
// ports.
//
// Source: mergeEndpointSelectors of cilium v1.20.2 pkg/policy/utils, sanitize of
// IngressCommonRule and EgressCommonRule (one sort of peers in a rule).
func (r *reading) ciliumPeers(p *Policy, rule *Rule, v *kubeobj.Value, path string, d side) (written bool) {
	var first *kubeobj.Value
	var blocks []block
	// members reads a list; one that means nothing when it is empty is not strict.
	members := func(name string, strict bool, read func(v *kubeobj.Value, path string)) {
		items, there := r.list(v, name, path)
		if !there || len(items) == 0 && !strict {
			return
		}
		written = true
		f := v.Get(name)
		if first != nil && len(items) > 0 {
			r.refuse(f.Offset, "Write two rules.", "%s has %s beside %s", path, name, first.Name)
		}
		if len(items) > 0 {
			first = f
		}
		for i := range items {
			read(&items[i], item(path+"."+name, i))
		}
	}
	add := func(peers ...Peer) { rule.Peers = append(rule.Peers, peers...) }
	members(d.to+"Endpoints", true, func(v *kubeobj.Value, path string) { add(r.ciliumEndpoints(p, v, path)...) })
	members(d.to+"Nodes", true, func(v *kubeobj.Value, path string) {
		e, unsure := r.ciliumNodes(v, path)
		unsure = append(unsure, Unsure{v.Offset, "nodes by label: only with --enable-node-selector-labels, and never the own node; without it Cilium refuses the policy"})
		add(Peer{Offset: v.Offset, Nodes: &e, Unsure: unsure})
		p.Unsure = append(p.Unsure, unsure[len(unsure)-1])
	})
	members(d.to+"CIDR", true, func(v *kubeobj.Value, path string) {
		if prefix, ok := r.prefix(v, path); ok {
			b := block{prefix: prefix, at: v.Offset}
			blocks = append(blocks, b)
			add(outside(v.Offset, b.set()))
		}
	})
	members(d.to+"CIDRSet", true, func(v *kubeobj.Value, path string) {
		peer, b := r.cidrSet(v, path)
		if b != nil {
			blocks = append(blocks, *b)
		}
		add(peer)
	})
	r.ciliumEntities(rule, members, d)
	members(d.to+"Groups", false, func(v *kubeobj.Value, path string) {
		add(Peer{Offset: v.Offset, Outside: true, Unsure: []Unsure{{v.Offset, d.to + "Groups: which addresses are in the group is known to its provider"}}})
	})
	if d.egress {
		members("toServices", false, func(v *kubeobj.Value, path string) { add(r.ciliumService(v, path)) })
		members("toFQDNs", false, func(v *kubeobj.Value, path string) {
			if f := r.one(v, path, "matchName", "matchPattern"); f != nil && r.is(f, kubeobj.String, path+"."+f.Name) {
				add(Peer{Offset: v.Offset, Outside: true, Unsure: []Unsure{{f.Offset, "domain name " + short(f.Text) + ": which addresses it has is known when a pod asks"}}})
			}
		})
	}
	r.overlaps(blocks, path)
	return written
}

// outside are addresses of which pods and nodes have none.
//
// Source: CIDRSelector.Matches of cilium v1.20.2 pkg/policy/types/selector.go;
// policy-cidr-match-mode, which adds pods or nodes, is off by default.
func outside(at uint32, b *Block) Peer {
	return Peer{Offset: at, Outside: true, Block: b, Inside: Never}
}

// anywhere is a peer of which nothing is known.
func anywhere(at uint32, why string) Peer {
	return Peer{Offset: at, Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Unsure: []Unsure{{at, why}}}
}

// cidrSet reads an item of fromCIDRSet or toCIDRSet; the block is for comparison.
func (r *reading) cidrSet(v *kubeobj.Value, path string) (Peer, *block) {
	if !r.fields(v, path, "cidr", "cidrGroupRef", "cidrGroupSelector", "except") {
		return Peer{}, nil
	}
	cidr, ref, selector := field(v, "cidr"), field(v, "cidrGroupRef"), field(v, "cidrGroupSelector")
	n := 0
	for _, f := range []*kubeobj.Value{cidr, ref, selector} {
		if f != nil {
			n++
		}
	}
	switch {
	case n != 1:
		r.refuse(v.Offset, "Write one of cidr, cidrGroupRef and cidrGroupSelector.", "%s has %d of them", path, n)
	case cidr != nil:
		if b, ok := r.block(cidr, v, path, false); ok {
			return outside(v.Offset, b.set()), &b
		}
	case selector != nil:
		r.requirements(selector, path+".cidrGroupSelector", nil)
		return Peer{Offset: v.Offset, Outside: true, Unsure: []Unsure{{selector.Offset, "CIDR groups by label: which there are the objects need not all say"}}}, nil
	case r.is(ref, kubeobj.String, path+".cidrGroupRef"):
		return r.cidrGroup(v, ref, path), nil
	}
	return Peer{}, nil
}

// cidrGroup is a peer with the CIDRs of a CiliumCIDRGroup.
func (r *reading) cidrGroup(v, ref *kubeobj.Value, path string) Peer {
	groups := r.around.find("CiliumCIDRGroup.cilium.io/" + ref.Text)
	if len(groups) != 1 || !groups[0].Get("spec", "externalCIDRs").Is(kubeobj.List) || len(groups[0].Placeholders) > 0 {
		why := "the CiliumCIDRGroup " + short(ref.Text) + " is not among the objects, or not once"
		r.note(ref.Offset, "Add the CiliumCIDRGroup to what is examined.", "%s.cidrGroupRef: %s", path, why)
		return Peer{Offset: v.Offset, Outside: true, Unsure: []Unsure{{ref.Offset, why}}}
	}
	b := &Block{}
	for _, c := range groups[0].Get("spec", "externalCIDRs").Each() {
		p, err := netip.ParsePrefix(c.Str())
		if err != nil {
			// The agent leaves it out: cidrsAndLabelsForCIDRGroup, pkg/policy/k8s.
			r.note(ref.Offset, "Correct it in the group.", "%s.cidrGroupRef: %s of the group %s is no CIDR, and is left out", path, short(c.Text), short(ref.Text))
			continue
		}
		b.Prefixes = append(b.Prefixes, p.Masked())
	}
	peer := outside(v.Offset, b)
	var ok bool
	if b.Except, ok = r.except(v, path, func(netip.Prefix) bool { return true }); ok && len(b.Except) > 0 {
		peer.Unsure = []Unsure{{ref.Offset, "except beside cidrGroupRef: not every version of Cilium reads it"}}
		b.Except = nil
	}
	return peer
}

// ciliumService reads an item of toServices. A Service with a selector stands for
// the pods that it selects.
//
// Source: processRule and serviceRefMatches of cilium v1.20.2
// pkg/policy/k8s/service.go.
func (r *reading) ciliumService(v *kubeobj.Value, path string) Peer {
	f := r.one(v, path, "k8sService", "k8sServiceSelector")
	if f == nil {
		return Peer{}
	}
	const which = "which pods and addresses stand behind the Service the objects do not say for certain"
	path += "." + f.Name
	if f.Name == "k8sServiceSelector" {
		if r.fields(f, path, "selector", "namespace") && field(f, "selector") == nil {
			r.refuse(f.Offset, "Write selector.", "%s has no selector", path)
		}
		return anywhere(v.Offset, which)
	}
	if !r.fields(f, path, "serviceName", "namespace") {
		return Peer{}
	}
	name, namespace := field(f, "serviceName").Str(), field(f, "namespace").Str()
	found := r.around.find("Service/" + namespace + "/" + name)
	if name == "" || namespace == "" || len(found) != 1 {
		return anywhere(v.Offset, which)
	}
	s := found[0]
	selector := s.Get("spec", "selector")
	if selector.Empty() || !selector.Is(kubeobj.Map) || s.Get("spec", "type").Str() == "ExternalName" || len(s.Placeholders) > 0 {
		return anywhere(v.Offset, which)
	}
	terms := []Expr{within(namespace)}
	for _, pair := range selector.Each() {
		terms = append(terms, Expr{Op: In, On: PodLabel, Key: pair.Name, Values: []string{pair.Str()}})
	}
	e := all(terms...)
	return Peer{Offset: v.Offset, Pods: &e}
}
