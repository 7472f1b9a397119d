package fields

import (
	"polygraph/internal/kubeobj"
)

const serviceValidation = coreValidation + "ValidateServiceUpdate, "

var serviceRefusals = []refusal{
	{
		rule: rule{kinds: "Service", fields: "spec.clusterIP spec.clusterIPs", when: clusterIPChanges, asks: "the first address changes, between addresses or to or from None"},
		says: "may not change once set", because: "a Service keeps its first address; only through type ExternalName, or as a new object, it gets another",
		source: serviceValidation + "validateUpgradeDowngradeClusterIPs, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.ipFamilies", when: familyChanges, asks: "the first family changes"},
		says: "may not change once set", because: "a Service keeps its first IP family",
		source: serviceValidation + "validateUpgradeDowngradeIPFamilies, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.clusterIPs spec.ipFamilies", when: secondReleased, asks: "the second goes and ipFamilyPolicy is not SingleStack"},
		says: "must be 'SingleStack' to release the secondary cluster IP", because: "a second address or family is given back by ipFamilyPolicy: SingleStack",
		source: "pkg/registry/core/service/storage initIPFamilyFields, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.ipFamilyPolicy spec.clusterIPs spec.ipFamilies", when: policyTooSmall, asks: "it is SingleStack and two addresses or families are given that the Service did not have"},
		says: "must be 'RequireDualStack' or 'PreferDualStack' when multiple cluster IPs are specified", because: "two addresses or families need a policy of two stacks",
		source: "pkg/registry/core/service/storage initIPFamilyFields, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.type spec.externalName", asks: "the type is ExternalName without externalName", when: func(c *change, _ *Edit) answer {
			return when(serviceType(c.is("spec.type")) == "ExternalName" && text(c.is("spec.externalName"), "") == "")
		}},
		says: "Required value", because: "an ExternalName needs the name",
		source: coreValidation + "validateService, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.type spec.clusterIP spec.clusterIPs", asks: "the Service is headless and the type is NodePort or LoadBalancer", when: func(c *change, _ *Edit) answer {
			t := serviceType(c.is("spec.type"))
			return when((t == "NodePort" || t == "LoadBalancer") && headless(c.is))
		}},
		says: "may not be set to 'None' for NodePort services", because: "what is headless has no address that a port could be opened for",
		source: coreValidation + "validateService, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.type spec.clusterIP spec.clusterIPs", asks: "the type is ExternalName and an address is given", when: func(c *change, e *Edit) answer {
			if serviceType(c.is("spec.type")) != "ExternalName" {
				return no
			}
			return when(c.edited("spec.clusterIP") && !c.is("spec.clusterIP").Empty() || c.edited("spec.clusterIPs") && !c.is("spec.clusterIPs").Empty())
		}},
		says: "may not be set for ExternalName services", because: "an ExternalName has no address",
		source: coreValidation + "validateService, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.healthCheckNodePort", when: healthPort, asks: "it changes while type is LoadBalancer and externalTrafficPolicy Local, or is set without them"},
		says: immutable, because: "a Service keeps its health check port while it needs one",
		source: coreValidation + "validateServiceExternalTrafficFieldsUpdate, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.loadBalancerClass", asks: "the type is LoadBalancer before and after", when: func(c *change, _ *Edit) answer {
			return when(serviceType(c.was("spec.type")) == "LoadBalancer" && serviceType(c.is("spec.type")) == "LoadBalancer")
		}},
		says: "may not change once set", because: "a load balancer keeps its class; it can be given only when the type becomes LoadBalancer",
		source: coreValidation + "validateLoadBalancerClassField, 1.37.2",
	},
	onlyOfLoadBalancer("spec.loadBalancerClass", false),
	onlyOfLoadBalancer("spec.allocateLoadBalancerNodePorts", false),
	onlyOfLoadBalancer("spec.loadBalancerSourceRanges", true),
	{
		rule: rule{kinds: "Service", fields: "spec.externalTrafficPolicy spec.type spec.externalIPs", asks: "it is set and the Service is not reached from outside", when: func(c *change, _ *Edit) answer {
			if outside(c.is) || c.is("spec.externalTrafficPolicy").Empty() {
				return no
			}
			// The server takes it away itself where only the type changes.
			return when(!outside(c.was) || c.edited("spec.externalTrafficPolicy"))
		}},
		says: "may only be set for externally-accessible services", because: "a policy for traffic from outside needs type NodePort or LoadBalancer, or externalIPs",
		source: coreValidation + "validateServiceExternalTrafficPolicy, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.ports", asks: "no port is left", when: func(c *change, _ *Edit) answer {
			return when(len(items(c.is("spec.ports"))) == 0 && c.edited("spec.ports") && !headless(c.is) && serviceType(c.is("spec.type")) != "ExternalName")
		}},
		says: "Required value", because: "a Service with an address needs a port",
		source: coreValidation + "validateService, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.ports.nodePort spec.ports", when: nodePortOfClusterIP, asks: "a nodePort is set and the type is ClusterIP"},
		says: "may not be used when `type` is 'ClusterIP'", because: "a port of the nodes needs type NodePort or LoadBalancer",
		source: coreValidation + "validateService, 1.37.2",
	},
	{
		rule: rule{kinds: "Service", fields: "spec.ports", asks: "several ports, and one has no name or that of another, or the same port and protocol", when: func(c *change, _ *Edit) answer {
			return when(portsClash(c.is("spec.ports")))
		}},
		says: "Duplicate value", because: "of several ports each has a name of its own, and its own port and protocol",
		source: coreValidation + "validateServicePort, validateService, 1.37.2",
	},
}

func onlyOfLoadBalancer(field string, leftOver bool) refusal {
	fields := field
	if leftOver {
		fields += " spec.type" // the server does not take it away where only the type changes
	}
	return refusal{
		rule: rule{kinds: "Service", fields: fields, asks: "it is set and the type is not LoadBalancer", when: func(c *change, e *Edit) answer {
			if serviceType(c.is("spec.type")) == "LoadBalancer" || c.is(field).Empty() {
				return no
			}
			return yes
		}},
		says: "may only be used when `type` is 'LoadBalancer'", because: field + " is one of load balancers",
		source: coreValidation + "validateService, validateLoadBalancerClassField, 1.37.2",
	}
}

func serviceType(v *kubeobj.Value) string { return text(v, "ClusterIP") }

// addresses are those of a Service: clusterIPs, or clusterIP alone.
func addresses(at func(string) *kubeobj.Value) []string {
	var ips []string
	for _, ip := range at("spec.clusterIPs").Each() {
		ips = append(ips, ip.Str())
	}
	if ip := at("spec.clusterIP").Str(); len(ips) == 0 && ip != "" {
		ips = []string{ip}
	}
	return ips
}

func headless(at func(string) *kubeobj.Value) bool {
	ips := addresses(at)
	return len(ips) == 1 && ips[0] == "None"
}

func outside(at func(string) *kubeobj.Value) bool {
	t := serviceType(at("spec.type"))
	return t == "NodePort" || t == "LoadBalancer" || t == "ClusterIP" && !at("spec.externalIPs").Empty()
}

// clusterIPChanges tells whether the first address changes. One that NEW leaves
// out stays; one that OLD leaves out was given by the server, if OLD is what
// somebody wrote.
func clusterIPChanges(c *change, e *Edit) answer {
	if serviceType(c.was("spec.type")) == "ExternalName" || serviceType(c.is("spec.type")) == "ExternalName" {
		return no
	}
	was, is := addresses(c.was), addresses(c.is)
	if len(is) == 0 {
		return no
	}
	if ip := c.is("spec.clusterIP").Str(); ip != "" && ip != is[0] {
		return yes // both are written, and differ
	}
	if len(was) == 0 {
		if c.observed() {
			return no
		}
		if is[0] == "None" {
			return yes
		}
		return unsure
	}
	return when(was[0] != is[0])
}

func familyChanges(c *change, e *Edit) answer {
	if serviceType(c.was("spec.type")) == "ExternalName" || serviceType(c.is("spec.type")) == "ExternalName" || headless(c.is) {
		return no
	}
	was, is := items(c.was("spec.ipFamilies")), items(c.is("spec.ipFamilies"))
	if len(is) == 0 {
		return no
	}
	if len(was) == 0 {
		if c.observed() {
			return no
		}
		return unsure // the server chose one
	}
	if was[0].Str() != is[0].Str() {
		return yes
	}
	return when(len(was) == len(is) && len(is) == 2 && was[1].Str() != is[1].Str())
}

func secondReleased(c *change, e *Edit) answer {
	if serviceType(c.is("spec.type")) == "ExternalName" || text(c.is("spec.ipFamilyPolicy"), "") == "SingleStack" {
		return no
	}
	ips := len(addresses(c.was)) == 2 && len(addresses(c.is)) == 1
	families := len(items(c.was("spec.ipFamilies"))) == 2 && len(items(c.is("spec.ipFamilies"))) == 1
	return when(ips || families)
}

func policyTooSmall(c *change, e *Edit) answer {
	if text(c.is("spec.ipFamilyPolicy"), "SingleStack") != "SingleStack" {
		return no
	}
	return when(c.edited("spec.clusterIPs") && len(addresses(c.is)) == 2 || c.edited("spec.ipFamilies") && len(items(c.is("spec.ipFamilies"))) == 2)
}

func healthPort(c *change, e *Edit) answer {
	needs := func(at func(string) *kubeobj.Value) bool {
		return serviceType(at("spec.type")) == "LoadBalancer" && text(at("spec.externalTrafficPolicy"), "Cluster") == "Local"
	}
	if integer(c.is("spec.healthCheckNodePort"), 0) == 0 {
		return no // the server keeps the old one, or gives one
	}
	if !needs(c.is) {
		return yes
	}
	switch {
	case !needs(c.was):
		return no
	case integer(c.was("spec.healthCheckNodePort"), 0) != 0:
		return yes
	case !c.observed():
		return unsure // the server gave it one, which the manifest does not know
	}
	return no
}

func nodePortOfClusterIP(c *change, e *Edit) answer {
	if serviceType(c.is("spec.type")) != "ClusterIP" {
		return no
	}
	old := map[int64]bool{}
	if t := serviceType(c.was("spec.type")); t != "ClusterIP" && t != "ExternalName" {
		for _, p := range c.was("spec.ports").Each() {
			old[integer(p.Get("nodePort"), 0)] = true // those that are left over go by themselves
		}
	}
	for _, p := range c.is("spec.ports").Each() {
		if n := integer(p.Get("nodePort"), 0); n != 0 && !old[n] {
			return yes
		}
	}
	return no
}

func portsClash(ports *kubeobj.Value) bool {
	names, numbers := map[string]bool{}, map[string]bool{}
	for _, p := range ports.Each() {
		name, number := p.Get("name").Str(), text(p.Get("protocol"), "TCP")
		if port := p.Get("port"); port != nil {
			number += "/" + port.Text
		}
		if len(ports.Items) > 1 && name == "" || names[name] && name != "" || numbers[number] {
			return true
		}
		names[name], numbers[number] = true, true
	}
	return false
}
