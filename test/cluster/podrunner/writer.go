package podrunner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// requestLimit bounds one call to the API.
const requestLimit = 10 * time.Second

// write is a status that the API is to have, and whether the pod is to be deleted after that.
type write struct {
	base   *corev1.Pod
	status corev1.PodStatus
	remove bool
}

// writer brings the statuses of one pod to the API, in its own goroutine, so that a pod goes on while
// the API does not answer. Only the newest status matters.
type writer struct {
	runner *Runner
	mu     sync.Mutex
	next   *write
	closed bool
	bell   chan struct{}
	done   chan struct{}
	newest *corev1.Pod // as the API returned it
}

func newWriter(r *Runner) *writer {
	w := &writer{runner: r, bell: make(chan struct{}, 1), done: make(chan struct{})}
	go w.run()
	return w
}

func (w *writer) submit(next write) {
	w.mu.Lock()
	w.next = &next
	w.mu.Unlock()
	w.ring()
}

// close waits until what was submitted is written or cannot be.
func (w *writer) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.ring()
	<-w.done
}

func (w *writer) ring() {
	select {
	case w.bell <- struct{}{}:
	default:
	}
}

func (w *writer) take() (next *write, closed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	next, w.next = w.next, nil
	return next, w.closed
}

func (w *writer) run() {
	defer close(w.done)
	const first, last, farewell = 100 * time.Millisecond, 5 * time.Second, 3
	var due *write
	wait, failed := first, 0
	for {
		next, closed := w.take()
		if next != nil {
			due, wait, failed = next, first, 0
		}
		var again <-chan time.Time
		if due != nil && w.runner.api.Err() == nil {
			switch err := w.write(*due); {
			case err == nil || apierrors.IsNotFound(err):
				due = nil
			default:
				w.runner.log.Error("writing a status", "pod", due.base.Namespace+"/"+due.base.Name, "error", err)
				failed++
				again = time.After(wait)
				wait = min(2*wait, last)
			}
		}
		if closed && (due == nil || failed >= farewell || w.runner.api.Err() != nil) {
			return
		}
		select {
		case <-w.bell:
		case <-again:
		}
	}
}

// write patches what differs and deletes the pod where that is wanted.
func (w *writer) write(next write) error {
	ctx, cancel := context.WithTimeout(w.runner.api, requestLimit)
	defer cancel()
	base := next.base
	if newer(w.newest, base) {
		base = w.newest
	}
	client := w.runner.client.CoreV1().Pods(base.Namespace)
	patch, err := statusPatch(base, &next.status)
	if err != nil {
		return err
	}
	if patch != nil {
		written, err := client.Patch(ctx, base.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
		if err != nil {
			return err
		}
		w.newest = written
	}
	if !next.remove {
		return nil
	}
	now := int64(0)
	return client.Delete(ctx, base.Name, metav1.DeleteOptions{GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &base.UID}})
}

// newer tells which of two versions of one pod is the later one. Versions are numbers that grow.
func newer(a, b *corev1.Pod) bool {
	if a == nil {
		return false
	}
	first, err1 := strconv.ParseUint(a.ResourceVersion, 10, 64)
	second, err2 := strconv.ParseUint(b.ResourceVersion, 10, 64)
	return errors.Join(err1, err2) == nil && first > second
}

// statusPatch leads from the pod as the API has it to the wanted status, and leaves alone what is not a
// kubelet's. It is nil where nothing differs. The UID in it makes sure that it meets no other pod of the name.
func statusPatch(base *corev1.Pod, wanted *corev1.PodStatus) ([]byte, error) {
	before := &corev1.Pod{Status: base.Status}
	after := &corev1.Pod{Status: merged(&base.Status, wanted)}
	from, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	to, err := json.Marshal(after)
	if err != nil {
		return nil, err
	}
	patch, err := strategicpatch.CreateTwoWayMergePatch(from, to, corev1.Pod{})
	if err != nil {
		return nil, fmt.Errorf("patch of the status of pod %s/%s: %w", base.Namespace, base.Name, err)
	}
	if string(patch) == "{}" {
		return nil, nil
	}
	fields := map[string]any{}
	if err := json.Unmarshal(patch, &fields); err != nil {
		return nil, err
	}
	fields["metadata"] = map[string]any{"uid": base.UID}
	return json.Marshal(fields)
}

// merged is the status of the API with a kubelet's part replaced.
func merged(has, wanted *corev1.PodStatus) corev1.PodStatus {
	s := *has.DeepCopy()
	s.ObservedGeneration, s.Phase, s.Reason, s.Message = wanted.ObservedGeneration, wanted.Phase, wanted.Reason, wanted.Message
	s.StartTime, s.HostIP, s.HostIPs, s.PodIP, s.PodIPs = wanted.StartTime, wanted.HostIP, wanted.HostIPs, wanted.PodIP, wanted.PodIPs
	s.InitContainerStatuses, s.ContainerStatuses = wanted.InitContainerStatuses, wanted.ContainerStatuses
	s.Conditions = nil
	for _, c := range has.Conditions {
		if !own(c.Type) {
			s.Conditions = append(s.Conditions, c)
		}
	}
	for _, c := range wanted.Conditions {
		if own(c.Type) {
			s.Conditions = append(s.Conditions, c)
		}
	}
	return s
}
