package conformance

import (
	"context"
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
)

const (
	plainPod = `
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  containers: [{name: main, image: none, resources: {%s}}]`
	privilegedPod = `
apiVersion: v1
kind: Pod
metadata: {name: privileged}
spec:
  hostNetwork: true
  containers: [{name: main, image: none, securityContext: {privileged: true}}]`
	restrictedPod = `
apiVersion: v1
kind: Pod
metadata: {name: restricted}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: main
    image: none
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}`
)

// testPodSecurity: the three modes of the built-in admission of pods.
func testPodSecurity(t *testing.T, s suite) {
	const label = "pod-security.kubernetes.io/"
	restricted := s.namespace(t, label+"enforce=restricted")
	_, err := s.try(t, s.objects, restricted, privilegedPod)
	refused(t, "a privileged pod", err, apierrors.IsForbidden, `violates PodSecurity "restricted:latest"`, "privileged", "host namespaces")
	_, err = s.try(t, s.objects, restricted, plainPod, "plain", "")
	refused(t, "a pod that promises nothing", err, apierrors.IsForbidden, "runAsNonRoot != true", "seccompProfile")
	if _, err := s.try(t, s.objects, restricted, restrictedPod); err != nil {
		t.Errorf("a pod that promises all: %v", err)
	}
	if _, err := s.try(t, s.objects, s.namespace(t), privilegedPod); err != nil {
		t.Errorf("a privileged pod where no label is: %v", err)
	}
	baseline := s.namespace(t, label+"enforce=baseline")
	if _, err := s.try(t, s.objects, baseline, plainPod, "plain", ""); err != nil {
		t.Errorf("a plain pod under baseline: %v", err)
	}

	var heard warnings
	config := rest.CopyConfig(s.config)
	config.WarningHandler = &heard
	if _, err := s.try(t, dynamic.NewForConfigOrDie(config), s.namespace(t, label+"warn=baseline"), privilegedPod); err != nil {
		t.Errorf("a privileged pod where only warnings are asked for: %v", err)
	}
	if !strings.Contains(heard.String(), `would violate PodSecurity "baseline:latest"`) {
		t.Errorf("no warning, but %q", heard.String())
	}
}

// testLimitRange: what a container gets that asks for nothing, and what it may not ask for.
func testLimitRange(t *testing.T, s suite) {
	namespace := s.namespace(t)
	s.create(t, namespace, `
apiVersion: v1
kind: LimitRange
metadata: {name: limits}
spec:
  limits: [{type: Container, default: {cpu: 300m, memory: 64Mi}, defaultRequest: {cpu: 100m}, max: {cpu: "1"}}]`)
	eventually(t, "the limits are in force", func(context.Context) error {
		pod, err := s.dry(t, namespace, plainPod, "probe", "")
		if err != nil {
			return err
		}
		if field(pod, "metadata", "annotations") == "null" {
			return errors.New("not yet")
		}
		return nil
	})
	pod := s.create(t, namespace, plainPod, "plain", "requests: {memory: 32Mi}")
	containers := field(pod, "spec", "containers")
	const want = `"resources":{"limits":{"cpu":"300m","memory":"64Mi"},"requests":{"cpu":"100m","memory":"32Mi"}}`
	if !strings.Contains(containers, want) {
		t.Errorf("%s is missing in %s", want, containers)
	}
	// The service account admission gives the pod its token. It is off where nothing makes accounts.
	if !strings.Contains(containers, "/var/run/secrets/kubernetes.io/serviceaccount") || field(pod, "spec", "serviceAccountName") != `"default"` {
		t.Errorf("the pod has no service account: %s", containers)
	}
	_, err := s.try(t, s.objects, namespace, plainPod, "big", "limits: {cpu: 1500m}")
	refused(t, "more than the maximum", err, apierrors.IsForbidden, "maximum cpu usage per Container is 1")
}
