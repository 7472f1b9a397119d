package enforce

import (
	"cmp"
	"strconv"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// Fields are the parts of a policy that the engine leaves out or treats in its
// own way, in the order of the policy. It is silent where no engine reads the
// policy, and where several do: then nobody can tell which of them counts.
func (t *Truth) Fields(p *netpol.Policy) []Ruling {
	var reader *engine
	for _, e := range t.engines {
		if r := e.policy(p); r.Status == NotEnforced {
			continue
		}
		if reader != nil && !(reader.isEKS() && e.isEKS()) {
			return nil
		}
		if reader == nil || e.Name == "vpc-cni" {
			reader = e
		}
	}
	if reader == nil || p.Kind != netpol.Network || p.Staged {
		return nil
	}
	var out []Ruling
	for i, section := range [2]*netpol.Section{&p.Ingress, &p.Egress} {
		for j := range section.Rules {
			out = append(out, reader.ruleFields(p, &section.Rules[j], i == 0)...)
		}
	}
	return out
}

func (e *engine) ruleFields(p *netpol.Policy, r *netpol.Rule, ingress bool) (out []Ruling) {
	add := func(status Status, at uint32, why, do string) {
		f := Ruling{Status: status, Why: why, In: p.Object, At: at}
		if status == NotEnforced {
			f.Remedy = Remedy{Text: do}
		} else {
			f.Missing = []Missing{{"what the engine makes of it", do}}
		}
		out = append(out, f)
	}
	if e.isEKS() {
		e.awsFields(r, ingress, add)
	}
	// Source: docs.cilium.io release notes of 1.16: port ranges in policies.
	ranges := e.Name == "weave"
	if e.Name == "cilium" {
		yes, known := atLeast(e.Version, 1, 16)
		ranges = known && !yes
	}
	for _, port := range r.Ports {
		if ranges && port.Name == "" && port.Low < port.High && (port.Low > 1 || port.High < 65535) {
			add(Unknown, port.Offset, e.Title+" of this version does not document endPort", "write the ports one by one, or upgrade")
		}
	}
	return out
}

// awsFields is what the EKS user guide names, and what its controller does.
//
// Sources: EKS user guide, "Limit Pod traffic: Considerations" (24 combinations of
// ports, one address family); aws/amazon-network-policy-controller-k8s
// pkg/resolvers/endpoints.go, convertToPolicyInfoPortForCIDRs: a named port is not
// resolved for a CIDR, nor where a rule has no peers.
func (e *engine) awsFields(r *netpol.Rule, ingress bool, add func(Status, uint32, string, string)) {
	per := [netpol.Protocols]int{}
	for _, port := range r.Ports {
		if per[port.Protocol]++; per[port.Protocol] == 25 {
			add(Unknown, port.Offset, "more than 24 ports of one protocol in one rule: "+policyGuide+", allows 24", "join them to ranges with endPort, or split the rule")
		}
	}
	blocks := r.Anyone
	for _, peer := range r.Peers {
		if peer.Block == nil {
			continue
		}
		blocks = true
		if e.family == "" {
			continue
		}
		for _, prefix := range peer.Block.Prefixes {
			if is4 := prefix.Addr().Unmap().Is4(); is4 != (e.family == "4") {
				other := map[bool]string{true: "4", false: "6"}[is4]
				add(NotEnforced, peer.Offset, "the agent of "+e.Title+" runs for IPv"+e.family+" and ignores rules for IPv"+other, "Remove the block, or guard IPv"+other+" with security groups.")
			}
		}
	}
	for _, port := range r.Ports {
		if port.Name == "" || !blocks {
			continue
		}
		where := "for blocks of addresses"
		if r.Anyone {
			where = "in a rule for everybody"
		}
		add(Unknown, port.Offset, "the controller of "+e.Title+" does not resolve the named port "+strconv.Quote(port.Name)+" "+where+": the rule may match nothing", "write the number of the port")
	}
}

// Service tells of a Service in front of a workload whose port is not the
// container's, which the policies of the VPC CNI do not follow; false where there
// is nothing to say.
//
// Sources: EKS user guide, "Limit Pod traffic: Considerations": "the service port
// must be the same as the container port"; the agent sees packets of a pod before
// the Service's address is translated, and the controller adds that address only
// where the Service's own selector satisfies the peer's
// (amazon-network-policy-controller-k8s pkg/resolvers/endpoints.go
// getMatchingServiceClusterIPs, issue 194).
func (t *Truth) Service(svc *kubeobj.Object, w *reach.Workload) (Ruling, bool) {
	e := t.engine("vpc-cni")
	if e == nil || e.On == NotEnforced {
		e = t.engine("eks-auto")
	}
	if e == nil || e.On == NotEnforced || svc.Type() != "Service" || w.Host || workloads.Selectorless(svc) || workloads.Headless(svc) {
		return Ruling{}, false
	}
	for _, port := range svc.Get("spec", "ports").Each() {
		target := port.Get("targetPort")
		number := port.Get("port")
		if target == nil || number == nil || target.Kind == kubeobj.Null {
			continue
		}
		to, ok := resolve(target, port.Get("protocol").Str(), w)
		if !ok || to == number.Text {
			continue
		}
		why := "port " + number.Text + " of " + bare(svc) + " leads to port " + to + " of the containers: " + policyGuide + ", demands that both are the same"
		return Ruling{
			Why: why, In: svc, At: number.Offset,
			Missing: []Missing{{"whether a policy of a client lets the Service's address through", "kubectl get policyendpoints.networking.k8s.aws --all-namespaces -o yaml"}},
		}, true
	}
	return Ruling{}, false
}

// resolve is the number of the container's port that a Service leads to.
func resolve(target *kubeobj.Value, protocol string, w *reach.Workload) (string, bool) {
	if target.Kind == kubeobj.Number {
		return target.Text, true
	}
	spec := podSpec(w)
	for _, list := range [2]string{"containers", "initContainers"} {
		for _, c := range spec.Get(list).Each() {
			for _, p := range c.Get("ports").Each() {
				same := cmp.Or(p.Get("protocol").Str(), "TCP") == cmp.Or(protocol, "TCP")
				if n := p.Get("containerPort"); same && n != nil && p.Get("name").Str() == target.Text {
					return n.Text, true
				}
			}
		}
	}
	return "", false
}
