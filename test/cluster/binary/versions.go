package binary

import (
	"fmt"
	"slices"
	"strings"
)

// Version is a release of Kubernetes, without a v: "1.37.2".
type Version string

// The pinned releases. Each has its dependencies in a file of test/cluster/server; a test holds the two
// together. 1.33 is the first release that resizes pods in place by default, and comes with another etcd (3.5).
const (
	Newest Version = "1.37.2"
	Older  Version = "1.33.13"
)

// Versions lists the releases that can be started, the newest first.
func Versions() []Version { return []Version{Newest, Older} }

// Minor is the release without its patch: "1.37".
func (v Version) Minor() string {
	major, rest, _ := strings.Cut(string(v), ".")
	minor, _, _ := strings.Cut(rest, ".")
	return major + "." + minor
}

// ParseVersion reads a release or its minor version, with or without a v.
func ParseVersion(text string) (Version, error) {
	for _, v := range Versions() {
		if plain := strings.TrimPrefix(text, "v"); plain == string(v) || plain == v.Minor() {
			return v, nil
		}
	}
	var known []string
	for _, v := range Versions() {
		known = append(known, string(v))
	}
	return "", fmt.Errorf("no Kubernetes %q here: there are %s", text, strings.Join(known, " and "))
}

// ParseVersions reads a list; "all" in it stands for [Versions].
func ParseVersions(texts []string) ([]Version, error) {
	var versions []Version
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if text == "all" {
			return Versions(), nil
		}
		v, err := ParseVersion(text)
		if err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	return versions, nil
}

// OlderThan compares two of [Versions].
func (v Version) OlderThan(other Version) bool {
	return slices.Index(Versions(), v) > slices.Index(Versions(), other)
}

func (v Version) modfile() string {
	if v == Newest {
		return "go.mod"
	}
	return v.Minor() + ".mod"
}

// release are the variables that a release of Kubernetes sets. Without them the server calls itself
// v0.0.0 and emulates features accordingly, and its clients all carry the same user agent.
func (v Version) release() []string {
	major, minor, _ := strings.Cut(v.Minor(), ".")
	var set []string
	for _, pkg := range []string{"k8s.io/component-base/version", "k8s.io/client-go/pkg/version"} {
		set = append(set, pkg+".gitVersion=v"+string(v), pkg+".gitMajor="+major, pkg+".gitMinor="+minor)
	}
	return set
}

// Server is the control plane: etcd and three parts of Kubernetes in one program.
func Server(v Version) Program {
	return Program{
		Name: "server", Version: string(v), Folder: "test/cluster/server", Modfile: v.modfile(), Main: ".",
		Stages: []string{
			"go.etcd.io/etcd/server/v3/etcdmain", "k8s.io/kubernetes/cmd/kube-apiserver/app",
			"k8s.io/kubernetes/cmd/kube-controller-manager/app", "k8s.io/kubernetes/cmd/kube-scheduler/app",
		},
		Set:   v.release(),
		Names: []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"},
	}
}

// Kubectl is the client, for machines that have none. One release serves all versions, as with [Kwok].
func Kubectl() Program {
	return Program{
		Name: "kubectl", Version: string(Newest), Folder: "test/cluster/kubectl", Modfile: "go.mod", Main: ".", Set: Newest.release(),
	}
}

// Kwok keeps nodes and pods alive that run nothing. One release serves all versions: it only speaks the API.
func Kwok() Program {
	return Program{Name: "kwok", Version: "0.8.0", Folder: "test/cluster/kwok", Modfile: "go.mod", Main: "."}
}
