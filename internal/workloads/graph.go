package workloads

import (
	"slices"

	"polygraph/internal/kubeobj"
)

// Graph relates the objects of one side. It is built once and then only read.
type Graph struct {
	workloads []*Workload
	byObject  map[*kubeobj.Object]*Workload
	byKey     map[Key][]*kubeobj.Object
	byKind    map[kind][]*kubeobj.Object
	byUID     map[string]*kubeobj.Object
	order     map[*kubeobj.Object]int
	made      map[*kubeobj.Object][]*kubeobj.Object // what an object controls

	readers  map[Key][]*Read        // who reads a ConfigMap or a Secret
	labelled map[label][]*Workload  // workloads by a label of their pods
	spaces   map[string][]*Workload // workloads by namespace
	services map[label][]*service   // Services by one pair of their selector
	routes   map[Key][]Route        // what leads to a Service
	scalers  map[Key][]Scaler       // by what is scaled
	budgets  map[*Workload][]*kubeobj.Object
	slices   map[Key][]*kubeobj.Object // EndpointSlices by Service
	claims   map[Key][]existingClaim   // claims by name without their ordinal
	hpas     map[Key]*kubeobj.Object   // the ScaledObject that made a HorizontalPodAutoscaler
	placed   int
	unplaced int
}

// Key names an object among those of one side. Its group tells it from others of
// the same kind; versions of one group are one.
type Key struct{ Group, Kind, Namespace, Name string }

type kind struct{ group, kind string }

type label struct{ namespace, key, value string }

// KeyOf is the key of an object.
func KeyOf(o *kubeobj.Object) Key {
	return Key{group(o.Group, o.Kind), o.Kind, o.Namespace, o.Name}
}

// group is the group in which a kind lives today: Deployment and Ingress began in
// extensions (deprecation guide of Kubernetes, "v1.16" and "v1.22").
func group(name, kind string) string {
	if name != "extensions" {
		return name
	}
	switch kind {
	case "Deployment", "ReplicaSet", "DaemonSet":
		return "apps"
	case "Ingress", "NetworkPolicy":
		return "networking.k8s.io"
	case "PodDisruptionBudget":
		return "policy"
	}
	return name
}

// Build relates objects. The time it takes grows with the number of references
// between them.
func Build(objects []*kubeobj.Object) *Graph {
	g := &Graph{
		byObject: map[*kubeobj.Object]*Workload{}, byKey: make(map[Key][]*kubeobj.Object, len(objects)),
		byKind: map[kind][]*kubeobj.Object{}, byUID: map[string]*kubeobj.Object{}, made: map[*kubeobj.Object][]*kubeobj.Object{},
		readers: map[Key][]*Read{}, labelled: map[label][]*Workload{}, spaces: map[string][]*Workload{},
		services: map[label][]*service{}, routes: map[Key][]Route{}, scalers: map[Key][]Scaler{},
		budgets: map[*Workload][]*kubeobj.Object{}, slices: map[Key][]*kubeobj.Object{}, order: make(map[*kubeobj.Object]int, len(objects)), claims: map[Key][]existingClaim{}, hpas: map[Key]*kubeobj.Object{},
	}
	for i, o := range objects {
		g.order[o] = i
		g.index(o)
		g.name(o)
	}
	for _, o := range objects {
		g.control(o)
	}
	for _, w := range g.workloads {
		g.follow(w)
		g.owned(w)
		g.label(w)
		w.reads = readsOf(w)
		for i := range w.reads {
			g.read(&w.reads[i])
		}
	}
	for _, o := range objects {
		g.relate(o)
	}
	return g
}

func (g *Graph) relate(o *kubeobj.Object) {
	switch k := KeyOf(o); k.Group + "/" + k.Kind {
	case "/Service":
		g.serve(o)
	case "/PersistentVolumeClaim":
		g.claim(o)
	case "policy/PodDisruptionBudget":
		g.budget(o)
	case "discovery.k8s.io/EndpointSlice":
		service := Key{"", "Service", o.Namespace, o.Label("kubernetes.io/service-name")}
		g.slices[service] = append(g.slices[service], o)
	}
	g.lead(o)
	g.scale(o)
	g.refer(o)
}

// sort puts objects into the order in which they were given.
func (g *Graph) sort(list []*kubeobj.Object) {
	slices.SortFunc(list, func(a, b *kubeobj.Object) int { return g.order[a] - g.order[b] })
}

func (g *Graph) index(o *kubeobj.Object) {
	k := KeyOf(o)
	g.byKey[k] = append(g.byKey[k], o)
	g.byKind[kind{k.Group, k.Kind}] = append(g.byKind[kind{k.Group, k.Kind}], o)
	if uid := o.Get("metadata", "uid").Str(); uid != "" && g.byUID[uid] == nil {
		g.byUID[uid] = o
	}
	if w := View(o); w != nil {
		g.workloads = append(g.workloads, w)
		g.byObject[o] = w
	}
	switch {
	case o.Namespace != "":
		g.placed++
	case namespaced(k):
		g.unplaced++
	}
}

// namespaced tells of the kinds that are related here whether they live in
// namespaces. All do but StorageClass and Namespace; of others nothing is asked.
func namespaced(k Key) bool {
	if placeOf(k.Group, k.Kind) != nil {
		return true
	}
	switch k.Kind {
	case "Service", "ConfigMap", "Secret", "ServiceAccount", "Ingress", "HTTPRoute", "GRPCRoute", "VirtualService",
		"HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim":
		return true
	}
	return false
}

// Mixed tells that some objects of the side have a namespace and some have none:
// whether those meet is decided by whoever applies them.
func (g *Graph) Mixed() bool { return g.placed > 0 && g.unplaced > 0 }

// Find returns the objects of a key; more than one where it occurs twice.
func (g *Graph) Find(k Key) []*kubeobj.Object {
	k.Group = group(k.Group, k.Kind)
	return g.byKey[k]
}

// Workloads are all workloads that no other one of the side made, in the order of
// the objects.
func (g *Graph) Workloads() []*Workload {
	var out []*Workload
	for _, w := range g.workloads {
		if w.Owner == nil {
			out = append(out, w)
		}
	}
	return out
}

// Workload is an object as a workload; nil where it makes no pods or is not of
// this side.
func (g *Graph) Workload(o *kubeobj.Object) *Workload { return g.byObject[o] }

// follow takes the template of the Deployment to which a Rollout refers.
//
// Source: argo-rollouts v1.8, "Migrating to Rollouts", spec.workloadRef
// (apiVersion, kind, name).
func (g *Graph) follow(w *Workload) {
	if w.Object.Group != "argoproj.io" || w.Template != nil {
		return
	}
	ref := w.Object.Get("spec", "workloadRef")
	for _, o := range g.Find(target(ref, w.Object.Namespace)) {
		if p := placeOf(o.Group, o.Kind); p != nil && o.Group != "argoproj.io" {
			w.use(o, at(&o.Root, p.template), p.template)
			return
		}
	}
}

// target is what a reference by apiVersion, kind and name leads to.
func target(ref *kubeobj.Value, namespace string) Key {
	k := Key{Kind: ref.Get("kind").Str(), Namespace: namespace, Name: ref.Get("name").Str()}
	k.Group = group(groupOf(ref.Get("apiVersion").Str()), k.Kind)
	return k
}
