package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"polygraph/test/cluster"
)

// quota makes a ResourceQuota and waits until it counts. The API server learns of it through a watch of
// its own, so a second quota that allows no Service is written after the first was counted: where that
// one is obeyed, the first is known too.
func (s suite) quota(t *testing.T, namespace, spec string) {
	t.Helper()
	for _, q := range [][2]string{{"quota", spec}, {"marker", "{hard: {services: 0}}"}} {
		s.create(t, namespace, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: %s}, spec: %s}", q[0], q[1])
		eventually(t, "the quota is counted", func(ctx context.Context) error {
			got, err := s.admin.CoreV1().ResourceQuotas(namespace).Get(ctx, q[0], metav1.GetOptions{})
			if err != nil {
				return err
			}
			if len(got.Status.Hard) == 0 || len(got.Status.Hard) != len(got.Status.Used) {
				return errors.New("not yet")
			}
			return nil
		})
	}
	eventually(t, "the quota is obeyed", func(context.Context) error {
		_, err := s.dry(t, namespace, "{apiVersion: v1, kind: Service, metadata: {name: x}, spec: {clusterIP: None}}")
		return forbidden(err)
	})
}

func resourceQuotas() schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: "resourcequotas"}
}

// used waits until the quota says so, because deletions are counted afterwards.
func (s suite) used(t *testing.T, namespace, resource, want string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s used of %s", want, resource), func(ctx context.Context) error {
		got, err := s.objects.Resource(resourceQuotas()).Namespace(namespace).Get(ctx, "quota", metav1.GetOptions{})
		if err != nil {
			return err
		}
		if used := field(got, "status", "used", resource); used != `"`+want+`"` {
			return errors.New("used is " + used)
		}
		return nil
	})
}

// testQuota: 32 clients race for ten places.
func testQuota(t *testing.T, s suite) {
	namespace := s.namespace(t)
	s.quota(t, namespace, "{hard: {count/secrets: 10, requests.cpu: '1', pods: 5}}")
	const clients, places = 32, 10
	secret := "{apiVersion: v1, kind: Secret, metadata: {name: racer-%d}}"
	var wait sync.WaitGroup
	results := make([]error, clients)
	for i := range clients {
		// An identity of its own makes a connection of its own.
		racer := dynamic.NewForConfigOrDie(s.UserConfig(t, fmt.Sprintf("racer-%d", i), cluster.Administrators))
		wait.Go(func() {
			// Who loses the race for the counter, not for a place, is told to try again.
			for {
				_, results[i] = s.try(t, racer, namespace, secret, i)
				if !apierrors.IsConflict(results[i]) {
					return
				}
			}
		})
	}
	wait.Wait()
	in := 0
	for _, err := range results {
		if err == nil {
			in++
			continue
		}
		refused(t, "a place too many", err, apierrors.IsForbidden, "exceeded quota: quota", "used: count/secrets=10, limited: count/secrets=10")
	}
	list, err := s.admin.CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || in != places || len(list.Items) != places {
		t.Fatalf("%d were told that they are in, %d are; want %d; %v", in, len(list.Items), places, err)
	}
	s.used(t, namespace, "count/secrets", "10")
	for _, one := range list.Items[:3] {
		if err := s.admin.CoreV1().Secrets(namespace).Delete(t.Context(), one.Name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	s.used(t, namespace, "count/secrets", "7")
	for i := range 3 {
		s.create(t, namespace, secret, 100+i)
	}
	_, err = s.try(t, s.objects, namespace, secret, 103)
	refused(t, "the place after those that came back", err, apierrors.IsForbidden, "exceeded quota")

	// Pods are counted by what they request.
	_, err = s.try(t, s.objects, namespace, plainPod, "silent", "")
	refused(t, "a pod that requests nothing", err, apierrors.IsForbidden, "must specify requests.cpu")
	s.create(t, namespace, plainPod, "one", "requests: {cpu: 600m}")
	_, err = s.try(t, s.objects, namespace, plainPod, "two", "requests: {cpu: 500m}")
	refused(t, "more than is left", err, apierrors.IsForbidden, "requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1")
	s.create(t, namespace, plainPod, "two", "requests: {cpu: 400m}")
	s.used(t, namespace, "requests.cpu", "1")
	s.used(t, namespace, "pods", "2")
	now := int64(0)
	if err := s.admin.CoreV1().Pods(namespace).Delete(t.Context(), "one", metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	s.used(t, namespace, "requests.cpu", "400m")
}

// testQuotaScopes: a quota for the pods that promise nothing does not count those that do.
func testQuotaScopes(t *testing.T, s suite) {
	t.Run("best effort", func(t *testing.T) {
		namespace := s.namespace(t)
		s.quota(t, namespace, "{hard: {pods: 1}, scopes: [BestEffort]}")
		s.create(t, namespace, plainPod, "first", "")
		_, err := s.try(t, s.objects, namespace, plainPod, "second", "")
		refused(t, "the second that promises nothing", err, apierrors.IsForbidden, "exceeded quota: quota")
		s.create(t, namespace, plainPod, "third", "requests: {cpu: 1m}")
		s.used(t, namespace, "pods", "1")
	})
	t.Run("priority", func(t *testing.T) {
		namespace := s.namespace(t)
		s.create(t, "", "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: conformance-first}, value: 7}")
		s.quota(t, namespace, "{hard: {pods: 0}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [conformance-first]}]}}")
		pod := "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {priorityClassName: %q, containers: [{name: main, image: none}]}}"
		eventually(t, "the class is known", func(context.Context) error {
			_, err := s.dry(t, namespace, pod, "urgent", "conformance-first")
			if err != nil && strings.Contains(err.Error(), "exceeded quota") {
				return nil
			}
			return fmt.Errorf("answered with %v", err)
		})
		_, err := s.try(t, s.objects, namespace, pod, "urgent", "conformance-first")
		refused(t, "a pod of the class", err, apierrors.IsForbidden, "exceeded quota: quota")
		s.create(t, namespace, pod, "patient", "")
	})
}
