package fields

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// lastApplied is where kubectl apply keeps what it applied.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// claim is what the applier had set before: of that, what it now leaves out goes.
type claim struct {
	whole  bool // with all that is inside, whoever set it
	fields map[string]*claim
	items  map[string]*claim // of a list, by key
}

// applied reads from a live object what the applier had set; nil is nothing, or
// no evidence of it, which is then said.
func (c *comparison) applied(old *kubeobj.Object, was side) *claim {
	client := c.options.Applier == "" || strings.HasPrefix(c.options.Applier, "argocd")
	if text := old.Annotation(lastApplied); client && text != "" {
		f, problem := kubeobj.Parse("", []byte(text))
		if problem == nil && len(f.Objects) == 1 {
			last := f.Objects[0]
			s := was.form.read(&last.Root, was.root.typ)
			return claimOf(&s).keepAnnotations()
		}
		c.lack("the annotation %s cannot be read: what NEW does not mention is taken as kept", lastApplied)
		return nil
	}
	c.serverSide = true
	mine, others := &claim{}, &claim{}
	found := false
	for _, e := range old.Get("metadata", "managedFields").Each() {
		into := others
		// What is written through a subresource is an entry of its own, also of the applier.
		if e.Get("subresource").Str() == "" && c.mine(e) {
			into, found = mine, true
		}
		into.add(e.Get("fieldsV1"), was.root.typ)
	}
	if !found {
		c.note("the live object does not say what %s applied before: what NEW does not mention is taken as kept", c.applier())
		return nil
	}
	mine.less(others)
	return mine
}

func (c *comparison) applier() string {
	if c.options.Applier == "" {
		return "kubectl"
	}
	return c.options.Applier
}

// mine tells whether an entry of managedFields is the applier's.
func (c *comparison) mine(e *kubeobj.Value) bool {
	manager := e.Get("manager").Str()
	if c.options.Applier != "" {
		return manager == c.options.Applier
	}
	return manager == "kubectl" && e.Get("operation").Str() == "Apply" || manager == "kubectl-client-side-apply"
}

func claimOf(s *stored) *claim {
	c := &claim{whole: true}
	switch s.kind {
	case kubeobj.Map:
		c.fields = make(map[string]*claim, len(s.items))
		for i := range s.items {
			c.fields[s.items[i].name] = claimOf(&s.items[i])
		}
	case kubeobj.List:
		if keyed(s.typ) {
			c.items = make(map[string]*claim, len(s.items))
			for i := range s.items {
				c.items[key(s.typ, &s.items[i])] = claimOf(&s.items[i])
			}
		}
	}
	return c
}

// keepAnnotations leaves the map of annotations: what kubectl applies always has
// one, for its own, so that it takes out single annotations and never all.
//
// Source: k8s.io/kubectl/pkg/util GetModifiedConfiguration, 1.37.2.
func (c *claim) keepAnnotations() *claim {
	meta := c.field("metadata")
	switch a := meta.field("annotations"); {
	case a == nil:
	case a.leaf():
		delete(meta.fields, "annotations")
	default:
		a.whole = false
	}
	return c
}

// add reads a fieldsV1 (structured-merge-diff: f: a field, k: an item by its
// key, v: an item by its value, . the value itself). A field of a struct is owned
// with what is in it, an item or an entry where a dot says so; what nobody owns
// there, defaults, goes with it.
//
// Source: structured-merge-diff merge prune, fieldpath EnsureNamedFieldsAreMembers, 6.4.2.
func (c *claim) add(v *kubeobj.Value, t *kubeschema.Type) {
	c.whole = c.whole || v.Get(".") != nil
	for _, in := range v.Each() {
		sort, name, ok := strings.Cut(in.Name, ":")
		if !ok {
			continue
		}
		var next *claim
		var typ *kubeschema.Type
		switch sort {
		case "f":
			if c.fields == nil {
				c.fields = map[string]*claim{}
			}
			next = child(c.fields, name)
			switch {
			case t == nil:
			case t.Shape == kubeschema.Struct:
				for i := range t.Fields {
					if t.Fields[i].Name == name {
						typ, next.whole = t.Fields[i].Type, true
					}
				}
			default:
				typ = t.Elem
			}
		case "k", "v":
			if c.items == nil {
				c.items = map[string]*claim{}
			}
			next = child(c.items, itemKey(sort, name, t))
			if t != nil {
				typ = t.Elem
			}
		default:
			continue
		}
		next.add(in, typ)
	}
}

func child(m map[string]*claim, name string) *claim {
	if m[name] == nil {
		m[name] = &claim{}
	}
	return m[name]
}

// itemKey writes the key of an item as key does.
func itemKey(sort, text string, t *kubeschema.Type) string {
	if sort == "v" {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return "=" + text
		}
		return fmt.Sprintf("=%v", v)
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var fields map[string]any
	if dec.Decode(&fields) != nil {
		return text
	}
	names := keysOf(t)
	if len(names) == 0 {
		names = slices.Sorted(maps.Keys(fields))
	}
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = n + "="
		if v, ok := fields[n]; ok {
			parts[i] += fmt.Sprint(v)
		}
	}
	return strings.Join(parts, ",")
}

// less takes out what others own too: they keep it.
func (c *claim) less(others *claim) {
	less := func(mine, theirs map[string]*claim) {
		for name, in := range mine {
			other := theirs[name]
			if other == nil {
				continue
			}
			in.whole = false
			if !in.leaf() {
				in.less(other)
			}
			if in.leaf() {
				delete(mine, name)
			}
		}
	}
	less(c.fields, others.fields)
	less(c.items, others.items)
}

func (c *claim) leaf() bool { return len(c.fields)+len(c.items) == 0 }

func (c *claim) field(name string) *claim {
	if c == nil {
		return nil
	}
	return c.fields[name]
}

func (c *claim) item(key string) *claim {
	if c == nil {
		return nil
	}
	return c.items[key]
}

// merge is what the server stores when NEW is applied on what is live; nil is
// nothing. had is what the applier had set before.
func (c *comparison) merge(live, now *stored, had *claim) *stored {
	switch {
	case now == nil:
		return without(live, had, nil)
	case now.kind == kubeobj.Null:
		return nil
	case live == nil || live.kind != now.kind || now.bad != "":
		return now
	case now.kind == kubeobj.Map:
		if c.serverSide && now.decl != nil && now.decl.Atomic {
			return now
		}
		return c.mergeFields(live, now, had, !c.serverSide && now.decl != nil && now.decl.RetainKeys)
	case now.kind == kubeobj.List && c.merges(now.typ):
		return c.mergeItems(live, now, had)
	}
	return now
}

// merges tells whether lists of a type are merged by the applier.
func (c *comparison) merges(t *kubeschema.Type) bool {
	if t == nil {
		return false
	}
	if c.serverSide {
		return len(t.Keys) > 0 || t.Set
	}
	return t.MergeKey != ""
}

// mergeFields merges structs and maps; only is true where kubectl takes out what
// NEW does not name (patchStrategy retainKeys).
func (c *comparison) mergeFields(live, now *stored, had *claim, only bool) *stored {
	out := *now
	out.items = make([]stored, 0, len(live.items)+len(now.items))
	i, j := 0, 0
	for i < len(live.items) || j < len(now.items) {
		var a, b *stored
		if j == len(now.items) || i < len(live.items) && live.items[i].name <= now.items[j].name {
			a = &live.items[i]
		}
		if i == len(live.items) || j < len(now.items) && now.items[j].name <= live.items[i].name {
			b = &now.items[j]
		}
		if a != nil {
			i++
		}
		if b != nil {
			j++
		}
		if b == nil && only {
			continue
		}
		name := ""
		if a != nil {
			name = a.name
		} else {
			name = b.name
		}
		if m := c.merge(a, b, had.field(name)); m != nil {
			out.items = append(out.items, *m)
		}
	}
	return &out
}

// mergeItems keeps the items of others. They stand where they stood when the
// order of the rest is the same, and behind otherwise.
func (c *comparison) mergeItems(live, now *stored, had *claim) *stored {
	out := *now
	retain := !c.serverSide && now.decl != nil && now.decl.RetainKeys
	pairs, gone, _ := match(live, now)
	merged := make([]*stored, len(live.items))
	ordered, last := true, -1
	for j, i := range pairs {
		if i < 0 {
			continue
		}
		item := &now.items[j]
		before := had.item(key(live.typ, &live.items[i]))
		if item.kind == kubeobj.Map && live.items[i].kind == kubeobj.Map {
			item = c.mergeFields(&live.items[i], item, before, retain)
		}
		merged[i] = item
		ordered = ordered && i > last
		last = i
	}
	for _, i := range gone {
		merged[i] = without(&live.items[i], had.item(key(live.typ, &live.items[i])), keysOf(live.typ))
	}
	out.items = make([]stored, 0, len(live.items)+len(now.items))
	if !ordered {
		for _, i := range pairs {
			if i >= 0 && merged[i] != nil {
				out.items = append(out.items, *merged[i])
				merged[i] = nil
			}
		}
	}
	for _, m := range merged {
		if m != nil {
			out.items = append(out.items, *m)
		}
	}
	for j, i := range pairs {
		if i < 0 {
			out.items = append(out.items, now.items[j])
		}
	}
	return &out
}

// without is a live value less what the applier had set and now leaves out. keys
// are the fields by which an item of a list is known: they stay while it does.
func without(live *stored, had *claim, keys []string) *stored {
	if live == nil {
		return nil
	}
	if had == nil {
		kept := live.copied()
		return &kept
	}
	if had.whole || had.leaf() {
		return nil
	}
	out := *live
	out.items = nil
	for i := range live.items {
		in := &live.items[i]
		sub, below := had.field(in.name), []string(nil)
		if live.kind == kubeobj.List {
			sub, below = had.item(key(live.typ, in)), keysOf(live.typ)
		} else if slices.Contains(keys, in.name) {
			sub = nil
		}
		if kept := without(in, sub, below); kept != nil {
			out.items = append(out.items, *kept)
		}
	}
	if len(out.items) == 0 {
		return nil
	}
	return &out
}

// copied shares no items with what it is a copy of: each side is pruned and
// filled in by itself.
func (s *stored) copied() stored {
	c := *s
	c.items = make([]stored, len(s.items))
	for i := range s.items {
		c.items[i] = s.items[i].copied()
	}
	return c
}
