// Package live holds internal/source/kube against a real Kubernetes API on
// loopback: what it finds, what it says of what it may not see, that its dry runs
// answer as kubectl's do, and that it changes nothing.
package live
