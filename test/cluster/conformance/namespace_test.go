package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// testNewNamespace: what a namespace has that nobody put there, and gets again when it is taken away.
func testNewNamespace(t *testing.T, s suite) {
	namespace := s.namespace(t)
	arrives := func() {
		t.Helper()
		eventually(t, "the authority of the cluster", func(ctx context.Context) error {
			got, err := s.admin.CoreV1().ConfigMaps(namespace).Get(ctx, "kube-root-ca.crt", metav1.GetOptions{})
			if err != nil {
				return err
			}
			if got.Data["ca.crt"] != string(s.config.CAData) {
				return errors.New("it is another one: " + got.Data["ca.crt"])
			}
			return nil
		})
		eventually(t, "the default service account", func(ctx context.Context) error {
			_, err := s.admin.CoreV1().ServiceAccounts(namespace).Get(ctx, "default", metav1.GetOptions{})
			return err
		})
	}
	arrives()
	got, err := s.admin.CoreV1().Namespaces().Get(t.Context(), namespace, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Labels[corev1.LabelMetadataName] != namespace || got.Status.Phase != corev1.NamespaceActive {
		t.Errorf("labels %v, phase %s", got.Labels, got.Status.Phase)
	}
	if err := s.admin.CoreV1().ConfigMaps(namespace).Delete(t.Context(), "kube-root-ca.crt", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := s.admin.CoreV1().ServiceAccounts(namespace).Delete(t.Context(), "default", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	arrives()
}

// testNamespaceDeletion: a finalizer of anybody holds a namespace, and everything in it goes before it does.
func testNamespaceDeletion(t *testing.T, s suite) {
	definition := s.define(t, gadget, "anchors", "anchor", "Anchor", "an")
	namespace := s.namespace(t)
	const anchor = "{apiVersion: conformance.example.org/v2, kind: Anchor, metadata: {name: %s}, spec: {size: 1}}"
	s.create(t, namespace, anchor, "one")
	s.create(t, namespace, anchor, "two")
	s.create(t, namespace, "{apiVersion: v1, kind: Secret, metadata: {name: plain}}")
	s.create(t, namespace, plainPod, "pod", "")
	s.create(t, namespace, "{apiVersion: v1, kind: ConfigMap, metadata: {name: held, finalizers: [conformance.example.org/hold]}}")
	namespaces := s.admin.CoreV1().Namespaces()
	if err := namespaces.Delete(t.Context(), namespace, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "only what is held remains, and the status says so", func(ctx context.Context) error {
		got, err := namespaces.Get(ctx, namespace, metav1.GetOptions{})
		if err != nil {
			return err
		}
		said := map[string]string{}
		for _, c := range got.Status.Conditions {
			said[string(c.Type)] = string(c.Status) + " " + c.Message
		}
		if got.Status.Phase != corev1.NamespaceTerminating ||
			said["NamespaceFinalizersRemaining"] != "True Some content in the namespace has finalizers remaining: conformance.example.org/hold in 1 resource instances" ||
			said["NamespaceContentRemaining"] != "True Some resources are remaining: configmaps. has 1 resource instances" {
			return errors.New(strings.Join([]string{string(got.Status.Phase), said["NamespaceFinalizersRemaining"], said["NamespaceContentRemaining"]}, "; "))
		}
		return nil
	})
	if left := s.remains(t, namespace); strings.Join(left, " ") != "ConfigMap/held" {
		t.Errorf("besides what is held there is %v", left)
	}
	_, err := s.try(t, s.objects, namespace, "{apiVersion: v1, kind: Secret, metadata: {name: late}}")
	refused(t, "a late one", err, apierrors.IsForbidden, "because it is being terminated")
	if !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
		t.Errorf("the cause is missing, by which programs tell it: %v", err)
	}
	release := []byte(`{"metadata": {"finalizers": null}}`)
	if _, err := s.admin.CoreV1().ConfigMaps(namespace).Patch(t.Context(), "held", types.MergePatchType, release, metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the namespace goes", func(ctx context.Context) error {
		_, err := namespaces.Get(ctx, namespace, metav1.GetOptions{})
		return gone(err)
	})
	if left := s.remains(t, namespace); len(left) != 0 {
		t.Errorf("of the namespace there is still %v", left)
	}
	_, err = s.try(t, s.objects, namespace, anchor, "late")
	refused(t, "one that comes after", err, apierrors.IsNotFound)
	if _, err := s.objects.Resource(definitions()).Get(t.Context(), definition.GetName(), metav1.GetOptions{}); err != nil {
		t.Errorf("the definition belongs to no namespace: %v", err)
	}
}

// remains lists all objects in a namespace, of all resources that can be listed, as Kind/name. Events
// are left out: anybody may still write one.
func (s suite) remains(t *testing.T, namespace string) []string {
	t.Helper()
	var lists []*metav1.APIResourceList
	eventually(t, "discovery of all groups, also those that other tests define", func(context.Context) (err error) {
		lists, err = s.admin.Discovery().ServerPreferredNamespacedResources()
		return err
	})
	var all []string
	for _, list := range lists {
		for _, resource := range list.APIResources {
			if resource.Name == "events" || !strings.Contains(resource.Verbs.String(), "list") {
				continue
			}
			found, err := s.objects.Resource(groupVersion(t, list.GroupVersion).WithResource(resource.Name)).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
			if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
				continue // a definition of another test that goes meanwhile
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range found.Items {
				all = append(all, one.GetKind()+"/"+one.GetName())
			}
		}
	}
	return all
}
