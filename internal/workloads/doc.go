// Package workloads relates the objects of one side to each other: which pods a
// Service selects, which containers read a ConfigMap or a Secret and how, which
// autoscaler writes whose replicas, what serves traffic, which claims a
// StatefulSet made, which images run.
package workloads
