package managers

import (
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
)

// Relation is how what a manager owns lies to a path.
type Relation uint8

// The relations.
const (
	// Exact: it owns the field of this path.
	Exact Relation = iota
	// Inside: it owns something below it.
	Inside
	// Whole: it owns something above it as one value: a list that is replaced as a
	// whole, a label selector.
	Whole
	// Around: it owns something above it, and the names do not say whether that
	// is one value or only there: an empty object, whose fields others may own.
	Around
)

func (r Relation) String() string {
	return [...]string{"the field itself", "a part of it", "the value of which it is a part", "something around it"}[r]
}

// Owner is a manager that has something to do with a path.
type Owner struct {
	*Manager
	Relation Relation
	Owned    string         // the path that it owns; of Inside, the first one
	At       *kubeobj.Value // where managedFields say so
}

// Owners are the managers of a field, in the order of managedFields, each once.
// The path is written as in fields.Edit: spec.template.spec.containers[name=web].image,
// metadata.labels[app.kubernetes.io/name], metadata.finalizers[=x].
//
// The server refuses to apply another value of a field while another manager has
// it (Exact, Whole; Inside for the parts that differ), unless it is forced. Other
// writers take a field without being asked.
//
// Source: Updater.Apply and Conflicts, structured-merge-diff v6.4.2 merge/update.go.
func (x *Ownership) Owners(path string) []Owner {
	if path == "" {
		return nil
	}
	var out []Owner
	for i := range x.Managers {
		m := &x.Managers[i]
		if m.fields == nil {
			continue
		}
		l := look{builtIn: x.builtIn}
		l.walk(m.fields, "", path)
		if l.found {
			l.owner.Manager = m
			out = append(out, l.owner)
		}
	}
	return out
}

// Others are the owners of a path that a manager would have to overrule or share
// with: all that are not entries of its own.
func (x *Ownership) Others(path, manager string) []Owner {
	var out []Owner
	for _, o := range x.Owners(path) {
		if o.Name != manager {
			out = append(out, o)
		}
	}
	return out
}

// look searches the tree of one manager for a path. A name may have dots and
// brackets in it, so that the text alone does not say where it ends: each end that
// the tree knows is tried. No node is reached twice.
type look struct {
	owner   Owner
	found   bool
	builtIn bool
}

// better keeps what lies closest to the path.
func (l *look) better(o Owner) {
	if !l.found || o.Relation < l.owner.Relation || o.Relation >= Whole && l.owner.Relation >= Whole && len(o.Owned) > len(l.owner.Owned) {
		l.owner, l.found = o, true
	}
}

func (l *look) walk(n *node, so, rest string) {
	if rest == "" {
		if n.member {
			l.better(Owner{Relation: Exact, Owned: so, At: n.value})
		} else if path, first := n.first(so); first != nil {
			l.better(Owner{Relation: Inside, Owned: path, At: first.value})
		}
		return
	}
	if n.member && len(n.children) == 0 && so != "" {
		relation := Around
		if oneValue(so, rest, l.builtIn) {
			relation = Whole
		}
		l.better(Owner{Relation: relation, Owned: so, At: n.value})
		return
	}
	rest = strings.TrimPrefix(rest, ".")
	tried := 0
	for i := 1; i <= len(rest); i++ {
		if i < len(rest) && rest[i] != '.' && rest[i] != '[' && rest[i-1] != ']' {
			continue
		}
		if tried++; tried > maxEnds {
			return
		}
		name := rest[:i]
		if n.children[name] == nil && name[i-1] == ']' {
			name = sorted(name)
		}
		if c := n.children[name]; c != nil {
			l.walk(c, add(so, name), rest[i:])
		}
	}
}

// sorted puts the keys of an item into the order of their names: [a=1,b=2].
func sorted(element string) string {
	if !strings.Contains(element, ",") {
		return element
	}
	parts := strings.Split(strings.TrimSuffix(strings.TrimPrefix(element, "["), "]"), ",")
	slices.Sort(parts)
	return "[" + strings.Join(parts, ",") + "]"
}

// maxEnds bounds the dots and brackets that are taken for a part of one name.
const maxEnds = 128

// first is the first thing owned below a node.
func (n *node) first(so string) (string, *node) {
	for !n.member {
		if len(n.order) == 0 {
			return "", nil
		}
		name := n.order[0]
		so, n = add(so, name), n.children[name]
	}
	return so, n
}

// oneValue tells that an owned path is one value with what is inside it.
func oneValue(owned, rest string, builtIn bool) bool {
	if builtIn && atomic[owned[strings.LastIndexByte(owned, '.')+1:]] {
		return true
	}
	// An item by its position is of a list that has no keys.
	position, _, ok := strings.Cut(strings.TrimPrefix(rest, "["), "]")
	return ok && rest[0] == '[' && strings.Trim(position, "0123456789") == ""
}

// atomic are the fields of built-in kinds that are one value wherever they are an
// object or a map and do not stand in something that is one value already.
//
// Source: +structType=atomic and +mapType=atomic in k8s.io/api v0.37.2;
// TestAtomicFields compares with the schema in client-go.
var atomic = map[string]bool{
	"configMapKeyRef": true, "secretKeyRef": true, "fieldRef": true, "fileKeyRef": true, "resourceFieldRef": true,
	"selector": true, "labelSelector": true, "namespaceSelector": true, "objectSelector": true, "podSelector": true,
	"nodeSelector": true, "scopeSelector": true, "dataSource": true, "matchConstraints": true, "matchResources": true,
	"paramKind": true, "paramRef": true, "port": true, "required": true, "secretRef": true,
	"requiredDuringSchedulingIgnoredDuringExecution": true,
	"controllerExpandSecretRef":                      true, "controllerPublishSecretRef": true, "nodeExpandSecretRef": true,
	"nodePublishSecretRef": true, "nodeStageSecretRef": true, "nodeTopology": true,
	"involvedObject": true, "regarding": true, "related": true,
}

// builtIn tells the groups of Kubernetes itself; what others define has a schema
// of its own.
func builtIn(group string) bool {
	switch group {
	case "", "apps", "autoscaling", "batch", "extensions", "policy":
		return true
	case "apiextensions.k8s.io", "apiregistration.k8s.io":
		return false // their schema is not in client-go
	}
	switch strings.TrimSuffix(group, ".k8s.io") {
	case "admissionregistration", "authentication", "authorization", "certificates", "coordination", "discovery", "events",
		"flowcontrol.apiserver", "internal.apiserver", "networking", "node", "rbac.authorization", "resource", "scheduling",
		"storage", "storagemigration":
		return true
	}
	return false
}

// Owned are all paths that a manager owns, in the order of the entry, at most
// limit of them.
func (m *Manager) Owned(limit int) []string {
	var out []string
	if m.fields != nil {
		m.fields.each("", func(path string) bool {
			if len(out) < limit {
				out = append(out, path)
			}
			return len(out) < limit
		})
	}
	return out
}

func (n *node) each(so string, visit func(path string) bool) bool {
	if n.member && so != "" && !visit(so) {
		return false
	}
	for _, name := range n.order {
		if !n.children[name].each(add(so, name), visit) {
			return false
		}
	}
	return true
}
