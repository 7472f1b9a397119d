package podrunner

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func restartCount(p *corev1.Pod) int32 {
	if len(p.Status.ContainerStatuses) == 0 {
		return -1
	}
	return p.Status.ContainerStatuses[0].RestartCount
}

func TestCrashLoop(t *testing.T) {
	s := newScene(t, func(o *Options) { o.Backoff = Backoff{Initial: time.Second, Limit: time.Hour} })
	s.create("crash", corev1.PodSpec{Containers: []corev1.Container{actor("main", "exit", "CODE=7")}})
	p := s.until("crash", "waits in a crash loop", func(p *corev1.Pod) bool {
		return restartCount(p) >= 2 && p.Status.ContainerStatuses[0].State.Waiting != nil
	})
	c := p.Status.ContainerStatuses[0]
	if c.State.Waiting.Reason != "CrashLoopBackOff" || c.LastTerminationState.Terminated == nil || c.LastTerminationState.Terminated.ExitCode != 7 {
		t.Errorf("a container that crashes: %+v, last %+v", c.State, c.LastTerminationState)
	}
	if p.Status.Phase != corev1.PodRunning || c.Ready {
		t.Errorf("its pod is %s, ready %v; it should be Running and not ready", p.Status.Phase, c.Ready)
	}
	s.event("crash", "BackOff", "Back-off restarting failed container main in pod crash")
	s.remove("crash")
	s.untilGone("crash")
}

func TestLivenessRestarts(t *testing.T) {
	s := newScene(t, nil)
	c := server("one")
	c.LivenessProbe = httpProbe("/live", 2)
	c.StartupProbe = httpProbe("/live", 30)
	// It ends with 0 when it is asked to; what a probe ended comes back all the same.
	s.create("sick", corev1.PodSpec{RestartPolicy: corev1.RestartPolicyOnFailure, Containers: []corev1.Container{c}})
	p := s.until("sick", "is ready", podReady)
	if !*p.Status.ContainerStatuses[0].Started {
		t.Error("a ready container is not started")
	}
	s.get(p.Status.PodIP, "/sicken")
	p = s.until("sick", "is restarted and ready", func(p *corev1.Pod) bool { return restartCount(p) == 1 && podReady(p) })
	if end := p.Status.ContainerStatuses[0].LastTerminationState.Terminated; end == nil || end.ExitCode != 0 {
		t.Errorf("it was asked to end and ended with %+v, not with 0", end)
	}
	s.event("sick", "Unhealthy", "Liveness probe failed: HTTP probe failed with statuscode: 503")
	s.event("sick", "Killing", "Container web failed liveness probe, will be restarted")
}

func TestGracefulEnd(t *testing.T) {
	s := newScene(t, nil)
	c := server("one")
	c.Lifecycle = &corev1.Lifecycle{
		PostStart: &corev1.LifecycleHandler{Exec: &corev1.ExecAction{Command: []string{"sh", "-c", "echo $POD_NAME '$(POD_NAME)' > ../started"}}},
		PreStop:   &corev1.LifecycleHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/note?what=farewell", Port: intstr.FromInt32(8080)}},
	}
	s.create("polite", corev1.PodSpec{Containers: []corev1.Container{c}})
	p := s.until("polite", "is ready", podReady)
	hook, err := os.ReadFile(filepath.Join(s.runner.folder, "work", string(p.UID), "started"))
	if strings.TrimSpace(string(hook)) != "polite $(POD_NAME)" { // nothing is replaced in a hook
		t.Errorf("the hook after the start wrote %q (%v), not the pod's name and what it is written like", hook, err)
	}
	s.remove("polite")
	s.untilGone("polite")
	if got := s.log("polite", "web"); !strings.HasSuffix(got, "noted farewell\nasked to end\n") {
		t.Errorf("the log is %q: the hook comes first, then the signal", got)
	}
	if _, err := os.Stat(filepath.Join(s.runner.folder, "work", string(p.UID))); !os.IsNotExist(err) {
		t.Errorf("its working folder: %v, not gone", err)
	}
	noAddress(t, p.Status.PodIP)
	if info, err := os.Stat(s.runner.Log(s.namespace, "polite", "web")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the mode of a log, which may hold Secrets: %v, %v; not 0600", info.Mode(), err)
	}

	// One that does not listen is killed when its grace is over.
	grace := int64(1)
	s.create("stubborn", corev1.PodSpec{TerminationGracePeriodSeconds: &grace, Containers: []corev1.Container{actor("main", "stubborn")}})
	s.logged("stubborn", "main", "deaf")
	s.remove("stubborn")
	s.untilGone("stubborn")
	s.event("stubborn", "Killing", "Stopping container main")
}

func TestForcedDeletion(t *testing.T) {
	s := newScene(t, nil)
	p := s.create("forced", corev1.PodSpec{Containers: []corev1.Container{actor("main", "stubborn")}})
	s.logged("forced", "main", "deaf")
	p = s.until("forced", "runs", inPhase(corev1.PodRunning))
	zero := int64(0)
	if err := s.client.CoreV1().Pods(s.namespace).Delete(t.Context(), "forced", metav1.DeleteOptions{GracePeriodSeconds: &zero}); err != nil {
		t.Fatal(err)
	}
	s.eventually("the process of a pod that is no more", func() error { return addressLeft(p.Status.PodIP) })
}

func TestInitContainersAndSidecars(t *testing.T) {
	s := newScene(t, nil)
	always := corev1.ContainerRestartPolicyAlways
	side := actor("side", "wait")
	side.RestartPolicy = &always
	side.StartupProbe = &corev1.Probe{PeriodSeconds: 1, FailureThreshold: 30, ProbeHandler: corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"test", "-e", "../first.done"}}}}
	s.create("steps", corev1.PodSpec{
		RestartPolicy:  corev1.RestartPolicyNever,
		InitContainers: []corev1.Container{shell("first", "touch ../first.done"), side, shell("last", "test -e ../first.done && touch ../last.done")},
		Containers:     []corev1.Container{shell("main", "test -e ../last.done && sleep 1")},
	})
	p := s.until("steps", "has succeeded", inPhase(corev1.PodSucceeded))
	for _, status := range p.Status.InitContainerStatuses {
		if end := status.State.Terminated; end == nil || end.ExitCode != 0 {
			t.Errorf("init container %s ended as %+v, not with 0", status.Name, status.State)
		}
	}
	if got := s.log("steps", "side"); !strings.Contains(got, "asked to end") {
		t.Errorf("the log of the sidecar is %q: it was not asked to end", got)
	}
	if c := find(p.Status.Conditions, corev1.PodInitialized); c == nil || c.Status != corev1.ConditionTrue || c.Reason != "PodCompleted" {
		t.Errorf("Initialized is %+v", c)
	}

	s.create("broken", corev1.PodSpec{
		RestartPolicy:  corev1.RestartPolicyNever,
		InitContainers: []corev1.Container{shell("first", "exit 4")},
		Containers:     []corev1.Container{shell("main", "true")},
	})
	p = s.until("broken", "has failed", inPhase(corev1.PodFailed))
	if p.Status.ContainerStatuses[0].State.Waiting == nil {
		t.Errorf("the container behind a failed init container: %+v, it should never have started", p.Status.ContainerStatuses[0].State)
	}
}

func TestEnvironmentFromTheAPI(t *testing.T) {
	s := newScene(t, nil)
	ctx := t.Context()
	if _, err := s.client.CoreV1().ConfigMaps(s.namespace).Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "settings"}, Data: map[string]string{"COLOUR": "green"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	c := shell("main", "echo $COLOUR $(TOKEN) $1; sleep 3600")
	c.Args = []string{"zero", "$(TOKEN)"}
	c.EnvFrom = []corev1.EnvFromSource{{ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "settings"}}}}
	c.Env = []corev1.EnvVar{{Name: "TOKEN", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "late"}, Key: "token"}}}}
	s.create("reader", corev1.PodSpec{Containers: []corev1.Container{c}})
	s.until("reader", "waits for its Secret", func(p *corev1.Pod) bool {
		return len(p.Status.ContainerStatuses) == 1 && p.Status.ContainerStatuses[0].State.Waiting != nil && p.Status.ContainerStatuses[0].State.Waiting.Reason == "CreateContainerConfigError"
	})
	if _, err := s.client.CoreV1().Secrets(s.namespace).Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "late"}, StringData: map[string]string{"token": "hush"}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.logged("reader", "main", "green hush hush")
}

func TestRefusedPods(t *testing.T) {
	s := newScene(t, nil)
	mounts := shell("main", "true")
	mounts.VolumeMounts = []corev1.VolumeMount{{Name: "data", MountPath: "/data"}}
	s.create("mounts", corev1.PodSpec{Containers: []corev1.Container{mounts}, Volumes: []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}})
	s.create("image", corev1.PodSpec{Containers: []corev1.Container{{Name: "main", Image: "nginx"}}})
	asks := shell("main", "true")
	asks.ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{Port: 80}}}
	s.create("asks", corev1.PodSpec{Containers: []corev1.Container{asks}})
	for name, reason := range map[string]string{"mounts": "MountsNotSupported", "image": "NoCommand", "asks": "ProbeNotSupported"} {
		p := s.until(name, "is refused", func(p *corev1.Pod) bool {
			return len(p.Status.ContainerStatuses) == 1 && p.Status.ContainerStatuses[0].State.Waiting != nil && p.Status.ContainerStatuses[0].State.Waiting.Reason == reason
		})
		if p.Status.Phase != corev1.PodPending {
			t.Errorf("%s is %s, not Pending", name, p.Status.Phase)
		}
		s.event(name, reason, "podrunner")
		s.remove(name)
		s.untilGone(name)
	}
	s.create("nowhere", corev1.PodSpec{RestartPolicy: corev1.RestartPolicyNever, Containers: []corev1.Container{{Name: "main", Image: "none", Command: []string{"no-such-program"}}}})
	p := s.until("nowhere", "has failed", inPhase(corev1.PodFailed))
	if end := p.Status.ContainerStatuses[0].State.Terminated; end == nil || end.ExitCode != 128 || end.Reason != "StartError" {
		t.Errorf("a program that is not there: %+v", end)
	}
}

func TestDeadlineAndReadinessGate(t *testing.T) {
	s := newScene(t, nil)
	limit := int64(2)
	s.create("limited", corev1.PodSpec{ActiveDeadlineSeconds: &limit, Containers: []corev1.Container{actor("main", "wait")}})
	c := server("one")
	s.create("gated", corev1.PodSpec{ReadinessGates: []corev1.PodReadinessGate{{ConditionType: "example.com/open"}}, Containers: []corev1.Container{c}})
	p := s.until("gated", "waits for its gate", func(p *corev1.Pod) bool {
		is := find(p.Status.Conditions, corev1.PodReady)
		return is != nil && is.Reason == "ReadinessGatesNotReady"
	})
	p.Status.Conditions = append(p.Status.Conditions, corev1.PodCondition{Type: "example.com/open", Status: corev1.ConditionTrue})
	if _, err := s.client.CoreV1().Pods(s.namespace).UpdateStatus(t.Context(), p, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	p = s.until("gated", "is ready", podReady)
	if is := find(p.Status.Conditions, corev1.PodReady); is.Reason != "" || is.Message != "" || is.ObservedGeneration != p.Generation {
		t.Errorf("Ready keeps what it was not for: %+v", is)
	}
	p = s.until("limited", "is over its deadline", inPhase(corev1.PodFailed))
	if p.Status.Reason != "DeadlineExceeded" {
		t.Errorf("its reason is %q", p.Status.Reason)
	}
}

func TestBindAndLimitOfPods(t *testing.T) {
	s := newScene(t, func(o *Options) {
		o.Bind = true
		o.Capacity = corev1.ResourceList{corev1.ResourcePods: *intQuantity(2)}
	})
	for _, name := range []string{"a", "b", "c"} {
		s.create(name, corev1.PodSpec{SchedulerName: "nobody", Containers: []corev1.Container{actor("main", "wait")}})
	}
	s.eventually("two of three are bound", func() error { return s.bound(2) })
	// One that names the node is not kept back by anybody, and comes to a full node.
	s.create("more", corev1.PodSpec{NodeName: s.node, Containers: []corev1.Container{actor("main", "wait")}})
	p := s.until("more", "is rejected", inPhase(corev1.PodFailed))
	if p.Status.Reason != "OutOfpods" || !strings.Contains(p.Status.Message, "used: 2, capacity: 2") {
		t.Errorf("%s: %s", p.Status.Reason, p.Status.Message)
	}
	for _, name := range []string{"a", "b", "c"} {
		s.remove(name)
	}
}

func intQuantity(n int64) *resource.Quantity { return resource.NewQuantity(n, resource.DecimalSI) }

// bound is an error unless so many pods run.
func (s *scene) bound(want int) error {
	pods, err := s.client.CoreV1().Pods(s.namespace).List(s.Context(), metav1.ListOptions{})
	if err != nil {
		return err
	}
	got := 0
	for _, p := range pods.Items {
		if p.Status.Phase == corev1.PodRunning {
			got++
		}
	}
	if got != want {
		return fmt.Errorf("%d run", got)
	}
	return nil
}

func TestPowerOff(t *testing.T) {
	s := newScene(t, nil)
	s.deploy("web", 1, server("one"))
	name, address := anyOf(s.untilEndpoints("web", "is one", func(ready map[string]string) bool { return len(ready) == 1 }))
	if err := s.runner.PowerOff(); err != nil {
		t.Fatal(err)
	}
	noAddress(t, address)
	p, err := s.client.CoreV1().Pods(s.namespace).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil || !podReady(p) {
		t.Errorf("the API knows that %s is not ready: a node without power cannot have told it (%v)", name, err)
	}
	n, err := s.client.CoreV1().Nodes().Get(t.Context(), s.node, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range n.Status.Conditions {
		if c.Type == corev1.NodeReady && c.Status != corev1.ConditionTrue {
			t.Errorf("the node is %+v although nobody told the API", c)
		}
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	s := newScene(t, nil)
	c := shell("main", "sleep 3600 & echo child $!; wait")
	s.create("family", corev1.PodSpec{Containers: []corev1.Container{c, server("one")}})
	p := s.until("family", "is ready", podReady)
	s.logged("family", "main", "child ")
	child := strings.Fields(s.log("family", "main"))[1]
	if err := s.runner.Close(); err != nil {
		t.Fatal(err)
	}
	gone(t, child, "3600")
	noAddress(t, p.Status.PodIP)
	noAddress(t, s.runner.addresses.node.String())
	if _, err := os.Stat(s.runner.folder); !os.IsNotExist(err) {
		t.Errorf("the folder: %v, not gone", err)
	}
	p, err := s.client.CoreV1().Pods(s.namespace).Get(context.Background(), "family", metav1.GetOptions{})
	if err == nil && (p.Status.Phase != corev1.PodFailed || p.Status.Reason != "Terminated") {
		t.Errorf("its pod is %s %s, not Failed Terminated", p.Status.Phase, p.Status.Reason)
	}
	if _, err := s.client.CoreV1().Nodes().Get(context.Background(), s.node, metav1.GetOptions{}); err == nil {
		t.Error("the Node is still there")
	}
	s.eventually("goroutines of the runner", func() error {
		return goroutines(".(*Runner).", ".(*pod).", ".(*writer).", ".(*process).", ".(*spawner).")
	})
}

// goroutines is an error where one runs one of the functions.
func goroutines(functions ...string) error {
	buffer := make([]byte, 1<<20)
	text := string(buffer[:runtime.Stack(buffer, true)])
	for _, one := range strings.Split(text, "\n\n") {
		for _, f := range functions {
			if strings.Contains(one, "podrunner"+f) {
				return &leak{one}
			}
		}
	}
	return nil
}

type leak struct{ stack string }

func (l *leak) Error() string { return "a goroutine is left:\n" + l.stack }

func noAddress(t *testing.T, address string) {
	t.Helper()
	if err := addressLeft(address); err != nil {
		t.Error(err)
	}
}

// addressLeft is an error while a device has the address.
func addressLeft(address string) error {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	for _, a := range all {
		if network, ok := a.(*net.IPNet); ok && network.IP.String() == address {
			return &held{address}
		}
	}
	return nil
}

type held struct{ address string }

func (h *held) Error() string { return h.address + " is still there" }
