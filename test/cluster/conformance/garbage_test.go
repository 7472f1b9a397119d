package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	owner     = "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}}"
	dependent = `
apiVersion: v1
kind: Secret
metadata:
  name: %[1]s
  finalizers: [%[2]s]
  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: %[3]s, uid: %[4]s, blockOwnerDeletion: true}]`
	hold = "conformance.example.org/hold"
)

// testGarbage: the three ways in which an owner is deleted.
func testGarbage(t *testing.T, s suite) {
	namespace := s.namespace(t)
	secrets, configMaps := s.admin.CoreV1().Secrets(namespace), s.admin.CoreV1().ConfigMaps(namespace)
	owned := func(name, finalizer string) {
		t.Helper()
		s.create(t, namespace, dependent, "of-"+name, finalizer, name, string(s.create(t, namespace, owner, name).GetUID()))
	}
	remove := func(name string, how metav1.DeletionPropagation) {
		t.Helper()
		if err := configMaps.Delete(t.Context(), name, metav1.DeleteOptions{PropagationPolicy: &how}); err != nil {
			t.Fatal(err)
		}
	}
	secretGone := func(name string) {
		t.Helper()
		eventually(t, name+" is collected", func(ctx context.Context) error {
			_, err := secrets.Get(ctx, name, metav1.GetOptions{})
			return gone(err)
		})
	}
	ownerGone := func(name string) {
		t.Helper()
		eventually(t, name+" is gone", func(ctx context.Context) error {
			_, err := configMaps.Get(ctx, name, metav1.GetOptions{})
			return gone(err)
		})
	}
	// A finalizer makes the order visible: the dependent is deleted and stays.
	held := func(name string) {
		t.Helper()
		eventually(t, name+" is being deleted", func(ctx context.Context) error {
			got, err := secrets.Get(ctx, name, metav1.GetOptions{})
			if err != nil {
				return err
			}
			if got.DeletionTimestamp == nil {
				return errors.New("nobody deleted it")
			}
			return nil
		})
	}
	release := func(name string) {
		t.Helper()
		if _, err := secrets.Patch(t.Context(), name, types.MergePatchType, []byte(`{"metadata": {"finalizers": null}}`), metav1.PatchOptions{}); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("background", func(t *testing.T) {
		owned("background", hold)
		remove("background", metav1.DeletePropagationBackground)
		ownerGone("background")
		held("of-background")
		release("of-background")
		secretGone("of-background")
	})
	t.Run("foreground", func(t *testing.T) {
		owned("foreground", hold)
		remove("foreground", metav1.DeletePropagationForeground)
		held("of-foreground")
		got, err := configMaps.Get(t.Context(), "foreground", metav1.GetOptions{})
		if err != nil {
			t.Fatalf("the owner went before what it owns: %v", err)
		}
		if got.DeletionTimestamp == nil || strings.Join(got.Finalizers, " ") != metav1.FinalizerDeleteDependents {
			t.Errorf("the owner waits with %v, %v", got.DeletionTimestamp, got.Finalizers)
		}
		release("of-foreground")
		secretGone("of-foreground")
		ownerGone("foreground")
	})
	t.Run("orphan", func(t *testing.T) {
		owned("orphan", hold)
		remove("orphan", metav1.DeletePropagationOrphan)
		ownerGone("orphan")
		got, err := secrets.Get(t.Context(), "of-orphan", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.OwnerReferences) != 0 || got.DeletionTimestamp != nil {
			t.Errorf("the orphan has owners %v, deleted %v", got.OwnerReferences, got.DeletionTimestamp)
		}
	})
	t.Run("absent owner", func(t *testing.T) {
		s.create(t, namespace, dependent, "of-nobody", hold, "nobody", "11111111-2222-3333-4444-555555555555")
		held("of-nobody")
		release("of-nobody")
		secretGone("of-nobody")
	})
	t.Run("custom", func(t *testing.T) { testCustomGarbage(t, s, namespace) })
}

// testCustomGarbage: the collector learns of definitions that are younger than itself, for which it looks
// every 30 seconds.
func testCustomGarbage(t *testing.T, s suite, namespace string) {
	s.define(t, gadget, "moulds", "mould", "Mould", "md")
	mould := s.create(t, namespace, "{apiVersion: conformance.example.org/v2, kind: Mould, metadata: {name: one}}")
	reference := fmt.Sprintf("{apiVersion: conformance.example.org/v2, kind: Mould, name: one, uid: %s}", mould.GetUID())
	made := s.create(t, namespace, "{apiVersion: v1, kind: Secret, metadata: {name: of-mould, ownerReferences: [%s]}}", reference)
	moulds := groupVersion(t, mould.GetAPIVersion()).WithResource("moulds")
	if err := s.objects.Resource(moulds).Namespace(namespace).Delete(t.Context(), "one", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Secret of a custom resource is collected", func(ctx context.Context) error {
		_, err := in(s.objects, groupVersion(t, "v1").WithResource("secrets"), namespace).Get(ctx, made.GetName(), metav1.GetOptions{})
		return gone(err)
	})
}
