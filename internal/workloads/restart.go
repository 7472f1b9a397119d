package workloads

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// Restart is something that would restart a workload when what it reads is
// edited.
type Restart struct {
	By Restarter
	// Value is the mark that says so, and Path where it stands in In.
	Value *kubeobj.Value
	Path  string
	In    *kubeobj.Object
}

// Restarter is a way by which a workload comes to be restarted.
type Restarter uint8

// The restarters.
const (
	// Reloader of Stakater watches, if it runs in the cluster, which the annotation
	// does not prove.
	Reloader Restarter = iota
	// Wave of Pusher watches, if it runs in the cluster.
	Wave
	// Checksum is an annotation of the template whose value is computed from a
	// ConfigMap or a Secret when the chart is rendered: an edit changes the template
	// too, and only together with it are pods replaced. That the value differs
	// between two sides is what proves it.
	Checksum
)

func (r Restarter) String() string {
	return [...]string{"Reloader", "Wave", "a checksum annotation"}[r]
}

// Restarters are the marks on a workload by which an edit of a ConfigMap or a
// Secret restarts it.
//
// Sources: docs.stakater.com/reloader/1.4/reference/annotations.html and
// ShouldReload, stakater/Reloader v1.4 pkg/common: the annotations of the workload,
// else those of its pod template; names in a list are regular expressions. Pusher Wave v0.8 README. Helm
// documentation, "Chart Development Tips and Tricks: Automatically Roll
// Deployments": checksum/config.
func (g *Graph) Restarters(w *Workload, o *kubeobj.Object) []Restart {
	if o.Kind != "ConfigMap" && o.Kind != "Secret" || o.Group != "" {
		return nil
	}
	var out []Restart
	own := w.Object.Get("metadata", "annotations")
	found := false
	for _, at := range [...]struct {
		v    *kubeobj.Value
		in   *kubeobj.Object
		path string
	}{{own, w.Object, "metadata.annotations"}, {w.Template.Get("metadata", "annotations"), w.In, join(w.Path, "metadata.annotations")}} {
		if at.in == nil || at.v == nil {
			continue
		}
		if v := g.reloads(w, at.v, o); v != nil && !found {
			out = append(out, Restart{Reloader, v, field(at.path, v.Name), at.in})
			found = true
		}
	}
	if v := own.Get("wave.pusher.com/update-on-config-change"); v.Str() == "true" && g.reads(w, o) {
		out = append(out, Restart{Wave, v, field("metadata.annotations", v.Name), w.Object})
	}
	for _, v := range w.Template.Get("metadata", "annotations").Each() {
		if IsChecksum(v.Name) {
			out = append(out, Restart{Checksum, v, field(join(w.Path, "metadata.annotations"), v.Name), w.In})
		}
	}
	return out
}

// IsChecksum tells the annotations that charts compute from rendered files, by
// the convention of Helm's documentation.
func IsChecksum(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "checksum/") || strings.HasPrefix(name, "checksum-") || strings.HasSuffix(name, "/checksum") ||
		strings.HasSuffix(name, "-checksum") || strings.HasSuffix(name, "-hash") || strings.HasSuffix(name, "/hash")
}

// reads tells whether the containers of a workload read an object.
func (g *Graph) reads(w *Workload, o *kubeobj.Object) bool {
	k := KeyOf(o)
	for i := range w.reads {
		if w.reads[i].Target == k && w.reads[i].Way < Driver {
			return true
		}
	}
	return false
}

// reloads is the annotation by which Reloader restarts a workload for an object,
// or nil. What is listed by name need not be referred to.
func (g *Graph) reloads(w *Workload, marks *kubeobj.Value, o *kubeobj.Object) *kubeobj.Value {
	kind := strings.ToLower(o.Kind)
	if o.Namespace != w.Object.Namespace || o.Annotation("reloader.stakater.com/ignore") == "true" ||
		slices.Contains(names(marks.Get(kind+"s.exclude.reloader.stakater.com/reload")), o.Name) {
		return nil
	}
	refers := g.reads(w, o)
	for _, name := range [...]string{"reloader.stakater.com/auto", kind + ".reloader.stakater.com/auto"} {
		if on, err := strconv.ParseBool(marks.Get(name).Str()); err == nil && on && refers {
			return marks.Get(name)
		}
	}
	list := marks.Get(kind + ".reloader.stakater.com/reload")
	for _, name := range names(list) {
		if name == o.Name {
			return list
		}
		if len(name) > maxPattern {
			continue
		}
		if re, err := regexp.Compile("^" + name + "$"); err == nil && re.MatchString(o.Name) {
			return list
		}
	}
	if v := marks.Get("reloader.stakater.com/search"); v.Str() == "true" && o.Annotation("reloader.stakater.com/match") == "true" && refers {
		return v
	}
	return nil
}

// maxPattern bounds a regular expression that somebody else wrote; a name has at
// most 253 characters.
const maxPattern = 300

// names are those of a list with commas.
func names(v *kubeobj.Value) []string {
	if v.Str() == "" {
		return nil
	}
	out := strings.Split(v.Text, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

// suffix is what kustomize puts behind the names of generated ConfigMaps and
// Secrets: ten characters of a hash, without vowels and what looks like them.
//
// Source: sigs.k8s.io/kustomize/api v0.21.1 hasher, encode.
var suffix = regexp.MustCompile(`^(.+)-([2456789bcdfghkmt]{10})$`)

// Generated tells that a name ends in a hash as kustomize makes it, and returns
// the name before it: an edit makes another object, whose new name changes every
// template that refers to it.
func Generated(name string) (base string, ok bool) {
	m := suffix.FindStringSubmatch(name)
	if m == nil {
		return name, false
	}
	return m[1], true
}
