package podrunner

import (
	"context"
	"fmt"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"polygraph/test/cluster"
)

// Pods live on without the API, those that read something from it too; it learns later what became of them.
func TestAPIServerIsAway(t *testing.T) {
	s := newScene(t, nil)
	c := shared.Cluster(t)
	if _, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"VERSION": "seven"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	web := server("")
	web.Env = web.Env[:len(web.Env)-1]
	web.EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}}
	s.create("survivor", corev1.PodSpec{Containers: []corev1.Container{web, shell("other", "echo born; sleep 3600")}})
	address := s.until("survivor", "is ready", podReady).Status.PodIP
	if err := c.Stop(t.Context(), cluster.APIServer); err != nil {
		t.Fatal(err)
	}
	back := false
	defer func() {
		if !back { // the tests that follow want it
			t.Log(c.Run(context.Background(), cluster.APIServer))
		}
	}()
	if got := s.get(address, "/"); got != "survivor seven" {
		t.Errorf("without an API server the pod says %q", got)
	}
	for _, name := range []string{"web", "other"} {
		if err := s.runner.Kill(s.namespace, "survivor", name); err != nil {
			t.Fatal(err)
		}
	}
	s.eventually("both are restarted without an API server", func() error {
		if got := strings.Count(s.log("survivor", "other"), "born"); got != 2 {
			return fmt.Errorf("one was born %d times", got)
		}
		return s.runner.Kill(s.namespace, "survivor", "web")
	})
	if err := c.Run(t.Context(), cluster.APIServer); err != nil {
		t.Fatal(err)
	}
	back = true
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.until("survivor", "is known to have been restarted", func(p *corev1.Pod) bool {
		all := p.Status.ContainerStatuses
		return podReady(p) && all[0].RestartCount == 2 && all[1].RestartCount == 1
	})
}

// A controller that believed the node dead says that its pods are not ready. The node knows better.
func TestStatusIsPutRight(t *testing.T) {
	s := newScene(t, nil)
	s.create("slandered", corev1.PodSpec{Containers: []corev1.Container{actor("main", "wait")}})
	s.until("slandered", "is ready", podReady)
	patch := `{"status":{"conditions":[{"type":"Ready","status":"False","reason":"NodeNotReady"}]}}`
	if _, err := s.client.CoreV1().Pods(s.namespace).Patch(t.Context(), "slandered", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}, "status"); err != nil {
		t.Fatal(err)
	}
	p := s.until("slandered", "is ready again", podReady)
	if is := find(p.Status.Conditions, corev1.PodReady); is.Reason != "" {
		t.Errorf("Ready keeps the reason of somebody else: %+v", is)
	}
}

// A node that lost its power and comes back starts its pods anew, from their init containers on.
func TestNodeComesBack(t *testing.T) {
	s := newScene(t, func(o *Options) { o.KeepNode = true })
	s.create("old", corev1.PodSpec{
		InitContainers: []corev1.Container{shell("first", "touch ../first.done")},
		Containers:     []corev1.Container{shell("main", "test -e ../first.done || exit 1; sleep 3600")},
	})
	s.until("old", "is ready", podReady)
	if err := s.runner.PowerOff(); err != nil {
		t.Fatal(err)
	}
	if err := s.runner.Close(); err != nil {
		t.Fatal(err)
	}
	c := shared.Cluster(t)
	next, err := Start(t.Context(), c.UserConfig(t, "system:node:"+s.node, "system:nodes"), Options{Node: s.node, Administrator: c.AdminConfig(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := next.Close(); err != nil {
			t.Error(err)
		}
	}()
	p := s.until("old", "is ready again", func(p *corev1.Pod) bool { return podReady(p) && restartCount(p) == 1 })
	if n := p.Status.InitContainerStatuses[0].RestartCount; n != 1 {
		t.Errorf("its init container was restarted %d times, not once", n)
	}
	if end := p.Status.ContainerStatuses[0].LastTerminationState.Terminated; end == nil || end.Reason != "ContainerStatusUnknown" || end.ExitCode != 137 {
		t.Errorf("its container ended as %+v", end)
	}
}

// A sidecar's hook runs when the end begins, its signal comes when the containers have ended.
func TestHookOfASidecar(t *testing.T) {
	s := newScene(t, nil)
	always := corev1.ContainerRestartPolicyAlways
	side := actor("side", "wait")
	side.RestartPolicy = &always
	side.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"touch", "../hooked"}}}}
	s.create("pair", corev1.PodSpec{
		InitContainers: []corev1.Container{side},
		Containers:     []corev1.Container{shell("main", "trap 'while ! test -e ../hooked; do sleep 0.02; done; echo hooked; exit' TERM; echo up; while :; do sleep 0.02; done")},
	})
	s.logged("pair", "main", "up")
	s.logged("pair", "side", "waiting") // it listens to signals
	s.until("pair", "is ready", podReady)
	s.remove("pair")
	s.untilGone("pair")
	if got := s.log("pair", "main"); !strings.Contains(got, "hooked") {
		t.Errorf("the hook of the sidecar did not run before the end of the container: %q", got)
	}
	if got := s.log("pair", "side"); !strings.Contains(got, "asked to end") {
		t.Errorf("the sidecar was not asked to end: %q", got)
	}
}

// As many pods as a node has places for start and end without the node being late.
func TestFullNode(t *testing.T) {
	s := newScene(t, nil)
	const pods = 100
	for i := range pods {
		s.create(fmt.Sprint("p", i), corev1.PodSpec{NodeName: s.node, Containers: []corev1.Container{{Name: "main", Image: "none", Command: []string{"sleep", "3600"}}}})
	}
	s.eventually("all run", func() error { return s.bound(pods) })
	if err := s.client.CoreV1().Pods(s.namespace).DeleteCollection(t.Context(), metav1.DeleteOptions{}, metav1.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	s.eventually("none is left", func() error {
		all, err := s.client.CoreV1().Pods(s.namespace).List(t.Context(), metav1.ListOptions{})
		if err == nil && len(all.Items) > 0 {
			err = fmt.Errorf("%d are", len(all.Items))
		}
		return err
	})
}
