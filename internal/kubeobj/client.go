package kubeobj

import "strings"

// ofClient names files that have an apiVersion and a kind and are no objects of
// a cluster: configuration of programs, read from disk. "" is for all others,
// also for those nobody knows: they may be of a CustomResourceDefinition.
func ofClient(group, kind string) string {
	switch {
	case group == "" && kind == "Config":
		return "a kubeconfig"
	case group == "client.authentication.k8s.io":
		return "credentials of kubectl"
	case clientGroup(group), strings.HasSuffix(group, ".config.k8s.io"), strings.HasSuffix(group, ".admission.k8s.io"):
		return "configuration of a program"
	}
	return ""
}

// clientGroup lists the API groups of files, each from its program's
// documentation.
func clientGroup(group string) bool {
	switch group {
	case "builtin", // kustomize: generators and transformers that are compiled in
		"kind.x-k8s.io", "k3d.io", "ctlptl.dev", "eksctl.io", "kubeadm.k8s.io", // clusters
		"apiserver.k8s.io", "audit.k8s.io", "kubectl.config.k8s.io", // kube-apiserver, kubectl
		"skaffold", "garden.io", "tilt.dev", "backstage.io", "openslo", "fn.kpt.dev", "kpt.dev",
		"cli.kyverno.io", "chainsaw.kyverno.io", "kuttl.dev", "meta.pkg.crossplane.io",
		"kapp.k14s.io", "kbld.k14s.io", "vendir.k14s.io", "imgpkg.carvel.dev", "krew.googlecontainertools.github.com":
		return true
	}
	return strings.HasPrefix(group, "skaffold")
}
