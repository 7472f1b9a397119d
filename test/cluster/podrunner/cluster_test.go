package podrunner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"

	"polygraph/test/cluster"
)

// patience is for a machine that is busy with other things.
const patience = 90 * time.Second

// scene is one test's node, namespace and client.
type scene struct {
	*testing.T
	runner    *Runner
	client    kubernetes.Interface
	namespace string
	node      string
}

// newScene starts a node that has no more rights than a kubelet, but for the administrator who removes it.
func newScene(t *testing.T, change func(*Options)) *scene {
	t.Helper()
	if err := Prepare(); err != nil {
		skip(t, err)
	}
	return newSceneIn(t, shared.Cluster(t), change)
}

func newSceneIn(t *testing.T, c *cluster.Cluster, change func(*Options)) *scene {
	t.Helper()
	node := "node-" + strings.ToLower(strings.NewReplacer("_", "-", "/", "-").Replace(t.Name()))
	options := Options{Node: node, Administrator: c.AdminConfig(t)}
	if change != nil {
		change(&options)
	}
	client, err := kubernetes.NewForConfig(c.AdminConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	runner, err := Start(t.Context(), c.UserConfig(t, "system:node:"+node, "system:nodes"), options)
	if err != nil {
		t.Fatal(err)
	}
	s := &scene{T: t, runner: runner, client: client, node: node, namespace: c.Namespace(t)}
	t.Cleanup(func() {
		if t.Failed() {
			s.describe()
		}
		if err := runner.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// describe logs what one wants to see of a test that failed.
func (s *scene) describe() {
	ctx := context.Background()
	if pods, err := s.client.CoreV1().Pods(s.namespace).List(ctx, metav1.ListOptions{}); err == nil {
		for _, p := range pods.Items {
			s.Logf("pod %s on %q: %s %s %s\n%+v\n%+v", p.Name, p.Spec.NodeName, p.Status.Phase, p.Status.Reason, p.Status.Message, p.Status.ContainerStatuses, p.Status.Conditions)
		}
	}
	if events, err := s.client.CoreV1().Events(s.namespace).List(ctx, metav1.ListOptions{}); err == nil {
		for _, e := range events.Items {
			s.Logf("event %s/%s %s: %s", e.InvolvedObject.Name, e.InvolvedObject.FieldPath, e.Reason, e.Message)
		}
	}
	text, _ := os.ReadFile(s.runner.folder + "/podrunner.log")
	s.Logf("%s", text)
}

// eventually asks until there is no error any more.
func (s *scene) eventually(what string, ask func() error) {
	s.Helper()
	late := time.Now().Add(patience)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(late) {
			s.Fatalf("%s: %v", what, err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// actor is a container that plays a part, with its name and address in its environment.
func actor(name, part string, env ...string) corev1.Container {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	c := corev1.Container{
		Name: name, Image: "none", Command: []string{self},
		Env: []corev1.EnvVar{
			{Name: playVariable, Value: part},
			{Name: "POD_NAME", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}},
			{Name: "POD_IP", ValueFrom: &corev1.EnvVarSource{FieldRef: &corev1.ObjectFieldSelector{FieldPath: "status.podIP"}}},
		},
	}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		c.Env = append(c.Env, corev1.EnvVar{Name: name, Value: value})
	}
	return c
}

// shell is a container that runs a script.
func shell(name, script string) corev1.Container {
	return corev1.Container{Name: name, Image: "none", Command: []string{"sh", "-c", script}}
}

// httpProbe asks a path of the container's server each second.
func httpProbe(path string, failures int32) *corev1.Probe {
	return &corev1.Probe{
		ProbeHandler:  corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("http")}},
		PeriodSeconds: 1, FailureThreshold: failures,
	}
}

// server is a container that answers on the port named http and says whether it is ready.
func server(version string) corev1.Container {
	c := actor("web", "serve", "VERSION="+version)
	c.Ports = []corev1.ContainerPort{{Name: "http", ContainerPort: 8080}}
	c.ReadinessProbe = httpProbe("/ready", 1)
	return c
}

// here keeps a pod on the scene's node. For a moment the scheduler may still know the node of an earlier test.
func (s *scene) here(spec corev1.PodSpec) corev1.PodSpec {
	spec.NodeSelector = map[string]string{corev1.LabelHostname: s.node}
	return spec
}

func (s *scene) create(name string, spec corev1.PodSpec) *corev1.Pod {
	s.Helper()
	pod, err := s.client.CoreV1().Pods(s.namespace).Create(s.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"name": name}}, Spec: s.here(spec)}, metav1.CreateOptions{})
	if err != nil {
		s.Fatal(err)
	}
	return pod
}

// until waits for a state of a pod and returns the pod in it.
func (s *scene) until(name, what string, is func(*corev1.Pod) bool) *corev1.Pod {
	s.Helper()
	var pod *corev1.Pod
	s.eventually("pod "+name+" "+what, func() (err error) {
		if pod, err = s.client.CoreV1().Pods(s.namespace).Get(s.Context(), name, metav1.GetOptions{}); err == nil && !is(pod) {
			err = fmt.Errorf("it is %s %s, %+v", pod.Status.Phase, pod.Status.Reason, pod.Status.ContainerStatuses)
		}
		return err
	})
	return pod
}

func podReady(p *corev1.Pod) bool {
	c := find(p.Status.Conditions, corev1.PodReady)
	return c != nil && c.Status == corev1.ConditionTrue
}

func inPhase(want corev1.PodPhase) func(*corev1.Pod) bool {
	return func(p *corev1.Pod) bool { return p.Status.Phase == want }
}

func (s *scene) remove(name string) {
	s.Helper()
	if err := s.client.CoreV1().Pods(s.namespace).Delete(s.Context(), name, metav1.DeleteOptions{}); err != nil {
		s.Fatal(err)
	}
}

func (s *scene) untilGone(name string) {
	s.Helper()
	s.eventually("pod "+name+" is gone", func() error {
		_, err := s.client.CoreV1().Pods(s.namespace).Get(s.Context(), name, metav1.GetOptions{})
		if err == nil {
			return errors.New("it is still there")
		}
		return nil
	})
}

func (s *scene) logged(pod, container, text string) {
	s.Helper()
	s.eventually("the log of "+pod+"/"+container, func() error {
		if got := s.log(pod, container); !strings.Contains(got, text) {
			return fmt.Errorf("%q is not in it: %q", text, got)
		}
		return nil
	})
}

func (s *scene) log(pod, container string) string {
	text, _ := os.ReadFile(s.runner.Log(s.namespace, pod, container))
	return string(text)
}

// event waits for one about the pod.
func (s *scene) event(pod, reason, text string) {
	s.Helper()
	s.eventually("event "+reason, func() error {
		events, err := s.client.CoreV1().Events(s.namespace).List(s.Context(), metav1.ListOptions{FieldSelector: "involvedObject.name=" + pod})
		if err != nil {
			return err
		}
		for _, e := range events.Items {
			if e.Reason == reason && strings.Contains(e.Message, text) {
				return nil
			}
		}
		return fmt.Errorf("%d others", len(events.Items))
	})
}

// deploy makes a Deployment of servers and its Service.
func (s *scene) deploy(name string, replicas int32, container corev1.Container) *appsv1.Deployment {
	s.Helper()
	labels := map[string]string{"app": name}
	deployment, err := s.client.AppsV1().Deployments(s.namespace).Create(s.Context(), &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: s.here(corev1.PodSpec{Containers: []corev1.Container{container}})},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		s.Fatal(err)
	}
	_, err = s.client.CoreV1().Services(s.namespace).Create(s.Context(), &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       corev1.ServiceSpec{Selector: labels, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromString("http")}}},
	}, metav1.CreateOptions{})
	if err != nil {
		s.Fatal(err)
	}
	return deployment
}

// endpoints are the ready addresses of a Service by the names of their pods.
func (s *scene) endpoints(service string) (map[string]string, error) {
	slicesOf, err := s.client.DiscoveryV1().EndpointSlices(s.namespace).List(s.Context(), metav1.ListOptions{LabelSelector: discoveryv1.LabelServiceName + "=" + service})
	if err != nil {
		return nil, err
	}
	ready := map[string]string{}
	for _, slice := range slicesOf.Items {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready != nil && *e.Conditions.Ready {
				ready[e.TargetRef.Name] = e.Addresses[0]
			}
		}
	}
	return ready, nil
}

// untilEndpoints waits for a state of the ready addresses.
func (s *scene) untilEndpoints(service, what string, is func(map[string]string) bool) map[string]string {
	s.Helper()
	var ready map[string]string
	s.eventually("endpoints of "+service+" "+what, func() (err error) {
		if ready, err = s.endpoints(service); err == nil && !is(ready) {
			err = fmt.Errorf("they are %v", ready)
		}
		return err
	})
	return ready
}

// get asks a pod.
func (s *scene) get(address, path string) string {
	s.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get("http://" + address + ":8080" + path)
	if err != nil {
		s.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return string(text)
}

func anyOf(m map[string]string) (name, address string) {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names[0], m[names[0]]
}
