package cluster

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/test/cluster/binary"
)

// Part is one process of a cluster.
type Part string

// The parts, in the order in which they start.
const (
	Etcd              Part = "etcd"
	APIServer         Part = "kube-apiserver"
	ControllerManager Part = "kube-controller-manager"
	Scheduler         Part = "kube-scheduler"
	Kwok              Part = "kwok"
)

// Options say what a cluster consists of. The zero value is the newest version with the Core controllers.
type Options struct {
	// Version is one of [binary.Versions]; empty means [binary.Newest].
	Version binary.Version
	// Controllers run in the controller manager, by the names of its --controllers. Nil means [Core]; an
	// empty slice leaves the controller manager out. A name that it does not know ends the start.
	Controllers []string
	// Scheduler adds kube-scheduler. Without it a pod stays unassigned until somebody binds it.
	Scheduler bool
	// Nodes run nothing: [Kwok] says of every pod that is bound to one of them that it is Ready. Other nodes
	// are left alone.
	Nodes int
	// Flags are for a part, each as "--name=value". They replace those that the part would have by that name.
	Flags map[Part][]string
	// Folder holds data, certificates, keys and logs, and is kept. The one of an earlier cluster goes on with
	// its data and its authority, on other ports; a newer Version may do so too. Empty means a temporary
	// folder, which Close removes; that of a process which died without closing, the next Start removes.
	Folder string
}

// Core are the controllers without which the API itself is not what users know: namespaces are emptied
// and removed, orphans are collected, quotas counted, default service accounts made.
func Core() []string {
	return []string{
		"namespace-controller", "garbage-collector-controller", "resourcequota-controller",
		"serviceaccount-controller", "serviceaccount-token-controller", "root-ca-certificate-publisher-controller",
		"clusterrole-aggregation-controller", "validatingadmissionpolicy-status-controller",
	}
}

// Workloads are Core and what turns workloads into pods and pods into endpoints.
func Workloads() []string {
	return append(Core(),
		"deployment-controller", "replicaset-controller", "statefulset-controller", "daemonset-controller",
		"job-controller", "cronjob-controller", "endpoints-controller", "endpointslice-controller",
		"disruption-controller", "horizontal-pod-autoscaler-controller", "pod-garbage-collector-controller",
		"node-lifecycle-controller", "taint-eviction-controller", "ttl-after-finished-controller",
		"persistentvolumeclaim-protection-controller", "persistentvolume-binder-controller",
	)
}

// validate finds what would be ignored, or be found out after seconds.
func (o Options) validate() error {
	if !slices.Contains(binary.Versions(), o.version()) {
		return fmt.Errorf("no Kubernetes %q here: there are %q", o.Version, binary.Versions())
	}
	if o.Nodes < 0 {
		return fmt.Errorf("%d nodes cannot be", o.Nodes)
	}
	for part, flags := range o.Flags {
		if !slices.Contains(o.parts(), part) {
			return fmt.Errorf("flags for %q, which this cluster has not; its parts are %q", part, o.parts())
		}
		for _, flag := range flags {
			if !strings.HasPrefix(flag, "--") {
				return fmt.Errorf("flag %q of %s does not begin with --", flag, part)
			}
		}
	}
	return nil
}

func (o Options) version() binary.Version {
	if o.Version == "" {
		return binary.Newest
	}
	return o.Version
}

func (o Options) controllers() []string {
	if o.Controllers == nil {
		return Core()
	}
	return o.Controllers
}

func (o Options) parts() []Part {
	parts := []Part{Etcd, APIServer}
	if len(o.controllers()) > 0 {
		parts = append(parts, ControllerManager)
	}
	if o.Scheduler {
		parts = append(parts, Scheduler)
	}
	if o.Nodes > 0 {
		parts = append(parts, Kwok)
	}
	return parts
}

// makesServiceAccounts tells whether something gives each namespace its default account. Where nothing
// does, the admission of pods must not ask for one.
func (o Options) makesServiceAccounts() bool {
	return slices.ContainsFunc(o.controllers(), func(name string) bool {
		return name == "*" || name == "serviceaccount-controller" || name == "serviceaccount"
	})
}
