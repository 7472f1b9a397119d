package workloads

import (
	"slices"

	"polygraph/internal/kubeobj"
)

// Way is how a ConfigMap or a Secret is read.
type Way uint8

// The ways.
const (
	Env         Way = iota // valueFrom of an environment variable: one key
	EnvFrom                // all keys as environment variables
	Volume                 // files of a mounted volume
	SubPath                // one path of a volume, mounted with subPath or subPathExpr
	Unmounted              // a volume that no container mounts: it must be there for the pod to start
	Driver                 // a volume driver's credentials: CSI, NFS, iSCSI and the like
	Pull                   // imagePullSecrets, of a pod or a ServiceAccount
	Account                // secrets of a ServiceAccount
	Certificate            // TLS of an Ingress or a Gateway
)

func (w Way) String() string {
	return [...]string{
		"an environment variable", "all as environment variables", "a volume", "a subPath of a volume", "a volume that nothing mounts",
		"the credentials of a volume driver", "an image pull secret", "a secret of a ServiceAccount", "a TLS certificate",
	}[w]
}

// Sight is when who reads it sees an edit.
type Sight uint8

// The sights. Elsewhere is the zero value: another program reads it, by its own
// rules.
const (
	Elsewhere Sight = iota
	// AtStart: when the container is started the next time. The kubelet makes the
	// environment once for each start (makeEnvironmentVariables, kubernetes v1.37.2
	// pkg/kubelet/kubelet_pods.go), so a container that crashes comes back with the
	// new value beside others that have the old one.
	AtStart
	// Synced: the files are replaced by the kubelet within its sync period and the
	// delay of its cache; whether the program reads them again is its own business.
	// Kubernetes documentation, "ConfigMaps: Mounted ConfigMaps are updated
	// automatically" and "Secrets: Using Secrets as files from a Pod".
	Synced
	// NotWhileRunning: a subPath is bound once for each start of the container.
	// Kubernetes documentation, "ConfigMaps": "A container using a ConfigMap as a
	// subPath volume mount will not receive ConfigMap updates."
	NotWhileRunning
	// AtPull: with the next image that is pulled.
	AtPull
)

func (s Sight) String() string {
	return [...]string{
		"when the program that reads it does so again", "when the container starts the next time",
		"when the kubelet has replaced the files", "not while the container runs", "when an image is pulled the next time",
	}[s]
}

// Sees is when a reader of this way sees an edit.
func (w Way) Sees() Sight {
	return [...]Sight{AtStart, AtStart, Synced, NotWhileRunning, Elsewhere, Elsewhere, AtPull, Elsewhere, Elsewhere}[w]
}

// Read is one reference to a ConfigMap or a Secret.
type Read struct {
	Way    Way
	Target Key             // what is read; of the reader's namespace
	Reader *kubeobj.Object // in which the reference stands
	// Workload is nil for what is no workload: an Ingress, a ServiceAccount.
	Workload *Workload
	// Container reads it; nil where the pod as a whole does.
	Container *Container
	// Value is the reference, and Path where it stands in Reader.
	Value *kubeobj.Value
	Path  string
	// Keys are those that are read; nil for All.
	Keys []string
	All  bool
	// Unclear is true where a part of the keys is known only at run time
	// (subPathExpr): All is set then.
	Unclear  bool
	Prefix   string // of the names of the variables, EnvFrom
	Variable string // Env
	Volume   string // Volume, SubPath, Unmounted
	Mount    string // the path in the container
	Optional bool
}

// Has tells whether an edit of a key touches this reference.
func (r *Read) Has(key string) bool { return r.All || slices.Contains(r.Keys, key) }

// Sees is when this reader sees an edit.
func (r *Read) Sees() Sight { return r.Way.Sees() }

// Reads are the references of a workload.
func (g *Graph) Reads(w *Workload) []Read { return w.reads }

// Consumers are the references to a ConfigMap or a Secret, in the order of the
// objects. Those of what another workload of the side made are left out, because
// its own template has them too; what runs from an older template is found by
// Pods and Reads. Any other kind has no consumers.
//
// What reads through the API (operators, sidecars that watch, a CSI driver with
// a class of its own) refers to nothing and is not found.
func (g *Graph) Consumers(o *kubeobj.Object) []*Read {
	var out []*Read
	for _, r := range g.readers[KeyOf(o)] {
		if r.Workload == nil || r.Workload.Owner == nil {
			out = append(out, r)
		}
	}
	return out
}

// Readers are all references to a ConfigMap or a Secret of that name, whether it
// is among the objects or not, and also from what workloads made.
func (g *Graph) Readers(k Key) []*Read { return g.readers[k] }

// Through are the workloads that run under a ServiceAccount.
//
// Source: the ServiceAccount admission plugin, kubernetes v1.37.2
// plugin/pkg/admission/serviceaccount: an absent name is default, and the
// account's imagePullSecrets are those of pods that have none.
func (g *Graph) Through(account *kubeobj.Object) []*Workload {
	var out []*Workload
	for _, w := range g.spaces[account.Namespace] {
		if w.Owner == nil && w.Account() == account.Name {
			out = append(out, w)
		}
	}
	return out
}

// Account is the name of the ServiceAccount under which the pods run.
func (w *Workload) Account() string {
	spec := w.Spec()
	for _, field := range [...]string{"serviceAccountName", "serviceAccount"} {
		if name := spec.Get(field).Str(); name != "" {
			return name
		}
	}
	return "default"
}

func (g *Graph) read(r *Read) {
	g.readers[r.Target] = append(g.readers[r.Target], r)
}
