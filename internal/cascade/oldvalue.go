package cascade

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// minIdentifier is the length from which a string is taken for an identifier
// when it is looked for inside other values: "prod" would be found anywhere.
const minIdentifier = 8

// identifier is one that an object had and that is not known anew.
type identifier struct {
	of    *tfplan.Change
	attr  string
	value string
}

// index finds identifiers inside longer values by their last bytes: the first
// ones of ARNs are all alike.
type index struct {
	byEnd map[string][]identifier
	whole map[string]bool
}

func (f *finder) indexOf(s *scope) *index {
	if s.identifiers != nil {
		return s.identifiers
	}
	x := &index{byEnd: map[string][]identifier{}, whole: map[string]bool{}}
	for _, m := range s.movers {
		for _, o := range f.identifiersOf(m) {
			end := o.value[len(o.value)-minIdentifier:]
			x.byEnd[end] = append(x.byEnd[end], o)
			x.whole[o.value] = true
		}
	}
	s.identifiers = x
	return x
}

// within lists the identifiers in a value.
func (x *index) within(v string) (out []identifier) {
	for end := minIdentifier; end <= len(v); end++ {
		for _, o := range x.byEnd[v[end-minIdentifier:end]] {
			if strings.HasSuffix(v[:end], o.value) {
				out = append(out, o)
			}
		}
	}
	return out
}

// byValue looks for the one cause whose old identifier is in the old value of
// an attribute. exact tells that nothing else is in there.
func (f *finder) byValue(c *tfplan.Change, p *part) (found *link, exact bool) {
	was := f.oldValues(c, p.attr)
	if len(was) == 0 {
		return nil, false
	}
	x := f.indexOf(p.local)
	exact = true
	for _, v := range was {
		exact = exact && x.whole[v]
		for _, o := range x.within(v) {
			switch {
			case o.of.Node == c.Node:
			case found == nil:
				found = &link{Link{Attribute: p.attr, From: o.of, FromAttr: o.attr, Basis: SameValue}, &bundle{movers: []*tfplan.Change{o.of}}}
			case f.blockOf(o.of) != f.blockOf(found.From):
				return nil, false // several old values in one: which of them is new is open
			case !slices.Contains(found.all.movers, o.of):
				found.all.movers = append(found.all.movers, o.of)
			}
		}
	}
	// A new object of the same type may be what the local points at now.
	if found != nil && slices.ContainsFunc(p.local.fresh, func(n *tfplan.Change) bool { return n.Type == found.From.Type }) {
		return nil, false
	}
	return found, exact
}

// oldValues is what an attribute held before. A data source that is read during
// apply has no before in the plan; what was made from it has.
func (f *finder) oldValues(c *tfplan.Change, attr string) (was []string) {
	add := func(c *tfplan.Change, attr string) {
		if d, err := f.Detail(c); err == nil {
			was = unknownScalars(was, d.Before[attr], d.AfterUnknown[attr])
		}
	}
	if !c.Data {
		add(c, attr)
		return was
	}
	if f.readers == nil {
		f.readers = map[*tfplan.Change][]Link{}
		for i := range f.Changes {
			c := &f.Changes[i]
			for _, p := range f.parts[c] {
				for _, l := range p.links {
					if l.From.Data {
						f.readers[l.From] = append(f.readers[l.From], Link{Attribute: l.Attribute, From: c})
					}
				}
			}
		}
	}
	for _, l := range f.readers[c] {
		add(l.From, l.Attribute)
	}
	return was
}

// identifiersOf are the old values of what is unknown of a change and its own:
// what it was itself given by somebody else identifies that one.
func (f *finder) identifiersOf(m *tfplan.Change) []identifier {
	if v, ok := f.old[m]; ok {
		return v
	}
	var out []identifier
	if d, err := f.Detail(m); err == nil {
		in := f.inputsOf(m)
		var given []string
		for _, attr := range f.Members(m.Unknown) {
			if name := f.Name(attr); in[attr] != nil {
				given = unknownScalars(given, d.Before[name], d.AfterUnknown[name])
			}
		}
		for _, attr := range f.Members(m.Unknown) {
			if in[attr] != nil {
				continue
			}
			name := f.Name(attr)
			// Some attributes only repeat what was given, as the output of terraform_data does.
			if v, ok := d.Before[name].(string); ok && len(v) >= minIdentifier && !slices.Contains(given, v) {
				out = append(out, identifier{m, name, v})
			}
		}
	}
	f.old[m] = out
	return out
}

// unknownScalars appends the scalars of an old value whose new ones are not
// known, apart from secrets: nothing is concluded from those.
func unknownScalars(to []string, v, unknown any) []string {
	below := func(name string, i int) any {
		switch u := unknown.(type) {
		case bool:
			return u
		case map[string]any:
			return u[name]
		case []any:
			if i < len(u) {
				return u[i]
			}
		}
		return nil
	}
	switch x := v.(type) {
	case []any:
		for i, y := range x {
			to = unknownScalars(to, y, below("", i))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			to = unknownScalars(to, x[name], below(name, 0))
		}
	case string:
		if unknown == true {
			to = append(to, x)
		}
	case json.Number:
		if unknown == true {
			to = append(to, string(x))
		}
	}
	return to
}
