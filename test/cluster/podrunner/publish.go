package podrunner

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// publish hands the status to the writer where it is another than the last, or where the API may have
// another: a controller that believed the node dead has written that the pod is not ready.
func (p *pod) publish() {
	status := p.status()
	remove := p.done && p.object.DeletionTimestamp != nil
	same := p.told != nil && equality.Semantic.DeepEqual(*p.told, status) && remove == p.deleting
	if p.removed || same && (remove || !p.changed) {
		return
	}
	p.told, p.deleting, p.changed = &status, remove, false
	p.writer.submit(write{base: p.object, status: status, remove: remove})
}

// status is what the kubelet's part of the status is now.
func (p *pod) status() corev1.PodStatus {
	if p.told != nil && p.done && final(p.told.Phase) {
		return *p.told.DeepCopy() // a pod that is through does not change any more
	}
	s := corev1.PodStatus{
		ObservedGeneration: p.object.Generation, StartTime: &p.since,
		HostIP: p.runner.addresses.node.String(), HostIPs: []corev1.HostIP{{IP: p.runner.addresses.node.String()}},
	}
	if ip := p.ip(); ip != "" {
		s.PodIP, s.PodIPs = ip, []corev1.PodIP{{IP: ip}}
	}
	begun := false
	for _, c := range p.containers {
		status := c.status(&p.object.Spec, p.ending)
		if c.role == regular {
			begun = begun || c.id != ""
			s.ContainerStatuses = append(s.ContainerStatuses, status)
		} else {
			s.InitContainerStatuses = append(s.InitContainerStatuses, status)
		}
	}
	s.Phase = phase(&p.object.Spec, s.InitContainerStatuses, s.ContainerStatuses, p.done, begun)
	if !p.done && final(s.Phase) { // something of it runs, or will
		s.Phase = corev1.PodPending
		if p.told != nil {
			s.Phase = p.told.Phase
		}
	}
	if p.done && !final(s.Phase) || p.done && p.verdict != nil {
		s.Phase = corev1.PodFailed
	}
	if p.verdict != nil {
		s.Reason, s.Message = p.verdict.reason, p.verdict.message
	}
	s.Conditions = conditions(p.object, &s, p.known(), metav1.Now().Rfc3339Copy())
	return s
}

// known are the conditions as they are: those of others by the API, our own by what the API was last told.
func (p *pod) known() []corev1.PodCondition {
	if p.told == nil {
		return p.object.Status.Conditions
	}
	var known []corev1.PodCondition
	for _, c := range p.object.Status.Conditions {
		if !own(c.Type) {
			known = append(known, c)
		}
	}
	return append(known, p.told.Conditions...)
}

// ip is the address that the pod has or had.
func (p *pod) ip() string {
	switch {
	case p.object.Spec.HostNetwork && p.refusal == nil && p.verdict == nil:
		return p.runner.addresses.node.String()
	case p.address.IsValid():
		return p.address.String()
	}
	return ""
}

func (p *pod) placement() placement {
	return placement{podIP: p.ip(), hostIP: p.runner.addresses.node.String(), allocatable: p.runner.capacity}
}
