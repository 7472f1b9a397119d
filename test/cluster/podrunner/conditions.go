package podrunner

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// own are the conditions that a kubelet sets; all others belong to somebody else.
func own(kind corev1.PodConditionType) bool {
	switch kind {
	case corev1.PodReadyToStartContainers, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady, corev1.PodScheduled:
		return true
	}
	return false
}

// conditions are those of a pod whose phase and container statuses are in s. Has is what the API has now:
// there are the readiness gates, and when each condition became what it is.
func conditions(pod *corev1.Pod, s *corev1.PodStatus, has []corev1.PodCondition, now metav1.Time) []corev1.PodCondition {
	sandbox := condition(corev1.PodReadyToStartContainers, s.PodIP != "" && !final(s.Phase), "", "")
	all := []corev1.PodCondition{
		sandbox, initialized(&pod.Spec, s), ready(&pod.Spec, s, has), containersReady(&pod.Spec, s),
		condition(corev1.PodScheduled, true, "", ""),
	}
	for i := range all {
		all[i].ObservedGeneration = pod.Generation
		all[i].LastTransitionTime = now
		if before := find(has, all[i].Type); before != nil && before.Status == all[i].Status && !before.LastTransitionTime.IsZero() {
			all[i].LastTransitionTime = before.LastTransitionTime
		}
	}
	return all
}

func final(p corev1.PodPhase) bool { return p == corev1.PodSucceeded || p == corev1.PodFailed }

func condition(kind corev1.PodConditionType, is bool, reason, message string) corev1.PodCondition {
	status := corev1.ConditionFalse
	if is {
		status = corev1.ConditionTrue
	}
	return corev1.PodCondition{Type: kind, Status: status, Reason: reason, Message: message}
}

func find(all []corev1.PodCondition, kind corev1.PodConditionType) *corev1.PodCondition {
	for i := range all {
		if all[i].Type == kind {
			return &all[i]
		}
	}
	return nil
}

// initialized stays true once a container has run: a sidecar that restarts does not undo it.
func initialized(spec *corev1.PodSpec, s *corev1.PodStatus) corev1.PodCondition {
	if s.Phase == corev1.PodSucceeded {
		return condition(corev1.PodInitialized, true, "PodCompleted", "")
	}
	if anyStarted(s.ContainerStatuses) {
		return condition(corev1.PodInitialized, true, "", "")
	}
	var incomplete []string
	for i := range spec.InitContainers {
		c, status := &spec.InitContainers[i], statusOf(s.InitContainerStatuses, spec.InitContainers[i].Name)
		done := status != nil && (isSidecar(c) && status.Started != nil && *status.Started || !isSidecar(c) && status.Ready)
		if !done {
			incomplete = append(incomplete, c.Name)
		}
	}
	if incomplete != nil {
		return condition(corev1.PodInitialized, false, "ContainersNotInitialized", fmt.Sprintf("containers with incomplete status: %v", incomplete))
	}
	return condition(corev1.PodInitialized, true, "", "")
}

func anyStarted(regular []corev1.ContainerStatus) bool {
	for _, s := range regular {
		if s.State.Running != nil || s.State.Terminated != nil {
			return true
		}
	}
	return false
}

func containersReady(spec *corev1.PodSpec, s *corev1.PodStatus) corev1.PodCondition {
	switch s.Phase {
	case corev1.PodSucceeded:
		return condition(corev1.ContainersReady, false, "PodCompleted", "")
	case corev1.PodFailed:
		return condition(corev1.ContainersReady, false, "PodFailed", "")
	}
	var not []string
	for i := range spec.InitContainers {
		if c := &spec.InitContainers[i]; isSidecar(c) && !isReady(s.InitContainerStatuses, c.Name) {
			not = append(not, c.Name)
		}
	}
	for i := range spec.Containers {
		if c := &spec.Containers[i]; !isReady(s.ContainerStatuses, c.Name) {
			not = append(not, c.Name)
		}
	}
	if not != nil {
		return condition(corev1.ContainersReady, false, "ContainersNotReady", fmt.Sprintf("containers with unready status: %v", not))
	}
	return condition(corev1.ContainersReady, true, "", "")
}

func isReady(statuses []corev1.ContainerStatus, name string) bool {
	s := statusOf(statuses, name)
	return s != nil && s.Ready
}

// ready is containersReady and all readiness gates.
func ready(spec *corev1.PodSpec, s *corev1.PodStatus, has []corev1.PodCondition) corev1.PodCondition {
	c := containersReady(spec, s)
	c.Type = corev1.PodReady
	if c.Status != corev1.ConditionTrue {
		return c
	}
	var closed []string
	for _, gate := range spec.ReadinessGates {
		switch is := find(has, gate.ConditionType); {
		case is == nil:
			closed = append(closed, fmt.Sprintf("corresponding condition of pod readiness gate %q does not exist.", gate.ConditionType))
		case is.Status != corev1.ConditionTrue:
			closed = append(closed, fmt.Sprintf("the status of pod readiness gate %q is not \"True\", but %s", gate.ConditionType, is.Status))
		}
	}
	if closed != nil {
		return condition(corev1.PodReady, false, "ReadinessGatesNotReady", strings.Join(closed, ", "))
	}
	return c
}
