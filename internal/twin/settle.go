package twin

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/tfplan"
)

// settle decides which pairs are proven.
func (r *Result) settle(p *tfplan.Plan) {
	anew := map[**tfplan.Change]*tfplan.Change{} // what of a shared list is no twin
	for i := range r.Pairs {
		pair := &r.Pairs[i]
		attr := ""
		for _, ref := range r.refers[pair.New] {
			if ref.attr != attr {
				attr = ref.attr
				pair.Refers = append(pair.Refers, attr)
			}
			if ref.dark && len(ref.from) == 0 {
				pair.Doubt = fmt.Sprintf("`%s` comes through a local and is not known before apply", ref.attr)
			}
			lone := first(anew, ref.from, func(c *tfplan.Change) bool {
				_, twin := r.byCreate[c]
				return !twin
			})
			switch {
			case lone != nil:
				pair.Doubt = fmt.Sprintf("`%s` will come from %s, which this plan makes anew", ref.attr, lone.Address)
			case pair.Doubt == "" && !r.same(p, pair, ref):
				pair.Doubt = fmt.Sprintf("`%s` will come from %s; the one that is destroyed belonged to another object", ref.attr, ref.from[0].Address)
			}
		}
		if pair.Doubt == "" {
			pair.Doubt = doubt(p, pair)
		}
	}
	r.spreadDoubt()
}

// doubt tells why equal values alone do not make a pair one object.
func doubt(p *tfplan.Plan, pair *Pair) string {
	switch {
	case p.Configurations(pair.Old.Provider) > 1 && !slices.Contains(pair.Equal, "region"):
		return "the provider has several configurations, and the plan does not tell in which region or account the old object was"
	case pair.Named != "":
		return ""
	// Equal settings alone are what a team's defaults look like.
	case pair.Old.Resource != pair.New.Resource:
		return "their settings agree, but neither a name of the object nor the name in the configuration does"
	// A key that goes and one that comes are a member that leaves and another
	// that joins as well as a renamed one.
	case !slices.Equal(tfplan.Keys(pair.Old.Address), tfplan.Keys(pair.New.Address)):
		return "their settings agree, but nothing in them names the object and their instance keys differ"
	case pair.Old.Node >= 0:
		return "their settings agree, but the block of the old one is still configured and nothing names the object"
	}
	return ""
}

// first finds the first of a list that something is true of. Many references
// share one list, so the answer is kept.
func first(known map[**tfplan.Change]*tfplan.Change, list []*tfplan.Change, is func(*tfplan.Change) bool) *tfplan.Change {
	if len(list) == 0 {
		return nil
	}
	if c, ok := known[&list[0]]; ok {
		return c
	}
	var found *tfplan.Change
	for _, c := range list {
		if is(c) {
			found = c
			break
		}
	}
	known[&list[0]] = found
	return found
}

// few is how many possible origins are read again for one reference.
const few = 8

// same tells whether the old object had the old value of what the new one will
// refer to: a subnet in another network is no twin. It is true where the plan
// does not tell.
func (r *Result) same(p *tfplan.Plan, pair *Pair, ref reference) bool {
	if ref.name == "" || len(ref.from) == 0 || len(ref.from) > few {
		return true
	}
	old, err := p.Detail(pair.Old)
	if err != nil || tfplan.IsEmpty(old.Before[ref.attr]) {
		return true
	}
	told := false
	for _, from := range ref.from {
		was, err := p.Detail(r.Pairs[r.byCreate[from]].Old)
		if err != nil {
			return true
		}
		value, ok := was.Before[ref.name].(string)
		if !ok || value == "" {
			return true
		}
		told = true
		if hidden, within := mentions(old.Before[ref.attr], value); hidden || within {
			return true
		}
	}
	return !told
}

// mentions looks for a string inside a value. hidden tells that part of the
// value is a secret, which may hold it.
func mentions(v any, s string) (hidden, within bool) {
	switch x := v.(type) {
	case string:
		return false, strings.Contains(x, s)
	case []any:
		for _, y := range x {
			if hidden, within := mentions(y, s); hidden || within {
				return hidden, within
			}
		}
		return false, false
	case map[string]any:
		for _, y := range x {
			if hidden, within := mentions(y, s); hidden || within {
				return hidden, within
			}
		}
		return false, false
	}
	// Numbers and secrets: not told.
	return v != nil, false
}

// spreadDoubt makes a pair doubtful that rests on a doubtful one, until nothing
// changes any more.
func (r *Result) spreadDoubt() {
	for again := true; again; {
		again = false
		shaky := map[**tfplan.Change]*tfplan.Change{}
		for i := range r.Pairs {
			pair := &r.Pairs[i]
			if pair.Doubt != "" {
				continue
			}
			for _, ref := range r.refers[pair.New] {
				if c := first(shaky, ref.from, func(c *tfplan.Change) bool { return r.Pairs[r.byCreate[c]].Doubt != "" }); c != nil {
					pair.Doubt = fmt.Sprintf("`%s` will come from %s, and whether that is a twin is open", ref.attr, c.Address)
					again = true
					break
				}
			}
		}
	}
}

// origins finds what a reference can mean among all that makes values unknown.
type origins struct {
	byNode map[int32][]*tfplan.Change
	lists  map[origin][]*tfplan.Change
}

// origin is an attribute of a block and the instance keys of who refers to it.
type origin struct {
	source tfplan.Source
	keys   string
}

// unsettled indexes the changes that make values of others unknown.
func unsettled(p *tfplan.Plan) *origins {
	o := &origins{byNode: map[int32][]*tfplan.Change{}, lists: map[origin][]*tfplan.Change{}}
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Node >= 0 && len(p.Members(c.Unknown)) > 0 {
			o.byNode[c.Node] = append(o.byNode[c.Node], c)
		}
	}
	return o
}

// list returns the instances that a source can mean where the instance keys
// are these: those with the same keys, or else all.
func (o *origins) list(p *tfplan.Plan, s tfplan.Source, keys string) []*tfplan.Change {
	all := origin{s, ""}
	if _, ok := o.lists[all]; !ok {
		o.lists[all] = nil
		for _, c := range o.byNode[s.Node] {
			if s.Attr != 0 && !p.Has(c.Unknown, s.Attr) || !p.Graph.Meant(s, c.Address) {
				continue
			}
			o.lists[all] = append(o.lists[all], c)
			if k := strings.Join(tfplan.Keys(c.Address), ""); k != "" {
				at := origin{s, k}
				o.lists[at] = append(o.lists[at], c)
			}
		}
	}
	if list := o.lists[origin{s, keys}]; len(list) > 0 {
		return list
	}
	return o.lists[all]
}

// references lists the configured attributes of a new object that are unknown,
// with the changes they come from.
func (o *origins) references(p *tfplan.Plan, c *tfplan.Change) []reference {
	if c.Node < 0 {
		return nil
	}
	inputs := p.Graph.Inputs(c.Node)
	keys := strings.Join(tfplan.Keys(c.Address), "")
	var out []reference
	for _, attr := range p.Members(c.Unknown) {
		src := inputs[attr]
		if src == nil {
			continue // computed by the provider
		}
		found := false
		for _, s := range src.From {
			if s.Node == c.Node {
				continue // no block refers to itself
			}
			if list := o.list(p, s, keys); len(list) > 0 {
				out = append(out, reference{attr: p.Name(attr), from: list, name: p.Name(s.Attr)})
				found = true
			}
		}
		if !found {
			out = append(out, reference{attr: p.Name(attr), dark: src.Locals()})
		}
	}
	return out
}
