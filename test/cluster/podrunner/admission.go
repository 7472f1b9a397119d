package podrunner

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
)

// admit decides whether the pod is run at all and gives it its address.
func (p *pod) admit() {
	switch {
	case final(p.object.Status.Phase):
		p.ending, p.done = true, true
		p.told = p.object.Status.DeepCopy() // somebody has said all there is to say
		p.runner.leave(p)
		return
	case p.object.DeletionTimestamp != nil:
		return
	}
	if used, capacity := p.runner.admitted(p); used >= capacity {
		p.reject(fmt.Sprintf("Node didn't have enough resource: pods, requested: 1, used: %d, capacity: %d", used, capacity))
		return
	}
	if p.refusal = refuse(&p.object.Spec); p.refusal != nil {
		p.eventOf("", corev1.EventTypeWarning, p.refusal.reason, p.refusal.message)
		for _, c := range p.containers {
			c.waiting = corev1.ContainerStateWaiting{Reason: p.refusal.reason, Message: p.refusal.message}
		}
		return
	}
	if p.object.Spec.HostNetwork {
		return
	}
	address, err := p.runner.addresses.take()
	if err != nil {
		p.reject("Node has no address for the pod: " + err.Error())
		return
	}
	p.address = address
}

// reject fails the pod as the kubelet fails one that came when the node was full.
func (p *pod) reject(message string) {
	p.eventOf("", corev1.EventTypeWarning, "OutOfpods", message)
	p.verdict = &refusal{"OutOfpods", "Pod was rejected: " + message}
	p.containers = nil
	p.finish()
}
