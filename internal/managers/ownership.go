package managers

import (
	"strconv"
	"time"

	"polygraph/internal/kubeobj"
)

// Manager is an entry of managedFields: a name, and how it wrote.
type Manager struct {
	Name string
	// Operation is Apply (server-side apply) or Update (everything else).
	Operation string
	// Subresource is "" for the object itself, status, scale.
	Subresource string
	// APIVersion is the one in whose names the fields are.
	APIVersion string
	// Time is when the fields were last changed; zero where it is not written. An
	// entry that came through the scale subresource never has one, because its time
	// is taken from the entry that was there before (ScaleHandler.ToParent,
	// apimachinery v0.37.2 pkg/util/managedfields/scalehandler.go): who scaled is
	// known, and when is not.
	Time  time.Time
	Value *kubeobj.Value // the entry
	Path  string         // metadata.managedFields[0]
	// Problem says why the fields cannot be read; "" where they can.
	Problem string

	fields *node
}

// The operations.
const (
	Apply  = "Apply"
	Update = "Update"
)

// Ownership is who wrote which field of an object.
type Ownership struct {
	// Known is false where the object has no managedFields, or none that can be
	// read: then nothing is known about its writers.
	Known    bool
	Managers []Manager
	// Complete is false where an entry could not be read: somebody else may own a
	// field for which there is no owner here.
	Complete   bool
	apiVersion string
	builtIn    bool
}

// Read reads the managedFields of an object. The memory it takes grows with them;
// below maxDepth levels nothing is read.
//
// Source: apimachinery v0.37.2 pkg/apis/meta/v1 ManagedFieldsEntry;
// structured-merge-diff v6.4.2 fieldpath/serialize.go.
func Read(o *kubeobj.Object) *Ownership {
	x := &Ownership{Complete: true, apiVersion: o.Get("apiVersion").Str(), builtIn: builtIn(o.Group)}
	list := o.Get("metadata", "managedFields")
	if list != nil && !list.Is(kubeobj.List) && list.Kind != kubeobj.Null {
		x.Complete = false
		return x
	}
	for i, e := range list.Each() {
		m := Manager{
			Name: e.Get("manager").Str(), Operation: e.Get("operation").Str(), Subresource: e.Get("subresource").Str(),
			APIVersion: e.Get("apiVersion").Str(), Value: e, Path: "metadata.managedFields[" + strconv.Itoa(i) + "]",
		}
		if at := e.Get("time"); at.Is(kubeobj.String) {
			m.Time, _ = time.Parse(time.RFC3339, at.Text) // a time that cannot be read is no time
		}
		m.fields, m.Problem = fieldsOf(e)
		if m.Problem != "" {
			x.Complete = false
		} else {
			x.Known = true
		}
		x.Managers = append(x.Managers, m)
	}
	return x
}

func fieldsOf(e *kubeobj.Value) (*node, string) {
	switch t := e.Get("fieldsType").Str(); {
	case t != "FieldsV1":
		return nil, "the entry is not of type FieldsV1"
	case e.Get("operation").Str() != Apply && e.Get("operation").Str() != Update:
		return nil, "the operation is neither Apply nor Update"
	}
	fields := e.Get("fieldsV1")
	if fields == nil || fields.Kind == kubeobj.Null {
		return &node{}, ""
	}
	return parse(fields)
}

// Other tells that the fields of a manager are in the names of another version of
// the API than the object is shown in, so that paths may not meet.
func (x *Ownership) Other(m *Manager) bool { return m.APIVersion != x.apiVersion }

// Newest is the entry that was written last, or nil.
func (x *Ownership) Newest() *Manager {
	var newest *Manager
	for i := range x.Managers {
		if m := &x.Managers[i]; newest == nil || m.Time.After(newest.Time) {
			newest = m
		}
	}
	return newest
}
