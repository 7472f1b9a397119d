package change

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/managers"
	"polygraph/internal/workloads"
)

// lookups are what is asked of all objects for each of them, worked out once.
type lookups struct {
	gone    map[string]bool                              // Options.Absent
	running map[*kubeobj.Object]running                  // by Service
	places  map[whereabouts]map[string][]*kubeobj.Object // by namespace, OLD before NEW
}

// absent tells whether the server said that it does not have an object.
func (k *kube) absent(identity string) bool {
	if k.gone == nil {
		k.gone = make(map[string]bool, len(k.Absent))
		for _, o := range k.Absent {
			k.gone[o] = true
		}
	}
	return k.gone[identity]
}

// running are two of the workloads behind a Service that run a pod, as far as is
// known: whatever the one in question, the other is not it.
type running [2]*workloads.Workload

func (k *kube) runs(g *workloads.Graph, service *kubeobj.Object) running {
	r, ok := k.running[service]
	if ok {
		return r
	}
	found := r[:0]
	for _, w := range g.Selected(service) {
		if n, known := w.Count(); !known || n > 0 {
			if found = append(found, w); len(found) == len(r) {
				break
			}
		}
	}
	if k.running == nil {
		k.running = map[*kubeobj.Object]running{}
	}
	k.running[service] = r
	return r
}

// whereabouts is where what stands behind a mark is looked for: a name, or what is
// before the number in one.
type whereabouts struct {
	group, kind, name string
	numbered          bool
}

// behind finds what stands behind a mark.
func (k *kube) behind(m *managers.Mark) *kubeobj.Object {
	if k.places == nil {
		k.places = map[whereabouts]map[string][]*kubeobj.Object{}
		for _, s := range []*side{k.old, k.new} {
			for _, o := range s.objects {
				k.put(whereabouts{o.Group, o.Kind, o.Name, false}, o)
				if prefix := strings.TrimRight(o.Name, "0123456789"); prefix != o.Name {
					k.put(whereabouts{o.Group, o.Kind, prefix, true}, o)
				}
			}
		}
	}
	group, kind, namespace, name, prefix, _ := m.Evidence()
	at := whereabouts{group, kind, name, false}
	if prefix != "" {
		at = whereabouts{group, kind, prefix, true}
	}
	in := k.places[at]
	fit := func(namespace string) *kubeobj.Object {
		for _, o := range in[namespace] {
			if m.Tool != managers.Helm || o.Get("metadata", "labels", "status").Str() == "deployed" { // older revisions stay
				return o
			}
		}
		return nil
	}
	if namespace != "" {
		if o := fit(namespace); o != nil {
			return o
		}
		return fit("")
	}
	return fit(anywhere)
}

// anywhere is all namespaces: no namespace has this name.
const anywhere = "*"

func (k *kube) put(at whereabouts, o *kubeobj.Object) {
	in := k.places[at]
	if in == nil {
		in = map[string][]*kubeobj.Object{}
		k.places[at] = in
	}
	in[o.Namespace] = append(in[o.Namespace], o)
	in[anywhere] = append(in[anywhere], o)
}
