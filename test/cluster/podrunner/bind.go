package podrunner

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

// binder assigns pods that nobody has assigned. Several nodes may do so: the API takes the first.
func (r *Runner) binder() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc:    func(o any) { r.bind(o.(*corev1.Pod)) },
		UpdateFunc: func(_, o any) { r.bind(o.(*corev1.Pod)) },
	}
}

// binds tells whether the pod is one for this node.
func (r *Runner) binds(pod *corev1.Pod) bool {
	return pod.Spec.NodeName == "" && pod.DeletionTimestamp == nil && len(pod.Spec.SchedulingGates) == 0 &&
		labels.SelectorFromSet(pod.Spec.NodeSelector).Matches(labels.Set(r.node("").Labels))
}

func (r *Runner) bind(pod *corev1.Pod) {
	if !r.binds(pod) || !r.reserve(pod) {
		return
	}
	ctx, cancel := context.WithTimeout(r.intake, requestLimit)
	defer cancel()
	err := r.admin.CoreV1().Pods(pod.Namespace).Bind(ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: r.options.Node},
	}, metav1.CreateOptions{})
	if err != nil {
		r.log.Info("a pod was not bound", "pod", pod.Namespace+"/"+pod.Name, "error", err)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.bound, pod.UID)
	}
}

// reserve keeps a place for a pod until it is seen here, so that no more are bound than can run.
func (r *Runner) reserve(pod *corev1.Pod) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.bound[pod.UID] || r.pods[pod.UID] != nil || len(r.active)+len(r.bound) >= r.places() {
		return false
	}
	r.bound[pod.UID] = true
	return true
}
