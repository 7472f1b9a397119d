package podrunner

import corev1 "k8s.io/api/core/v1"

// phase is the pod's phase by the states of its containers, as the kubelet decides it. Terminal says that
// nothing will be started any more; initialized that a container of the pod has run, after which a sidecar
// that restarts does not make the pod pending again.
func phase(spec *corev1.PodSpec, initial, regular []corev1.ContainerStatus, terminal, initialized bool) corev1.PodPhase {
	pending := false
	var n tally
	for i := range spec.InitContainers {
		c, s := &spec.InitContainers[i], statusOf(initial, spec.InitContainers[i].Name)
		if isSidecar(c) {
			pending = n.sidecar(s) && !initialized || pending
			continue
		}
		ended := lastEnd(s)
		switch {
		case ended == nil:
			pending = true
		case ended.ExitCode != 0 && !restarts(spec, c, ended.ExitCode):
			return corev1.PodFailed
		}
	}
	for i := range spec.Containers {
		n.count(spec, &spec.Containers[i], statusOf(regular, spec.Containers[i].Name))
	}
	switch {
	case pending || n.waiting > 0:
		return corev1.PodPending
	case n.running > 0 && n.unknown == 0:
		return corev1.PodRunning
	case n.stopped == 0 || n.unknown > 0:
		return corev1.PodPending
	case !terminal && n.final < n.stopped:
		return corev1.PodRunning // between two lives
	case n.succeeded == n.stopped:
		return corev1.PodSucceeded
	default:
		return corev1.PodFailed
	}
}

// tally counts containers by what they do.
type tally struct{ unknown, waiting, running, stopped, final, succeeded int }

// sidecar counts an init container that keeps running and tells whether the next may not start yet. One
// that ended does not count: it decides nothing about the pod.
func (n *tally) sidecar(s *corev1.ContainerStatus) (pending bool) {
	switch {
	case s == nil:
		n.unknown++
	case s.State.Running != nil:
		n.running++
		return s.Started == nil || !*s.Started
	case lastEnd(s) == nil:
		n.waiting++
		return true
	}
	return false
}

func (n *tally) count(spec *corev1.PodSpec, c *corev1.Container, s *corev1.ContainerStatus) {
	if s == nil {
		n.unknown++
		return
	}
	ended := lastEnd(s)
	switch {
	case s.State.Running != nil:
		n.running++
	case ended == nil:
		n.waiting++
	default:
		n.stopped++
		if !restarts(spec, c, ended.ExitCode) {
			n.final++
		}
		if s.State.Terminated != nil && ended.ExitCode == 0 {
			n.succeeded++
		}
	}
}

// lastEnd is how a container that does not run ended, or nil where it runs or has never run.
func lastEnd(s *corev1.ContainerStatus) *corev1.ContainerStateTerminated {
	switch {
	case s == nil || s.State.Running != nil:
		return nil
	case s.State.Terminated != nil:
		return s.State.Terminated
	default:
		return s.LastTerminationState.Terminated
	}
}

func statusOf(statuses []corev1.ContainerStatus, name string) *corev1.ContainerStatus {
	for i := range statuses {
		if statuses[i].Name == name {
			return &statuses[i]
		}
	}
	return nil
}
