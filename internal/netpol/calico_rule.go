package netpol

import (
	"net/netip"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
)

// rules reads one rule: none where it only logs, several where its action is not
// understood, or where what it demands of the pod has alternatives.
func (c calicoPart) rules(p *Policy, v *kubeobj.Value, path string, ingress bool) (out []Rule) {
	mark := len(c.local)
	c.known(v, path, "action", "ipVersion", "protocol", "notProtocol", "icmp", "notICMP", "source", "destination", "http", "metadata")
	var actions []Action
	switch c.text(v, path, "action") {
	case "Allow":
		actions = []Action{Allow}
	case "Deny":
		actions = []Action{Deny}
	case "Pass":
		actions = []Action{Pass}
	case "Log":
		return nil
	default: // it may allow and may deny: as two rules, each of which may match
		actions = []Action{Allow, Deny}
		if len(c.local) == mark {
			c.broken(at2(field(v, "action"), v), "Write Allow, Deny, Pass or Log.", path+".action:", show(v.Get("action"))+" is no action")
		}
	}
	rule := Rule{Pointer: path, Offset: v.Offset}
	subjects := ruleReader{calicoPart: c, policy: p, path: path, ingress: ingress, v: v}.read(&rule)
	rule.Unsure = append(rule.Unsure, c.since(mark)...)
	for _, rule.Action = range actions {
		for _, rule.Subject = range subjects {
			out = append(out, rule)
		}
	}
	return out
}

// at2 is a value, or where there is none what should have it.
func at2(v, in *kubeobj.Value) *kubeobj.Value {
	if v == nil {
		return in
	}
	return v
}

// ruleReader reads what a rule matches.
type ruleReader struct {
	calicoPart
	policy  *Policy
	path    string
	ingress bool
	v       *kubeobj.Value
}

// read fills in what the rule matches. It returns the alternatives of what it
// demands of the pod that the policy is about; nil is no demand.
func (r ruleReader) read(rule *Rule) (subjects []*Peer) {
	own, far := "source", "destination"
	if r.ingress {
		own, far = far, own
	}
	peers, anyone, service := r.entity(far, r.families())
	rule.Peers, rule.Anyone = peers, anyone
	// Both ends are of one family: it is enough to look at the one of the peer.
	alternatives, everyone, _ := r.entity(own, families{true, true})
	r.matchPorts(rule)
	if service != nil && !r.ingress {
		r.servicePorts(rule, service)
	}
	if h := field(r.v, "http"); h != nil {
		if !r.ingress {
			r.broken(h, "Delete it.", r.path+".http", "is not allowed in egress rules")
		}
		rule.Unsure = append(rule.Unsure, Unsure{h.Offset, "HTTP rules: which requests pass is decided per request"})
	}
	if everyone {
		return []*Peer{nil}
	}
	for i := range alternatives {
		if alternatives[i].Pods != nil {
			subjects = append(subjects, &alternatives[i])
		}
	}
	if subjects == nil {
		subjects = []*Peer{{Offset: at(r.v.Get(own), r.v), Pods: &Expr{Op: None}}}
	}
	return subjects
}

// families are the versions of the internet protocol that a rule is about.
type families struct{ v4, v6 bool }

func (f families) has(p netip.Prefix) bool {
	return p.Addr().Is4() && f.v4 || p.Addr().Is6() && f.v6
}

// families reads ipVersion, and refuses rules that mix both.
//
// Source: validateRule, libcalico-go/lib/validator/v3, projectcalico/calico v3.32.
func (r ruleReader) families() families {
	var v4, v6 bool
	for _, side := range [...]string{"source", "destination"} {
		for _, name := range [...]string{"nets", "notNets"} {
			for _, n := range r.v.Get(side, name).Each() {
				v6 = v6 || strings.Contains(n.Str(), ":")
				v4 = v4 || !strings.Contains(n.Str(), ":")
			}
		}
	}
	if v4 && v6 {
		r.broken(r.v, "Write one rule for each.", r.path, "has networks of IPv4 and of IPv6")
	}
	v := field(r.v, "ipVersion")
	if v == nil {
		return families{true, true}
	}
	switch n, _ := r.number(v, r.path+".ipVersion", 4, 6); n {
	case 4:
		return families{v4: true}
	case 6:
		return families{v6: true}
	case 5:
		r.broken(v, "Write 4 or 6.", r.path+".ipVersion:", "5 is no version")
	}
	return families{true, true}
}

// everywhere is all addresses.
func everywhere() []netip.Prefix {
	return []netip.Prefix{
		netip.PrefixFrom(netip.IPv4Unspecified(), 0), netip.PrefixFrom(netip.IPv6Unspecified(), 0),
	}
}

// limits is the addresses that a side is limited to; nil where it is not. Networks
// that are excluded limit a rule to their family too: Felix does not render it for
// another one.
//
// Source: FilterRuleToIPVersion, felix/rules/policy.go, projectcalico/calico v3.32.
func (r ruleReader) limits(v *kubeobj.Value, path string, f families) *Block {
	nets, notNets := r.prefixes(v, path, "nets"), r.prefixes(v, path, "notNets")
	written := count(v.Get("nets"))
	if written == 0 && len(notNets) == 0 && f.v4 && f.v6 {
		return nil
	}
	if written == 0 {
		nets = everywhere()
	}
	excluded := families{v4: len(notNets) == 0, v6: len(notNets) == 0}
	for _, p := range notNets {
		excluded.v4 = excluded.v4 || p.Addr().Is4()
		excluded.v6 = excluded.v6 || p.Addr().Is6()
	}
	nets = slices.DeleteFunc(nets, func(p netip.Prefix) bool { return !f.has(p) || !excluded.has(p) })
	return &Block{Prefixes: nets, Except: notNets}
}
