package change

import (
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/shell"
)

// inNamespace is the option that names a namespace, with the space before it,
// and nothing where there is none.
func inNamespace(namespace string) string {
	if namespace == "" {
		return ""
	}
	return " -n " + shell.Word(namespace)
}

// kindName is an object as kubectl takes it. A name that starts with a dash is
// no option behind its kind.
func kindName(o *kubeobj.Object) string {
	return shell.Word(strings.ToLower(o.Kind)+"/"+o.Name) + inNamespace(o.Namespace)
}
