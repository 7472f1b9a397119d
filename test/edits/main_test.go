package edits

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

// nodes are enough for all pods at 110 each.
const nodes = 8

// world is a cluster with what the edits begin from.
type world struct {
	*cluster.Cluster
	t       *testing.T
	version kubeschema.Version
	objects dynamic.Interface
	mapper  *restmapper.DeferredDiscoveryRESTMapper
	kubectl *kubectl
	mu      sync.Mutex // of mapper: what it looks up it keeps
}

func newWorld(t *testing.T, v binary.Version) *world {
	t.Helper()
	program := cluster.Kubectl(t)
	c := cluster.Test(t, cluster.Options{
		Version: v, Controllers: append(cluster.Workloads(), "replicationcontroller-controller"), Scheduler: true, Nodes: nodes,
	})
	config := c.AdminConfig(t)
	config.QPS = -1 // the server keeps order by itself
	config.WarningHandler = rest.NoWarnings{}
	w := &world{
		Cluster: c, t: t, version: minor(t, v), objects: dynamic.NewForConfigOrDie(config),
		mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config))),
	}
	w.kubectl = newKubectl(t, c, program)
	for _, node := range []string{"kwok-0", "kwok-1"} {
		w.label(node)
	}
	w.make(documents(t, read(t, "testdata/world.yaml"))...)
	return w
}

func minor(t *testing.T, v binary.Version) kubeschema.Version {
	t.Helper()
	for out := kubeschema.Oldest; out <= kubeschema.Newest; out++ {
		if out.String() == minorOf(string(v)) {
			return out
		}
	}
	t.Fatalf("no table of Kubernetes %s", v)
	return 0
}

// label lets DaemonSets onto a node: a pod on each of all nodes would take their
// room.
func (w *world) label(node string) {
	w.t.Helper()
	patch := []byte(`{"metadata": {"labels": {"daemons": "yes"}}}`)
	_, err := w.objects.Resource(nodesResource).Patch(w.t.Context(), node, types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		w.t.Fatal(err)
	}
}

// make creates objects, and waits until the kinds that they define are served and
// the namespaces have their account.
func (w *world) make(all ...*unstructured.Unstructured) {
	w.t.Helper()
	for _, u := range all {
		if _, err := w.at(u).Create(w.t.Context(), u, metav1.CreateOptions{}); err != nil {
			w.t.Fatalf("%s %s: %v", u.GetKind(), u.GetName(), err)
		}
	}
	for _, u := range all {
		switch u.GetKind() {
		case "CustomResourceDefinition":
			w.eventually(u.GetName()+" is established", func(ctx context.Context) bool {
				live, err := w.at(u).Get(ctx, u.GetName(), metav1.GetOptions{})
				return err == nil && condition(live, "Established") == "True"
			})
			w.mapper.Reset()
		case "Namespace":
			w.eventually("the account of "+u.GetName(), func(ctx context.Context) bool {
				_, err := w.objects.Resource(accountsResource).Namespace(u.GetName()).Get(ctx, "default", metav1.GetOptions{})
				return err == nil
			})
		}
	}
}

// at is the client of an object's resource.
func (w *world) at(u *unstructured.Unstructured) dynamic.ResourceInterface {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	gvk := u.GroupVersionKind()
	m, err := w.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		w.mapper.Reset()
		if m, err = w.mapper.RESTMapping(gvk.GroupKind(), gvk.Version); err != nil {
			w.t.Fatal(err)
		}
	}
	if u.GetNamespace() != "" {
		return w.objects.Resource(m.Resource).Namespace(u.GetNamespace())
	}
	return w.objects.Resource(m.Resource)
}

func (w *world) eventually(what string, is func(context.Context) bool) {
	w.t.Helper()
	err := wait.PollUntilContextTimeout(w.t.Context(), 50*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) { return is(ctx), nil })
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// identity is an object's name in the rows.
func identity(u *unstructured.Unstructured) string {
	gvk := u.GroupVersionKind()
	o := kubeobj.Object{Group: gvk.Group, Kind: gvk.Kind, Namespace: u.GetNamespace(), Name: u.GetName()}
	return o.Identity()
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
