package fields

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/kubeschema"
)

// Cell is what an edit of a field does on one version.
type Cell struct {
	Version kubeschema.Version
	// Absent is true where the version has no such kind, or the kind no such field.
	Absent bool
	// Cases are what may happen, the first whose If holds; the last has no If.
	Cases []Case
	// Proven is the release of Kubernetes whose own code was asked about this field
	// and agreed: "1.37.2". Cells without one are interpolated: told by rules that
	// were read in the source of that version, and not run against it.
	Proven string
}

// Case is an outcome and what it depends on.
type Case struct {
	If string
	Outcome
}

// Mutable says what an edit of a field does on each version, from Oldest to
// Newest. Kinds may be written as kubectl takes them (Deployment, deploy,
// deployments.apps), fields with or without keys (spec.containers[*].image).
func Mutable(kind, field string) ([]Cell, error) {
	k, ok := kindNamed(kind)
	if !ok {
		return nil, fmt.Errorf("no built-in kind is called %s", kind)
	}
	var cells []Cell
	found := false
	for v := kubeschema.Oldest; v <= kubeschema.Newest; v++ {
		cell := Cell{Version: v, Absent: true}
		if t := k.typeIn(v); t != nil {
			if name, ok := fieldNamed(t, field, v); ok {
				if !strings.Contains(name, ".") && (name == "spec" || name == "metadata" || name == "template") {
					return nil, fmt.Errorf("%s has fields of its own: name one of them", name)
				}
				found, cell.Absent = true, false
				cell.Cases = cases(v, k.name, name)
				cell.Proven = proven(v, k.name, name)
			}
		}
		cells = append(cells, cell)
	}
	if !found {
		return nil, fmt.Errorf("%s has no field %s in any version from %s to %s", k.name, field, kubeschema.Oldest, kubeschema.Newest)
	}
	return cells, nil
}

// Split takes Deployment.spec.selector or Deployment.apps.spec.selector apart;
// false where no beginning of it is a kind.
func Split(argument string) (kind, field string, ok bool) {
	parts := strings.Split(argument, ".")
	for n := len(parts) - 1; n > 0; n-- {
		name := strings.Join(parts[:n], ".")
		if _, found := kindNamed(name); found {
			return name, strings.Join(parts[n:], "."), true
		}
	}
	return "", "", false
}

// KindsKnown are the kinds that are judged: Deployment.apps, Pod.
func KindsKnown() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// FieldsOf are the fields of a kind right below one of its fields, or at its top
// where under is "", in the newest version that has the kind.
func FieldsOf(kind, under string) []string {
	k, ok := kindNamed(kind)
	if !ok {
		return nil
	}
	for v := kubeschema.Newest; v >= kubeschema.Oldest; v-- {
		t := k.typeIn(v)
		if t == nil {
			continue
		}
		if under != "" {
			if t = typeAt(t, under, v); t == nil {
				return nil
			}
		}
		var names []string
		for _, f := range t.Fields {
			if f.Since <= v && v <= f.Until {
				names = append(names, strings.TrimPrefix(under+"."+f.Name, "."))
			}
		}
		slices.Sort(names)
		return slices.Compact(names)
	}
	return nil
}

// cases are the rules about a field, in the order in which Judge asks them.
func cases(v kubeschema.Version, kind, field string) []Case {
	var all []Case
	// add tells whether the case is the last: it depends on nothing.
	add := func(r *rule, o Outcome) bool {
		all = append(all, Case{If: r.asks, Outcome: o})
		return r.when == nil
	}
	b := rulings()[kind]
	for _, k := range b.kept {
		if k.in(v) && belowAny(field, k.fields) && add(&k.rule, Outcome{Mechanism: Dropped, Because: k.because, Source: k.source}) {
			return all
		}
	}
	for _, g := range b.gated {
		if g.off(v) && within(field, g.field) {
			if g.leaves != "" {
				all = append(all, Case{If: "nothing stands beside it", Outcome: g.outcome(v, true)})
			}
			all = append(all, Case{If: "the old object has no such field", Outcome: g.outcome(v, false)})
			break
		}
	}
	for _, r := range b.refusals {
		if r.about(v, field) && add(&r.rule, r.outcome()) {
			return all
		}
	}
	for _, r := range b.effects {
		if r.about(v, field) && add(&r.rule, r.Outcome) {
			return all
		}
	}
	return all
}

// about tells whether a rule is about a field, or about what the field is in.
func (r *rule) about(v kubeschema.Version, field string) bool {
	return r.in(v) && (r.fields == "" || belowAny(field, r.fields)) && !belowAny(field, r.but)
}
