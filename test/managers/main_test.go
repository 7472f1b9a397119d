// Package managers_test holds what internal/managers reads from managedFields
// against the server that writes them: who may set a field without a conflict,
// and with whom the conflict is.
package managers_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"

	"polygraph/internal/kubeobj"
	"polygraph/internal/managers"
	"polygraph/test/cluster"
)

var shared = cluster.Shared{}

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }

// side is a namespace of the cluster, seen through one kind.
type side struct {
	t         testing.TB
	client    dynamic.Interface
	namespace string
}

func newSide(t testing.TB) *side {
	t.Helper()
	c := shared.Cluster(t)
	client, err := dynamic.NewForConfig(c.AdminConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	return &side{t, client, c.Namespace(t)}
}

var resources = map[string]schema.GroupVersionResource{
	"Deployment":              {Group: "apps", Version: "v1", Resource: "deployments"},
	"Service":                 {Version: "v1", Resource: "services"},
	"ConfigMap":               {Version: "v1", Resource: "configmaps"},
	"Ingress":                 {Group: "networking.k8s.io", Version: "v1", Resource: "ingresses"},
	"HorizontalPodAutoscaler": {Group: "autoscaling", Version: "v2", Resource: "horizontalpodautoscalers"},
}

func (s *side) of(kind string) dynamic.ResourceInterface {
	return s.client.Resource(resources[kind]).Namespace(s.namespace)
}

func (s *side) read(text string) *unstructured.Unstructured {
	s.t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		s.t.Fatal(err)
	}
	return o
}

// create writes an object as everything but server-side apply does.
func (s *side) create(manager string, o *unstructured.Unstructured) {
	s.t.Helper()
	if _, err := s.of(o.GetKind()).Create(context.Background(), o, metav1.CreateOptions{FieldManager: manager}); err != nil {
		s.t.Fatal(err)
	}
}

// apply is server-side apply.
func (s *side) apply(manager string, o *unstructured.Unstructured, dry, force bool) error {
	s.t.Helper()
	options := metav1.ApplyOptions{FieldManager: manager, Force: force}
	if dry {
		options.DryRun = []string{metav1.DryRunAll}
	}
	_, err := s.of(o.GetKind()).Apply(context.Background(), o.GetName(), o, options)
	return err
}

// patch writes as kubectl edit and patch do.
func (s *side) patch(manager, kind, name, body string, subresources ...string) {
	s.t.Helper()
	_, err := s.of(kind).Patch(context.Background(), name, types.MergePatchType, []byte(body), metav1.PatchOptions{FieldManager: manager}, subresources...)
	if err != nil {
		s.t.Fatal(err)
	}
}

// live is the object as the server has it, read by the product.
func (s *side) live(kind, name string) (*unstructured.Unstructured, *kubeobj.Object, *managers.Ownership) {
	s.t.Helper()
	u, err := s.of(kind).Get(context.Background(), name, metav1.GetOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := json.Marshal(u)
	if err != nil {
		s.t.Fatal(err)
	}
	f, problem := kubeobj.Parse("live.json", text)
	if problem != nil || len(f.Objects) != 1 {
		s.t.Fatal(problem, f)
	}
	x := managers.Read(f.Objects[0])
	if !x.Known || !x.Complete {
		s.t.Fatalf("managedFields of a real object are not read: %+v", x)
	}
	return u, f.Objects[0], x
}
