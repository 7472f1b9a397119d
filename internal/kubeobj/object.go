package kubeobj

import "strings"

// Object is one Kubernetes object.
type Object struct {
	Group, Version, Kind string // apiVersion taken apart; the core group is ""
	Namespace, Name      string // as written; "" is not written
	GenerateName         string
	Path                 string // of the file, as shown to the user
	Document             int    // which document of the file, from 0
	Root                 Value  // all of it
	// Live is true for what came out of a cluster: it has a uid and a
	// resourceVersion, which nobody writes by hand. It is the truth about an
	// object; the kind of the evidence is what the first 64 KiB looked like.
	Live bool
	// Placeholders are values that another program has yet to fill in, ${TAG}:
	// what they will be is not known.
	Placeholders []Placeholder
}

// Type is Kind, or Kind.group: "Service", "Deployment.apps".
func (o *Object) Type() string {
	if o.Group == "" {
		return o.Kind
	}
	return o.Kind + "." + o.Group
}

// Identity names the object in findings: "Deployment.apps/shop/web",
// "Namespace/shop". The version is not in it: the same object has several. An
// object whose name the server makes up is "Job.batch/shop/import-*", and each
// of those is another one.
func (o *Object) Identity() string {
	parts := []string{o.Type()}
	if o.Namespace != "" {
		parts = append(parts, o.Namespace)
	}
	name := o.Name
	if name == "" && o.GenerateName != "" {
		name = o.GenerateName + "*"
	}
	return strings.Join(append(parts, name), "/")
}

// Get returns the value under a path of keys, or nil.
func (o *Object) Get(path ...string) *Value { return o.Root.Get(path...) }

// Annotation returns an annotation of the object, and "" where there is none.
func (o *Object) Annotation(name string) string {
	return o.Root.Get("metadata", "annotations", name).Str()
}

// Label returns a label of the object, and "" where there is none.
func (o *Object) Label(name string) string {
	return o.Root.Get("metadata", "labels", name).Str()
}

// Duplicates returns the objects that stand several times under one identity,
// in the order of the first. A name that the server makes up is none.
func Duplicates(objects []*Object) [][]*Object {
	at := make(map[string]int, len(objects))
	var out [][]*Object
	for i, o := range objects {
		if o.Name == "" {
			continue
		}
		id := o.Identity()
		switch j, seen := at[id]; {
		case !seen:
			at[id] = i
		case j >= 0:
			out = append(out, []*Object{objects[j], o})
			at[id] = -len(out)
		default:
			out[-j-1] = append(out[-j-1], o)
		}
	}
	return out
}

// File is what one file holds.
type File struct {
	Objects []*Object
	// Unread are documents that are no object, and why; the others are read all
	// the same. While there are any, nobody may say that the file does not have
	// an object.
	Unread []Unread
	// Kustomizations are what the file says to kustomize.
	Kustomizations []Kustomization
	Notes          []string // limits that were met
}

// Unread is a document, or a part of one, that is no object.
type Unread struct {
	Document int
	Offset   int64
	Line     int // from 1
	Reason   string
	Do       string
	// Template is true for text that helm, kustomize or another program has yet
	// to render.
	Template bool

	// Client is true for the configuration of a client program (a kubeconfig, an
	// eksctl ClusterConfig), which no server gets.
	Client bool
}

// Kustomization is a kustomization.yaml: the files of its folder are not what
// is applied.
type Kustomization struct {
	Offset    int64
	Resources []string // as written: files, folders, addresses
	// Components are those of Resources that change what stands beside them.
	Components []string
	// Patches are files that it names as patches: they look like objects and
	// are parts of one.
	Patches []string
	// Changes are its fields that change what the resources say: namespace,
	// images, replicas.
	Changes []string
}

// Placeholder is a value that is not final.
type Placeholder struct {
	Offset uint32
	Text   string // the whole value: ${REGISTRY}/web:${TAG}
}
