package workloads

import (
	"strings"

	"polygraph/internal/kubeobj"
)

// at returns the value under a path of fields without lists: "spec.template".
func at(v *kubeobj.Value, path string) *kubeobj.Value {
	for path != "" && v != nil {
		name, rest, _ := strings.Cut(path, ".")
		v, path = v.Get(name), rest
	}
	return v
}

// pairs are the strings of a map, by name.
func pairs(v *kubeobj.Value) map[string]string {
	if !v.Is(kubeobj.Map) || len(v.Items) == 0 {
		return nil
	}
	out := make(map[string]string, len(v.Items))
	for _, f := range v.Each() {
		if f.Kind == kubeobj.String {
			out[f.Name] = f.Text
		}
	}
	return out
}

// isTrue tells that a field is written as true. Anything else is the default.
func isTrue(v *kubeobj.Value) bool { return v.Is(kubeobj.Bool) && v.Text == "true" }

// field puts the name of a field behind a path, as fields.Edit does: in brackets
// where it could be taken for a path.
func field(path, name string) string {
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '$' {
			return path + "[" + name + "]"
		}
	}
	return join(path, name)
}
