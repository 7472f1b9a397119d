package workloads

import (
	"slices"

	"polygraph/internal/kubeobj"
)

// selector is a label selector.
//
// Source: LabelSelectorAsSelector, apimachinery v0.37.2 pkg/apis/meta/v1/helpers.go.
type selector struct {
	equal map[string]string
	terms []term
	// broken is true where something in it is no selector: it selects nothing that
	// could be named.
	broken bool
}

type term struct {
	key, operator string
	values        []string
}

// labelSelector reads matchLabels and matchExpressions.
func labelSelector(v *kubeobj.Value) selector {
	s := selector{equal: pairs(v.Get("matchLabels"))}
	for _, e := range v.Get("matchExpressions").Each() {
		t := term{key: e.Get("key").Str(), operator: e.Get("operator").Str()}
		for _, x := range e.Get("values").Each() {
			t.values = append(t.values, x.Str())
		}
		switch t.operator {
		case "In", "NotIn", "Exists", "DoesNotExist":
		default:
			s.broken = true
		}
		s.terms = append(s.terms, t)
	}
	return s
}

func (s *selector) matches(labels map[string]string) bool {
	if s.broken {
		return false
	}
	for k, v := range s.equal {
		if has, ok := labels[k]; !ok || has != v {
			return false
		}
	}
	for _, t := range s.terms {
		has, ok := labels[t.key]
		hit := ok && slices.Contains(t.values, has)
		switch t.operator {
		case "In":
			ok = hit
		case "NotIn":
			ok = !hit
		case "DoesNotExist":
			ok = !ok
		}
		if !ok {
			return false
		}
	}
	return true
}

func (g *Graph) label(w *Workload) {
	ns := w.Object.Namespace
	g.spaces[ns] = append(g.spaces[ns], w)
	for k, v := range w.labels {
		l := label{ns, k, v}
		g.labelled[l] = append(g.labelled[l], w)
	}
}

// candidates are the workloads of a namespace that have the rarest of some
// labels: one label that all have must not make this slow.
func (g *Graph) candidates(namespace string, equal map[string]string) []*Workload {
	if len(equal) == 0 {
		return g.spaces[namespace]
	}
	var best []*Workload
	first := true
	for k, v := range equal {
		if list := g.labelled[label{namespace, k, v}]; first || len(list) < len(best) {
			best, first = list, false
		}
	}
	return best
}

// selected are the workloads of a namespace that a selector selects, in the order
// of the objects, without what others made.
func (g *Graph) selected(namespace string, s *selector) []*Workload {
	var out []*Workload
	for _, w := range g.candidates(namespace, s.equal) {
		if w.Owner == nil && s.matches(w.labels) {
			out = append(out, w)
		}
	}
	return out
}
