package fields

import (
	"fmt"
	"slices"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// Compare says which fields differ between two states of an object, as the
// server would store them: with defaults filled in, quantities, times and
// numbers in one form, what the server owns left aside.
//
// Names and namespaces are not compared: they are the identity of the object.
// The status of a built-in kind is not either: who writes an object does not
// write it.
func Compare(old, new *kubeobj.Object, o Options) Comparison {
	if old == nil || new == nil || same(&old.Root, &new.Root) {
		return Comparison{}
	}
	c := comparison{options: o}
	if c.options.Version == 0 {
		c.options.Version = kubeschema.Newest
	}
	was, now := c.read(old), c.read(new)
	c.secret = new.Group == "" && new.Kind == "Secret"
	if old.Group != new.Group || old.Version != new.Version {
		c.note("the apiVersion changes from %s to %s: a field that only one of them has is not compared", apiVersion(old), apiVersion(new))
		c.across = true
	}
	if o.Live {
		now.root = *c.mergeFields(&was.root, &now.root, c.applied(old, was), false)
	}
	for _, s := range []*side{&was, &now} {
		s.root.prune()
		s.form.fill(&s.root)
		s.nameless()
	}
	if new.Group == "" && new.Kind == "Service" {
		now.form.keepAllocated(was.root.at("spec"), now.root.at("spec"))
	}
	c.fields(&was.root, &now.root, nil)
	if c.aside > 0 {
		c.lack("%d of the fields that are written exist in one of the two versions of the API only", c.aside)
	}
	return Comparison{Edits: c.edits, Notes: c.notes, Lacks: c.lacks}
}

// side is one of the two states.
type side struct {
	root stored
	form form
}

// nameless takes out the name, which was needed to fill in defaults and is
// identity, and leaves metadata there whatever is in it.
func (s *side) nameless() {
	m := s.root.at("metadata")
	if m == nil && s.root.kind == kubeobj.Map {
		typ, _ := kubeschema.Name("meta/v1.ObjectMeta")
		m = s.root.put(stored{name: "metadata", typ: typ, kind: kubeobj.Map})
	}
	if m != nil && m.kind == kubeobj.Map {
		m.drop("name")
	}
}

// comparison is one run of Compare.
type comparison struct {
	options Options
	secret  bool
	across  bool // of two versions of an API
	aside   int  // fields that only one of the versions has
	// serverSide is true where fields are owned, and not remembered by kubectl.
	serverSide bool
	edits      []Edit
	silent     []Edit // of defaults, in what is being compared
	notes      []string
	lacks      []string
}

// lack is a note about edits that nobody may see here.
func (c *comparison) lack(format string, args ...any) {
	c.note(format, args...)
	c.lacks = append(c.lacks, fmt.Sprintf(format, args...))
}

func (c *comparison) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

func apiVersion(o *kubeobj.Object) string {
	if o.Group == "" {
		return o.Version
	}
	return o.Group + "/" + o.Version
}

// read makes the typed tree of an object, less what is not compared.
func (c *comparison) read(o *kubeobj.Object) side {
	s := side{form: form{version: c.options.Version}}
	typ, known := kubeschema.Lookup(o.Group, o.Version, o.Kind)
	if known {
		if since, until, _ := kubeschema.Served(o.Group, o.Version, o.Kind); s.form.version < since || s.form.version > until {
			c.note("%s %s is not served by %s", apiVersion(o), o.Kind, c.options.Version)
			s.form.version = nearest(typ, s.form.version)
		}
		s.root = s.form.read(&o.Root, typ)
		s.root.drop("status")
	} else {
		c.note("%s %s is no built-in kind: its fields are compared as they are written, without defaults", apiVersion(o), o.Kind)
		s.root = s.form.read(&o.Root, nil)
		if m := s.root.at("metadata"); m != nil && m.kind == kubeobj.Map {
			if meta, ok := kubeschema.Name("meta/v1.ObjectMeta"); ok {
				*m = s.form.read(m.value, meta)
			}
		}
		if o.Live || c.options.Live {
			s.root.drop("status")
		}
	}
	s.root.drop("apiVersion")
	s.root.drop("kind")
	if m := s.root.at("metadata"); m != nil && m.kind == kubeobj.Map {
		for _, name := range owned() {
			m.drop(name)
		}
		if a := m.at("annotations"); a != nil {
			for _, name := range ownedAnnotations() {
				a.drop(name)
			}
		}
	}
	return s
}

// owned are the fields of metadata that the server owns, and the identity.
func owned() []string {
	return []string{
		"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generateName", "generation", "managedFields",
		"namespace", "resourceVersion", "selfLink", "uid",
	}
}

// ownedAnnotations are written by kubectl, by a controller, and by the server's
// conversion (Convert_apps_DaemonSet_To_v1_DaemonSet).
func ownedAnnotations() []string {
	return []string{lastApplied, "deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation"}
}

// nearest is the version nearest to v that has the type at all.
func nearest(t *kubeschema.Type, v kubeschema.Version) kubeschema.Version {
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Name == "kind" {
			return min(max(v, f.Since), f.Until)
		}
	}
	return v
}
