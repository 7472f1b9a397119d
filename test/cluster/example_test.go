package cluster_test

import (
	"context"
	"testing"
	"time"

	rbac "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster"
)

// TestExample is the example of CONTRIBUTING.md: who is not bound to a role may not list pods, who is may.
func TestExample(t *testing.T) {
	c := cluster.Test(t, cluster.Options{})
	admin := kubernetes.NewForConfigOrDie(c.AdminConfig(t))
	alice := kubernetes.NewForConfigOrDie(c.UserConfig(t, "alice", "developers"))

	if _, err := alice.CoreV1().Pods("default").List(t.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Fatalf("alice lists pods without a role: %v", err)
	}
	_, err := admin.RbacV1().RoleBindings("default").Create(t.Context(), &rbac.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "developers"},
		Subjects:   []rbac.Subject{{APIGroup: rbac.GroupName, Kind: rbac.GroupKind, Name: "developers"}},
		RoleRef:    rbac.RoleRef{APIGroup: rbac.GroupName, Kind: "ClusterRole", Name: "view"},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// The authorizer learns of the binding through a watch.
	err = wait.PollUntilContextTimeout(t.Context(), 10*time.Millisecond, 10*time.Second, true, func(ctx context.Context) (bool, error) {
		_, err := alice.CoreV1().Pods("default").List(ctx, metav1.ListOptions{})
		return err == nil, nil
	})
	if err != nil {
		t.Fatalf("alice may not list pods with the role: %v", err)
	}
}
