package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/managers"
	"polygraph/internal/workloads"
)

// lookups are what is asked of all objects for each of them, worked out once.
type lookups struct {
	gone     map[string]bool                   // Options.Absent
	running  map[string]running                // by selector
	serving  map[string]serving                // by labels
	selected map[string]bool                   // labels by which Services select
	alone    map[*workloads.Workload]bool      // the only ones behind a Service that run a pod
	places   map[whereabouts][]*kubeobj.Object // OLD before NEW
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

// runs finds them; of like selectors once.
func (k *kube) runs(service *kubeobj.Object) running {
	selector, readable := service.Get("spec", "selector").JSON()
	key := workloads.ServiceType(service) + " " + service.Namespace + " " + string(selector)
	if r, ok := k.running[key]; ok && readable {
		return r
	}
	var r running
	found := r[:0]
	for _, w := range k.after.graph.Selected(service) {
		if n, known := w.Count(); !known || n > 0 {
			if found = append(found, w); len(found) == len(r) {
				break
			}
		}
	}
	if readable {
		k.running[key] = r
	}
	return r
}

// serving is what there is to know about the Services of a workload.
type serving struct {
	first *kubeobj.Object // nil where there is none
	dead  bool            // behind one of them nothing runs a pod
}

// serves asks once for all workloads that differ only in labels by which no
// Service selects.
func (k *kube) serves(w *workloads.Workload) serving {
	if k.serving == nil {
		k.serving, k.running, k.alone = map[string]serving{}, map[string]running{}, map[*workloads.Workload]bool{}
		k.selected = map[string]bool{}
		for _, o := range k.after.objects {
			if o.Group == "" && o.Kind == "Service" {
				for _, v := range o.Get("spec", "selector").Each() {
					k.selected[v.Name] = true
				}
			}
		}
	}
	var labels []string
	for name, value := range w.Labels() {
		if k.selected[name] {
			labels = append(labels, fmt.Sprintf("%q %q", name, value))
		}
	}
	slices.Sort(labels)
	key := w.Object.Namespace + " " + strings.Join(labels, " ")
	s, ok := k.serving[key]
	if ok {
		return s
	}
	for _, service := range k.after.graph.Services(w) {
		if s.first == nil {
			s.first = service
		}
		r := k.runs(service)
		s.dead = s.dead || r[0] == nil
		if r[0] != nil && r[1] == nil {
			k.alone[r[0]] = true
		}
	}
	k.serving[key] = s
	return s
}

// whereabouts is where what stands behind a mark is looked for: by its name, or by
// what is before the number in it.
type whereabouts struct {
	group, kind, namespace, name string
	numbered                     bool
}

// anywhere is all namespaces: no namespace has this name.
const anywhere = "*"

// behind finds what stands behind a mark.
func (k *kube) behind(m *managers.Mark) *kubeobj.Object {
	if k.places == nil {
		k.places = map[whereabouts][]*kubeobj.Object{}
		for _, o := range slices.Concat(k.old.objects, k.new.objects) {
			prefix := strings.TrimRight(o.Name, "0123456789")
			for _, namespace := range []string{o.Namespace, anywhere} {
				at := whereabouts{o.Group, o.Kind, namespace, o.Name, false}
				k.places[at] = append(k.places[at], o)
				if prefix != o.Name {
					at.name, at.numbered = prefix, true
					k.places[at] = append(k.places[at], o)
				}
			}
		}
	}
	group, kind, namespace, name, prefix, _ := m.Evidence()
	in := []string{namespace, ""}
	if namespace == "" {
		in = []string{anywhere}
	}
	for _, namespace := range in {
		for _, o := range k.places[whereabouts{group, kind, namespace, name + prefix, prefix != ""}] {
			if m.Tool != managers.Helm || o.Get("metadata", "labels", "status").Str() == "deployed" { // older revisions stay
				return o
			}
		}
	}
	return nil
}
