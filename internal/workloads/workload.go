package workloads

import (
	"math"
	"strconv"

	"polygraph/internal/kubeobj"
)

// Workload is an object that makes pods, or a Pod.
type Workload struct {
	Object *kubeobj.Object
	// Template has the metadata and spec of the pods; of a Pod it is the Pod. Nil
	// where there is none, as in a Rollout whose workloadRef leads nowhere.
	Template *kubeobj.Value
	// In is the object in which Template stands: Object, or the Deployment to which
	// a Rollout refers.
	In *kubeobj.Object
	// Path is where Template stands in it: "spec.template", "" in a Pod.
	Path string
	// Replicas is the number as it is written; nil where it is not written or the
	// kind has none. Count fills in the default.
	Replicas     *kubeobj.Value
	ReplicasPath string // "spec.replicas", "" for kinds without
	// Owner is the workload of the same side that made this one, or nil.
	Owner *Workload
	// Partial is true where the template refers to more than maxReads things: the
	// rest was not looked at.
	Partial bool

	Containers []Container
	reads      []Read
	labels     map[string]string
}

// Sort is the sort of a Container.
type Sort uint8

// The sorts.
const (
	Regular   Sort = iota
	Init           // runs to its end before the others start
	Sidecar        // an init container with restartPolicy Always: goes on running
	Ephemeral      // added to a running pod for debugging
)

func (s Sort) String() string {
	return [...]string{"container", "init container", "sidecar container", "ephemeral container"}[s]
}

// Container is a container of a template.
type Container struct {
	Name  string
	Sort  Sort
	Value *kubeobj.Value
	Image *kubeobj.Value // nil where none is written
	// Path is where it stands: spec.template.spec.containers[name=web]
	Path string
}

// place is where a kind keeps its pod template and the number of its pods.
type place struct {
	group, kind        string
	template, replicas string
}

// places are the kinds that make pods.
//
// Sources: k8s.io/api v0.37.2 (core, apps, batch; extensions until Kubernetes
// 1.15); argoproj.io Rollout, argo-rollouts v1.8 pkg/apis/rollouts/v1alpha1
// RolloutSpec; serving.knative.dev, Knative Serving API specification 1.0;
// apps.kruise.io, OpenKruise v1.8 apis/apps; keda.sh ScaledJob, KEDA 2.17
// documentation, "Scaling Jobs".
var places = [...]place{
	{"", "Pod", "", ""},
	{"", "ReplicationController", "spec.template", "spec.replicas"},
	{"", "PodTemplate", "template", ""},
	{"apps", "Deployment", "spec.template", "spec.replicas"},
	{"apps", "StatefulSet", "spec.template", "spec.replicas"},
	{"apps", "ReplicaSet", "spec.template", "spec.replicas"},
	{"apps", "DaemonSet", "spec.template", ""},
	{"extensions", "Deployment", "spec.template", "spec.replicas"},
	{"extensions", "ReplicaSet", "spec.template", "spec.replicas"},
	{"extensions", "DaemonSet", "spec.template", ""},
	{"batch", "Job", "spec.template", "spec.parallelism"},
	{"batch", "CronJob", "spec.jobTemplate.spec.template", "spec.jobTemplate.spec.parallelism"},
	{"argoproj.io", "Rollout", "spec.template", "spec.replicas"},
	{"serving.knative.dev", "Service", "spec.template", ""},
	{"serving.knative.dev", "Configuration", "spec.template", ""},
	{"apps.kruise.io", "CloneSet", "spec.template", "spec.replicas"},
	{"apps.kruise.io", "StatefulSet", "spec.template", "spec.replicas"},
	{"apps.kruise.io", "DaemonSet", "spec.template", ""},
	{"keda.sh", "ScaledJob", "spec.jobTargetRef.template", ""},
}

func placeOf(group, kind string) *place {
	for i := range places {
		if places[i].kind == kind && places[i].group == group {
			return &places[i]
		}
	}
	return nil
}

// View reads an object as a workload, by itself; nil where it makes no pods.
// Build does that for all objects, follows a Rollout's workloadRef and finds
// owners.
func View(o *kubeobj.Object) *Workload {
	p := placeOf(o.Group, o.Kind)
	if p == nil {
		return nil
	}
	w := &Workload{Object: o, ReplicasPath: p.replicas}
	if p.replicas != "" {
		if v := at(&o.Root, p.replicas); v.Is(kubeobj.Number) {
			w.Replicas = v
		}
	}
	w.use(o, at(&o.Root, p.template), p.template)
	return w
}

// Template is the pod template of an object, or nil.
func Template(o *kubeobj.Object) *kubeobj.Value {
	if p := placeOf(o.Group, o.Kind); p != nil {
		if v := at(&o.Root, p.template); v.Is(kubeobj.Map) {
			return v
		}
	}
	return nil
}

func (w *Workload) use(in *kubeobj.Object, template *kubeobj.Value, path string) {
	if !template.Is(kubeobj.Map) {
		return
	}
	w.In, w.Template, w.Path = in, template, path
	w.Containers = containers(template, path)
	w.labels = pairs(template.Get("metadata", "labels"))
}

// Count is how many pods are asked for; known is false where the manifest does
// not decide: a DaemonSet has one per node, a CronJob none by itself.
//
// Source: SetDefaults_Deployment and the like, kubernetes v1.37.2
// pkg/apis/apps/v1/defaults.go: an absent number is 1; SetDefaults_Job,
// pkg/apis/batch/v1/defaults.go.
func (w *Workload) Count() (n int, known bool) {
	switch {
	case w.Object.Kind == "Pod":
		return 1, true
	case w.ReplicasPath == "", w.Object.Kind == "CronJob":
		return 0, false
	case w.Replicas == nil:
		v := at(&w.Object.Root, w.ReplicasPath)
		return 1, v == nil || v.Kind == kubeobj.Null
	}
	return number(w.Replicas)
}

// Labels are those of the pods.
func (w *Workload) Labels() map[string]string { return w.labels }

// Spec is the spec of the pods, or nil.
func (w *Workload) Spec() *kubeobj.Value { return w.Template.Get("spec") }

func containers(template *kubeobj.Value, path string) []Container {
	var out []Container
	spec := template.Get("spec")
	for _, list := range [...]struct {
		name string
		sort Sort
	}{{"initContainers", Init}, {"containers", Regular}, {"ephemeralContainers", Ephemeral}} {
		for i, c := range spec.Get(list.name).Each() {
			if !c.Is(kubeobj.Map) {
				continue
			}
			found := Container{Name: c.Get("name").Str(), Sort: list.sort, Value: c, Path: item(join(path, "spec."+list.name), "name", c, i)}
			if image := c.Get("image"); image != nil && image.Kind != kubeobj.Null {
				found.Image = image
			}
			if list.sort == Init && c.Get("restartPolicy").Str() == "Always" {
				found.Sort = Sidecar
			}
			out = append(out, found)
		}
	}
	return out
}

// join puts a path of fields behind another, either of which may be empty.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

// item is the path of an item of a list that is keyed by a field: list[name=web],
// or list[0] where the field is not there.
func item(list, key string, v *kubeobj.Value, i int) string {
	if name := v.Get(key); name != nil && name.Kind >= kubeobj.Bool && name.Kind <= kubeobj.String {
		return list + "[" + key + "=" + name.Text + "]"
	}
	return list + "[" + strconv.Itoa(i) + "]"
}

// number reads a whole number.
func number(v *kubeobj.Value) (int, bool) {
	if !v.Is(kubeobj.Number) {
		return 0, false
	}
	if n, err := strconv.Atoi(v.Text); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(v.Text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int(f), true
}
