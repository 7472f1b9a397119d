package cluster

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// settled waits until the controllers have done what they do.
func (s *shop) settled() {
	s.Helper()
	s.eventually("everything is rolled out", func(ctx context.Context) error {
		for _, ask := range []func(context.Context) error{s.scaled, s.deployments, s.sets, s.daemons, s.jobs, s.claims, s.pods} {
			if err := ask(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// scaled: the autoscaler raises to its minimum also without metrics.
func (s *shop) scaled(ctx context.Context) error {
	d, err := s.AppsV1().Deployments("shop").Get(ctx, "checkout-api", metav1.GetOptions{})
	if err == nil && *d.Spec.Replicas != 3 {
		err = fmt.Errorf("checkout-api has %d replicas", *d.Spec.Replicas)
	}
	return err
}

func (s *shop) deployments(ctx context.Context) error {
	list, err := s.AppsV1().Deployments(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, d := range list.Items {
		updated := d.Status.UpdatedReplicas == *d.Spec.Replicas || d.Spec.Paused
		if d.Status.ObservedGeneration != d.Generation || !updated || d.Status.Replicas != *d.Spec.Replicas || d.Status.AvailableReplicas != *d.Spec.Replicas {
			return fmt.Errorf("deployment %s: generation %d, wants %d, %+v", d.Name, d.Generation, *d.Spec.Replicas, d.Status)
		}
	}
	return nil
}

func (s *shop) sets(ctx context.Context) error {
	list, err := s.AppsV1().StatefulSets("shop").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, d := range list.Items {
		var kept int32
		if r := d.Spec.UpdateStrategy.RollingUpdate; r != nil && r.Partition != nil {
			kept = *r.Partition
		}
		updated := d.Status.CurrentRevision == d.Status.UpdateRevision || d.Status.UpdatedReplicas >= *d.Spec.Replicas-kept
		if d.Status.ObservedGeneration != d.Generation || !updated || d.Status.AvailableReplicas != *d.Spec.Replicas {
			return fmt.Errorf("statefulset %s: generation %d, wants %d, %+v", d.Name, d.Generation, *d.Spec.Replicas, d.Status)
		}
	}
	return nil
}

func (s *shop) daemons(ctx context.Context) error {
	list, err := s.AppsV1().DaemonSets(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, d := range list.Items {
		updated := d.Status.UpdatedNumberScheduled == 1 || d.Spec.UpdateStrategy.Type == appsv1.OnDeleteDaemonSetStrategyType
		if d.Status.ObservedGeneration != d.Generation || d.Status.DesiredNumberScheduled != 1 || !updated || d.Status.NumberAvailable != 1 {
			return fmt.Errorf("daemonset %s: generation %d, %+v", d.Name, d.Generation, d.Status)
		}
	}
	return nil
}

func (s *shop) jobs(ctx context.Context) error {
	list, err := s.BatchV1().Jobs("shop").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, d := range list.Items {
		if d.Status.Succeeded != 1 {
			return fmt.Errorf("job %s: %+v", d.Name, d.Status)
		}
	}
	return nil
}

func (s *shop) claims(ctx context.Context) error {
	list, err := s.CoreV1().PersistentVolumeClaims("shop").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, d := range list.Items {
		if d.Status.Phase != corev1.ClaimBound {
			return fmt.Errorf("claim %s is %s", d.Name, d.Status.Phase)
		}
	}
	return nil
}

// pods: none is still going.
func (s *shop) pods(ctx context.Context) error {
	list, err := s.CoreV1().Pods("shop").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, d := range list.Items {
		if d.DeletionTimestamp != nil {
			return fmt.Errorf("pod %s is still going", d.Name)
		}
	}
	return nil
}
