package netpol

import (
	"strconv"

	"polygraph/internal/kubeobj"
)

// cilium reads a CiliumNetworkPolicy or a CiliumClusterwideNetworkPolicy: each of
// its specs is a policy. An agent that finds one of them invalid takes none.
//
// Source: cilium v1.20.2, pkg/policy/api (rule.go, rule_validation.go), Parse of
// pkg/k8s/apis/cilium.io/v2/cnp_types.go, ParseToCiliumRule of
// pkg/k8s/apis/cilium.io/utils/utils.go, RulesToPolicyEntries of
// pkg/policy/utils.
func (r *reading) cilium(kind Kind) {
	root := &r.object.Root
	if !r.version("v2") {
		r.opaque(kind)
		return
	}
	namespace := r.namespace(kind)
	var policies []*Policy
	one := func(v *kubeobj.Value, path string) {
		if p := r.ciliumSpec(kind, namespace, v, path); p != nil {
			p.Spec = len(policies)
			policies = append(policies, p)
		}
	}
	spec, specs := field(root, "spec"), field(root, "specs")
	if spec != nil {
		one(spec, "spec")
	}
	if specs != nil && r.is(specs, kubeobj.List, "specs") {
		for i := range specs.Items {
			one(&specs.Items[i], item("specs", i))
		}
	}
	if spec == nil && specs == nil {
		r.refuse(root.Offset, "Write spec or specs.", "%s has neither spec nor specs", r.object.Kind)
	}
	if len(policies) == 0 && len(r.local) > 0 {
		r.whole = append(r.whole, beyond(r.local, r.whole)...)
		r.opaque(kind)
		return
	}
	r.finish(policies...)
}

// ciliumSpec reads one spec; nil where it is none.
func (r *reading) ciliumSpec(kind Kind, namespace string, v *kubeobj.Value, path string) *Policy {
	if !r.is(v, kubeobj.Map, path) {
		return nil
	}
	mark := len(r.local)
	r.fields(v, path, "endpointSelector", "nodeSelector", "ingress", "ingressDeny", "egress", "egressDeny", "labels", "enableDefaultDeny", "description", "log")
	p := &Policy{Kind: kind, Namespace: namespace, SubjectAt: v.Offset}
	if kind == Cilium {
		p.Subject = within(namespace)
	}
	pods, nodes := field(v, "endpointSelector"), field(v, "nodeSelector")
	switch {
	case (pods == nil) == (nodes == nil):
		r.refuse(v.Offset, "Write endpointSelector: {} to select all pods.", "%s has to have endpointSelector or nodeSelector, and not both", path)
	case pods != nil:
		p.SubjectAt = pods.Offset
		p.Subject, p.Unsure = r.ciliumSubject(p, pods, path+".endpointSelector")
	default:
		p.SubjectAt, p.Nodes = nodes.Offset, true
		if kind == Cilium {
			r.refuse(nodes.Offset, "Write a CiliumClusterwideNetworkPolicy.", "%s.nodeSelector: a CiliumNetworkPolicy cannot select nodes", path)
		}
		e, unsure := r.ciliumNodes(nodes, path+".nodeSelector")
		p.Subject, p.Unsure = e, unsure
	}
	p.Unsure = append(p.Unsure, beyond(r.since(mark), r.whole)...)
	written := false
	for _, d := range []struct {
		section *Section
		names   side
	}{{&p.Ingress, ingressSide}, {&p.Egress, egressSide}} {
		written = r.ciliumSection(p, d.section, v, path, d.names) || written
	}
	if !written {
		r.note(v.Offset, "Write a rule, or delete the policy; ingress: [{}] lets nobody in.", "%s has no rules and does nothing; newer versions of Cilium refuse it", path)
	}
	return p
}

// side has the names of the fields of one direction.
type side struct {
	name, deny, to string
	egress         bool
}

var (
	ingressSide = side{name: "ingress", deny: "ingressDeny", to: "from"}
	egressSide  = side{name: "egress", deny: "egressDeny", to: "to", egress: true}
)

// ciliumSection reads the rules of a direction, denials first: these win over
// everything that is allowed.
func (r *reading) ciliumSection(p *Policy, s *Section, spec *kubeobj.Value, path string, d side) (written bool) {
	mark := len(r.local)
	denied, _ := r.list(spec, d.deny, path)
	allowed, _ := r.list(spec, d.name, path)
	isolate, set := r.defaultDeny(spec, d.name, path)
	*s = Section{Applies: len(denied)+len(allowed) > 0, Offset: spec.Offset}
	s.Isolates = s.Applies && (isolate || !set)
	for _, name := range []string{d.deny, d.name} {
		if v := field(spec, name); v != nil {
			s.Offset = v.Offset
		}
	}
	perhaps := func(why []Unsure) {
		s.Applies, s.Isolates = true, true
		for _, action := range []Action{Deny, Allow} {
			rule := Rule{Pointer: path + "." + d.name, Offset: s.Offset, Action: action}
			rule.anything(why)
			s.Rules = append(s.Rules, rule)
		}
	}
	if why := r.since(mark); why != nil {
		perhaps(why)
		return true
	}
	if set && isolate && !s.Applies {
		v := spec.Get("enableDefaultDeny", d.name)
		s.Offset = v.Offset
		r.unknown(v.Offset, "Write "+d.name+": [{}] to refuse everything.", "%s.enableDefaultDeny.%s is true and there are no rules for it: Cilium 1.20 isolates nobody then, other versions may", path, d.name)
		perhaps(r.since(mark))
		return true
	}
	for i := range denied {
		s.Rules = append(s.Rules, r.ciliumRule(p, &denied[i], path+"."+d.deny+"["+strconv.Itoa(i)+"]", d, Deny)...)
	}
	for i := range allowed {
		s.Rules = append(s.Rules, r.ciliumRule(p, &allowed[i], path+"."+d.name+"["+strconv.Itoa(i)+"]", d, Allow)...)
	}
	return s.Applies
}

// defaultDeny is what enableDefaultDeny says of a direction, and whether it does.
func (r *reading) defaultDeny(spec *kubeobj.Value, name, path string) (isolate, set bool) {
	v := field(spec, "enableDefaultDeny")
	if path += ".enableDefaultDeny"; v == nil || !r.fields(v, path, "ingress", "egress") {
		return false, false
	}
	f := field(v, name)
	if f == nil || !r.is(f, kubeobj.Bool, path+"."+name) {
		return false, false
	}
	return f.Text == "true", true
}
