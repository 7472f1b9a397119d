package netpol

import "polygraph/internal/kubeobj"

// cluster reads a ClusterNetworkPolicy.
//
// Source: sigs.k8s.io/network-policy-api v0.2.0 apis/v1alpha2 and
// config/crd/experimental. It never isolates: what no rule matches goes on to the
// next tier.
func (r *reading) cluster() {
	k := adminKind{
		kind: ClusterAdmin, version: "v1alpha2", most: 25, allow: "Accept", networks: 25,
		actions: map[string]Action{"Accept": Allow, "Deny": Deny, "Pass": Pass},
		peers:   []string{"namespaces", "pods", "nodes", "networks", "domainNames"},
	}
	p, spec := r.adminPolicy(k)
	if p == nil {
		return
	}
	r.fields(spec, "spec", "tier", "priority", "subject", "ingress", "egress")
	r.priority(p, spec)
	switch v := field(spec, "tier"); {
	case v == nil:
		r.refuse(spec.Offset, "Write tier: Admin or tier: Baseline.", "spec has no tier")
	case !r.is(v, kubeobj.String, "spec.tier"):
	case v.Text == "Baseline":
		p.Kind = ClusterBaseline
	case v.Text != "Admin":
		r.refuse(v.Offset, "Write Admin or Baseline.", "spec.tier: %s is no tier", short(v.Text))
	}
	r.adminBody(k, p, spec)
}

// clusterPort reads an item of protocols.
func (r *reading) clusterPort(v *kubeobj.Value, path string) (p Port) {
	f := r.one(v, path, "tcp", "udp", "sctp", "destinationNamedPort")
	if f == nil {
		return p
	}
	path += "." + f.Name
	switch f.Name {
	case "destinationNamedPort":
		if r.is(f, kubeobj.String, path) {
			p.Name, p.AnyProtocol = f.Text, true
		}
		return p
	case "udp":
		p.Protocol = UDP
	case "sctp":
		p.Protocol = SCTP
	}
	port := r.one(f, path, "destinationPort")
	if port == nil {
		return p
	}
	path += ".destinationPort"
	n := r.one(port, path, "number", "range")
	switch {
	case n == nil:
	case n.Name == "number":
		low, _ := r.number(n, path+".number", 1, 65535)
		p.Low, p.High = uint16(low), uint16(low)
	case r.fields(n, path+".range", "start", "end"):
		p.Low, p.High = r.portRange(n, path+".range")
		if p.Low == p.High && p.Low > 0 {
			r.reject(n.Offset, "Write number for one port.", "%s.range: start and end are the same", path)
		}
	}
	return p
}
