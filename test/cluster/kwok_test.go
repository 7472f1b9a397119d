package cluster

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster/binary"
)

// eventually polls until the condition holds without an error; the limit is for a busy machine.
func eventually(t *testing.T, what string, condition func(context.Context) (bool, error)) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		var done bool
		done, last = condition(ctx)
		return done && last == nil, nil
	})
	if err != nil {
		t.Fatalf("%s: %v (the last error: %v)", what, err, last)
	}
}

func TestKwokRunsDeployments(t *testing.T) {
	strangersConfiguration(t)
	c := Test(t, Options{Controllers: Workloads(), Scheduler: true, Nodes: 2})
	client := kubernetes.NewForConfigOrDie(c.AdminConfig(t))

	three := int32(3)
	labels := map[string]string{"app": "web"}
	_, err := client.AppsV1().Deployments("default").Create(t.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: "web"},
		Spec: appsv1.DeploymentSpec{
			Replicas: &three, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: podSpec("")},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "three available", func(ctx context.Context) (bool, error) {
		d, err := client.AppsV1().Deployments("default").Get(ctx, "web", metav1.GetOptions{})
		return d.Status.AvailableReplicas == 3, err
	})
	if err := client.AppsV1().Deployments("default").Delete(t.Context(), "web", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "no pod left", func(ctx context.Context) (bool, error) {
		pods, err := client.CoreV1().Pods("default").List(ctx, metav1.ListOptions{})
		return len(pods.Items) == 0, err
	})
}

// strangersConfiguration is a kwok that the person has set up, of which a cluster must read nothing: kwok
// would refuse to start with it.
func strangersConfiguration(t *testing.T) {
	cache, err := binary.Cache()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("POLYGRAPH_CLUSTER_CACHE", cache)
	home := t.TempDir()
	for _, folder := range []string{".kwok", "elsewhere"} {
		if err := os.MkdirAll(filepath.Join(home, folder), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, folder, "kwok.yaml"), []byte("kind: [\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", home)
	t.Setenv("KWOK_WORKDIR", filepath.Join(home, "elsewhere"))
}

func podSpec(node string) corev1.PodSpec {
	return corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "main", Image: "example.test/none"}}}
}

func pod(name, node string) *corev1.Pod {
	return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: podSpec(node)}
}

// Other nodes may be real. What kwok does to its own comes after what it would have done to the other one.
// The scheduler binds to kwok's, from which the start took the taint of a new node: under the Core
// controllers nobody else does.
func TestKwokLeavesOtherNodesAlone(t *testing.T) {
	t.Parallel()
	c := Test(t, Options{Nodes: 1, Scheduler: true})
	client := kubernetes.NewForConfigOrDie(c.AdminConfig(t))
	other := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "other", Labels: map[string]string{KwokLabel: "kwok"}}}
	if _, err := client.CoreV1().Nodes().Create(t.Context(), other, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for i, node := range []string{"other", "kwok-0", ""} {
		name := []string{"there", "here", "anywhere"}[i]
		eventually(t, "the default account", func(ctx context.Context) (bool, error) {
			_, err := client.CoreV1().Pods("default").Create(ctx, pod(name, node), metav1.CreateOptions{})
			return err == nil, err
		})
	}
	for _, name := range []string{"here", "anywhere"} {
		eventually(t, name+" is Running, on kwok's node", func(ctx context.Context) (bool, error) {
			p, err := client.CoreV1().Pods("default").Get(ctx, name, metav1.GetOptions{})
			return p.Status.Phase == corev1.PodRunning && p.Spec.NodeName == "kwok-0", err
		})
	}
	there, err := client.CoreV1().Pods("default").Get(t.Context(), "there", metav1.GetOptions{})
	if err != nil || there.Status.Phase != corev1.PodPending {
		t.Errorf("the pod of the other node is %s, %v", there.Status.Phase, err)
	}
	node, err := client.CoreV1().Nodes().Get(t.Context(), "other", metav1.GetOptions{})
	if err != nil || len(node.Status.Conditions) > 0 || len(node.Status.Addresses) > 0 {
		t.Errorf("the other node got a status: %+v, %v", node.Status, err)
	}
}
