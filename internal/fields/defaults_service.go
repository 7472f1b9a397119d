package fields

import "polygraph/internal/kubeobj"

// service is SetDefaults_Service.
func (f *form) service(spec *stored) {
	if spec == nil || spec.kind != kubeobj.Map {
		return
	}
	f.set(spec, "sessionAffinity", "None")
	switch spec.says("sessionAffinity") {
	case "None":
		spec.drop("sessionAffinityConfig")
	case "ClientIP":
		if !spec.has("sessionAffinityConfig", "clientIP", "timeoutSeconds") {
			f.set(f.object(f.object(spec, "sessionAffinityConfig"), "clientIP"), "timeoutSeconds", "10800")
		}
	}
	f.set(spec, "type", "ClusterIP")
	typ := spec.says("type")
	if ports := spec.at("ports"); ports != nil {
		for i := range ports.items {
			p := &ports.items[i]
			f.set(p, "protocol", "TCP")
			if t := p.at("targetPort"); t != nil && t.text == "" {
				p.drop("targetPort")
			}
			if port := p.says("port"); port != "" {
				f.set(p, "targetPort", port)
			}
		}
	}
	if externallyAccessible(spec) {
		f.set(spec, "externalTrafficPolicy", "Cluster")
	}
	switch typ {
	case "NodePort", "LoadBalancer", "ClusterIP":
		f.set(spec, "internalTrafficPolicy", "Cluster")
	}
	if typ == "LoadBalancer" {
		f.set(spec, "allocateLoadBalancerNodePorts", "true")
	}
}

// externallyAccessible is pkg/api/service.ExternallyAccessible.
func externallyAccessible(spec *stored) bool {
	switch spec.says("type") {
	case "LoadBalancer", "NodePort":
		return true
	case "ClusterIP":
		return spec.has("externalIPs")
	}
	return false
}

// keepAllocated gives NEW what the server allocated for OLD and keeps, and takes
// from it what the server drops when the type changes (1.37
// pkg/registry/core/service: patchAllocatedValues, normalizeClusterIPs,
// dropTypeDependentFields).
func (f *form) keepAllocated(was, now *stored) {
	if was == nil || now == nil || was.kind != kubeobj.Map || now.kind != kubeobj.Map {
		return
	}
	wasIP, nowIP := was.says("type") != "ExternalName", now.says("type") != "ExternalName"
	ipFields := []string{"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}
	switch {
	case wasIP && nowIP:
		if now.has("clusterIP") && !now.has("clusterIPs") && was.says("clusterIP") != now.says("clusterIP") {
			ipFields = []string{"ipFamilies", "ipFamilyPolicy"}
			was.drop("clusterIPs") // it follows clusterIP, which is the edit
		}
		for _, name := range ipFields {
			f.keep(was, now, name)
		}
	case wasIP:
		for _, name := range ipFields {
			dropSame(was, now, name)
		}
	}
	f.keepNodePorts(was, now)
	if healthChecked(was) && healthChecked(now) {
		f.keep(was, now, "healthCheckNodePort")
	} else if healthChecked(was) {
		dropSame(was, now, "healthCheckNodePort")
	}
	if was.says("type") == "LoadBalancer" && now.says("type") != "LoadBalancer" {
		dropSame(was, now, "allocateLoadBalancerNodePorts")
		dropSame(was, now, "loadBalancerClass")
	}
	if externallyAccessible(was) && !externallyAccessible(now) {
		dropSame(was, now, "externalTrafficPolicy")
	}
}

// keep takes a field over where NEW has none.
func (f *form) keep(was, now *stored, name string) {
	if v := was.at(name); v != nil && !now.has(name) {
		now.put(*v)
	}
}

// dropSame leaves out of both what goes by itself with another field: it is no
// edit of its own.
func dropSame(was, now *stored, name string) {
	a, b := was.at(name), now.at(name)
	if a != nil && (b == nil || a.equal(b)) {
		was.drop(name)
		now.drop(name)
	}
}

func healthChecked(spec *stored) bool {
	return spec.says("type") == "LoadBalancer" && spec.says("externalTrafficPolicy") == "Local"
}

func usesNodePorts(spec *stored) bool {
	typ := spec.says("type")
	return typ == "NodePort" || typ == "LoadBalancer" && spec.says("allocateLoadBalancerNodePorts") != "false"
}

// keepNodePorts matches ports by name, as the server does.
func (f *form) keepNodePorts(was, now *stored) {
	before, after := was.at("ports"), now.at("ports")
	if before == nil || after == nil {
		return
	}
	if !usesNodePorts(was) {
		return
	}
	if !usesNodePorts(now) {
		for i := range before.items {
			before.items[i].drop("nodePort")
		}
		for i := range after.items {
			after.items[i].drop("nodePort")
		}
		return
	}
	used := map[string]bool{}
	for i := range after.items {
		if p := after.items[i].says("nodePort"); p != "" {
			used[p] = true
		}
	}
	for i := range after.items {
		p := &after.items[i]
		for j := range before.items {
			old := before.items[j].at("nodePort")
			if old != nil && !p.has("nodePort") && before.items[j].says("name") == p.says("name") && !used[old.text] {
				p.put(*old)
			}
		}
	}
}
