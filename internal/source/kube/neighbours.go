package kube

import (
	"context"
	"regexp"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"polygraph/internal/kubeobj"
)

// selectors is up to how many workloads of a namespace their pods are listed by
// selector; beyond, all pods of the namespace are gone through.
const selectors = 8

// owner is a live workload: what its neighbours are found by.
type owner struct {
	kind, namespace, name, uid string
	selector                   labels.Selector
	claims                     []string // names of volumeClaimTemplates
}

// remember takes from a kept object what its neighbours are found by.
func (g *gathering) remember(u *unstructured.Unstructured) {
	switch u.GetKind() + "." + u.GroupVersionKind().Group {
	case "Deployment.apps", "ReplicaSet.apps", "StatefulSet.apps", "DaemonSet.apps", "Job.batch", "CronJob.batch":
	case "PersistentVolumeClaim.":
		class, _, _ := unstructured.NestedString(u.Object, "spec", "storageClassName")
		g.classes[class] = true
		return
	default:
		return
	}
	o := owner{kind: u.GetKind(), namespace: u.GetNamespace(), name: u.GetName(), uid: string(u.GetUID()), selector: labels.Nothing()}
	var written metav1.LabelSelector
	if s, ok, _ := unstructured.NestedMap(u.Object, "spec", "selector"); ok && runtime.DefaultUnstructuredConverter.FromUnstructured(s, &written) == nil {
		if selector, err := metav1.LabelSelectorAsSelector(&written); err == nil {
			o.selector = selector
		}
	}
	templates, _, _ := unstructured.NestedSlice(u.Object, "spec", "volumeClaimTemplates")
	for _, t := range templates {
		template, _ := t.(map[string]any)
		if name, _, _ := unstructured.NestedString(template, "metadata", "name"); name != "" {
			o.claims = append(o.claims, name)
			class, _, _ := unstructured.NestedString(template, "spec", "storageClassName")
			g.classes[class] = true
		}
	}
	g.owners = append(g.owners, o)
}

// neighbours asks for what rules need beside the wanted objects.
func (g *gathering) neighbours(ctx context.Context, wanted []*kubeobj.Object, targets []*target) error {
	var jobs []func(context.Context) error
	for namespace, owners := range g.byNamespace("Deployment", "CronJob", "StatefulSet") {
		jobs = append(jobs, g.controlled(namespace, owners)...)
	}
	jobs = append(jobs, g.autoscalers(wanted)...)
	jobs = append(jobs, g.definitions(targets)...)
	if err := g.all(ctx, jobs); err != nil {
		return err
	}
	jobs = nil
	for namespace, owners := range g.byNamespace("ReplicaSet", "StatefulSet", "DaemonSet", "Job") {
		jobs = append(jobs, g.pods(namespace, owners)...)
	}
	return g.all(ctx, append(jobs, g.storageClasses(wanted)))
}

func (g *gathering) all(ctx context.Context, jobs []func(context.Context) error) error {
	return g.each(ctx, len(jobs), func(ctx context.Context, i int) error { return jobs[i](ctx) })
}

func (g *gathering) byNamespace(kinds ...string) map[string][]owner {
	out := map[string][]owner{}
	for _, o := range g.owners {
		if slices.Contains(kinds, o.kind) {
			out[o.namespace] = append(out[o.namespace], o)
		}
	}
	return out
}

// scan is one list of neighbours: of what kind, by which selector, which of them.
func (g *gathering) scan(gvk schema.GroupVersionKind, namespace string, o metav1.ListOptions, want func(*unstructured.Unstructured) bool) func(context.Context) error {
	return func(ctx context.Context) error {
		m, err := g.kinds.find(gvk)
		if err != nil {
			return nil // a server without the kind has none
		}
		for again := range 3 { // pages of a list expire after some minutes
			_, err = g.list(ctx, m, namespace, o, want, nil)
			if again == 2 || !expired(err) {
				break
			}
		}
		if err != nil {
			return g.refused(ctx, err, "list", &target{mapping: m, namespace: namespace}, 1)
		}
		return nil
	}
}

// controlled finds what stands between wanted workloads and their pods, and the
// claims of StatefulSets.
func (g *gathering) controlled(namespace string, owners []owner) (jobs []func(context.Context) error) {
	uids := map[string]bool{}
	var claims []string
	kinds := map[string]bool{}
	for _, o := range owners {
		uids[o.uid] = true
		kinds[o.kind] = true
		for _, c := range o.claims {
			claims = append(claims, regexp.QuoteMeta(c+"-"+o.name)+`-[0-9]+`)
		}
	}
	if kinds["Deployment"] {
		jobs = append(jobs, g.scan(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "ReplicaSet"}, namespace, metav1.ListOptions{}, func(u *unstructured.Unstructured) bool {
			return uids[controller(u)] && (number(u, "spec", "replicas") > 0 || number(u, "status", "replicas") > 0)
		}))
	}
	if kinds["CronJob"] {
		jobs = append(jobs, g.scan(schema.GroupVersionKind{Group: "batch", Version: "v1", Kind: "Job"}, namespace, metav1.ListOptions{}, func(u *unstructured.Unstructured) bool {
			return uids[controller(u)] && number(u, "status", "active") > 0
		}))
	}
	if len(claims) > 0 {
		name := regexp.MustCompile(`^(` + strings.Join(claims, "|") + `)$`)
		jobs = append(jobs, g.scan(schema.GroupVersionKind{Version: "v1", Kind: "PersistentVolumeClaim"}, namespace, metav1.ListOptions{}, func(u *unstructured.Unstructured) bool {
			return name.MatchString(u.GetName())
		}))
	}
	return jobs
}

// pods finds those that wanted workloads control.
func (g *gathering) pods(namespace string, owners []owner) (jobs []func(context.Context) error) {
	uids := map[string]bool{}
	for _, o := range owners {
		uids[o.uid] = true
	}
	pod := schema.GroupVersionKind{Version: "v1", Kind: "Pod"}
	mine := func(u *unstructured.Unstructured) bool { return uids[controller(u)] }
	if len(owners) > selectors {
		return append(jobs, g.scan(pod, namespace, metav1.ListOptions{}, mine))
	}
	for _, o := range owners {
		if o.selector.Empty() {
			return []func(context.Context) error{g.scan(pod, namespace, metav1.ListOptions{}, mine)}
		}
		jobs = append(jobs, g.scan(pod, namespace, metav1.ListOptions{LabelSelector: o.selector.String()}, mine))
	}
	return jobs
}

// autoscalers finds those that point at wanted objects, new ones too.
func (g *gathering) autoscalers(wanted []*kubeobj.Object) (jobs []func(context.Context) error) {
	type target struct{ kind, name string }
	at := map[string]map[target]bool{}
	for _, o := range wanted {
		m, err := g.kinds.find(gvk(o))
		if err != nil || m.Scope.Name() != meta.RESTScopeNameNamespace {
			continue
		}
		switch o.Type() {
		case "Deployment.apps", "ReplicaSet.apps", "StatefulSet.apps", "ReplicationController":
		default:
			if builtIn(o.Group) {
				continue
			}
		}
		namespace := g.cluster.namespace(o.Namespace, m)
		if at[namespace] == nil {
			at[namespace] = map[target]bool{}
		}
		at[namespace][target{o.Kind, o.Name}] = true
	}
	for namespace, targets := range at {
		jobs = append(jobs, g.scan(schema.GroupVersionKind{Group: "autoscaling", Version: "v2", Kind: "HorizontalPodAutoscaler"}, namespace, metav1.ListOptions{}, func(u *unstructured.Unstructured) bool {
			kind, _, _ := unstructured.NestedString(u.Object, "spec", "scaleTargetRef", "kind")
			name, _, _ := unstructured.NestedString(u.Object, "spec", "scaleTargetRef", "name")
			return targets[target{kind, name}]
		}))
	}
	return jobs
}

// definitions finds the CustomResourceDefinitions of wanted kinds. What another
// API server serves has none.
func (g *gathering) definitions(targets []*target) []func(context.Context) error {
	m, err := g.kinds.find(schema.GroupVersionKind{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"})
	if err != nil {
		return nil
	}
	wanted := &target{mapping: m}
	for _, t := range targets {
		if name := t.mapping.Resource.GroupResource().String(); !builtIn(t.mapping.Resource.Group) && t.mapping.Resource.Group != m.Resource.Group && !slices.Contains(wanted.names, name) {
			wanted.names = append(wanted.names, name)
		}
	}
	var jobs []func(context.Context) error
	for _, name := range wanted.names {
		jobs = append(jobs, func(ctx context.Context) error {
			var u *unstructured.Unstructured
			err := g.request(ctx, func() (err error) { u, err = g.client(m, "").Get(ctx, name, metav1.GetOptions{}); return err })
			switch {
			case err == nil:
				return g.keep(u)
			case apierrors.IsNotFound(err):
				return nil
			}
			return g.refused(ctx, err, "get", wanted, 1)
		})
	}
	return jobs
}

// storageClasses finds those that wanted claims name; the default ones where a
// claim names none.
func (g *gathering) storageClasses(wanted []*kubeobj.Object) func(context.Context) error {
	add := func(claim *kubeobj.Value) { g.classes[claim.Get("spec", "storageClassName").Str()] = true }
	for _, o := range wanted {
		switch o.Type() {
		case "PersistentVolumeClaim":
			add(&o.Root)
		case "StatefulSet.apps":
			for _, claim := range o.Get("spec", "volumeClaimTemplates").Each() {
				add(claim)
			}
		}
	}
	return func(ctx context.Context) error {
		if len(g.classes) == 0 {
			return nil
		}
		return g.scan(schema.GroupVersionKind{Group: "storage.k8s.io", Version: "v1", Kind: "StorageClass"}, "", metav1.ListOptions{}, func(u *unstructured.Unstructured) bool {
			return g.classes[u.GetName()] || g.classes[""] && u.GetAnnotations()["storageclass.kubernetes.io/is-default-class"] == "true"
		})(ctx)
	}
}

// controller is the UID of what controls an object.
func controller(u *unstructured.Unstructured) string {
	if c := metav1.GetControllerOf(u); c != nil {
		return string(c.UID)
	}
	return ""
}

func number(u *unstructured.Unstructured, path ...string) int64 {
	n, _, _ := unstructured.NestedInt64(u.Object, path...)
	return n
}
