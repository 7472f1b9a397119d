package podrunner

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// role is when a container runs.
type role int

const (
	initial role = iota // one after the other, before all others
	sidecar             // from its turn among the initial ones until all regular ones have ended
	regular
)

// container is one of a pod over all its lives. The pod's goroutine alone has it.
type container struct {
	spec     *corev1.Container
	role     role
	life     *life // nil while it does not run
	id       string
	waiting  corev1.ContainerStateWaiting
	ended    *corev1.ContainerStateTerminated // the last life, once it is over
	previous *corev1.ContainerStateTerminated // the life before
	restarts int32
	delay    delay
	earliest time.Time // of the next start
	again    bool      // it is started once more, however it ended
}

// containersOf are those of the pod in the order in which they start, with the history that the API has
// of them: a node that comes back finds them ended.
func containersOf(pod *corev1.Pod) []*container {
	var all []*container
	for i := range pod.Spec.InitContainers {
		c := &container{spec: &pod.Spec.InitContainers[i], role: initial}
		if isSidecar(c.spec) {
			c.role = sidecar
		}
		c.remember(statusOf(pod.Status.InitContainerStatuses, c.spec.Name))
		// What an init container did is gone with the node; a pod that is not restarted needs it no more.
		c.again = c.role == initial && c.completed() && pod.Spec.RestartPolicy != corev1.RestartPolicyNever
		all = append(all, c)
	}
	for i := range pod.Spec.Containers {
		c := &container{spec: &pod.Spec.Containers[i], role: regular}
		c.remember(statusOf(pod.Status.ContainerStatuses, c.spec.Name))
		all = append(all, c)
	}
	for _, c := range all {
		c.waiting = corev1.ContainerStateWaiting{Reason: "ContainerCreating"}
		if c.role == regular && len(pod.Spec.InitContainers) > 0 {
			c.waiting.Reason = "PodInitializing"
		}
	}
	return all
}

func (c *container) remember(s *corev1.ContainerStatus) {
	if s == nil || s.ContainerID == "" {
		return
	}
	c.id, c.restarts = s.ContainerID, s.RestartCount
	c.ended = lastEnd(s)
	if s.State.Running != nil {
		c.ended = &corev1.ContainerStateTerminated{
			ExitCode: 137, Reason: "ContainerStatusUnknown", Message: "The container could not be located when the node came back",
			StartedAt: s.State.Running.StartedAt, FinishedAt: metav1.Now().Rfc3339Copy(), ContainerID: s.ContainerID,
		}
		c.previous = s.LastTerminationState.Terminated
	}
}

// completed tells that an init container has done its work.
func (c *container) completed() bool {
	return c.life == nil && c.ended != nil && c.ended.ExitCode == 0 && !c.again
}

// stays tells that the container has ended and is not started again.
func (c *container) stays(spec *corev1.PodSpec) bool {
	return c.life == nil && c.ended != nil && !c.again && !restarts(spec, c.spec, c.ended.ExitCode)
}

// started tells that the hook after the start and the startup probe are through.
func (c *container) started() bool {
	if c.life == nil || !c.life.hooked {
		return false
	}
	p := c.life.probes[startup]
	return p == nil || p.passed
}

func (c *container) ready() bool {
	if c.role == initial {
		return c.completed()
	}
	if !c.started() {
		return false
	}
	p := c.life.probes[readiness]
	return p == nil || p.passed
}

// status is what the API is told. Final says that it is not started again, whatever the policy says.
func (c *container) status(spec *corev1.PodSpec, final bool) corev1.ContainerStatus {
	started := c.started() && c.role != initial
	s := corev1.ContainerStatus{
		Name: c.spec.Name, Image: c.spec.Image, ContainerID: c.id, RestartCount: c.restarts,
		Ready: c.ready(), Started: &started,
	}
	switch {
	case c.life != nil:
		s.State.Running = &corev1.ContainerStateRunning{StartedAt: c.life.since}
		s.LastTerminationState.Terminated = c.previous
	case c.ended != nil && (final || c.stays(spec) || c.role == initial && c.completed()):
		s.State.Terminated = c.ended
		s.LastTerminationState.Terminated = c.previous
	default:
		s.State.Waiting = &c.waiting
		s.LastTerminationState.Terminated = c.ended
	}
	return *s.DeepCopy()
}
