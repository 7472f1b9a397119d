package netpol

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// ciliumRule reads a rule. It is several where some of its ports have demands of
// their own (HTTP, TLS) and others have none.
func (r *reading) ciliumRule(p *Policy, v *kubeobj.Value, path string, d side, action Action) []Rule {
	mark := len(r.local)
	rule := Rule{Pointer: path, Offset: v.Offset, Action: action}
	r.fields(v, path, ciliumFields(d, action)...)
	written := r.ciliumPeers(p, &rule, v, path, d)
	list := r.ciliumPorts(&rule, v, path, action)
	r.authentication(&rule, v, path)
	requires := r.requires(v, path, d)
	if why := r.since(mark); why != nil {
		rule.anything(why)
		if requires && action == Allow {
			// What it requires holds for all other rules of the same pods too.
			deny := rule
			deny.Action = Deny
			return []Rule{deny, rule}
		}
		return []Rule{rule}
	}
	if list == nil { // neither toPorts nor icmps
		// A rule without peers and ports selects nobody: mergeL4Filter,
		// pkg/policy/rule.go.
		rule.AnyPort = true
		return []Rule{rule}
	}
	rule.Anyone = !written
	out := make([]Rule, 0, len(list))
	for _, f := range list {
		one := rule
		one.Ports = f.ports
		if f.unsure != nil {
			one.Pointer, one.Offset = f.path, f.at
			one.Unsure = append(append([]Unsure{}, rule.Unsure...), f.unsure...)
		}
		out = append(out, one)
	}
	return out
}

// ciliumFields are the fields of a rule.
func ciliumFields(d side, action Action) []string {
	out := []string{d.to + "Endpoints", d.to + "Requires", d.to + "CIDR", d.to + "CIDRSet", d.to + "Entities", d.to + "Groups", d.to + "Nodes", "toPorts", "icmps"}
	if d.egress {
		out = append(out, "toServices")
	}
	if action == Allow {
		out = append(out, "authentication")
		if d.egress {
			out = append(out, "toFQDNs")
		}
	}
	return out
}

// authentication asks for a proof that no manifest has.
func (r *reading) authentication(rule *Rule, v *kubeobj.Value, path string) {
	a := field(v, "authentication")
	if path += ".authentication"; a == nil || !r.fields(a, path, "mode") {
		return
	}
	m := field(a, "mode")
	if m == nil {
		r.refuse(a.Offset, "Write mode: required or mode: disabled.", "%s has no mode", path)
		return
	}
	if !r.is(m, kubeobj.String, path+".mode") {
		return
	}
	switch m.Text {
	case "disabled":
	case "required", "test-always-fail":
		rule.Unsure = append(rule.Unsure, Unsure{m.Offset, "authentication " + m.Text + ": passes when both ends prove who they are"})
	default:
		r.refuse(m.Offset, "Write required or disabled.", "%s.mode: %s is no mode", path, short(m.Text))
	}
}

// requires finds the fields that Cilium 1.19 took out: before, they cut what other
// rules of the same pods allow.
//
// Source: cilium v1.20.2 Documentation/security/policy/layer3.rst, "Additional
// Label Requirements".
func (r *reading) requires(v *kubeobj.Value, path string, d side) bool {
	f := field(v, d.to+"Requires")
	if f.Empty() {
		return false
	}
	r.refuse(f.Offset, "Write the labels into "+d.to+"Endpoints.", "%s.%sRequires is refused since Cilium 1.19, and before that it cuts what other rules allow", path, d.to)
	return true
}

// ports of a rule, with what they demand beside.
type ports struct {
	ports  []Port
	unsure []Unsure
	path   string
	at     uint32
}

// ciliumPorts reads toPorts and icmps: nil where there is neither. Ports without a
// demand come first, together; they are there even when there are none of TCP, UDP
// and SCTP among them.
func (r *reading) ciliumPorts(rule *Rule, v *kubeobj.Value, path string, action Action) []ports {
	items, _ := r.list(v, "toPorts", path)
	icmps, _ := r.list(v, "icmps", path)
	if len(items) > 0 && len(icmps) > 0 {
		r.refuse(at(v.Get("icmps"), v), "Write a rule of its own for icmps.", "%s has icmps beside toPorts", path)
	}
	if len(items)+len(icmps) == 0 {
		return nil
	}
	for i := range icmps {
		r.fields(&icmps[i], item(path+".icmps", i), "fields")
	}
	plain := ports{path: rule.Pointer, at: rule.Offset}
	var demanding []ports
	for i := range items {
		v, path := &items[i], item(path+".toPorts", i)
		known := []string{"ports", "rules", "terminatingTLS", "originatingTLS", "serverNames", "listener"}
		if action == Deny {
			known = known[:1]
		}
		if !r.fields(v, path, known...) {
			continue
		}
		list, _ := r.list(v, "ports", path)
		if len(list) > 40 {
			r.reject(v.Offset, "Write two items.", "%s has %d ports, 40 are allowed", path, len(list))
		}
		var found []Port
		for i := range list {
			found = append(found, r.ciliumPort(&list[i], item(path+".ports", i))...)
		}
		if unsure := r.demands(v); unsure != nil {
			demanding = append(demanding, ports{found, unsure, path, v.Offset})
		} else {
			plain.ports = append(plain.ports, found...)
		}
	}
	if len(plain.ports) > 0 || demanding == nil {
		return append([]ports{plain}, demanding...)
	}
	return demanding
}

// demands is what a proxy decides per request.
func (r *reading) demands(v *kubeobj.Value) (out []Unsure) {
	for _, name := range []string{"terminatingTLS", "originatingTLS", "serverNames", "listener"} {
		if f := field(v, name); f != nil && !(f.Kind == kubeobj.List && len(f.Items) == 0) {
			out = append(out, Unsure{f.Offset, name + ": a proxy decides which connections pass"})
		}
	}
	for _, f := range field(v, "rules").Each() {
		switch {
		case f.Kind == kubeobj.Null || f.Kind == kubeobj.List && len(f.Items) == 0:
		case f.Name == "dns" && everyName(f):
		default:
			out = append(out, Unsure{f.Offset, strings.ToUpper(f.Name) + " rules: which requests pass is decided per request"})
		}
	}
	return out
}

// everyName tells that DNS rules only have the proxy listen.
//
// Source: cilium v1.20.2 Documentation/security/policy/layer3.rst, "DNS based": *
// alone matches all names.
func everyName(dns *kubeobj.Value) bool {
	for _, v := range dns.Each() {
		if v.Get("matchPattern").Str() == "*" {
			return true
		}
	}
	return false
}
