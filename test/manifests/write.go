package manifests

import (
	"bufio"
	"fmt"
	"io"
)

// Form is how objects are written.
type Form string

// The forms.
const (
	Documents Form = "documents" // YAML, a document each, as helm template prints
	YAMLList  Form = "yaml-list" // as kubectl get -o yaml prints
	JSONList  Form = "json-list" // as kubectl get -o json prints
)

// Options say what is written.
type Options struct {
	Objects int
	Seed    uint64
	Form    Form // "" is Documents
	// Edited is how many of a thousand objects differ from those of Edited 0.
	Edited int
	// Live adds what a cluster adds: uid, resourceVersion, managedFields, status.
	Live bool
}

// Write writes the objects.
func Write(w io.Writer, o Options) error {
	b := bufio.NewWriterSize(w, 1<<16)
	switch o.Form {
	case Documents, "":
		for i := range o.Objects {
			fmt.Fprintf(b, "---\n# Source: company/templates/%d.yaml\n", i)
			yaml(b, object(o, i), 0, false)
		}
	case YAMLList:
		b.WriteString("apiVersion: v1\nitems:\n")
		for i := range o.Objects {
			b.WriteString("- ")
			yaml(b, object(o, i), 2, true)
		}
		b.WriteString("kind: List\nmetadata:\n  resourceVersion: \"\"\n")
	case JSONList:
		b.WriteString("{\n    \"apiVersion\": \"v1\",\n    \"items\": [")
		for i := range o.Objects {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("\n        ")
			if err := json(b, object(o, i), 8); err != nil {
				return err
			}
		}
		b.WriteString("\n    ],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n")
	default:
		return fmt.Errorf("no such form: %q", o.Form)
	}
	return b.Flush()
}
