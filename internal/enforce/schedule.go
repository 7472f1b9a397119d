package enforce

import (
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
)

// fits tells whether the scheduler may put pods of a spec on a node. known is
// false where a term is not judged here.
//
// Source: kubernetes.io/docs, "Assigning Pods to Nodes", "Taints and
// Tolerations".
func fits(spec *kubeobj.Value, node *kubeobj.Object) (yes, known bool) {
	for _, want := range spec.Get("nodeSelector").Each() {
		if node.Label(want.Name) != want.Text {
			return false, true
		}
	}
	terms := spec.Get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
	known = true
	if terms.Is(kubeobj.List) && len(terms.Items) > 0 {
		any := false
		for _, term := range terms.Each() {
			ok, sure := termFits(term, node)
			any, known = any || ok && sure, known && sure
		}
		if any {
			known = true
		} else if known {
			return false, true
		}
	}
	for _, taint := range node.Get("spec", "taints").Each() {
		if e := taint.Get("effect").Str(); e != "NoSchedule" && e != "NoExecute" {
			continue
		}
		// Those of the node's state come and go.
		if key := taint.Get("key").Str(); strings.HasPrefix(key, "node.kubernetes.io/") || strings.HasPrefix(key, "node.cloudprovider.kubernetes.io/") {
			continue
		}
		if !tolerated(spec.Get("tolerations"), taint) {
			return false, true
		}
	}
	return true, known
}

func termFits(term *kubeobj.Value, node *kubeobj.Object) (yes, known bool) {
	if !term.Get("matchFields").Empty() {
		return false, false
	}
	yes, known = true, true
	for _, e := range term.Get("matchExpressions").Each() {
		label := node.Get("metadata", "labels", e.Get("key").Str())
		var values []string
		for _, v := range e.Get("values").Each() {
			values = append(values, v.Text)
		}
		switch e.Get("operator").Str() {
		case "In":
			yes = yes && label != nil && slices.Contains(values, label.Text)
		case "NotIn":
			yes = yes && (label == nil || !slices.Contains(values, label.Text))
		case "Exists":
			yes = yes && label != nil
		case "DoesNotExist":
			yes = yes && label == nil
		default:
			known = false
		}
	}
	return yes, known || !yes
}

func tolerated(tolerations, taint *kubeobj.Value) bool {
	for _, t := range tolerations.Each() {
		if e := t.Get("effect").Str(); e != "" && e != taint.Get("effect").Str() {
			continue
		}
		key, exists := t.Get("key").Str(), t.Get("operator").Str() == "Exists"
		if key == "" && exists || key == taint.Get("key").Str() && (exists || t.Get("value").Str() == taint.Get("value").Str()) {
			return true
		}
	}
	return false
}

// windows tells that the pods are for nodes with Windows.
func (a *agent) windows() bool { return forWindows(a.Spec()) != nil }

// forWindows is what in a spec says that its pods run on Windows; nil where
// nothing does.
//
// Source: k8s.io/api v0.37.2 core/v1 PodSpec.OS; well-known label
// kubernetes.io/os.
func forWindows(spec *kubeobj.Value) *kubeobj.Value {
	for _, v := range []*kubeobj.Value{
		spec.Get("os", "name"), spec.Get("nodeSelector", "kubernetes.io/os"), spec.Get("nodeSelector", "beta.kubernetes.io/os"),
	} {
		if v.Str() == "windows" {
			return v
		}
	}
	for _, term := range spec.Get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms").Each() {
		for _, e := range term.Get("matchExpressions").Each() {
			if v := e.Get("values"); e.Get("key").Str() == "kubernetes.io/os" && e.Get("operator").Str() == "In" && v.Is(kubeobj.List) && len(v.Items) == 1 && v.Items[0].Str() == "windows" {
				return &v.Items[0]
			}
		}
	}
	return nil
}

// restricted tells that a spec is kept from some nodes with Linux.
func restricted(spec *kubeobj.Value) bool {
	for _, s := range spec.Get("nodeSelector").Each() {
		if s.Name != "kubernetes.io/os" && s.Name != "beta.kubernetes.io/os" {
			return true
		}
	}
	for _, term := range spec.Get("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms").Each() {
		for _, e := range term.Get("matchExpressions").Each() {
			if k := e.Get("key").Str(); k != "kubernetes.io/os" && k != "kubernetes.io/arch" {
				return true
			}
		}
	}
	return false
}
