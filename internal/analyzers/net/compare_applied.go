package net

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// partial tells that NEW is only the file that was edited: who gives it as
// kubectl apply takes it did not take the rest away.
func (c *Comparison) partial(old, now *world) bool {
	has := func(w *world) bool {
		return slices.ContainsFunc(w.model.Endpoints(), func(e *reach.Endpoint) bool { return e.Workload != nil })
	}
	return len(now.objects) > 0 && has(old) && !has(now)
}

// kept is what stays of OLD when NEW is applied: pods that a workload made from
// another template are replaced, and do not count.
func kept(before, now []*kubeobj.Object) []*kubeobj.Object {
	old := map[string]*kubeobj.Object{}
	for _, o := range before {
		old[o.Identity()] = o
	}
	gone := map[string]bool{} // by uid of the owner
	for _, n := range now {
		o := old[n.Identity()]
		if o == nil {
			continue
		}
		if a, b := workloads.View(o), workloads.View(n); a != nil && b != nil && outward(a) != outward(b) {
			gone[o.Get("metadata", "uid").Str()] = true
		}
	}
	delete(gone, "")
	out := slices.Clone(before)
	for again := len(gone) > 0; again; {
		again = false
		out = slices.DeleteFunc(out, func(o *kubeobj.Object) bool {
			by := workloads.ControllerOf(o)
			if by == nil || !gone[by.Get("uid").Str()] {
				return false
			}
			if uid := o.Get("metadata", "uid").Str(); uid != "" && !gone[uid] {
				gone[uid], again = true, true
			}
			return true
		})
	}
	return out
}

// outward is what policies can see of a workload's pods.
func outward(w *workloads.Workload) string {
	var b strings.Builder
	labels := w.Labels()
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		fmt.Fprintf(&b, "%q=%q ", k, labels[k])
	}
	fmt.Fprintf(&b, "%s %s", cmp.Or(w.Account(), "default"), textOf(w.Spec().Get("hostNetwork")))
	for _, c := range w.Containers {
		for _, p := range c.Value.Get("ports").Each() {
			fmt.Fprintf(&b, " %s:%s", p.Get("name").Str(), textOf(p.Get("containerPort")))
		}
	}
	return b.String()
}

func textOf(v *kubeobj.Value) string {
	if v == nil {
		return ""
	}
	return v.Text
}
