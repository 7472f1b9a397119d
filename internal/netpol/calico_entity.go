package netpol

import (
	"net/netip"

	"polygraph/internal/kubeobj"
)

// entity reads the source or the destination of a rule: who is matched there, or
// that anyone is. The ports are read elsewhere. A side that is not understood
// matches anyone, and the rule is unsure. service is the Service that it names,
// where its object is there and selects pods.
func (r ruleReader) entity(side string, f families) (peers []Peer, anyone bool, service *kubeobj.Object) {
	v, path, mark := r.v.Get(side), r.path+"."+side, len(r.local)
	r.known(v, path, "nets", "notNets", "selector", "notSelector", "namespaceSelector", "services", "serviceAccounts", "ports", "notPorts")
	chosen := r.selection(v, path)
	block := r.limits(v, path, f)
	if field(v, "services") != nil {
		peers, service = r.service(v, path, side, block, chosen)
	} else if !chosen.positive && chosen.not == nil && block == nil {
		return nil, true, nil
	}
	if len(r.local) > mark {
		return nil, true, nil
	}
	if service == nil && peers == nil {
		peers = r.peers(chosen, block, at(v, r.v))
	}
	return peers, false, service
}

// selection is what the selectors of a side choose.
type selection struct {
	// positive: only what Calico knows is matched, endpoints and sets of addresses
	// of which expr is true.
	positive bool
	expr     Expr
	// not: what it is true of is not matched. nil where positive: it is in expr then.
	not *Expr
}

// selection reads the selectors. In a policy with a namespace any of them,
// notSelector too, limits the side to that namespace unless namespaceSelector
// says another; without any of them it is not limited.
//
// Sources: getEndpointSelector, libcalico-go/lib/backend/syncersv1/
// updateprocessors/rules.go, and combineMatchesIfPossible,
// felix/calc/rule_scanner.go, projectcalico/calico v3.32.
func (r ruleReader) selection(v *kubeobj.Value, path string) selection {
	selected, a := r.selector(v, path, "selector", overEndpoints)
	refused, b := r.selector(v, path, "notSelector", overEndpoints)
	space, c := r.selector(v, path, "namespaceSelector", overNamespaces)
	account, d := r.accounts(v.Get("serviceAccounts"), path+".serviceAccounts")
	namespaced := r.policy.Kind == Calico
	if !a && !c && !d && !(b && namespaced) {
		if b {
			return selection{not: &refused}
		}
		return selection{}
	}
	if namespaced && !c {
		space = within(r.policy.Namespace)
	}
	terms := []Expr{space, selected, account}
	if b {
		terms = append(terms, negate(refused))
	}
	return selection{positive: true, expr: all(terms...)}
}

// accounts reads a match of ServiceAccounts: names and labels, both of which
// must hold.
func (r ruleReader) accounts(v *kubeobj.Value, path string) (e Expr, there bool) {
	r.known(v, path, "names", "selector")
	e, there = r.selector(v, path, "selector", overAccounts)
	var names []string
	items, _ := r.list(v, "names", path)
	for i := range items {
		if r.is(&items[i], kubeobj.String, item(path+".names", i)) {
			names = append(names, items[i].Text)
		}
	}
	if names == nil {
		return e, there
	}
	return all(Expr{Op: In, On: Account, Values: names}, e), true
}

const (
	whyHosts = "whether this node has a host endpoint, which the selector would match, the objects do not say"
	whySets  = "the selector looks at labels of a namespace that is not among the objects"
)

// peers are the alternatives of what is chosen, within a block.
func (r ruleReader) peers(s selection, block *Block, here uint32) (out []Peer) {
	add := func(p Peer) {
		if p.Offset = here; p.Block != nil {
			p.Inside = Always
		}
		out = append(out, p)
	}
	if !s.positive {
		r.others(s.not, block, here, add)
		return out
	}
	if pods := forPods(s.expr); pods.Op != None {
		add(Peer{Pods: &pods, Block: block})
	}
	var sure, unsure []netip.Prefix
	for _, set := range r.calico.sets {
		switch set.matches(&s.expr) {
		case no:
			continue
		case maybe:
			unsure = append(unsure, set.prefixes...)
		case yes:
			sure = append(sure, set.prefixes...)
		}
		if set.unsure != "" {
			add(Peer{Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Block: block, Unsure: []Unsure{{here, set.name() + ": " + set.unsure}}})
		}
	}
	if sure != nil {
		add(Peer{Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Block: block.only(sure)})
	}
	if unsure != nil {
		add(Peer{Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Block: block.only(unsure), Unsure: []Unsure{{here, whySets}}})
	}
	if hosts := forHosts(s.expr); hosts.Op != None && !r.calico.hostsKnown {
		add(Peer{Nodes: &hosts, Block: block, Unsure: []Unsure{{here, whyHosts}}})
	}
	return out
}

// others are all but what a selector chooses, be it known to Calico or not.
func (r ruleReader) others(not *Expr, block *Block, here uint32, add func(Peer)) {
	if not == nil {
		add(Peer{Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Block: block})
		return
	}
	var except []netip.Prefix
	var why []Unsure
	for _, set := range r.calico.sets {
		m := set.matches(not)
		if m == yes {
			except = append(except, set.prefixes...)
		}
		if m == maybe {
			why = append(why, Unsure{here, set.name() + ": " + whySets})
		} else if m == yes && set.unsure != "" {
			why = append(why, Unsure{here, set.name() + ": " + set.unsure})
		}
	}
	if except != nil {
		block = block.without(except)
	}
	pods, nodes := forPods(negate(*not)), Expr{}
	if hosts := forHosts(*not); hosts.Op != None && !r.calico.hostsKnown {
		nodes = negate(hosts)
		add(Peer{Nodes: &hosts, Block: block, Unsure: append([]Unsure{{here, whyHosts}}, why...)})
	}
	add(Peer{Pods: &pods, Outside: true, Nodes: &nodes, Block: block, Unsure: why})
}

func (s *addressSet) name() string { return s.object.Identity() }

// only is the part of a block that lies in prefixes; a nil block is everything.
func (b *Block) only(prefixes []netip.Prefix) *Block {
	if b == nil {
		return &Block{Prefixes: prefixes}
	}
	return &Block{Prefixes: intersect(prefixes, b.Prefixes), Except: b.Except}
}

// without is the part of a block that does not lie in prefixes.
func (b *Block) without(prefixes []netip.Prefix) *Block {
	out := &Block{Prefixes: everywhere()}
	if b != nil {
		out.Prefixes, out.Except = b.Prefixes, append(out.Except, b.Except...)
	}
	out.Except = append(out.Except, prefixes...)
	return out
}
