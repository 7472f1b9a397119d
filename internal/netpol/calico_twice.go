package netpol

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"polygraph/internal/kubeobj"
)

// What Calico's API shows as projectcalico.org/v3 it keeps as
// crd.projectcalico.org/v1: a survey of all resources has both, and they are one.
// The name of a policy is kept with its tier before it, "default.p" for p; since
// v3.32 it is kept as it is. With native v3 CRDs the v1 ones are what is left from
// before.
//
// Sources: docs.tigera.io/calico/latest, "Enable native v3 CRDs", "Migrate from API
// server to native CRDs", "calicoctl datastore migrate-policy-names"; issue 9642 and
// pull 9615 of projectcalico/calico; libcalico-go/lib/backend/k8s/resources (labels
// and spec are kept as they are).

const (
	calicoAPI   = "projectcalico.org"
	calicoStore = "crd.projectcalico.org"
)

// shownName is the name of a policy without its tier.
func shownName(p *Policy) string {
	tier := p.Tier
	if tier == "" {
		tier = "default"
	}
	return strings.TrimPrefix(p.Object.Name, tier+".")
}

// foldPolicies drops policies of the store that mean what one of the API means.
// Where they do not mean the same, which one is in force is not known.
func (r *calicoReader) foldPolicies() {
	type key struct{ kind, namespace, tier, name string }
	keyOf := func(p *Policy) key { return key{p.Object.Kind, p.Namespace, p.Tier, shownName(p)} }
	shown := map[key]*Policy{}
	for _, p := range r.set.Policies {
		if p.Object.Group == calicoAPI && p.Object.Name != "" {
			shown[keyOf(p)] = p
		}
	}
	if len(shown) == 0 {
		return
	}
	r.set.Policies = slices.DeleteFunc(r.set.Policies, func(p *Policy) bool {
		if p.Object.Group != calicoStore {
			return false
		}
		q := shown[keyOf(p)]
		switch {
		case q == nil:
			return false
		case alike(p, q):
			r.again = append(r.again, p.Object)
			return true
		}
		for _, x := range []*Policy{p, q} {
			x.Unsure = append(slices.Clip(x.Unsure), r.differ(x.Object))
		}
		return false
	})
}

// differ says that an object stands in the API and in the store with two meanings.
func (r *calicoReader) differ(o *kubeobj.Object) Unsure {
	text := o.Identity() + " stands here as " + calicoAPI + " and as " + calicoStore + ", and they do not mean the same: which one is in force is not known"
	r.set.Notes = append(r.set.Notes, Note{Object: o, Offset: o.Root.Offset, Breaks: true, Text: text, Do: "Get both at one time, or examine one of them only."})
	return Unsure{o.Root.Offset, text}
}

// addTier adds a Tier, or joins it with one of its name. It returns what is then
// not known.
func (r *calicoReader) addTier(t Tier) string {
	for i := range r.set.Tiers {
		old := &r.set.Tiers[i]
		if old.Name != t.Name || old.Name == "" {
			continue
		}
		if !reflect.DeepEqual(old.Order, t.Order) || old.Pass != t.Pass {
			text := "the Tier " + t.Name + " stands here several times, and they do not mean the same"
			r.set.Notes = append(r.set.Notes, Note{Object: t.Object, Offset: t.Object.Root.Offset, Breaks: true, Text: text, Do: "Get all of them at one time, or examine one of them only."})
			return text
		}
		if old.Object.Group == calicoStore && t.Object.Group == calicoAPI {
			old.Object, t.Object = t.Object, old.Object
		}
		r.again = append(r.again, t.Object)
		return ""
	}
	r.set.Tiers = append(r.set.Tiers, t)
	return ""
}

// foldSets drops network sets and host endpoints of the store that are those of the
// API.
func (r *calicoReader) foldSets() {
	type key struct{ kind, namespace, name string }
	keyOf := func(s *addressSet) key { return key{s.object.Kind, s.object.Namespace, s.object.Name} }
	shown := map[key]*addressSet{}
	for _, s := range r.sets {
		if s.object.Group == calicoAPI && s.object.Name != "" {
			shown[keyOf(s)] = s
		}
	}
	r.sets = slices.DeleteFunc(r.sets, func(s *addressSet) bool {
		if s.object.Group != calicoStore {
			return false
		}
		q := shown[keyOf(s)]
		switch {
		case q == nil:
			return false
		case s.unsure == q.unsure && slices.Equal(s.prefixes, q.prefixes) && sameLabels(s.labels, q.labels):
			r.again = append(r.again, s.object)
			return true
		}
		q.unsure = r.differ(q.object).Why
		s.unsure = q.unsure
		return false
	})
}

func sameLabels(a, b *kubeobj.Value) bool {
	if a.Empty() || b.Empty() {
		return a.Empty() && b.Empty()
	}
	if len(a.Items) != len(b.Items) {
		return false
	}
	for _, v := range a.Each() {
		w := b.Get(v.Name)
		if w == nil || w.Kind != v.Kind || w.Text != v.Text {
			return false
		}
	}
	return true
}

// noteAgain replaces the notes of what was dropped by one for all.
func (r *calicoReader) noteAgain() {
	if len(r.again) == 0 {
		return
	}
	dropped := map[*kubeobj.Object]bool{}
	for _, o := range r.again {
		dropped[o] = true
	}
	r.set.Notes = slices.DeleteFunc(r.set.Notes, func(n Note) bool { return dropped[n.Object] })
	o := r.again[0]
	r.set.Notes = append(r.set.Notes, Note{
		Object: o, Offset: o.Root.Offset, Do: "Nothing.",
		Text: "of Calico's objects, " + strconv.Itoa(len(dropped)) + " stand here twice, in its API and in its store: each counts once",
	})
}
