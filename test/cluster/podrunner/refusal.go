package podrunner

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// refusal says why a pod cannot be run here: a reason of one word and a sentence for people.
type refusal struct{ reason, message string }

// refuse finds what a process cannot give a pod. It is nil for a pod that can be run.
func refuse(spec *corev1.PodSpec) *refusal {
	for _, all := range [][]corev1.Container{spec.InitContainers, spec.Containers} {
		for i := range all {
			if r := refuseContainer(&all[i]); r != nil {
				return r
			}
		}
	}
	return nil
}

func refuseContainer(c *corev1.Container) *refusal {
	if len(c.Command) == 0 {
		return &refusal{"NoCommand", fmt.Sprintf("container %s has no command: podrunner runs commands, not images; set command", c.Name)}
	}
	for _, mount := range c.VolumeMounts {
		if !strings.HasPrefix(mount.Name, "kube-api-access-") {
			return &refusal{"MountsNotSupported", fmt.Sprintf("container %s mounts volume %s: podrunner runs processes, which have no file system of their own; use environment variables, or paths of this machine", c.Name, mount.Name)}
		}
	}
	if len(c.VolumeDevices) > 0 {
		return &refusal{"MountsNotSupported", fmt.Sprintf("container %s uses volume device %s: podrunner has no devices", c.Name, c.VolumeDevices[0].Name)}
	}
	for _, probe := range []*corev1.Probe{c.StartupProbe, c.LivenessProbe, c.ReadinessProbe} {
		if probe != nil && probe.GRPC != nil {
			return &refusal{"ProbeNotSupported", fmt.Sprintf("container %s has a probe of kind grpc: podrunner knows exec, httpGet and tcpSocket", c.Name)}
		}
	}
	return nil
}
