package netpol

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// policy reads one object; what is no policy is left alone.
func (r *calicoReader) policy(o *kubeobj.Object) {
	p := &Policy{Kind: Calico, Namespace: o.Namespace}
	switch o.Kind {
	case "NetworkPolicy":
	case "StagedNetworkPolicy":
		p.Staged = true
	case "GlobalNetworkPolicy":
		p.Kind, p.Namespace = CalicoGlobal, ""
	case "StagedGlobalNetworkPolicy":
		p.Kind, p.Namespace, p.Staged = CalicoGlobal, "", true
	case "StagedKubernetesNetworkPolicy":
		r.stagedKubernetes(o)
		return
	default:
		return
	}
	c := r.part(o)
	if c.mirrored() {
		return
	}
	c.expectVersion()
	if p.Kind == CalicoGlobal {
		c.namespace(CalicoGlobal)
	}
	spec := o.Get("spec")
	fields := []string{"order", "tier", "ingress", "egress", "selector", "types", "serviceAccountSelector", "performanceHints"}
	if p.Kind == CalicoGlobal {
		fields = append(fields, "namespaceSelector", "doNotTrack", "preDNAT", "applyOnForward")
	}
	if p.Staged {
		fields = append(fields, "stagedAction")
	}
	c.known(spec, "spec", fields...)
	p.Tier, p.Order = c.tierOf(spec), c.order(spec)
	p.Subject, p.SubjectAt = c.subject(p, spec), at(field(spec, "selector"), &o.Root)
	if p.Kind == CalicoGlobal {
		c.hosts(p, spec)
	}
	c.types(p, spec)
	p.Unsure = beyond(c.since(0), c.whole)
	c.section(p, &p.Ingress, spec, "ingress")
	c.section(p, &p.Egress, spec, "egress")
	c.finish(p)
}

// mirrored tells a NetworkPolicy of Kubernetes that Calico's API shows a second
// time under its own group. The first is read.
//
// Source: libcalico-go/lib/backend/k8s/conversion: the prefix knp.default.
func (c calicoPart) mirrored() bool {
	name, ok := strings.CutPrefix(c.object.Name, "knp.default.")
	if !ok || c.object.Kind != "NetworkPolicy" || !c.calico.kubernetes[[2]string{c.object.Namespace, name}] {
		return false
	}
	c.note(at(c.object.Get("metadata", "name"), &c.object.Root), "Nothing.",
		"this is the NetworkPolicy %s of networking.k8s.io, as Calico shows it: it is read there", short(name))
	return true
}

// subject is the pods that a policy is about.
//
// Source: networkpolicyprocessor.go and globalnetworkpolicyprocessor.go,
// projectcalico/calico v3.32 libcalico-go/lib/backend/syncersv1/updateprocessors.
func (c calicoPart) subject(p *Policy, spec *kubeobj.Value) Expr {
	selected, _ := c.selector(spec, "spec", "selector", overEndpoints)
	account, _ := c.selector(spec, "spec", "serviceAccountSelector", overAccounts)
	space := within(p.Namespace)
	if p.Kind == CalicoGlobal {
		space, _ = c.selector(spec, "spec", "namespaceSelector", overNamespaces)
		if space.Op == NotExists && space.On == Namespace {
			c.broken(spec.Get("namespaceSelector"), "Remove it, or select namespaces.", "spec.namespaceSelector:", "global() is for rules only")
			space = Expr{}
		}
	}
	return forPods(all(space, selected, account))
}

// hosts reads what concerns host endpoints.
//
// Source: docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy:
// doNotTrack and preDNAT policies apply to host endpoints only.
func (c calicoPart) hosts(p *Policy, spec *kubeobj.Value) {
	untracked, early := c.flag(spec, "spec", "doNotTrack"), c.flag(spec, "spec", "preDNAT")
	forward := c.flag(spec, "spec", "applyOnForward")
	p.Nodes = untracked || early
	if p.Nodes || forward {
		c.note(spec.Offset, "Look at the host endpoints that it selects.",
			"the policy also decides on what nodes forward through their host endpoints, from and to pods: that is not examined")
	}
}

// types finds the directions in which a policy isolates. Where none are written,
// Calico's API writes some. An object that was put under crd.projectcalico.org
// past that API has none, and is then about both.
//
// Sources: defaultPolicyTypesField, libcalico-go/lib/clientv3; governsType,
// felix/calc, projectcalico/calico v3.32.
func (c calicoPart) types(p *Policy, spec *kubeobj.Value) {
	here := at(spec, &c.object.Root)
	p.Ingress.Offset, p.Egress.Offset = here, here
	items, written := c.list(spec, "types", "spec")
	for i := range items {
		switch t := &items[i]; t.Str() {
		case "Ingress":
			p.Ingress.Applies, p.Ingress.Offset = true, t.Offset
		case "Egress":
			p.Egress.Applies, p.Egress.Offset = true, t.Offset
		default:
			c.broken(t, "Write Ingress, Egress or both.", item("spec.types", i)+":", show(t)+" is no type of policy")
			p.Ingress.Applies, p.Egress.Applies = true, true
		}
	}
	in, out := some(spec, "ingress"), some(spec, "egress")
	switch {
	case len(items) > 0:
	case written && !field(spec, "types").Is(kubeobj.List):
		p.Ingress.Applies, p.Egress.Applies = true, true
	case c.object.Group == "crd.projectcalico.org":
		p.Ingress.Applies, p.Egress.Applies = true, true
		if !in || !out {
			c.note(here, "Write spec.types, or use projectcalico.org/v3.",
				"spec.types is not written, and nothing writes it under crd.projectcalico.org: the policy isolates in both directions")
		}
	default:
		p.Ingress.Applies, p.Egress.Applies = in || !out, out
	}
}

// some tells that a list has anything in it, or may have.
func some(spec *kubeobj.Value, name string) bool {
	v := field(spec, name)
	return v != nil && (v.Kind != kubeobj.List || len(v.Items) > 0)
}

// section reads the rules of a direction.
func (c calicoPart) section(p *Policy, s *Section, spec *kubeobj.Value, name string) {
	mark := len(c.local)
	items, written := c.list(spec, name, "spec")
	if written {
		s.Offset = field(spec, name).Offset
	}
	s.Isolates = s.Applies
	switch why := c.since(mark); {
	case why != nil: // no list
		for _, action := range []Action{Deny, Allow} {
			rule := Rule{Pointer: "spec." + name, Offset: s.Offset, Action: action}
			rule.anything(why)
			s.Rules = append(s.Rules, rule)
		}
	case !s.Applies && len(items) > 0:
		c.note(s.Offset, "Add the direction to spec.types, or delete the rules.", "spec.%s has rules and spec.types leaves the direction out: nobody reads them", name)
	case s.Applies:
		for i := range items {
			s.Rules = append(s.Rules, c.rules(p, &items[i], item("spec."+name, i), name == "ingress")...)
		}
	}
}

// stagedKubernetes reads what would be a NetworkPolicy of Kubernetes: the same
// fields, and stagedAction.
func (r *calicoReader) stagedKubernetes(o *kubeobj.Object) {
	c := r.part(o)
	c.expectVersion()
	as := *o // as it would be enforced
	as.Group, as.Version, as.Kind = "networking.k8s.io", "v1", "NetworkPolicy"
	as.Root = withoutStagedAction(o.Root)
	read := &reading{object: &as, set: &Set{}}
	read.network()
	for _, p := range read.set.Policies {
		p.Object, p.Staged = o, true
		p.Unsure = append(p.Unsure, c.whole...)
		r.set.Policies = append(r.set.Policies, p)
	}
	for _, n := range read.set.Notes {
		n.Object = o
		r.set.Notes = append(r.set.Notes, n)
	}
}

// withoutStagedAction is an object without the field that only staged ones have.
func withoutStagedAction(root kubeobj.Value) kubeobj.Value {
	out := root
	out.Items = append([]kubeobj.Value(nil), root.Items...)
	for i := range out.Items {
		spec := &out.Items[i]
		if spec.Name != "spec" || spec.Kind != kubeobj.Map {
			continue
		}
		var kept []kubeobj.Value
		for _, v := range spec.Items {
			if v.Name != "stagedAction" {
				kept = append(kept, v)
			}
		}
		spec.Items = kept
	}
	return out
}
