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
	// resourceVersion, which nobody writes by hand.
	Live bool
}

// Type is Kind, or Kind.group: "Service", "Deployment.apps".
func (o *Object) Type() string {
	if o.Group == "" {
		return o.Kind
	}
	return o.Kind + "." + o.Group
}

// Identity names the object in findings: "Deployment.apps/shop/web",
// "Namespace/shop". The version is not in it: the same object has several.
func (o *Object) Identity() string {
	parts := []string{o.Type()}
	if o.Namespace != "" {
		parts = append(parts, o.Namespace)
	}
	return strings.Join(append(parts, o.Name), "/")
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

// File is what one file holds.
type File struct {
	Objects []*Object
	// Unread are documents that are no object, and why; the others are read all
	// the same.
	Unread []Unread
	Notes  []string // limits that were met
}

// Unread is a document, or a part of one, that is no object.
type Unread struct {
	Document int
	Offset   int64
	Reason   string
	Do       string
	// Template is true for text that helm, kustomize or another program has yet
	// to render.
	Template bool
}
