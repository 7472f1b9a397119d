package netpol

import (
	"strconv"

	"polygraph/internal/kubeobj"
)

// service reads services of a side: the pods behind a Service, and in egress
// rules its ports on them.
//
// Sources: validateEntityRule, libcalico-go/lib/validator/v3; ruleToParsedRule,
// felix/calc/rule_scanner.go, projectcalico/calico v3.32.
func (r ruleReader) service(v *kubeobj.Value, path, side string, block *Block, chosen selection) ([]Peer, *kubeobj.Object) {
	in := v.Get("services")
	path += ".services"
	r.known(in, path, "name", "namespace")
	name, namespace := r.text(in, path, "name"), r.text(in, path, "namespace")
	if namespace == "" && r.policy.Kind == Calico {
		namespace = r.policy.Namespace
	} else if namespace == "" {
		r.broken(in, "Write the namespace of the Service.", path+".namespace:", "a global policy has to name it")
	}
	switch {
	case name == "":
		r.broken(in, "Write the name of the Service.", path+".name:", "none is written")
	case r.ingress != (side == "source"):
		r.broken(in, "Use a selector.", path+":", "the server takes it as the source of ingress rules and the destination of egress rules only")
	case chosen.positive || chosen.not != nil || count(v.Get("nets"))+count(v.Get("notNets")) > 0:
		r.broken(in, "Use a rule of its own.", path+":", "the server refuses it beside selectors, networks and accounts")
	case !r.ingress && count(v.Get("ports"))+count(v.Get("notPorts")) > 0:
		r.broken(in, "Remove the ports: those of the Service count.", path+":", "the server refuses ports beside it in egress rules")
	}
	o := r.calico.services[[2]string{namespace, name}]
	called := "the Service " + namespace + "/" + name
	everything := Peer{Offset: in.Offset, Pods: &Expr{}, Outside: true, Nodes: &Expr{}, Block: block}
	if block != nil {
		everything.Inside = Always
	}
	if o == nil {
		everything.Unsure = []Unsure{{in.Offset, called + " is not among the objects"}}
		return []Peer{everything}, nil
	}
	selector := o.Get("spec", "selector")
	if selector.Empty() || o.Get("spec", "type").Str() == "ExternalName" {
		everything.Unsure = []Unsure{{in.Offset, called + " selects no pods: somebody else writes its endpoints"}}
		return []Peer{everything}, nil
	}
	terms := []Expr{{Op: In, On: Namespace, Values: []string{namespace}}}
	for _, l := range selector.Each() {
		terms = append(terms, Expr{Op: In, On: PodLabel, Key: l.Name, Values: []string{textOf(l)}})
	}
	pods, hosts := all(terms...), everything
	behind := Peer{Offset: in.Offset, Pods: &pods, Block: block, Inside: everything.Inside}
	hosts.Pods, hosts.Outside = nil, false
	hosts.Unsure = []Unsure{{in.Offset, "pods on the network of this node may stand behind " + called}}
	return []Peer{behind, hosts}, o
}

// servicePorts limits an egress rule to the ports that pods have behind a
// Service, as far as the protocol of the rule lets them through.
func (r ruleReader) servicePorts(rule *Rule, service *kubeobj.Object) {
	allowed := [Protocols]bool{true, true, true}
	if !rule.AnyPort {
		allowed = [Protocols]bool{}
		for _, p := range rule.Ports {
			allowed[p.Protocol] = true
		}
	}
	here := at(r.v.Get("destination", "services"), r.v)
	rule.AnyPort, rule.Ports = false, nil
	for _, v := range service.Get("spec", "ports").Each() {
		port := Port{Offset: here}
		if written := field(v, "protocol"); written != nil {
			p, other, ok := protocolOf(written)
			if other || !ok {
				continue
			}
			port.Protocol = p
		}
		target := field(v, "targetPort")
		if target == nil {
			target = field(v, "port")
		}
		n, err := strconv.ParseUint(textOf(target), 10, 16)
		switch {
		case err == nil && n > 0:
			port.Low, port.High = uint16(n), uint16(n)
		case target.Is(kubeobj.String) && target.Text != "":
			port.Name = target.Text
		default:
			rule.Unsure = append(rule.Unsure, Unsure{here, "a port of the Service " + service.Name + " is none"})
			continue
		}
		if allowed[port.Protocol] {
			rule.Ports = append(rule.Ports, port)
		}
	}
}
