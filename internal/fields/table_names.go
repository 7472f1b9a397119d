package fields

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"polygraph/internal/kubeschema"
)

// kindName is a kind in all of its API versions.
type kindName struct {
	name string // Deployment.apps
	kind string
	all  []kubeschema.Kind
}

// kinds are those that are judged, by name.
var kinds = sync.OnceValue(func() []kindName {
	byName := map[string]*kindName{}
	for v := kubeschema.Oldest; v <= kubeschema.Newest; v++ {
		for _, k := range kubeschema.Kinds(v) {
			name := k.Kind
			if k.Group != "" {
				name += "." + k.Group
			}
			if rulings()[name] == nil {
				continue
			}
			if byName[name] == nil {
				byName[name] = &kindName{name: name, kind: k.Kind}
			}
			n := byName[name]
			if !slices.ContainsFunc(n.all, func(o kubeschema.Kind) bool { return o.Version == k.Version }) {
				n.all = append(n.all, k)
			}
		}
	}
	all := make([]kindName, 0, len(byName))
	for _, n := range byName {
		all = append(all, *n)
	}
	slices.SortFunc(all, func(a, b kindName) int { return cmp.Compare(a.name, b.name) })
	return all
})

// kindNamed finds a kind by the names that kubectl takes. Of a kind that two
// groups have, the core one is meant.
func kindNamed(name string) (kindName, bool) {
	name = strings.ToLower(name)
	if long, ok := shortNames[name]; ok {
		name = long
	}
	first, group, grouped := strings.Cut(name, ".")
	for _, k := range kinds() {
		_, kindGroup, _ := strings.Cut(k.name, ".")
		if grouped && group != kindGroup {
			continue
		}
		if kind := strings.ToLower(k.kind); first == kind || first == plural(kind) {
			return k, true
		}
	}
	return kindName{}, false
}

func plural(kind string) string {
	switch {
	case strings.HasSuffix(kind, "s") && !strings.HasSuffix(kind, "endpoints"), strings.HasSuffix(kind, "x"):
		return kind + "es"
	case strings.HasSuffix(kind, "y"):
		return kind[:len(kind)-1] + "ies"
	case strings.HasSuffix(kind, "endpoints"):
		return kind
	}
	return kind + "s"
}

// shortNames are those of kubectl api-resources, 1.37.
var shortNames = map[string]string{
	"cm": "configmap", "ep": "endpoints", "ev": "event", "limits": "limitrange", "ns": "namespace", "no": "node",
	"pv": "persistentvolume", "pvc": "persistentvolumeclaim", "po": "pod", "rc": "replicationcontroller", "quota": "resourcequota",
	"sa": "serviceaccount", "svc": "service", "crd": "customresourcedefinition", "crds": "customresourcedefinition", "ds": "daemonset", "deploy": "deployment",
	"rs": "replicaset", "sts": "statefulset", "hpa": "horizontalpodautoscaler", "cj": "cronjob", "csr": "certificatesigningrequest",
	"ing": "ingress", "netpol": "networkpolicy", "pdb": "poddisruptionbudget", "pc": "priorityclass", "sc": "storageclass", "vac": "volumeattributesclass",
}

// typeIn is the type of a kind in its best API version on a server; nil where
// the server does not have the kind.
func (k *kindName) typeIn(v kubeschema.Version) *kubeschema.Type {
	var best *kubeschema.Kind
	for i := range k.all {
		o := &k.all[i]
		if o.Since <= v && v <= o.Until && (best == nil || stability(o.Version) > stability(best.Version)) {
			best = o
		}
	}
	if best == nil {
		return nil
	}
	return best.Type
}

// stability orders v1alpha1 < v1beta1 < v1beta2 < v1 < v2.
func stability(version string) int {
	rest := strings.TrimPrefix(version, "v")
	digits := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if digits < 0 {
		return 1000 + int(rest[len(rest)-1])
	}
	n := int(rest[len(rest)-1])
	if strings.Contains(rest, "beta") {
		n += 500
	}
	return n
}

// fieldNamed finds a field of a type as rules write it: without keys and
// indices, and with a star for the key of a map.
func fieldNamed(t *kubeschema.Type, field string, v kubeschema.Version) (string, bool) {
	var names []string
	for _, s := range steps(field) {
		for t != nil && t.Shape == kubeschema.List {
			t = t.Elem
			if s.key {
				break
			}
		}
		switch {
		case t == nil:
			return "", false
		case t.Shape == kubeschema.Map:
			names, t = append(names, "*"), t.Elem
		case s.key:
		case t.Shape == kubeschema.Struct:
			f, ok := t.Field(s.name, v)
			if !ok {
				return "", false
			}
			names, t = append(names, s.name), f.Type
		case t.Shape == kubeschema.Raw:
			names = append(names, s.name)
		default:
			return "", false
		}
	}
	return strings.Join(names, "."), len(names) > 0
}

// typeAt is the struct at a field.
func typeAt(t *kubeschema.Type, field string, v kubeschema.Version) *kubeschema.Type {
	for _, s := range steps(field) {
		for t.Elem != nil && t.Shape == kubeschema.List {
			t = t.Elem
		}
		switch {
		case s.key && t.Shape != kubeschema.Map:
		case t.Shape == kubeschema.Map:
			t = t.Elem
		default:
			f, ok := t.Field(s.name, v)
			if !ok {
				return nil
			}
			t = f.Type
		}
	}
	for t.Elem != nil && t.Shape == kubeschema.List {
		t = t.Elem
	}
	return t
}

// word is one step of a field as people write it; key is what stands in brackets.
type word struct {
	name string
	key  bool
}

func steps(field string) []word {
	var all []word
	for field != "" {
		if field[0] == '[' {
			key, rest, _ := strings.Cut(field[1:], "]")
			all = append(all, word{name: key, key: true})
			field = strings.TrimPrefix(rest, ".")
			continue
		}
		end := strings.IndexAny(field, ".[")
		if end < 0 {
			return append(all, word{name: field})
		}
		all = append(all, word{name: field[:end]})
		field = strings.TrimPrefix(field[end:], ".")
	}
	return all
}
