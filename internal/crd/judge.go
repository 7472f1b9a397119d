package crd

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"polygraph/internal/kubeobj"
)

const (
	// maxRefusals of one object are told.
	maxRefusals = 100
	// maxCost is what all objects of a Set may cost together: a hundred objects at
	// the server's limit, or any number of honest ones.
	maxCost = 100 * celconfig.RuntimeCELCostBudget
)

var (
	errPanic = errors.New("the packages of Kubernetes cannot deal with it")
	errCost  = errors.New("the objects together cost more CEL than is spent on them")
)

func (d *definition) namespaced() bool {
	return d.spec.Spec.Scope == apiextensionsv1.NamespaceScoped
}

// Judge says what becomes of new. old is what it is an update of, live or as it
// was written; nil is a create. When old is live and new is not, new is applied
// to it as kubectl apply does: what new does not mention stays, unless it was
// applied before. Two versions of one object may differ in apiVersion.
func (s *Set) Judge(old, new *kubeobj.Object) (j Judgement) {
	defer func() {
		if p := recover(); p != nil {
			j = Judgement{Unknown: []string{errPanic.Error()}}
		}
	}()
	v, refusal, unknown := s.find(new)
	if refusal != nil {
		return Judgement{Refusals: []Refusal{*refusal}}
	}
	if unknown != "" {
		return Judgement{Unknown: []string{unknown}}
	}
	wanted, err := object(new)
	if err != nil {
		return Judgement{Unknown: []string{err.Error()}}
	}
	if old == nil {
		return s.judge(v, new, wanted, nil)
	}
	before, unknown := s.before(v, old)
	if unknown != "" {
		return Judgement{Unknown: []string{unknown}}
	}
	if !old.Live || new.Live {
		return s.judge(v, new, wanted, before)
	}
	merged, sure := applied(wanted, before, old)
	j = s.judge(v, new, runtime.DeepCopyJSON(merged), before)
	if !sure {
		// A server-side apply removes what its manager owned and now leaves out, kubectl
		// apply does not know of it: only what both lead to is certain.
		j = both(j, s.judge(v, new, wanted, before))
	}
	return j
}

// both keeps what two judgements agree about.
func both(kept, replaced Judgement) Judgement {
	same := func(a Refusal) func(Refusal) bool {
		return func(b Refusal) bool { return a.Path == b.Path && a.Rule == b.Rule }
	}
	out := Judgement{Dropped: kept.Dropped, Unknown: kept.Unknown}
	for _, r := range kept.Refusals {
		if slices.ContainsFunc(replaced.Refusals, same(r)) {
			out.Refusals = append(out.Refusals, r)
		} else {
			out.Unknown = append(out.Unknown, r.Path+": "+r.Rule+": so it is if what the manifest leaves out stays; nothing says who had set it")
		}
	}
	for _, r := range replaced.Refusals {
		if !slices.ContainsFunc(kept.Refusals, same(r)) {
			out.Unknown = append(out.Unknown, r.Path+": "+r.Rule+": so it is if what the manifest leaves out goes; nothing says who had set it")
		}
	}
	return out
}

// find returns the version that judges an object.
func (s *Set) find(o *kubeobj.Object) (v *served, refusal *Refusal, unknown string) {
	d := s.kinds[groupKind{o.Group, o.Kind}]
	if d == nil {
		return nil, nil, fmt.Sprintf("no CustomResourceDefinition of %s is here", o.Type())
	}
	if d.unknown != "" {
		return nil, nil, d.unknown
	}
	v = d.serves[o.Version]
	if v == nil || !v.version.Served {
		_, offset := locate(&o.Root, "apiVersion")
		_, at := locate(&d.object.Root, "spec.versions")
		return nil, &Refusal{
			Path: "apiVersion", Rule: fmt.Sprintf("no matches for kind %q in version %q", o.Kind, o.Group+"/"+o.Version),
			Source: d.object.Identity() + ", spec.versions", Offset: offset, Definition: d.object, At: at,
		}, ""
	}
	if err := v.build(); err != nil {
		return nil, nil, "its CustomResourceDefinition cannot be used: " + err.Error()
	}
	if s.spent.Load() > maxCost {
		return nil, nil, errCost.Error()
	}
	return v, nil, ""
}

// before is an object as the server finds it in the store, in the version of the
// request.
func (s *Set) before(v *served, old *kubeobj.Object) (map[string]any, string) {
	m, err := object(old)
	if err != nil {
		return nil, "the object before: " + err.Error()
	}
	from := v
	if old.Version != v.version.Name {
		if v.definition.converts() {
			return nil, "a webhook converts the object from " + old.Version
		}
		if from = v.definition.serves[old.Version]; from == nil || from.build() != nil {
			return nil, "the CustomResourceDefinition does not have version " + old.Version + " of the object before"
		}
	}
	if _, err := from.coerce(m, true); err != nil {
		return nil, "the object before is none that can be stored: " + err.Field
	}
	from.fill(m)
	if !old.Live && from.hasStatus() {
		delete(m, "status") // a manifest's status was never stored
	}
	from.store(m)
	if from != v {
		m["apiVersion"] = v.definition.spec.Spec.Group + "/" + v.version.Name
		_, _ = v.coerce(m, true)
	}
	v.system(m, nil)
	return m, ""
}

// judge takes the way of a request. m is owned by it.
func (s *Set) judge(v *served, o *kubeobj.Object, m, old map[string]any) (j Judgement) {
	dropped, fault := v.decode(m)
	if fault != nil {
		j.Refusals = v.refusals(o, field.ErrorList{fault})
		return j
	}
	for _, path := range dropped {
		j.Dropped = append(j.Dropped, v.drop(o, path, "the schema has no such field", fmt.Sprintf("unknown field %q", path)))
	}
	if v.hasStatus() {
		if status := o.Get("status"); !status.Empty() && !o.Live {
			j.Dropped = append(j.Dropped, v.drop(o, "status", "status is written through its subresource only", ""))
		}
		delete(m, "status")
		if was, ok := old["status"]; ok {
			m["status"] = runtime.DeepCopyJSONValue(was)
		}
	}
	v.system(m, old)
	errs, left := v.validate(m, old)
	s.charge(left)
	j.Refusals = v.refusals(o, errs)
	if len(j.Refusals) > 0 {
		return j
	}
	was := slices.Clone(dropped)
	for _, path := range v.store(m) {
		if !slices.Contains(was, path) && path != "status" && !strings.HasPrefix(path, "status.") {
			j.Dropped = append(j.Dropped, v.drop(o, path, "the schema of the storage version, "+v.definition.storage().version.Name+", has no such field", ""))
		}
	}
	return j
}

// charge counts what is gone of the budget of one object.
func (s *Set) charge(left int64) { s.spent.Add(celconfig.RuntimeCELCostBudget - max(left, 0)) }

// system puts in what the server or kubectl puts in before an object is looked
// at: a namespace, a generated name, and what only the server writes
// (k8s.io/apiserver/pkg/registry/rest, BeforeCreate and BeforeUpdate).
func (v *served) system(m, old map[string]any) {
	meta, ok := m["metadata"].(map[string]any)
	if !ok {
		meta = map[string]any{}
		m["metadata"] = meta
	}
	if !v.definition.namespaced() {
		delete(meta, "namespace")
	} else if n, _ := meta["namespace"].(string); n == "" {
		meta["namespace"] = "default"
	}
	if name, _ := meta["name"].(string); name == "" {
		if prefix, _ := meta["generateName"].(string); prefix != "" {
			meta["name"] = prefix[:min(len(prefix), 58)] + "xxxxx" // names.SimpleNameGenerator
		}
	}
	for _, name := range []string{"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields", "selfLink"} {
		delete(meta, name)
	}
	meta["resourceVersion"] = "1"
	if before, ok := old["metadata"].(map[string]any); ok && before["namespace"] != nil {
		meta["namespace"] = before["namespace"] // another namespace were another object
	}
}

func (v *served) drop(o *kubeobj.Object, path, because, strict string) Dropped {
	_, offset := locate(&o.Root, path)
	return Dropped{Path: path, Offset: offset, Because: because, Strict: strict, Source: v.source()}
}

func (v *served) source() string {
	return v.definition.object.Identity() + ", version " + v.version.Name
}

// refusals turns the server's errors into ours.
func (v *served) refusals(o *kubeobj.Object, errs field.ErrorList) []Refusal {
	var out []Refusal
	seen := make(map[string]bool)
	// The validators walk maps: the errors come in another order each time.
	errs = slices.Clone(errs)
	slices.SortStableFunc(errs, func(a, b *field.Error) int {
		if whole := a.Field == Whole; whole != (b.Field == Whole) {
			if whole {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Field, b.Field)
	})
	for _, e := range errs {
		rule := message(e)
		key := e.Field + "\x00" + rule
		if seen[key] || len(out) == maxRefusals {
			continue
		}
		seen[key] = true
		steps, offset := locate(&o.Root, whereabouts(e))
		r := Refusal{Path: e.Field, Rule: rule, Source: v.source(), Offset: offset, Definition: v.definition.object, At: -1}
		if e.Field == "metadata" || strings.HasPrefix(e.Field, "metadata.") {
			r.Source, r.Definition = "k8s.io/apimachinery/pkg/api/validation, ValidateObjectMeta", nil
		} else if node := schemaAt(v.written(), steps); node != nil {
			r.At = int64(node.Offset)
			for n := len(steps); n >= 0; n-- { // fieldPath puts an error below its rule
				if text := ruleAt(schemaAt(v.written(), steps[:n]), e.Detail); text != nil {
					r.At, r.Source = int64(text.Offset), r.Source+", x-kubernetes-validations: "+text.Text
					break
				}
			}
		}
		out = append(out, r)
	}
	return out
}

// whereabouts is the path of an error. Some have it in their message only:
// "Checked value must be of type integer (default format) in spec.replicas".
func whereabouts(e *field.Error) string {
	if i := strings.LastIndex(e.Detail, " in "); i >= 0 && e.Field == Whole {
		return e.Detail[i+len(" in "):]
	}
	return e.Field
}

// ruleAt is the CEL rule of a schema that says this.
func ruleAt(node *kubeobj.Value, detail string) *kubeobj.Value {
	for _, r := range node.Get("x-kubernetes-validations").Each() {
		rule, said := r.Get("rule"), r.Get("message").Str()
		if rule == nil {
			continue
		}
		trimmed := strings.TrimSpace(rule.Text)
		if said != "" && strings.TrimSpace(said) == detail || said == "" && detail == "failed rule: "+trimmed {
			return rule
		}
	}
	return nil
}

// Normalize is an object as the server stores and shows it: pruned, its defaults
// filled in, null where it is not allowed left out. What was written keeps its
// offset. An object that cannot be read so comes back as it is.
func (s *Set) Normalize(o *kubeobj.Object) (out *kubeobj.Object) {
	defer func() {
		if p := recover(); p != nil {
			out = o
		}
	}()
	v, refusal, unknown := s.find(o)
	if refusal != nil || unknown != "" {
		return o
	}
	m, err := object(o)
	if err != nil {
		return o
	}
	meta := m["metadata"]
	if _, fault := v.decode(m); fault != nil {
		return o
	}
	if v.hasStatus() && !o.Live {
		delete(m, "status")
	}
	v.store(m)
	if written, ok := meta.(map[string]any); ok {
		m["metadata"] = kept(m["metadata"], written)
	}
	stored := *o
	stored.Root = encode(o.Root.Name, m, &o.Root, o.Root.Offset)
	return &stored
}

// kept is the written metadata without the fields that metadata does not have;
// what the server's types write of their own accord is left out.
func kept(known any, written map[string]any) map[string]any {
	k, _ := known.(map[string]any)
	out := maps.Clone(written)
	maps.DeleteFunc(out, func(name string, v any) bool {
		_, ok := k[name]
		return !ok && v != nil && !empty(v)
	})
	return out
}

func empty(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case string:
		return v == ""
	default:
		return v == nil || v == int64(0)
	}
}
