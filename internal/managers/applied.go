package managers

import (
	"encoding/json"

	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
)

// lastApplied is where kubectl apply keeps what it was given.
//
// Source: k8s.io/api v0.37.2 core/v1, LastAppliedConfigAnnotation.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// maxApplied is the most that all annotations of an object may have.
//
// Source: TotalAnnotationSizeLimitB, apimachinery v0.37.2
// pkg/api/validation/objectmeta.go.
const maxApplied = 256 << 10

// LastApplied is the object as kubectl apply was given it last, or nil where it
// never was. Its offsets count from the start of the annotation's text; in the
// file, the annotation is what to cite. Server-side apply by kubectl keeps an
// annotation that is there up to date and makes none (kubectl v0.37.2
// pkg/cmd/apply/apply.go, saveLastApplyAnnotationIfNecessary); by others it leaves
// the annotation as it was, which is then old.
//
// The text comes from whoever could write the object: it is read only when it is
// JSON of the permitted size and the same object.
func LastApplied(o *kubeobj.Object) (*kubeobj.Value, *evidence.Problem) {
	v := o.Get("metadata", "annotations", lastApplied)
	if v == nil {
		return nil, nil
	}
	unread := func(why string) (*kubeobj.Value, *evidence.Problem) {
		return nil, &evidence.Problem{Reason: "the annotation " + lastApplied + " " + why, Do: "apply the object again"}
	}
	switch {
	case !v.Is(kubeobj.String):
		return unread("is no string")
	case len(v.Text) > maxApplied:
		return unread("is larger than annotations may be")
	case !json.Valid([]byte(v.Text)):
		return unread("is no JSON")
	}
	f, problem := kubeobj.Parse(o.Path, []byte(v.Text))
	if problem != nil || len(f.Objects) != 1 {
		return unread("has no object in it")
	}
	was := f.Objects[0]
	if was.Kind != o.Kind || was.Name != o.Name || was.Namespace != "" && was.Namespace != o.Namespace {
		return unread("is about another object")
	}
	return &was.Root, nil
}
