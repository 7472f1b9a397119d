package netpol

import "polygraph/internal/kubeobj"

// adminKind is how the kinds of policy.networking.k8s.io differ.
type adminKind struct {
	kind     Kind
	version  string
	most     int // rules of a section, peers and ports of a rule
	actions  map[string]Action
	allow    string // the name of the action that lets through
	peers    []string
	networks int // CIDRs of a peer
}

// admin reads an AdminNetworkPolicy or a BaselineAdminNetworkPolicy.
//
// Source: sigs.k8s.io/network-policy-api v0.2.0 apis/v1alpha1. Neither isolates:
// what no rule matches goes on to the next tier.
func (r *reading) admin(kind Kind) {
	k := adminKind{
		kind: kind, version: "v1alpha1", most: 100, allow: "Allow", networks: 25,
		actions: map[string]Action{"Allow": Allow, "Deny": Deny, "Pass": Pass},
		peers:   []string{"namespaces", "pods", "nodes", "networks", "domainNames"},
	}
	if kind == BaselineAdmin {
		k.actions = map[string]Action{"Allow": Allow, "Deny": Deny}
		k.peers = k.peers[:4]
	}
	p, spec := r.adminPolicy(k)
	if p == nil {
		return
	}
	if kind == BaselineAdmin {
		r.fields(spec, "spec", "subject", "ingress", "egress")
		if r.object.Name != "default" {
			r.reject(at(r.object.Get("metadata", "name"), &r.object.Root), "Name it default.", "A BaselineAdminNetworkPolicy has the name default: the server refuses any other")
		}
	} else {
		r.fields(spec, "spec", "priority", "subject", "ingress", "egress")
		r.priority(p, spec)
	}
	r.adminBody(k, p, spec)
}

// adminPolicy begins a policy; nil where nothing of it can be read.
func (r *reading) adminPolicy(k adminKind) (*Policy, *kubeobj.Value) {
	if !r.version(k.version) {
		r.opaque(k.kind)
		return nil, nil
	}
	spec := field(&r.object.Root, "spec")
	if spec == nil {
		r.refuse(r.object.Root.Offset, "Write spec with a subject and rules.", "%s has no spec", r.object.Kind)
	} else if r.is(spec, kubeobj.Map, "spec") {
		return &Policy{Kind: k.kind, Namespace: r.namespace(k.kind), SubjectAt: spec.Offset}, spec
	}
	r.whole = append(r.whole, beyond(r.local, r.whole)...)
	r.opaque(k.kind)
	return nil, nil
}

func (r *reading) priority(p *Policy, spec *kubeobj.Value) {
	v := field(spec, "priority")
	if v == nil {
		r.refuse(spec.Offset, "Write a priority from 0 to 1000; 0 is asked first.", "spec has no priority")
		return
	}
	p.Priority, _ = r.number(v, "spec.priority", 0, 1000)
}

// adminBody reads what all of the kinds have, and puts the policy into the set.
func (r *reading) adminBody(k adminKind, p *Policy, spec *kubeobj.Value) {
	if v := field(spec, "subject"); v == nil {
		r.refuse(spec.Offset, "Write subject with namespaces or pods.", "spec has no subject")
	} else {
		p.SubjectAt = v.Offset
		if f := r.one(v, "spec.subject", "namespaces", "pods"); f != nil {
			p.Subject = r.podsOf(k, f, "spec.subject."+f.Name)
		}
	}
	p.Unsure = beyond(r.local, r.whole)
	p.Ingress = r.adminSection(k, spec, "ingress")
	p.Egress = r.adminSection(k, spec, "egress")
	r.finish(p)
}
