package cascade

import (
	"encoding/json"
	"slices"
	"strings"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// settleLocals attributes what comes through a local, or through
// replace_triggered_by, where the evidence allows only one cause.
//
// Two ways lead there. The old value tells: an attribute that held the old ARN
// of a key which is replaced came from that key. Or nothing else can be it: all
// that the local can be computed from and that changes has one cause. Where
// neither holds, the change stays open.
func (f *finder) settleLocals() {
	for i := range f.Changes {
		c := &f.Changes[i]
		var left []pending
		for _, p := range f.open[c] {
			link, ok := f.settle(c, p)
			if !ok {
				left = append(left, p)
				continue
			}
			d := f.drawn[c]
			if d == nil {
				d = &Drawn{Change: c, Edited: len(f.Members(c.Changed)) > 0}
				f.drawn[c] = d
			}
			d.Links = append(d.Links, link)
		}
		if len(left) > 0 {
			f.open[c] = left
		} else {
			delete(f.open, c)
		}
	}
}

func (f *finder) settle(c *tfplan.Change, p pending) (Link, bool) {
	reach := f.possible(c, p.scope)
	if p.attr != TriggeredBy {
		if link, ok := f.byValue(c, p.attr, reach); ok {
			return link, true
		}
	}
	// A new object among the possibilities is the author's edit; what is unknown
	// may come from it.
	if len(reach.fresh) > 0 || len(reach.movers) == 0 {
		return Link{}, false
	}
	blocks := map[string]bool{}
	for _, m := range reach.movers {
		for _, r := range f.rootsOf(m, nil) {
			blocks[block(f.Plan, r)] = true
		}
	}
	if len(blocks) != 1 {
		return Link{}, false
	}
	return Link{Attribute: p.attr, From: reach.movers[0], Basis: OnlyCause}, true
}

// reach is what an expression can come from, as far as it changes.
type reach struct{ movers, fresh []*tfplan.Change }

// possible narrows a scope to what changes, to what the plan says contributed
// to it (relevant_attributes), and to what does not itself follow from c.
func (f *finder) possible(c *tfplan.Change, scope []tfplan.Source) (r reach) {
	for _, s := range scope {
		if f.HasRelevant && !f.relevant(s) {
			continue
		}
		var hit []*tfplan.Change
		for _, m := range f.byNode[s.Node] {
			if m != c && f.unsettles(m, s.Attr) {
				hit = append(hit, m)
			}
		}
		for _, m := range nearest(c, hit) {
			switch {
			case m.Action == tfplan.Create:
				if !slices.Contains(r.fresh, m) {
					r.fresh = append(r.fresh, m)
				}
			case !slices.Contains(r.movers, m) && !f.reaches(m, c, nil):
				r.movers = append(r.movers, m)
			}
		}
	}
	return r
}

func (f *finder) relevant(s tfplan.Source) bool {
	attrs, ok := f.Relevant[f.Graph.Address(s.Node)]
	return ok && (s.Attr == 0 || slices.Contains(attrs, s.Attr) || slices.Contains(attrs, 0))
}

// oldValue is an identifier that an object had and that is not known anew.
type oldValue struct {
	attr  string
	value string
}

// minIdentifier is the length from which a string is taken for an identifier
// when it is looked for inside other values: "prod" would be found anywhere.
const minIdentifier = 8

// byValue looks for the one cause whose old identifier is in the old value of
// the attribute.
func (f *finder) byValue(c *tfplan.Change, attr string, r reach) (Link, bool) {
	was := f.oldValues(c, attr)
	if was == "" {
		return Link{}, false
	}
	var links []Link
	for _, m := range r.movers {
		for _, o := range f.identifiers(m) {
			if strings.Contains(was, o.value) {
				links = append(links, Link{Attribute: attr, From: m, FromAttr: o.attr, Basis: SameValue})
				break
			}
		}
	}
	if len(links) == 0 {
		return Link{}, false
	}
	first := block(f.Plan, links[0].From)
	for _, l := range links {
		if block(f.Plan, l.From) != first {
			return Link{}, false // several old values in one: which of them is new is open
		}
		// A new object of the same type may be what the local points at now.
		if slices.ContainsFunc(r.fresh, func(n *tfplan.Change) bool { return n.Type == l.From.Type }) {
			return Link{}, false
		}
	}
	return links[0], true
}

// oldValues is what an attribute held before. A data source that is read during
// apply has no before in the plan; what was made from it has.
func (f *finder) oldValues(c *tfplan.Change, attr string) string {
	var was strings.Builder
	add := func(c *tfplan.Change, attr string) {
		if d, err := f.Detail(c); err == nil {
			flatten(d.Before[attr], &was)
		}
	}
	if !c.Data {
		add(c, attr)
		return was.String()
	}
	if f.readers == nil {
		f.readers = map[*tfplan.Change][]Link{}
		for c, d := range f.drawn {
			for _, l := range d.Links {
				if l.From.Data {
					f.readers[l.From] = append(f.readers[l.From], Link{Attribute: l.Attribute, From: c})
				}
			}
		}
	}
	for _, l := range f.readers[c] {
		add(l.From, l.Attribute)
	}
	return was.String()
}

// identifiers are the old values of what is unknown of a change and its own:
// what it was itself given by somebody else identifies that one.
func (f *finder) identifiers(m *tfplan.Change) []oldValue {
	if v, ok := f.old[m]; ok {
		return v
	}
	var out []oldValue
	if d, err := f.Detail(m); err == nil {
		in := f.inputsOf(m)
		for _, attr := range f.Members(m.Unknown) {
			if in[attr] != nil {
				continue
			}
			name := f.Name(attr)
			if v, ok := d.Before[name].(string); ok && len(v) >= minIdentifier {
				out = append(out, oldValue{name, v})
			}
		}
	}
	f.old[m] = out
	return out
}

// flatten writes every scalar of a value, apart from secrets: nothing is
// concluded from those.
func flatten(v any, into *strings.Builder) {
	switch x := v.(type) {
	case string:
		into.WriteString(x)
		into.WriteByte(0)
	case json.Number:
		into.WriteString(string(x))
		into.WriteByte(0)
	case []any:
		for _, y := range x {
			flatten(y, into)
		}
	case map[string]any:
		for _, y := range x {
			flatten(y, into)
		}
	case evidence.Secret:
	}
}
