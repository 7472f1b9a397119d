package kubeobj

import (
	"path"
	"regexp"
	"strings"

	"polygraph/internal/evidence"
)

var (
	apiVersion = regexp.MustCompile(`(?m)^(- )?["']?apiVersion["']?[ \t]*:|^[ \t]*\{?[ \t]*"apiVersion"[ \t]*:`)
	kind       = regexp.MustCompile(`(?m)^(- |  )?["']?kind["']?[ \t]*:|"kind"[ \t]*:`)
	uid        = regexp.MustCompile(`(?m)^[ \t]+"?uid"?[ \t]*:`)
	revision   = regexp.MustCompile(`(?m)^[ \t]+"?resourceVersion"?[ \t]*:[ \t]*"`)
)

// Detect tells Kubernetes objects by apiVersion and kind, and those of a cluster
// by uid and resourceVersion.
func Detect(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
	switch strings.ToLower(path.Ext(strings.ReplaceAll(name, `\`, "/"))) {
	case ".yaml", ".yml", ".json", "":
	default:
		return nil, nil
	}
	if !apiVersion.Match(head) || !kind.Match(head) {
		return nil, nil
	}
	if uid.Match(head) && revision.Match(head) {
		return evidence.KubernetesLive(), nil
	}
	return evidence.KubernetesManifest(), nil
}
