package edits

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
)

// alone are the pods that have no owner any more.
func (s *stock) alone() pods {
	out := pods{}
	for owner, of := range s.pods {
		if p := of[owner]; p != nil {
			out[owner] = p
		}
	}
	return out
}

// pods are those that an object owns, itself or through others, which are not
// being deleted.
type pods map[types.UID]*unstructured.Unstructured

// stock is what there is in the namespace of the workloads.
type stock struct {
	objects map[string]*unstructured.Unstructured // workloads, by identity
	pods    map[types.UID]pods                    // by the first owner
	failing map[types.UID]bool                    // whose pods the server refuses to make, by the first owner
}

var workloads = []schema.GroupVersionResource{
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Group: "apps", Version: "v1", Resource: "statefulsets"},
	{Group: "apps", Version: "v1", Resource: "daemonsets"},
	{Group: "apps", Version: "v1", Resource: "replicasets"},
	{Version: "v1", Resource: "replicationcontrollers"},
	{Group: "batch", Version: "v1", Resource: "jobs"},
	{Group: "batch", Version: "v1", Resource: "cronjobs"},
	{Version: "v1", Resource: "persistentvolumeclaims"},
	{Version: "v1", Resource: "pods"},
}

func (w *world) stock() *stock {
	w.t.Helper()
	s := &stock{objects: map[string]*unstructured.Unstructured{}, pods: map[types.UID]pods{}, failing: map[types.UID]bool{}}
	owners := map[types.UID]types.UID{}
	var all []*unstructured.Unstructured
	for _, r := range workloads {
		list, err := w.objects.Resource(r).Namespace("edits").List(w.t.Context(), metav1.ListOptions{})
		if err != nil {
			w.t.Fatal(err)
		}
		for i := range list.Items {
			u := &list.Items[i]
			s.objects[identity(u)] = u
			if ref := metav1.GetControllerOf(u); ref != nil {
				owners[u.GetUID()] = ref.UID
			}
			if r.Resource == "pods" && u.GetDeletionTimestamp() == nil {
				all = append(all, u)
			}
		}
	}
	first := func(owner types.UID) types.UID {
		for next, ok := owners[owner]; ok; next, ok = owners[owner] {
			owner = next
		}
		return owner
	}
	events, err := w.objects.Resource(eventsResource).Namespace("edits").List(w.t.Context(), metav1.ListOptions{FieldSelector: "reason=FailedCreate"})
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range events.Items {
		of, _, _ := unstructured.NestedString(events.Items[i].Object, "involvedObject", "uid")
		s.failing[first(types.UID(of))] = true
	}
	for _, p := range all {
		owner := first(p.GetUID())
		if s.pods[owner] == nil {
			s.pods[owner] = pods{}
		}
		s.pods[owner][p.GetUID()] = p
	}
	return s
}

// unsettled says what an object still waits for, and nothing where its controller
// has done what the object asks for.
func (s *stock) unsettled(u *unstructured.Unstructured) string {
	if u == nil {
		return "it is not there"
	}
	number := func(path ...string) int64 {
		n, ok, _ := unstructured.NestedInt64(u.Object, path...)
		if !ok && path[0] == "spec" {
			return 1
		}
		return n
	}
	is := func(path ...string) string { t, _, _ := unstructured.NestedString(u.Object, path...); return t }
	flag := func(path ...string) bool { b, _, _ := unstructured.NestedBool(u.Object, path...); return b }
	mine := s.pods[u.GetUID()]
	want := number("spec", "replicas")
	counts := func(names ...string) string {
		for _, name := range names {
			if n := number("status", name); n != want {
				return fmt.Sprintf("%s is %d, not %d", name, n, want)
			}
		}
		if int64(len(mine)) != want {
			return fmt.Sprintf("there are %d pods, not %d", len(mine), want)
		}
		return ""
	}
	kind := u.GetKind()
	switch kind {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController":
		if number("status", "observedGeneration") < u.GetGeneration() {
			return "its controller has not seen it"
		}
	}
	switch kind {
	case "Deployment":
		if flag("spec", "paused") {
			return counts("replicas", "availableReplicas")
		}
		return counts("replicas", "updatedReplicas", "availableReplicas")
	case "ReplicaSet", "ReplicationController":
		return counts("replicas", "availableReplicas")
	case "StatefulSet":
		if why := counts("replicas", "availableReplicas"); why != "" || is("spec", "updateStrategy", "type") == "OnDelete" {
			return why
		}
		partition, _, _ := unstructured.NestedInt64(u.Object, "spec", "updateStrategy", "rollingUpdate", "partition")
		updated := int64(0)
		for _, p := range mine {
			if p.GetLabels()["controller-revision-hash"] == is("status", "updateRevision") {
				updated++
			}
		}
		if updated < want-partition {
			return fmt.Sprintf("%d pods are updated, not %d", updated, want-partition)
		}
	case "DaemonSet":
		want = number("status", "desiredNumberScheduled")
		if want == 0 {
			return "it has no node"
		}
		if is("spec", "updateStrategy", "type") == "OnDelete" {
			return counts("currentNumberScheduled", "numberAvailable")
		}
		return counts("currentNumberScheduled", "numberAvailable", "updatedNumberScheduled")
	case "Job":
		want = min(number("spec", "parallelism"), number("spec", "completions")-number("status", "succeeded"))
		if _, fixed, _ := unstructured.NestedInt64(u.Object, "spec", "completions"); !fixed {
			want = number("spec", "parallelism")
		}
		if flag("spec", "suspend") {
			if want = 0; condition(u, "Suspended") != "True" {
				return "it is not suspended yet"
			}
		}
		return counts("active")
	case "CronJob":
		if len(mine) == 0 {
			return "its job has no pods"
		}
	case "Pod":
		if is("status", "phase") != "Running" {
			return "it does not run"
		}
	case "PersistentVolumeClaim":
		if strings.Contains(is("spec", "storageClassName"), "growing") && is("status", "phase") != "Bound" {
			return "it is not bound"
		}
	}
	return ""
}

// settleLimit is for a busy machine.
const settleLimit = time.Minute

// settle waits until the controllers have done what all edited objects ask for,
// and then until an object of each kind that is made after them is done too: what
// they do to one object they do in the order in which they hear of it.
func (w *world) settle(round string, all []*edit) *stock {
	w.t.Helper()
	w.until(all, func(s *stock) map[string]string { return w.opens(s, all) })
	marks := w.marks(round)
	w.until(all, func(s *stock) map[string]string {
		open := w.opens(s, all)
		for _, u := range marks {
			if why := s.unsettled(s.objects[identity(u)]); why != "" {
				open[identity(u)] = why
			}
		}
		return open
	})
	return w.stock()
}

// opens are the edits that are waited for, with what they wait for.
func (w *world) opens(s *stock, all []*edit) map[string]string {
	open := map[string]string{}
	for _, e := range all {
		if why := w.open(s, e); why != "" {
			open[e.id] = why
		}
	}
	return open
}

// open says what an edited object waits for, unless that will not come.
func (w *world) open(s *stock, e *edit) string {
	u := s.objects[identity(e.old)]
	if u == nil && e.old.GetNamespace() == "edits" && isWorkload(e.old) {
		return "it is not there"
	}
	if u == nil {
		return ""
	}
	why := s.unsettled(u)
	e.waits = ""
	if why != "" && s.stuck(u) {
		e.waits = why
		return ""
	}
	return why
}

func isWorkload(u *unstructured.Unstructured) bool {
	switch u.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod":
		return true
	}
	return false
}

// stuck tells that a rollout has begun and does not end: no node takes its pods,
// says the scheduler, or the server makes none of them, says their controller.
// What a template may say and a pod may not is found out that late.
func (s *stock) stuck(u *unstructured.Unstructured) bool {
	if u.GetKind() == "Job" || u.GetKind() == "CronJob" {
		return false
	}
	if s.failing[u.GetUID()] {
		return true
	}
	for _, p := range s.pods[u.GetUID()] {
		if condition(p, "PodScheduled") == "False" {
			return true
		}
	}
	return false
}

func (w *world) until(all []*edit, open func(*stock) map[string]string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), settleLimit)
	defer cancel()
	for {
		waiting := open(w.stock())
		if len(waiting) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			for _, e := range all {
				if why := waiting[e.id]; why != "" {
					w.t.Errorf("%s does not settle: %s", e, why)
					e.waits = why
				}
				delete(waiting, e.id)
			}
			if len(waiting) > 0 {
				w.t.Errorf("does not settle: %v", waiting)
			}
			return
		case <-time.After(300 * time.Millisecond):
		}
	}
}

// marks are made behind what they are to follow, one for each worker that a
// controller has by default.
func (w *world) marks(round string) []*unstructured.Unstructured {
	w.t.Helper()
	var out []*unstructured.Unstructured
	for _, b := range bases(w.t) {
		switch b.name {
		case "deployment-recreate", "statefulset-ondelete", "daemonset-ondelete", "replicaset", "replicationcontroller", "job-running":
		default:
			continue
		}
		for i := range 5 {
			u, _ := b.objects(w.t, fmt.Sprintf("%s-%s-%d", b.name, round, i))
			out = append(out, u)
		}
	}
	w.make(out...)
	return out
}

// fate is what became of the pods.
func fate(before, now, alone pods) string {
	kept, gone, came, free := 0, 0, 0, 0
	for uid := range before {
		switch {
		case now[uid] != nil:
			kept++
		case alone[uid] != nil:
			free++
		default:
			gone++
		}
	}
	for uid := range now {
		if before[uid] == nil {
			came++
		}
	}
	switch {
	case free > 0 && gone == 0:
		return letGo // and others made, while they run on
	case gone == 0 && came == 0:
		return untouched
	case gone == 0 || came == 0:
		return scaled
	case kept == 0:
		return replaced
	}
	return partly
}
