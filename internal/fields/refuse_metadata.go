package fields

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"polygraph/internal/kubeobj"
)

const metadataSource = "apimachinery pkg/api/validation ValidateObjectMetaAccessorUpdate, 1.37.2"

// totalAnnotations is the limit of all keys and values together, in bytes.
const totalAnnotations = 256 << 10

var metadataRefusals = []refusal{
	{
		rule: rule{fields: "metadata.name metadata.namespace", asks: "it is set", when: func(_ *change, e *Edit) answer {
			return when(e.New.Str() != "")
		}},
		says:    immutable,
		because: "an object keeps its name and namespace; under another name it is another object",
		source:  metadataSource,
	},
	{
		rule:    rule{fields: "metadata.uid", when: func(_ *change, e *Edit) answer { return when(e.New.Str() != "") }, asks: "it is set"},
		says:    immutable,
		because: "the server gives the uid",
		source:  metadataSource,
	},
	{
		rule: rule{fields: "metadata.deletionTimestamp", asks: "the object is not being deleted", when: func(c *change, _ *Edit) answer {
			return when(c.was("metadata.deletionTimestamp").Empty())
		}},
		says:    immutable,
		because: "an object is deleted by a delete, not by an update",
		source:  metadataSource,
	},
	{
		rule: rule{fields: "metadata.deletionGracePeriodSeconds", asks: "it is set", when: func(_ *change, e *Edit) answer {
			return when(!e.New.Empty())
		}},
		says:    immutable,
		because: "an object is deleted by a delete, not by an update",
		source:  metadataSource,
	},
	{
		rule: rule{fields: "metadata.finalizers", asks: "the object is being deleted", when: func(c *change, e *Edit) answer {
			return when(!c.was("metadata.deletionTimestamp").Empty() && e.New != nil && c.once("a new finalizer", newFinalizer) == yes)
		}},
		says:    "no new finalizers can be added if the object is being deleted",
		because: "the object is being deleted",
		source:  "apimachinery pkg/api/validation ValidateNoNewFinalizers, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.labels", asks: "a key or a value is not valid", when: func(_ *change, e *Edit) answer {
			return when(badLabels(e))
		}},
		says:    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
		because: "it is no valid label: 63 characters at most, of letters, digits, '-', '_' and '.'",
		source:  "apimachinery pkg/apis/meta/v1/validation ValidateLabels, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.annotations", asks: "a key is not valid", when: func(_ *change, e *Edit) answer {
			return when(badKeys(e, true))
		}},
		says:    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
		because: "its key is no qualified name",
		source:  "apimachinery pkg/api/validation ValidateAnnotations, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.annotations", asks: "all annotations together exceed 256 KiB", when: func(c *change, e *Edit) answer {
			if e.New == nil {
				return no
			}
			return c.once("all annotations", func(c *change) answer {
				total := 0
				for k, v := range c.labels("metadata.annotations") {
					total += len(k) + len(v)
				}
				return when(total > totalAnnotations)
			})
		}},
		says:    "must have at most 262144 bytes",
		because: "the annotations together are larger than 256 KiB; kubectl apply keeps the whole manifest in one of them, --server-side does not",
		source:  "apimachinery pkg/api/validation ValidateAnnotationsSize, 1.37.2",
	},
	{
		rule: rule{fields: "metadata.ownerReferences", asks: "two references are controllers", when: func(c *change, _ *Edit) answer {
			n := 0
			for _, r := range c.is("metadata.ownerReferences").Each() {
				if isTrue(r.Get("controller")) {
					n++
				}
			}
			return when(n > 1)
		}},
		says:    "Only one reference can have Controller set to true",
		because: "an object has one controller",
		source:  "apimachinery pkg/api/validation ValidateOwnerReferences, 1.37.2",
	},
}

func newFinalizer(c *change) answer {
	had := map[string]bool{}
	for _, f := range c.was("metadata.finalizers").Each() {
		had[f.Str()] = true
	}
	for _, f := range c.is("metadata.finalizers").Each() {
		if !had[f.Str()] {
			return yes
		}
	}
	return no
}

// badLabels tells whether the edit writes a label that no object can have.
func badLabels(e *Edit) bool {
	if badKeys(e, false) {
		return true
	}
	bad := false
	each(e, func(v *kubeobj.Value) {
		bad = bad || v.Kind == kubeobj.String && len(validation.IsValidLabelValue(v.Text)) > 0
	})
	return bad
}

// badKeys tells whether the edit writes a key that is no qualified name; those of
// annotations may have capitals in their prefix.
func badKeys(e *Edit, annotations bool) bool {
	bad := false
	each(e, func(v *kubeobj.Value) {
		key := v.Name
		if annotations {
			key = strings.ToLower(key)
		}
		bad = bad || len(validation.IsQualifiedName(key)) > 0
	})
	return bad
}

// each calls f with each value that an edit of a map of strings writes.
func each(e *Edit, f func(*kubeobj.Value)) {
	if !strings.HasSuffix(e.Field, ".*") {
		for _, v := range e.New.Each() {
			f(v)
		}
		return
	}
	if e.New != nil {
		f(e.New)
	}
}
