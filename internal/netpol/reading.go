package netpol

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// reading is one object while it is read. A path is what the author would write:
// spec.ingress[0].from.
//
// Null is nothing, as it is for a server: json.Unmarshal leaves the field alone,
// and null of a field that is not nullable is pruned from custom resources
// (Kubernetes documentation, "Extend the Kubernetes API with
// CustomResourceDefinitions: Defaulting and Nullable").
type reading struct {
	object *kubeobj.Object
	set    *Set
	around *surroundings
	// local is all that was found and leaves something unknown: a rule takes what
	// came up while it was read.
	local []Unsure
	// whole is what leaves unknown whether the policy is in force at all.
	whole []Unsure
}

// surroundings are the other objects, in the order in which something asks for
// them.
type surroundings struct {
	objects []*kubeobj.Object
	named   map[string][]*kubeobj.Object // by Identity
	mesh    []*kubeobj.Object            // policies of a service mesh
}

// find returns the objects of an identity: those to which policies refer.
func (a *surroundings) find(identity string) []*kubeobj.Object {
	if a.named == nil {
		a.named = map[string][]*kubeobj.Object{}
		for _, o := range a.objects {
			if o.Group == "" && o.Kind == "Service" || o.Group == "cilium.io" && o.Kind == "CiliumCIDRGroup" {
				a.named[o.Identity()] = append(a.named[o.Identity()], o)
			}
		}
	}
	return a.named[identity]
}

// note says something that changes nothing of what is known.
func (r *reading) note(at uint32, do, format string, args ...any) {
	r.set.Notes = append(r.set.Notes, Note{Object: r.object, Offset: at, Text: fmt.Sprintf(format, args...), Do: do})
}

// unknown says something because of which a part of the policy is not known.
func (r *reading) unknown(at uint32, do, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.set.Notes = append(r.set.Notes, Note{Object: r.object, Offset: at, Text: text, Do: do, Breaks: true})
	r.local = append(r.local, Unsure{at, text})
}

// mostWhole is how many reasons a policy keeps for not being in force: each of its
// specs has all of them, and one would do.
const mostWhole = 20

// refuse says something for which a server or an engine turns the whole object
// down, or reads it in another way than it is meant.
func (r *reading) refuse(at uint32, do, format string, args ...any) {
	r.unknown(at, do, format, args...)
	if len(r.whole) < mostWhole {
		r.whole = append(r.whole, r.local[len(r.local)-1])
	}
}

// since is what came up since there were so many of local.
func (r *reading) since(mark int) []Unsure {
	if len(r.local) == mark {
		return nil
	}
	return slices.Clip(r.local[mark:])
}

// reject says something for which a server turns the object down, while what it
// would do is clear: only whether it is in force is not known.
func (r *reading) reject(at uint32, do, format string, args ...any) {
	mark := len(r.local)
	r.refuse(at, do, format, args...)
	r.local = r.local[:mark]
}

// notNull leaves null out.
func notNull(v *kubeobj.Value) *kubeobj.Value {
	if v == nil || v.Kind <= kubeobj.Null {
		return nil
	}
	return v
}

// field is a field that has a value, or nil.
func field(v *kubeobj.Value, name string) *kubeobj.Value { return notNull(v.Get(name)) }

// at is where a value stands, or where what should have it stands.
func at(v, in *kubeobj.Value) uint32 {
	if v != nil {
		return v.Offset
	}
	if in != nil {
		return in.Offset
	}
	return 0
}

// final tells that a value is not to be filled in later, and says so where it is.
func (r *reading) final(v *kubeobj.Value, path string) bool {
	if !v.Placeholder() {
		return true
	}
	r.unknown(v.Offset, "Render the manifests first, and examine what is applied.", "%s is filled in later: %s", path, short(v.Text))
	return false
}

var sorts = map[kubeobj.Kind]string{
	kubeobj.Map: "a map", kubeobj.List: "a list", kubeobj.String: "a string",
	kubeobj.Number: "a number", kubeobj.Bool: "true or false", kubeobj.Null: "null",
}

// is tells that a value is of a kind, and refuses it where it is not.
func (r *reading) is(v *kubeobj.Value, kind kubeobj.Kind, path string) bool {
	if v.Is(kind) {
		return kind != kubeobj.String || r.final(v, path)
	}
	if r.final(v, path) {
		r.refuse(v.Offset, "Write "+sorts[kind]+"; the server refuses anything else.", "%s is %s and not %s", path, sorts[v.Kind], sorts[kind])
	}
	return false
}

// list are the items of a list, and whether there is one.
func (r *reading) list(v *kubeobj.Value, name, path string) (items []kubeobj.Value, written bool) {
	v = field(v, name)
	if v == nil || !r.is(v, kubeobj.List, path+"."+name) {
		return nil, v != nil
	}
	return v.Items, true
}

// fields tells that a value is a map with no other fields than these.
func (r *reading) fields(v *kubeobj.Value, path string, known ...string) bool {
	if !r.is(v, kubeobj.Map, path) {
		return false
	}
	ok := true
	for _, f := range v.Each() {
		if slices.Contains(known, f.Name) || f.Kind == kubeobj.Null {
			continue
		}
		ok = false
		r.refuse(f.Offset, "Correct the name. The fields are "+strings.Join(known, ", ")+".",
			"%s has no field %s: the server refuses it, or drops it without a word", path, short(f.Name))
	}
	return ok
}

// number is an integer within bounds.
func (r *reading) number(v *kubeobj.Value, path string, low, high int) (int, bool) {
	if !r.is(v, kubeobj.Number, path) {
		return 0, false
	}
	n, err := strconv.Atoi(v.Text)
	if err != nil || n < low || n > high {
		r.refuse(v.Offset, fmt.Sprintf("Write a whole number from %d to %d.", low, high), "%s: %s is no number from %d to %d", path, short(v.Text), low, high)
		return 0, false
	}
	return n, true
}

// one tells that exactly one of these fields is there, and which.
func (r *reading) one(v *kubeobj.Value, path string, known ...string) *kubeobj.Value {
	if !r.fields(v, path, known...) {
		return nil
	}
	var found *kubeobj.Value
	for _, f := range v.Each() {
		if f.Kind == kubeobj.Null {
			continue
		}
		if found != nil {
			r.refuse(f.Offset, "Write one of them, and another item for the other.", "%s has %s beside %s: exactly one is allowed", path, f.Name, found.Name)
			return nil
		}
		found = f
	}
	if found == nil {
		r.refuse(v.Offset, "Write one of "+strings.Join(known, ", ")+".", "%s says nothing", path)
	}
	return found
}

// item is the path of an item of a list.
func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// short makes a text of the file short enough for a sentence.
func short(s string) string {
	const most = 60
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return strconv.Quote(s)
}

// anything makes a rule that could not be read match everything, perhaps.
func (rule *Rule) anything(why []Unsure) {
	rule.Anyone, rule.Peers, rule.AnyPort, rule.Ports = true, nil, true, nil
	rule.Unsure = why
}

// finish puts a policy into the set, with what leaves unknown whether it is in
// force.
func (r *reading) finish(policies ...*Policy) {
	for _, p := range policies {
		p.Object = r.object
		p.Unsure = append(p.Unsure, r.whole...)
		r.set.Policies = append(r.set.Policies, p)
	}
}

// opaque is a policy of which nothing is known but its kind: it may do anything to
// anyone in its reach.
func (r *reading) opaque(kind Kind) {
	p := &Policy{Kind: kind, Namespace: r.namespace(kind), SubjectAt: r.object.Root.Offset}
	if kind == Network || kind == Cilium {
		p.Subject = within(p.Namespace)
	}
	for _, s := range []struct {
		section *Section
		name    string
	}{{&p.Ingress, "ingress"}, {&p.Egress, "egress"}} {
		*s.section = Section{Applies: true, Isolates: kind == Network || kind == Cilium || kind == CiliumCluster, Offset: p.SubjectAt}
		for _, action := range []Action{Deny, Allow} {
			if kind == Network && action == Deny {
				continue
			}
			rule := Rule{Pointer: "spec." + s.name, Offset: p.SubjectAt, Action: action}
			rule.anything(r.since(0))
			s.section.Rules = append(s.section.Rules, rule)
		}
	}
	r.finish(p)
}

// namespace is that of an object of a kind that has one. An object without meets
// only others without.
func (r *reading) namespace(kind Kind) string {
	if kind == Network || kind == Cilium {
		return r.object.Namespace
	}
	if r.object.Namespace != "" {
		v := r.object.Get("metadata", "namespace")
		r.note(at(v, &r.object.Root), "Leave it out.", "%s is of no namespace: metadata.namespace is not used", r.object.Kind)
	}
	return ""
}

// version tells that the version is the one that is known here.
func (r *reading) version(known string) bool {
	if r.object.Version == known {
		return true
	}
	v := r.object.Get("apiVersion")
	r.refuse(at(v, &r.object.Root), "Write apiVersion: "+r.object.Group+"/"+known+", after reading what changed between the two.",
		"%s of version %s is not known: only %s is", r.object.Kind, short(r.object.Version), known)
	return false
}
