package netpol

import (
	"k8s.io/apimachinery/pkg/util/validation"

	"polygraph/internal/kubeobj"
)

// networkRules reads the rules of a section.
func (r *reading) networkRules(p *Policy, spec *kubeobj.Value, name, peers string) []Rule {
	section := &p.Ingress
	if name == "egress" {
		section = &p.Egress
	}
	mark := len(r.local)
	items, _ := r.list(spec, name, "spec")
	if why := r.since(mark); why != nil { // no list
		rule := Rule{Pointer: "spec." + name, Offset: section.Offset}
		rule.anything(why)
		return []Rule{rule}
	}
	if !section.Applies {
		return nil
	}
	rules := make([]Rule, 0, len(items))
	for i := range items {
		v := &items[i]
		rule := Rule{Pointer: item("spec."+name, i), Offset: v.Offset}
		mark := len(r.local)
		if v.Kind == kubeobj.Null {
			r.note(v.Offset, "Write {} when everything is meant to pass.", "%s is empty: it lets everything through", rule.Pointer)
			v = &kubeobj.Value{Kind: kubeobj.Map, Offset: v.Offset}
		}
		r.fields(v, rule.Pointer, peers, "ports")
		r.networkPeers(&rule, v, peers)
		r.networkPorts(&rule, v)
		if why := r.since(mark); why != nil {
			rule.anything(why)
		}
		rules = append(rules, rule)
	}
	return rules
}

// networkPeers reads from or to: none is everyone.
func (r *reading) networkPeers(rule *Rule, v *kubeobj.Value, name string) {
	items, _ := r.list(v, name, rule.Pointer)
	if len(items) == 0 {
		rule.Anyone = true
		return
	}
	path := rule.Pointer + "." + name
	var blocks []block
	for i := range items {
		v, path := &items[i], item(path, i)
		if !r.fields(v, path, "podSelector", "namespaceSelector", "ipBlock") {
			continue
		}
		pods, namespaces, ip := field(v, "podSelector"), field(v, "namespaceSelector"), field(v, "ipBlock")
		switch {
		case pods == nil && namespaces == nil && ip == nil:
			r.refuse(v.Offset, "Write podSelector, namespaceSelector or ipBlock; for everyone leave "+name+" out.", "%s says nothing", path)
		case ip == nil:
			e := within(r.object.Namespace)
			if namespaces != nil {
				e = r.labels(namespaces, path+".namespaceSelector", NamespaceLabel)
			}
			if pods != nil {
				e = all(e, r.labels(pods, path+".podSelector", PodLabel))
			}
			rule.Peers = append(rule.Peers, Peer{Offset: v.Offset, Pods: &e})
		case pods != nil || namespaces != nil:
			r.refuse(v.Offset, "Write two items.", "%s has ipBlock beside a selector", path)
		case r.fields(ip, path+".ipBlock", "cidr", "except"):
			cidr := field(ip, "cidr")
			if cidr == nil {
				r.refuse(ip.Offset, "Write cidr.", "%s.ipBlock has no cidr", path)
				continue
			}
			if b, ok := r.block(cidr, ip, path+".ipBlock", true); ok {
				blocks = append(blocks, b)
				rule.Peers = append(rule.Peers, Peer{Offset: v.Offset, Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Block: b.set(), Inside: ByEngine})
			}
		}
	}
	r.overlaps(blocks, path)
}

// networkPorts reads the ports of a rule: none are all.
func (r *reading) networkPorts(rule *Rule, v *kubeobj.Value) {
	items, _ := r.list(v, "ports", rule.Pointer)
	if len(items) == 0 {
		rule.AnyPort = true
		return
	}
	for i := range items {
		v, path := &items[i], item(rule.Pointer+".ports", i)
		if v.Kind == kubeobj.Null {
			rule.Ports = append(rule.Ports, Port{Low: 1, High: 65535, Offset: v.Offset})
			continue
		}
		if !r.fields(v, path, "protocol", "port", "endPort") {
			continue
		}
		out := Port{Low: 1, High: 65535, Offset: v.Offset}
		out.Protocol, _ = r.protocol(field(v, "protocol"), path)
		port, end := field(v, "port"), field(v, "endPort")
		switch {
		case port == nil && end != nil:
			r.refuse(end.Offset, "Write port, the first of the range.", "%s has endPort without port", path)
		case port.Is(kubeobj.String):
			if out.Name = port.Text; r.final(port, path+".port") && len(validation.IsValidPortName(port.Text)) > 0 {
				r.refuse(port.Offset, "Write a number without quotes, or a name with a letter in it.", "%s.port: %s is no name of a port", path, short(port.Text))
			} else if end != nil {
				r.refuse(end.Offset, "Write numbers for a range.", "%s has endPort and the name of a port", path)
			}
			out.Low, out.High = 0, 0
		case port != nil:
			low, _ := r.number(port, path+".port", 1, 65535)
			high := low
			if end != nil {
				high, _ = r.number(end, path+".endPort", 1, 65535)
			}
			if high < low && end != nil {
				r.refuse(end.Offset, "Write the greater number as endPort.", "%s: endPort %d is less than port %d", path, high, low)
			}
			out.Low, out.High = uint16(low), uint16(high)
		}
		rule.Ports = append(rule.Ports, out)
	}
}

// protocol is TCP where none is written.
func (r *reading) protocol(v *kubeobj.Value, path string) (Protocol, bool) {
	if v == nil {
		return TCP, true
	}
	if !r.is(v, kubeobj.String, path+".protocol") {
		return TCP, false
	}
	for p := TCP; p < Protocols; p++ {
		if v.Text == p.String() {
			return p, true
		}
	}
	r.refuse(v.Offset, "Write TCP, UDP or SCTP.", "%s.protocol: %s is no protocol with ports", path, short(v.Text))
	return TCP, false
}
