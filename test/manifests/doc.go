// Package manifests invents Kubernetes objects as a company with many services
// has them: Deployments with what belongs to them, in YAML and JSON, declared
// and as a cluster prints them, before and after some edits. The same options
// give the same bytes everywhere.
package manifests
