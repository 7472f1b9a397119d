package workloads

import "polygraph/internal/kubeobj"

// service is a Service with its selector.
type service struct {
	object   *kubeobj.Object
	selector selector
}

// Served is a Service through which the pods of a workload are reached.
type Served struct {
	Service *kubeobj.Object
	Type    string // ClusterIP, NodePort, LoadBalancer
	// Headless: its name is the addresses of the pods themselves.
	Headless bool
	Routes   []Route // what leads to the Service
}

func isService(o *kubeobj.Object) bool { return o.Group == "" && o.Kind == "Service" }

// ServiceType is spec.type with its default.
//
// Source: SetDefaults_Service, kubernetes v1.37.2 pkg/apis/core/v1/defaults.go.
func ServiceType(o *kubeobj.Object) string {
	if t := o.Get("spec", "type").Str(); t != "" {
		return t
	}
	return "ClusterIP"
}

// Headless tells that a Service has no address of its own.
func Headless(o *kubeobj.Object) bool { return o.Get("spec", "clusterIP").Str() == "None" }

// Selectorless tells that nothing is selected: somebody else writes the endpoints,
// or the Service is a name for another host.
//
// Source: Kubernetes documentation, "Services without selectors"; ExternalName
// ignores a selector (api v0.37.2 core/v1 ServiceSpec).
func Selectorless(o *kubeobj.Object) bool {
	return len(pairs(o.Get("spec", "selector"))) == 0 || ServiceType(o) == "ExternalName"
}

// serve files a Service under the rarest pair of its selector.
func (g *Graph) serve(o *kubeobj.Object) {
	if Selectorless(o) {
		return
	}
	s := &service{o, selector{equal: pairs(o.Get("spec", "selector"))}}
	var best label
	least := -1
	for k, v := range s.selector.equal {
		l := label{o.Namespace, k, v}
		if n := len(g.labelled[l]); least < 0 || n < least || n == least && l.key < best.key {
			best, least = l, n
		}
	}
	g.services[best] = append(g.services[best], s)
}

// Selected are the workloads whose pods a Service selects, without what other
// workloads of the side made. For a headless Service they are the same.
func (g *Graph) Selected(o *kubeobj.Object) []*Workload {
	if !isService(o) || Selectorless(o) {
		return nil
	}
	return g.selected(o.Namespace, &selector{equal: pairs(o.Get("spec", "selector"))})
}

// Services are those that select the pods of a workload, in the order of the
// objects.
func (g *Graph) Services(w *Workload) []*kubeobj.Object {
	found := map[*kubeobj.Object]bool{}
	for k, v := range w.labels {
		for _, s := range g.services[label{w.Object.Namespace, k, v}] {
			if s.selector.matches(w.labels) {
				found[s.object] = true
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	out := make([]*kubeobj.Object, 0, len(found))
	for o := range found {
		out = append(out, o)
	}
	g.sort(out)
	return out
}

// ServedBy are the Services of a workload, and what leads to each of them. A
// workload can serve without any of them: see HostPorts, and a Knative Service is
// one itself.
func (g *Graph) ServedBy(w *Workload) []Served {
	var out []Served
	for _, o := range g.Services(w) {
		out = append(out, Served{Service: o, Type: ServiceType(o), Headless: Headless(o), Routes: g.Routes(o)})
	}
	return out
}

// HostPorts are the ports that the pods open on their nodes; with hostNetwork,
// all of their ports.
func (w *Workload) HostPorts() []*kubeobj.Value {
	host := isTrue(w.Spec().Get("hostNetwork"))
	var out []*kubeobj.Value
	for _, c := range w.Containers {
		for _, p := range c.Value.Get("ports").Each() {
			if n, ok := number(p.Get("hostPort")); host || ok && n > 0 {
				out = append(out, p)
			}
		}
	}
	return out
}

// Endpoints are the Endpoints and EndpointSlices of a Service among the objects.
//
// Source: k8s.io/api v0.37.2 discovery/v1, LabelServiceName.
func (g *Graph) Endpoints(o *kubeobj.Object) []*kubeobj.Object {
	return append(append([]*kubeobj.Object(nil), g.Find(Key{"", "Endpoints", o.Namespace, o.Name})...), g.slices[KeyOf(o)]...)
}

// budget is a PodDisruptionBudget with its selector.
type budget struct {
	object   *kubeobj.Object
	selector selector
}

// budget reads a PodDisruptionBudget. Without a selector it selects nothing; an
// empty one selects all pods of the namespace, and in v1beta1 none.
//
// Source: k8s.io/api v0.37.2 policy/v1 and policy/v1beta1, PodDisruptionBudgetSpec.
func (g *Graph) budget(o *kubeobj.Object) {
	v := o.Get("spec", "selector")
	if !v.Is(kubeobj.Map) || len(v.Items) == 0 && o.Version == "v1beta1" {
		return
	}
	b := &budget{o, labelSelector(v)}
	for _, w := range g.selected(o.Namespace, &b.selector) {
		g.budgets[w] = append(g.budgets[w], o)
	}
}

// Budgets are the PodDisruptionBudgets that select the pods of a workload.
func (g *Graph) Budgets(w *Workload) []*kubeobj.Object { return g.budgets[w.Top()] }
