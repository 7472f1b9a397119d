package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	rbac "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/restmapper"

	"polygraph/internal/kubeobj"
	"polygraph/internal/run"
	"polygraph/internal/source/kube"
	"polygraph/test/cluster"
)

// shared has no controllers of workloads: what a test makes stays as it made it.
var shared cluster.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// world is a namespace of the shared cluster, and who may do everything in it.
type world struct {
	*cluster.Cluster
	t         *testing.T
	namespace string
	admin     kubernetes.Interface
	objects   dynamic.Interface
	mapper    *restmapper.DeferredDiscoveryRESTMapper
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := shared.Cluster(t)
	config := c.AdminConfig(t)
	config.UserAgent = "maker"
	return &world{
		Cluster: c, t: t, namespace: c.Namespace(t),
		admin: kubernetes.NewForConfigOrDie(config), objects: dynamic.NewForConfigOrDie(config),
		mapper: restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discovery.NewDiscoveryClientForConfigOrDie(config))),
	}
}

// kubeconfig is the file of a user, whose context is of the test's namespace.
func (w *world) kubeconfig(user string, groups ...string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "config")
	if err := w.Kubeconfig(path, user, groups...); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// open is the cluster as polygraph sees it, for a user.
func (w *world) open(user string, groups ...string) *kube.Cluster {
	w.t.Helper()
	c, err := kube.Open(w.t.Context(), kube.Options{Kubeconfig: w.kubeconfig(user, groups...), Namespace: w.namespace, QPS: 2000})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	return c
}

func (w *world) openAdmin() *kube.Cluster { return w.open("admin", cluster.Administrators) }

// object parses YAML into which values are put as fmt does.
func object(t testing.TB, manifest string, values ...any) *unstructured.Unstructured {
	t.Helper()
	var u unstructured.Unstructured
	if err := yaml.Unmarshal(fmt.Appendf(nil, manifest, values...), &u.Object); err != nil {
		t.Fatalf("%v in\n%s", err, manifest)
	}
	return &u
}

// at is the client of an object's resource, in the test's namespace where it has one.
func (w *world) at(u *unstructured.Unstructured) dynamic.ResourceInterface {
	w.t.Helper()
	gvk := u.GroupVersionKind()
	m, err := w.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		w.mapper.Reset()
		if m, err = w.mapper.RESTMapping(gvk.GroupKind(), gvk.Version); err != nil {
			w.t.Fatal(err)
		}
	}
	if m.Scope.Name() == "namespace" {
		return w.objects.Resource(m.Resource).Namespace(w.namespace)
	}
	return w.objects.Resource(m.Resource)
}

// make creates an object. Cluster-wide ones are removed at the end.
func (w *world) make(u *unstructured.Unstructured) *unstructured.Unstructured {
	w.t.Helper()
	client := w.at(u)
	made, err := client.Create(w.t.Context(), u, metav1.CreateOptions{FieldManager: "maker"})
	if err != nil {
		w.t.Fatalf("%s %s: %v", u.GetKind(), u.GetName(), err)
	}
	if made.GetNamespace() == "" {
		w.t.Cleanup(func() { _ = client.Delete(context.Background(), made.GetName(), metav1.DeleteOptions{}) })
	}
	return made
}

// definition makes a CustomResourceDefinition whose objects can be made.
func (w *world) definition(group, kind, plural string) {
	w.t.Helper()
	crd := object(w.t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: %[3]s.%[1]s}
spec:
  group: %[1]s
  scope: Namespaced
  names: {kind: %[2]s, plural: %[3]s}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, maximum: 100}
              parts: {type: array, items: {type: object, properties: {name: {type: string}, weight: {type: integer}}}}
              labels: {type: object, additionalProperties: {type: string}}`, group, kind, plural)
	w.make(crd)
	w.eventually("the kind is served and documented", func(ctx context.Context) bool {
		d := w.admin.Discovery()
		_, err := d.ServerResourcesForGroupVersion(group + "/v1")
		if err != nil {
			return false
		}
		doc, err := d.RESTClient().Get().AbsPath("/openapi/v3/apis/" + group + "/v1").Do(ctx).Raw()
		return err == nil && bytes.Contains(doc, []byte(kind))
	})
	w.mapper.Reset()
}

// allow lets a user do something in the test's namespace, and waits until it holds.
func (w *world) allow(user string, verbs, groups, resources []string) {
	w.t.Helper()
	name := strings.Join(append([]string{user}, append(verbs, resources...)...), "-")
	ctx := w.t.Context()
	_, err := w.admin.RbacV1().Roles(w.namespace).Create(ctx, &rbac.Role{
		ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: []rbac.PolicyRule{{Verbs: verbs, APIGroups: groups, Resources: resources}},
	}, metav1.CreateOptions{})
	if err == nil {
		_, err = w.admin.RbacV1().RoleBindings(w.namespace).Create(ctx, &rbac.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: []rbac.Subject{{APIGroup: rbac.GroupName, Kind: rbac.UserKind, Name: user}},
			RoleRef: rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "Role", Name: name},
		}, metav1.CreateOptions{})
	}
	if err != nil {
		w.t.Fatal(err)
	}
	c := w.open(user)
	for _, verb := range verbs {
		w.eventually(user+" may "+verb, func(ctx context.Context) bool {
			return strings.Contains(string(ask(ctx, c, kube.CanI, kindOf(resources[0])+"/"+w.namespace+"/", verb)), `"allowed":true`)
		})
	}
}

func kindOf(resource string) string {
	return map[string]string{"configmaps": "ConfigMap", "deployments": "Deployment.apps", "pods": "Pod"}[resource]
}

func (w *world) eventually(what string, is func(context.Context) bool) {
	w.t.Helper()
	err := wait.PollUntilContextTimeout(w.t.Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) { return is(ctx), nil })
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
}

// manifest is an object as Live wants it: as one that was read from a file.
func manifest(t testing.TB, u *unstructured.Unstructured) *kubeobj.Object {
	t.Helper()
	bare := u.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "managedFields", "creationTimestamp", "generation"} {
		unstructured.RemoveNestedField(bare.Object, "metadata", field)
	}
	text, err := bare.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	f, problem := kubeobj.Parse("manifest.json", text)
	if problem != nil || len(f.Objects) != 1 {
		t.Fatalf("%v: %s", problem, text)
	}
	return f.Objects[0]
}

// live asks for the wanted objects.
func (w *world) live(c *kube.Cluster, wanted ...*unstructured.Unstructured) *kube.Snapshot {
	w.t.Helper()
	var all []*kubeobj.Object
	for _, u := range wanted {
		all = append(all, manifest(w.t, u))
	}
	var last run.Progress
	s, err := c.Live(w.t.Context(), all, func(p run.Progress) { last = p })
	if err != nil {
		w.t.Fatal(err)
	}
	if len(all) > 0 && (last.Done != last.Total || last.Total == 0) {
		w.t.Errorf("the progress ended with %+v", last)
	}
	return s
}

// names are the identities of what a List holds.
func names(t testing.TB, data []byte) map[string]*kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("live.json", data)
	if problem != nil {
		t.Fatal(problem)
	}
	out := map[string]*kubeobj.Object{}
	for _, o := range f.Objects {
		if out[o.Identity()] != nil {
			t.Errorf("%s is there twice", o.Identity())
		}
		out[o.Identity()] = o
	}
	return out
}

func identity(u *unstructured.Unstructured, namespace string) string {
	gvk := u.GroupVersionKind()
	o := kubeobj.Object{Group: gvk.Group, Kind: gvk.Kind, Namespace: namespace, Name: u.GetName()}
	return o.Identity()
}

func toJSON(t testing.TB, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
