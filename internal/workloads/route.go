package workloads

import (
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// Route is a place of an object that leads to a Service: a backend of an Ingress,
// a backendRef of an HTTPRoute.
type Route struct {
	Object *kubeobj.Object
	Value  *kubeobj.Value // the name of the Service, as written
	Path   string
	// Weight is the share of the traffic, nil where none is written: 0 is none.
	Weight *kubeobj.Value
}

// Routes are those that lead to a Service.
func (g *Graph) Routes(o *kubeobj.Object) []Route { return g.routes[KeyOf(o)] }

// backend is where a kind names a Service: the way to an item, with [] behind a
// list, and what is read there. The namespace is the object's where none is
// written; those of what has no namespace always write it.
type backend struct {
	group, kind string
	path        string
	name        string // the field with the name; host for the name of a host
}

// backends are the kinds that lead to Services.
//
// Sources: k8s.io/api v0.37.2 networking/v1 (and v1beta1, until Kubernetes 1.21),
// admissionregistration/v1; kube-aggregator and apiextensions-apiserver v0.37.2;
// Gateway API v1.3 reference, BackendRef; Istio 1.26 reference, Virtual Service,
// Destination; Traefik 3.4 reference, Kubernetes CRD; Contour 1.32 reference,
// HTTPProxy; OpenShift route.openshift.io/v1; AWS Load Balancer Controller 2.13,
// TargetGroupBinding.
var backends = [...]backend{
	{"networking.k8s.io", "Ingress", "spec.rules[].http.paths[].backend.service", "name"},
	{"networking.k8s.io", "Ingress", "spec.rules[].http.paths[].backend", "serviceName"},
	{"networking.k8s.io", "Ingress", "spec.defaultBackend.service", "name"},
	{"networking.k8s.io", "Ingress", "spec.backend", "serviceName"},
	{"gateway.networking.k8s.io", "HTTPRoute", "spec.rules[].backendRefs[]", "name"},
	{"gateway.networking.k8s.io", "GRPCRoute", "spec.rules[].backendRefs[]", "name"},
	{"gateway.networking.k8s.io", "TLSRoute", "spec.rules[].backendRefs[]", "name"},
	{"gateway.networking.k8s.io", "TCPRoute", "spec.rules[].backendRefs[]", "name"},
	{"gateway.networking.k8s.io", "UDPRoute", "spec.rules[].backendRefs[]", "name"},
	{"networking.istio.io", "VirtualService", "spec.http[].route[].destination", "host"},
	{"networking.istio.io", "VirtualService", "spec.tls[].route[].destination", "host"},
	{"networking.istio.io", "VirtualService", "spec.tcp[].route[].destination", "host"},
	{"traefik.io", "IngressRoute", "spec.routes[].services[]", "name"},
	{"traefik.io", "IngressRouteTCP", "spec.routes[].services[]", "name"},
	{"traefik.io", "IngressRouteUDP", "spec.routes[].services[]", "name"},
	{"traefik.containo.us", "IngressRoute", "spec.routes[].services[]", "name"},
	{"projectcontour.io", "HTTPProxy", "spec.routes[].services[]", "name"},
	{"projectcontour.io", "HTTPProxy", "spec.tcpproxy.services[]", "name"},
	{"route.openshift.io", "Route", "spec.to", "name"},
	{"route.openshift.io", "Route", "spec.alternateBackends[]", "name"},
	{"elbv2.k8s.aws", "TargetGroupBinding", "spec.serviceRef", "name"},
	{"apiregistration.k8s.io", "APIService", "spec.service", "name"},
	{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "webhooks[].clientConfig.service", "name"},
	{"admissionregistration.k8s.io", "MutatingWebhookConfiguration", "webhooks[].clientConfig.service", "name"},
	{"apiextensions.k8s.io", "CustomResourceDefinition", "spec.conversion.webhook.clientConfig.service", "name"},
}

// lead files what an object leads to.
func (g *Graph) lead(o *kubeobj.Object) {
	k := KeyOf(o)
	for i := range backends {
		b := &backends[i]
		if b.kind != o.Kind || b.group != k.Group {
			continue
		}
		each(&o.Root, b.path, "", func(v, parent *kubeobj.Value, path string) {
			if to, ok := b.target(v, o.Namespace); ok {
				weight := v.Get("weight")
				if b.name == "host" {
					weight = parent.Get("weight")
				}
				g.routes[to] = append(g.routes[to], Route{Object: o, Value: v.Get(b.name), Path: path + "." + b.name, Weight: weight})
			}
		})
	}
}

func (b *backend) target(v *kubeobj.Value, namespace string) (Key, bool) {
	name := v.Get(b.name).Str()
	if b.name == "host" {
		return hostKey(name, namespace)
	}
	if k := v.Get("kind").Str(); k != "" && k != "Service" || v.Get("group").Str() != "" {
		return Key{}, false
	}
	if ns := v.Get("namespace").Str(); ns != "" {
		namespace = ns
	}
	return Key{"", "Service", namespace, name}, name != ""
}

// hostKey is the Service behind the name of a host: a short name is of the
// namespace of the rule.
//
// Source: Istio 1.26 reference, Virtual Service, Destination.host.
func hostKey(host, namespace string) (Key, bool) {
	name, rest, qualified := strings.Cut(host, ".")
	if qualified {
		var domain string
		namespace, domain, _ = strings.Cut(rest, ".")
		if domain != "svc" && !strings.HasPrefix(domain, "svc.") {
			return Key{}, false
		}
	}
	return Key{"", "Service", namespace, name}, name != ""
}

// each visits the values under a path in which [] stands behind a list, with the
// path as it is in the object.
func each(v *kubeobj.Value, path, so string, visit func(v, parent *kubeobj.Value, path string)) {
	var parent *kubeobj.Value
	for path != "" && v != nil {
		var name string
		name, path, _ = strings.Cut(path, ".")
		field, list := strings.CutSuffix(name, "[]")
		parent, v, so = v, v.Get(field), join(so, field)
		if !list {
			continue
		}
		if !v.Is(kubeobj.List) {
			return
		}
		for i, it := range v.Each() {
			if at := so + "[" + strconv.Itoa(i) + "]"; path == "" {
				visit(it, v, at)
			} else {
				each(it, path, at, visit)
			}
		}
		return
	}
	if v != nil {
		visit(v, parent, so)
	}
}
