//go:build !before_1_32

package main

import "k8s.io/kubernetes/pkg/registry/core/pod"

// strategiesOfRelease are those that not all releases have: /resize came with 1.32.
func strategiesOfRelease(sub subresource) []entry {
	return []entry{sub("Pod", "pods", "resize", pod.Strategy, pod.ResizeStrategy)}
}
