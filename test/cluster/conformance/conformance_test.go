package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

// TestConformance runs everything on one release after the other, so that only one cluster at a time
// needs memory. Inside of a release the tests run side by side and share the cluster: each has
// namespaces and names of its own.
func TestConformance(t *testing.T) {
	for _, version := range cluster.Versions(t) {
		t.Run(version.Minor(), func(t *testing.T) {
			s := start(t, version)
			// The longest come first. Most of their time is the namespace controller's patience.
			for _, test := range []struct {
				name string
				run  func(*testing.T, suite)
			}{
				{"namespace-deletion", testNamespaceDeletion},
				{"garbage", testGarbage},
				{"quota", testQuota},
				{"quota-scopes", testQuotaScopes},
				{"review", testReview},
				{"validating-policy", testValidatingPolicy},
				{"mutating-policy", testMutatingPolicy},
				{"webhook", testWebhook},
				{"custom-resource", testCustomResource},
				{"custom-resource-definition", testDefinition},
				{"rbac", testRBAC},
				{"authentication", testAuthentication},
				{"service-account", testServiceAccount},
				{"node", testNode},
				{"pod-security", testPodSecurity},
				{"limit-range", testLimitRange},
				{"apply", testApply},
				{"dry-run", testDryRun},
				{"new-namespace", testNewNamespace},
				{"version", testVersion},
				{"user-agents", testAgents},
				{"discovery", testDiscovery},
			} {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					test.run(t, s)
				})
			}
		})
	}
}

// suite is what the tests of one release share.
type suite struct {
	*cluster.Cluster
	version binary.Version
	config  *rest.Config // of an administrator
	admin   kubernetes.Interface
	objects dynamic.Interface // the same administrator
}

func start(t *testing.T, version binary.Version) suite {
	c := cluster.Test(t, cluster.Options{
		Version: version,
		// etcd tells its version at this level.
		Flags: map[cluster.Part][]string{cluster.Etcd: {"--log-level=info"}},
	})
	config := c.AdminConfig(t)
	config.WarningHandler = rest.NoWarnings{} // who tests warnings listens to them
	return suite{
		Cluster: c, version: version, config: config,
		admin: kubernetes.NewForConfigOrDie(config), objects: dynamic.NewForConfigOrDie(config),
	}
}

// user is a client that is known by its certificate.
func (s suite) user(t *testing.T, name string, groups ...string) kubernetes.Interface {
	t.Helper()
	return kubernetes.NewForConfigOrDie(s.UserConfig(t, name, groups...))
}

// namespace makes a namespace that pods can be created in. Labels are name=value.
func (s suite) namespace(t *testing.T, labels ...string) string {
	t.Helper()
	wanted := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "conformance-", Labels: map[string]string{}}}
	for _, label := range labels {
		name, value, _ := strings.Cut(label, "=")
		wanted.Labels[name] = value
	}
	made, err := s.admin.CoreV1().Namespaces().Create(t.Context(), wanted, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the default service account", func(ctx context.Context) error {
		_, err := s.admin.CoreV1().ServiceAccounts(made.Name).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
	return made.Name
}

// create makes what the manifest says, as the administrator, in the namespace if there is one.
func (s suite) create(t *testing.T, namespace, manifest string, values ...any) *unstructured.Unstructured {
	t.Helper()
	made, err := s.try(t, s.objects, namespace, manifest, values...)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// try is create, by a client of choice, for what may be refused.
func (s suite) try(t *testing.T, by dynamic.Interface, namespace, manifest string, values ...any) (*unstructured.Unstructured, error) {
	t.Helper()
	return create(t, by, namespace, metav1.CreateOptions{}, manifest, values...)
}

// dry is try without a trace. What waits for an admission rule asks with it.
func (s suite) dry(t *testing.T, namespace, manifest string, values ...any) (*unstructured.Unstructured, error) {
	t.Helper()
	return create(t, s.objects, namespace, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}, manifest, values...)
}

func create(t *testing.T, by dynamic.Interface, namespace string, options metav1.CreateOptions, manifest string, values ...any) (*unstructured.Unstructured, error) {
	t.Helper()
	object := read(t, manifest, values...)
	resource, _ := meta.UnsafeGuessKindToResource(object.GroupVersionKind())
	return in(by, resource, namespace).Create(t.Context(), object, options)
}

// in is the client of a resource in a namespace, or of the whole cluster where there is none.
func in(by dynamic.Interface, resource schema.GroupVersionResource, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return by.Resource(resource)
	}
	return by.Resource(resource).Namespace(namespace)
}

// read parses a manifest in YAML into which values are put as fmt does. Tabs, which come from Go's
// indentation, are not allowed in it.
func read(t *testing.T, manifest string, values ...any) *unstructured.Unstructured {
	t.Helper()
	var object unstructured.Unstructured
	if err := yaml.Unmarshal(fmt.Appendf(nil, manifest, values...), &object.Object); err != nil {
		t.Fatalf("%v in\n%s", err, manifest)
	}
	return &object
}

// field is the value at the path as JSON, "null" where there is none: one form that all tests compare.
func field(object *unstructured.Unstructured, path ...string) string {
	value, _, _ := unstructured.NestedFieldNoCopy(object.Object, path...)
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// patience is for a busy machine; nothing waits longer than it has to.
const patience = time.Minute

// eventually asks until the answer is nil. It fails with the last answer.
func eventually(t *testing.T, what string, ask func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		last := ask(ctx)
		if last == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s: still not so after %s: %v", what, patience, last)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// refused fails unless the error is of the kind and says each of the texts.
func refused(t *testing.T, what string, err error, kind func(error) bool, texts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: was allowed", what)
		return
	}
	if !kind(err) {
		t.Errorf("%s: refused for another reason: %v", what, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %q is missing in: %v", what, text, err)
		}
	}
}

// groupVersion parses what stands in apiVersion.
func groupVersion(t *testing.T, text string) schema.GroupVersion {
	t.Helper()
	parsed, err := schema.ParseGroupVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
