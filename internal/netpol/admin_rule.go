package netpol

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// podsOf reads namespaces, or pods with both selectors. Pods on the network of
// their node are among neither.
func (r *reading) podsOf(k adminKind, v *kubeobj.Value, path string) Expr {
	if v.Name == "namespaces" {
		return r.labels(v, path, NamespaceLabel)
	}
	if !r.fields(v, path, "namespaceSelector", "podSelector") {
		return Expr{}
	}
	namespaces, pods := field(v, "namespaceSelector"), field(v, "podSelector")
	// The definition wants both; v1alpha2 only podSelector.
	if pods == nil || namespaces == nil && k.version == "v1alpha1" {
		r.reject(v.Offset, "Write namespaceSelector and podSelector; {} selects all.", "%s has one selector only, and the server refuses it", path)
	}
	var e Expr
	if namespaces != nil {
		e = r.labels(namespaces, path+".namespaceSelector", NamespaceLabel)
	}
	if pods != nil {
		e = all(e, r.labels(pods, path+".podSelector", PodLabel))
	}
	return e
}

// adminSection reads the rules of one direction, in their order.
func (r *reading) adminSection(k adminKind, spec *kubeobj.Value, name string) (s Section) {
	mark := len(r.local)
	items, written := r.list(spec, name, "spec")
	if !written {
		return s
	}
	s.Offset = spec.Get(name).Offset
	if len(items) > k.most {
		r.reject(s.Offset, "Split the policy.", "spec.%s has %d rules, %d are allowed", name, len(items), k.most)
	}
	if why := r.since(mark); why != nil {
		s.Applies = true
		for _, action := range []Action{Deny, Allow} {
			rule := Rule{Pointer: "spec." + name, Offset: s.Offset, Action: action}
			rule.anything(why)
			s.Rules = append(s.Rules, rule)
		}
		return s
	}
	s.Applies = len(items) > 0
	for i := range items {
		s.Rules = append(s.Rules, r.adminRule(k, &items[i], name, item("spec."+name, i))...)
	}
	return s
}

// adminRule reads a rule. One that cannot be read may do anything: it is one rule
// for each action, then.
func (r *reading) adminRule(k adminKind, v *kubeobj.Value, section, path string) []Rule {
	peers, ports := "from", "ports"
	if section == "egress" {
		peers = "to"
	}
	if k.version == "v1alpha2" {
		ports = "protocols"
	}
	mark := len(r.local)
	rule := Rule{Pointer: path, Offset: v.Offset}
	known := false
	if r.fields(v, path, "name", "action", peers, ports) {
		if n := field(v, "name"); n != nil && r.is(n, kubeobj.String, path+".name") {
			if rule.Name = n.Text; len([]rune(n.Text)) > 100 {
				r.reject(n.Offset, "Write at most 100 characters.", "%s.name is too long", path)
			}
		}
		rule.Action, known = r.action(k, v, path)
		named := r.adminPorts(k, &rule, v, ports)
		r.adminPeers(k, &rule, v, peers, named)
	}
	why := r.since(mark)
	if why == nil {
		return []Rule{rule}
	}
	rule.anything(why)
	if known {
		return []Rule{rule}
	}
	var out []Rule
	for _, action := range []Action{Deny, Pass, Allow} {
		rule.Action = action
		out = append(out, rule)
	}
	return out
}

func (r *reading) action(k adminKind, v *kubeobj.Value, path string) (Action, bool) {
	names := "Allow or Deny"
	if len(k.actions) > 2 {
		names = k.allow + ", Deny or Pass"
	}
	f := field(v, "action")
	if f == nil {
		r.refuse(v.Offset, "Write "+names+".", "%s has no action", path)
		return Deny, false
	}
	if !r.is(f, kubeobj.String, path+".action") {
		return Deny, false
	}
	a, ok := k.actions[f.Text]
	if !ok {
		r.refuse(f.Offset, "Write "+names+".", "%s.action: %s is no action of %s", path, short(f.Text), r.object.Kind)
	}
	return a, ok
}

// adminPeers reads from or to, which are never empty.
func (r *reading) adminPeers(k adminKind, rule *Rule, v *kubeobj.Value, name string, named bool) {
	items, _ := r.list(v, name, rule.Pointer)
	path := rule.Pointer + "." + name
	if n := len(items); n == 0 {
		r.refuse(at(v.Get(name), v), "Write at least one peer; namespaces: {} is every pod.", "%s names nobody", path)
		return
	} else if n > k.most {
		r.reject(at(v.Get(name), v), "Write two rules.", "%s has %d items; %d are allowed", path, n, k.most)
	}
	kinds := k.peers
	if name == "from" {
		kinds = kinds[:2]
	}
	var blocks []block
	for i := range items {
		path := item(path, i)
		f := r.one(&items[i], path, kinds...)
		if f == nil {
			continue
		}
		peer := Peer{Offset: items[i].Offset}
		switch path += "." + f.Name; f.Name {
		case "namespaces", "pods":
			e := r.podsOf(k, f, path)
			peer.Pods = &e
		case "nodes":
			e := r.labels(f, path, NodeLabel)
			peer.Nodes = &e
		case "networks":
			found := r.networks(k, f, path)
			blocks = append(blocks, found...)
			// "cluster-internal traffic will be checked against the rule as well"
			peer.Pods, peer.Outside, peer.Nodes, peer.Inside = &Expr{}, true, &Expr{}, Always
			peer.Block = &Block{}
			for _, b := range found {
				peer.Block.Prefixes = append(peer.Block.Prefixes, b.prefix)
			}
		case "domainNames":
			peer.Outside = true
			peer.Unsure = r.domains(k, rule, f, path)
		}
		if named && f.Name != "namespaces" && f.Name != "pods" {
			r.refuse(f.Offset, "Write numbers, or a rule of its own.", "%s: %s have no named ports", path, f.Name)
		}
		rule.Peers = append(rule.Peers, peer)
	}
	r.overlaps(blocks, path)
}

func (r *reading) networks(k adminKind, v *kubeobj.Value, path string) (out []block) {
	if !r.is(v, kubeobj.List, path) {
		return nil
	}
	if n := len(v.Items); n == 0 || n > k.networks {
		r.refuse(v.Offset, "Write at least one CIDR, and further ones into another peer.", "%s has %d items; from 1 to %d are allowed", path, n, k.networks)
	}
	for i := range v.Items {
		if p, ok := r.prefix(&v.Items[i], item(path, i)); ok {
			out = append(out, block{prefix: p, at: v.Items[i].Offset})
		}
	}
	return out
}

func (r *reading) domains(k adminKind, rule *Rule, v *kubeobj.Value, path string) []Unsure {
	if !r.is(v, kubeobj.List, path) {
		return nil
	}
	if n := len(v.Items); n == 0 || n > k.networks {
		r.refuse(v.Offset, "Write at least one name, and further ones into another peer.", "%s has %d items; from 1 to %d are allowed", path, n, k.networks)
	}
	if rule.Action != Allow {
		r.refuse(v.Offset, "Use networks, or "+k.allow+" with a denial after it.", "%s: domain names are for %s only", path, k.allow)
	}
	var names []string
	for i := range v.Items {
		if n := &v.Items[i]; r.is(n, kubeobj.String, item(path, i)) && len(names) < 3 {
			names = append(names, short(n.Text))
		}
	}
	return []Unsure{{v.Offset, "domain names (" + strings.Join(names, ", ") + "): which addresses they have is known when somebody asks"}}
}
