package netpol

import "polygraph/internal/kubeobj"

// network reads a NetworkPolicy.
//
// Source: k8s.io/api v0.37.2 networking/v1/types.go; SetDefaults_NetworkPolicy,
// kubernetes v1.37.2 pkg/apis/networking/v1/defaults.go; ValidateNetworkPolicySpec,
// pkg/apis/networking/validation/validation.go.
func (r *reading) network() {
	o := r.object
	if o.Group == "extensions" {
		// It had the same fields when it was served last, in 1.15.
		r.reject(at(o.Get("apiVersion"), &o.Root), "Write apiVersion: networking.k8s.io/v1.", "NetworkPolicy of extensions, version %s, is served by no Kubernetes since 1.16", short(o.Version))
	} else if !r.version("v1") {
		r.opaque(Network)
		return
	}
	spec := field(&o.Root, "spec")
	if spec == nil {
		spec = &kubeobj.Value{Kind: kubeobj.Map, Offset: o.Root.Offset}
	}
	if !r.is(spec, kubeobj.Map, "spec") {
		r.whole = append(r.whole, beyond(r.local, r.whole)...)
		r.opaque(Network)
		return
	}
	p := &Policy{Kind: Network, Namespace: o.Namespace, Subject: within(o.Namespace), SubjectAt: spec.Offset}
	mark := len(r.local)
	r.fields(spec, "spec", "podSelector", "ingress", "egress", "policyTypes")
	if v := field(spec, "podSelector"); v != nil {
		p.SubjectAt = v.Offset
		p.Subject = all(p.Subject, r.labels(v, "spec.podSelector", PodLabel))
	}
	r.policyTypes(p, spec)
	p.Unsure = beyond(r.since(mark), r.whole)
	p.Ingress.Rules = r.networkRules(p, spec, "ingress", "from")
	p.Egress.Rules = r.networkRules(p, spec, "egress", "to")
	r.finish(p)
}

// beyond is what of local is not already in whole: a placeholder where the whole
// policy depends on it.
func beyond(local, whole []Unsure) (out []Unsure) {
	known := make(map[Unsure]bool, len(whole))
	for _, u := range whole {
		known[u] = true
	}
	for _, u := range local {
		if !known[u] {
			out = append(out, u)
		}
	}
	return out
}

// policyTypes finds the directions in which a policy isolates.
func (r *reading) policyTypes(p *Policy, spec *kubeobj.Value) {
	applies := func(s *Section, at uint32) {
		if !s.Applies {
			*s = Section{Applies: true, Isolates: true, Offset: at}
		}
	}
	ingress, egress := field(spec, "ingress"), field(spec, "egress")
	types := field(spec, "policyTypes")
	mark := len(r.local)
	items, _ := r.list(spec, "policyTypes", "spec")
	for i := range items {
		switch v := &items[i]; {
		case !r.is(v, kubeobj.String, item("spec.policyTypes", i)):
		case v.Text == "Ingress":
			applies(&p.Ingress, v.Offset)
		case v.Text == "Egress":
			applies(&p.Egress, v.Offset)
		default:
			r.refuse(v.Offset, "Write Ingress or Egress.", "%s: %s is no type of policy", item("spec.policyTypes", i), short(v.Text))
		}
	}
	if len(items) > 2 {
		r.refuse(types.Offset, "Write each type once.", "spec.policyTypes has more than two")
	}
	if len(r.local) > mark {
		applies(&p.Ingress, types.Offset)
		applies(&p.Egress, types.Offset)
	}
	if len(items) == 0 {
		applies(&p.Ingress, spec.Offset)
		if egress != nil && (egress.Kind != kubeobj.List || len(egress.Items) > 0) {
			applies(&p.Egress, egress.Offset)
		}
	}
	for _, d := range []struct {
		rules   *kubeobj.Value
		section *Section
		name    string
	}{{ingress, &p.Ingress, "Ingress"}, {egress, &p.Egress, "Egress"}} {
		if d.rules == nil {
			continue
		}
		if d.section.Applies {
			d.section.Offset = d.rules.Offset
		} else if len(d.rules.Items) > 0 {
			r.note(d.rules.Offset, "Add "+d.name+" to spec.policyTypes, or delete the rules.", "spec.%s has rules and spec.policyTypes has no %s: nobody reads them", d.rules.Name, d.name)
		}
	}
}
