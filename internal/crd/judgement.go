package crd

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"polygraph/internal/kubeobj"
)

// Whole is the path of what the server says about an object as a whole, as it
// writes it.
const Whole = "<nil>"

// Refusal is one reason for which the server does not accept an object.
type Refusal struct {
	// Path is the field as the server and kubectl write it: spec.ports[0].name;
	// Whole is the whole object.
	Path string
	// Rule is the server's message without the value: "Invalid value: should be
	// greater than or equal to 1", of several lines the first. A CEL rule may write
	// values into its own message.
	Rule string
	// Source is where the rule stands: the definition and its version, or a
	// function of Kubernetes.
	Source string
	// Offset is of the value in the new object; where it is absent, of the nearest
	// value around it; -1 where the object does not show it.
	Offset int64
	// Definition and At are the definition's object and the offset of the schema,
	// or of the CEL rule, that refuses; At is -1 where it is not the definition.
	Definition *kubeobj.Object
	At         int64
}

// Dropped is a field that is accepted and not stored.
type Dropped struct {
	Path    string
	Offset  int64
	Because string
	// Strict is what the server refuses with instead when it is asked to be strict
	// about fields, as kubectl does unless it is told otherwise; "" where it is not.
	Strict string
	Source string
}

// Judgement is what becomes of an object. Where Unknown is not empty, Refusals
// are those that hold all the same, and an empty list proves nothing.
type Judgement struct {
	Refusals []Refusal
	Dropped  []Dropped
	Unknown  []string
}

// Accepted tells that the server takes the object, as far as its definition
// decides.
func (j *Judgement) Accepted() bool { return len(j.Refusals) == 0 && len(j.Unknown) == 0 }

// Problem is a definition with which objects cannot be judged.
type Problem struct {
	Object *kubeobj.Object
	Refusal
	// Unknown is true where it could not be judged, instead of being refused.
	Unknown bool
}

// typeNames are what a message about a wrong type quotes instead of the value.
var typeNames = []string{"string", "number", "integer", "boolean", "array", "object", "null"}

// message is what the server says, without the value: it may be a secret.
func message(e *field.Error) string {
	detail := e.Detail
	if e.Type == field.ErrorTypeTypeInvalid {
		if text, ok := e.BadValue.(string); ok && !slices.Contains(typeNames, text) {
			detail = strings.TrimSuffix(detail, fmt.Sprintf(": %q", text))
		}
	}
	detail, _, _ = strings.Cut(detail, "\n") // the compiler of CEL draws below it where in the rule
	if detail == "" {
		return e.Type.String()
	}
	return e.Type.String() + ": " + detail
}
