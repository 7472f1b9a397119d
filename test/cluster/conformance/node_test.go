package conformance

import (
	"context"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

// testNode: the Node authorizer gives a kubelet what its pods need and nothing else, and the admission
// plugin NodeRestriction keeps it from being another node. Both have to be switched on.
func testNode(t *testing.T, s suite) {
	const group = "system:nodes"
	namespace := s.namespace(t)
	config := s.UserConfig(t, "system:node:conformance-one", group)
	one, two := kubernetes.NewForConfigOrDie(config), s.user(t, "system:node:conformance-two", group)
	node := "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {%s: x}}}"
	byOne := dynamic.NewForConfigOrDie(config)

	_, err := s.try(t, byOne, "", node, "conformance-two", "a")
	refused(t, "registering another node", err, apierrors.IsForbidden, "conformance-one")
	_, err = s.try(t, byOne, "", node, "conformance-one", "node-restriction.kubernetes.io/trusted")
	refused(t, "a label that workloads trust", err, apierrors.IsForbidden, "node-restriction.kubernetes.io/trusted")
	if _, err := s.try(t, byOne, "", node, "conformance-one", "topology.kubernetes.io/zone"); err != nil {
		t.Errorf("registering itself: %v", err)
	}
	s.create(t, "", node, "conformance-two", "topology.kubernetes.io/zone")

	for _, name := range []string{"mounted", "other"} {
		s.create(t, namespace, "{apiVersion: v1, kind: Secret, metadata: {name: %s}}", name)
	}
	_, err = one.CoreV1().Secrets(namespace).Get(t.Context(), "mounted", metav1.GetOptions{})
	refused(t, "a secret that no pod of the node mounts yet", err, apierrors.IsForbidden, "no relationship found between node")
	pod := `
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  nodeName: conformance-one
  containers: [{name: main, image: none}]
  volumes: [{name: secret, secret: {secretName: %s}}]`
	s.create(t, namespace, pod, "mine", "mounted")
	eventually(t, "the secret of a pod of the node", func(ctx context.Context) error {
		_, err := one.CoreV1().Secrets(namespace).Get(ctx, "mounted", metav1.GetOptions{})
		return err
	})
	_, err = one.CoreV1().Secrets(namespace).Get(t.Context(), "other", metav1.GetOptions{})
	refused(t, "a secret that its pods do not mount", err, apierrors.IsForbidden)
	_, err = two.CoreV1().Secrets(namespace).Get(t.Context(), "mounted", metav1.GetOptions{})
	refused(t, "a secret of another node's pod", err, apierrors.IsForbidden)
	_, err = s.try(t, byOne, namespace, pod, "stolen", "other")
	refused(t, "a pod that would mount it", err, apierrors.IsForbidden, "mirror")

	running := []byte(`{"status": {"phase": "Running"}}`)
	_, err = two.CoreV1().Pods(namespace).Patch(t.Context(), "mine", types.StrategicMergePatchType, running, metav1.PatchOptions{}, "status")
	refused(t, "the status of another node's pod", err, apierrors.IsForbidden)
	if _, err := one.CoreV1().Pods(namespace).Patch(t.Context(), "mine", types.StrategicMergePatchType, running, metav1.PatchOptions{}, "status"); err != nil {
		t.Errorf("the status of its own pod: %v", err)
	}
	_, err = two.CoreV1().Nodes().Patch(t.Context(), "conformance-one", types.MergePatchType, []byte(`{"spec": {"unschedulable": true}}`), metav1.PatchOptions{})
	refused(t, "another node's object", err, apierrors.IsForbidden)
	// The name alone is not enough: without the group it is anybody.
	_, err = s.user(t, "system:node:conformance-one").CoreV1().Secrets(namespace).Get(t.Context(), "mounted", metav1.GetOptions{})
	refused(t, "a node's name without its group", err, apierrors.IsForbidden)
}
