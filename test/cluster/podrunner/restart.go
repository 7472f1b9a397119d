package podrunner

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// isSidecar tells an init container that keeps running beside the containers.
func isSidecar(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// restarts tells whether a container is started again after it ended with the code: by its own rules,
// its own policy, the pod's policy, in this order.
func restarts(spec *corev1.PodSpec, c *corev1.Container, code int32) bool {
	if c.RestartPolicy == nil {
		return byPolicy(string(spec.RestartPolicy), code)
	}
	for _, rule := range c.RestartPolicyRules {
		if rule.Action != corev1.ContainerRestartRuleActionRestart || rule.ExitCodes == nil {
			continue
		}
		listed := slices.Contains(rule.ExitCodes.Values, code)
		if listed == (rule.ExitCodes.Operator == corev1.ContainerRestartRuleOnExitCodesOpIn) {
			return true
		}
	}
	return byPolicy(string(*c.RestartPolicy), code)
}

// restartsAlive tells whether a container is started again that a probe had ended, with whatever code.
func restartsAlive(spec *corev1.PodSpec, c *corev1.Container) bool {
	if c.RestartPolicy != nil {
		return *c.RestartPolicy != corev1.ContainerRestartPolicyNever
	}
	return spec.RestartPolicy != corev1.RestartPolicyNever
}

func byPolicy(policy string, code int32) bool {
	switch policy {
	case "Never":
		return false
	case "OnFailure":
		return code != 0
	default:
		return true
	}
}

// delay counts the crashes of one container.
type delay struct {
	next time.Duration // zero: the next restart comes at once
}

// after is how long to wait after a life of the given length.
func (d *delay) after(lived time.Duration, b Backoff) time.Duration {
	if lived >= 2*b.Limit {
		d.next = 0
	}
	wait := d.next
	d.next = min(max(2*d.next, b.Initial), b.Limit)
	return wait
}
