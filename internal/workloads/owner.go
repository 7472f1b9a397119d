package workloads

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// groupOf is the group in an apiVersion.
func groupOf(apiVersion string) string {
	g, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		return ""
	}
	return g
}

// control notes under the owner that it controls this object.
//
// Source: metav1.OwnerReference, apimachinery v0.37.2: at most one reference has
// controller: true; an owner is in the same namespace or has none.
func (g *Graph) control(o *kubeobj.Object) {
	if owner := g.controller(o); owner != nil && owner != o {
		g.made[owner] = append(g.made[owner], o)
	}
}

// Controller is the object of the same side that controls this one, or nil. By
// uid; where the owner shows none, by kind and name.
func (g *Graph) controller(o *kubeobj.Object) *kubeobj.Object {
	ref := ControllerOf(o)
	if ref == nil {
		return nil
	}
	if owner := g.byUID[ref.Get("uid").Str()]; owner != nil {
		return owner
	}
	for _, owner := range g.Find(target(ref, o.Namespace)) {
		if owner.Get("metadata", "uid").Str() == "" {
			return owner
		}
	}
	return nil
}

// ControllerOf is the owner reference with controller: true, or nil.
func ControllerOf(o *kubeobj.Object) *kubeobj.Value {
	for _, ref := range o.Get("metadata", "ownerReferences").Each() {
		if isTrue(ref.Get("controller")) {
			return ref
		}
	}
	return nil
}

func (g *Graph) owned(w *Workload) {
	if owner := g.controller(w.Object); owner != nil && owner != w.Object {
		w.Owner = g.byObject[owner]
	}
}

// Top is the workload that nobody of the side made: the Deployment of a Pod.
func (w *Workload) Top() *Workload {
	// A chain is at most CronJob, Job, Pod; a forged one can be a circle.
	for range maxOwners {
		if w.Owner == nil {
			return w
		}
		w = w.Owner
	}
	return w
}

const maxOwners = 8

// Made are the objects of the side that an object controls: the ReplicaSets of a
// Deployment, the Pods of a ReplicaSet.
func (g *Graph) Made(o *kubeobj.Object) []*kubeobj.Object { return g.made[o] }

// Pods are the Pods of the side that a workload made, also through ReplicaSets
// and Jobs.
func (g *Graph) Pods(w *Workload) []*Workload {
	var out []*Workload
	seen := map[*kubeobj.Object]bool{w.Object: true}
	queue := []*kubeobj.Object{w.Object}
	for len(queue) > 0 {
		o := queue[0]
		queue = queue[1:]
		for _, made := range g.made[o] {
			if seen[made] {
				continue
			}
			seen[made] = true
			queue = append(queue, made)
			if made.Group == "" && made.Kind == "Pod" {
				out = append(out, g.byObject[made])
			}
		}
	}
	return out
}

// Running is a container as the kubelet reports it.
type Running struct {
	Pod       *Workload
	Container string
	Image     *kubeobj.Value // the name under which the runtime knows it
	ImageID   *kubeobj.Value // with the digest where the runtime has one
	Value     *kubeobj.Value // all of the containerStatus
}

// Running are the containers of the Pods of a workload, from their status. A Pod
// without a status has none.
func (g *Graph) Running(w *Workload) []Running {
	pods := g.Pods(w)
	if w.Object.Kind == "Pod" && w.Object.Group == "" {
		pods = append(pods, w)
	}
	var out []Running
	for _, pod := range pods {
		for _, list := range [...]string{"initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"} {
			for _, s := range pod.Object.Get("status", list).Each() {
				out = append(out, Running{
					Pod: pod, Container: s.Get("name").Str(), Image: s.Get("image"), ImageID: s.Get("imageID"), Value: s,
				})
			}
		}
	}
	return out
}
