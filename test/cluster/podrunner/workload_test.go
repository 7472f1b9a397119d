package podrunner

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
)

func TestDeploymentBehindAService(t *testing.T) {
	s := newScene(t, nil)
	s.deploy("web", 3, server("one"))
	three := func(ready map[string]string) bool { return len(ready) == 3 }
	all := s.untilEndpoints("web", "are three", three)
	for pod, address := range all {
		if got := s.get(address, "/"); got != pod+" one" {
			t.Errorf("%s says %q instead of %q", address, got, pod+" one")
		}
	}

	// A process that is killed: the endpoint leaves, the pod stays, the endpoint comes back.
	victim, address := anyOf(all)
	if err := s.runner.Kill(s.namespace, victim, "web"); err != nil {
		t.Fatal(err)
	}
	p := s.until(victim, "is restarted and ready", func(p *corev1.Pod) bool { return restartCount(p) == 1 && podReady(p) })
	if end := p.Status.ContainerStatuses[0].LastTerminationState.Terminated; end == nil || end.ExitCode != 137 || end.Reason != "Error" {
		t.Errorf("the last state is %+v, not exit code 137", end)
	}
	if p.Status.PodIP != address {
		t.Errorf("the pod's address changed from %s to %s", address, p.Status.PodIP)
	}
	s.untilEndpoints("web", "are three again", three)

	// A readiness that is switched off: the endpoint leaves without a restart.
	s.get(address, "/unready")
	s.untilEndpoints("web", "are without the unready one", func(ready map[string]string) bool { return len(ready) == 2 && ready[victim] == "" })
	p = s.until(victim, "is not ready", func(p *corev1.Pod) bool { return !podReady(p) })
	if restartCount(p) != 1 || p.Status.Phase != corev1.PodRunning {
		t.Errorf("a pod that is not ready: %s with %d restarts, not Running with 1", p.Status.Phase, restartCount(p))
	}
	s.event(victim, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503")
	s.get(address, "/recover")
	s.untilEndpoints("web", "are three once more", three)

	// A pod that is deleted: its address leaves, another pod comes.
	s.remove(victim)
	s.untilGone(victim)
	s.untilEndpoints("web", "have another pod", func(ready map[string]string) bool { return len(ready) == 3 && ready[victim] == "" })
	if got := s.log(victim, "web"); !strings.Contains(got, "asked to end") {
		t.Errorf("the log of a deleted pod is %q: it was not asked to end", got)
	}
}

// The endpoint of a killed process is seen to leave: with a probe that has to wait before it tries, the
// pod is not ready for long enough. This one test runs on each version.
func TestKilledProcessLeavesTheEndpoints(t *testing.T) {
	if err := Prepare(); err != nil {
		skip(t, err)
	}
	for _, version := range cluster.Versions(t) {
		t.Run(string(version), func(t *testing.T) {
			if version == binary.Newest {
				killedProcessLeaves(newSceneIn(t, shared.Cluster(t), nil))
				return
			}
			options := shared.Options
			options.Version = version
			killedProcessLeaves(newSceneIn(t, cluster.Test(t, options), nil))
		})
	}
}

func killedProcessLeaves(s *scene) {
	s.Helper()
	c := server("one")
	c.ReadinessProbe.InitialDelaySeconds = 2
	s.deploy("slow", 2, c)
	all := s.untilEndpoints("slow", "are two", func(ready map[string]string) bool { return len(ready) == 2 })
	victim, _ := anyOf(all)
	if err := s.runner.Kill(s.namespace, victim, "web"); err != nil {
		s.Fatal(err)
	}
	s.untilEndpoints("slow", "are without the killed one", func(ready map[string]string) bool { return len(ready) == 1 && ready[victim] == "" })
	s.untilEndpoints("slow", "are two again", func(ready map[string]string) bool { return len(ready) == 2 && ready[victim] != "" })
}

func TestRollingUpdate(t *testing.T) {
	s := newScene(t, nil)
	s.deploy("web", 3, server("one"))
	before := s.untilEndpoints("web", "are three", func(ready map[string]string) bool { return len(ready) == 3 })
	patch := `{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"VERSION","value":"two"}]}]}}}}`
	if _, err := s.client.AppsV1().Deployments(s.namespace).Patch(t.Context(), "web", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	after := s.untilEndpoints("web", "are three others", func(ready map[string]string) bool {
		for pod := range before {
			if ready[pod] != "" {
				return false
			}
		}
		return len(ready) == 3
	})
	for pod, address := range after {
		if got := s.get(address, "/"); got != pod+" two" {
			t.Errorf("%s says %q instead of version two", pod, got)
		}
	}
	s.eventually("the rollout", func() error {
		d, err := s.client.AppsV1().Deployments(s.namespace).Get(t.Context(), "web", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if d.Status.UpdatedReplicas != 3 || d.Status.Replicas != 3 || d.Status.AvailableReplicas != 3 {
			return fmt.Errorf("%+v", d.Status)
		}
		return nil
	})
}

func (s *scene) job(name string, c corev1.Container, attempts int32, policy corev1.RestartPolicy) *batchv1.Job {
	s.Helper()
	_, err := s.client.BatchV1().Jobs(s.namespace).Create(s.Context(), &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: batchv1.JobSpec{
			BackoffLimit: &attempts,
			Template:     corev1.PodTemplateSpec{Spec: s.here(corev1.PodSpec{RestartPolicy: policy, Containers: []corev1.Container{c}})},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		s.Fatal(err)
	}
	var job *batchv1.Job
	s.eventually("job "+name+" ends", func() (err error) {
		if job, err = s.client.BatchV1().Jobs(s.namespace).Get(s.Context(), name, metav1.GetOptions{}); err != nil {
			return err
		}
		for _, c := range job.Status.Conditions {
			if (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) && c.Status == corev1.ConditionTrue {
				return nil
			}
		}
		return errors.New("it runs")
	})
	return job
}

func TestJobs(t *testing.T) {
	s := newScene(t, nil)
	if job := s.job("good", actor("main", "exit", "CODE=0"), 0, corev1.RestartPolicyNever); job.Status.Succeeded != 1 || job.Status.Failed != 0 {
		t.Errorf("a job whose command succeeds: %+v", job.Status)
	}
	if job := s.job("bad", actor("main", "exit", "CODE=3"), 0, corev1.RestartPolicyNever); job.Status.Failed != 1 || job.Status.Succeeded != 0 {
		t.Errorf("a job whose command fails: %+v", job.Status)
	}
	pods, err := s.client.CoreV1().Pods(s.namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "job-name=bad"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range pods.Items {
		if p.Status.Phase != corev1.PodFailed || p.Status.ContainerStatuses[0].State.Terminated.ExitCode != 3 {
			t.Errorf("the pod of the failed job: %s %+v", p.Status.Phase, p.Status.ContainerStatuses)
		}
	}
	// The second attempt in the same pod succeeds: the first leaves a file in the folder above its own.
	retry := shell("main", `if [ -e ../tried ]; then exit 0; fi; touch ../tried; exit 1`)
	if job := s.job("second", retry, 3, corev1.RestartPolicyOnFailure); job.Status.Succeeded != 1 {
		t.Errorf("a job whose second attempt succeeds: %+v", job.Status)
	}
}
