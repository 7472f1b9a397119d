package cascade

import (
	"slices"

	"polygraph/internal/tfplan"
)

// part is one unknown input of a change and what makes it unknown.
type part struct {
	attr  string
	links []link
	fresh bool   // new objects do so too
	local *scope // where the local in it can come from, nil without one
	open  bool   // nothing tells what does
	// besides: the local may bring more than the links say.
	besides bool
}

// link is a Link with all instances that it stands for.
type link struct {
	Link
	all *bundle
}

// bundle is the instances that one reference means, as far as they are unknown.
type bundle struct {
	movers []*tfplan.Change
	attr   tfplan.Sym // which of their attributes is meant, 0 for any
	fresh  bool       // there are new ones among them
}

// maxCauses bounds how many causes of one change are told apart.
const maxCauses = 32

// cause is where a change comes from in the end.
type cause struct {
	blocks []int32 // blocks with changes that nobody else explains
	fresh  bool    // and new objects
	dark   bool    // and what could not be told
	more   bool    // and perhaps others
}

func (c *cause) add(o cause) {
	for _, b := range o.blocks {
		c.addBlock(b)
	}
	c.fresh = c.fresh || o.fresh
	c.dark = c.dark || o.dark
	c.more = c.more || o.more
}

func (c *cause) addBlock(b int32) {
	switch {
	case slices.Contains(c.blocks, b):
	case len(c.blocks) == maxCauses:
		c.more = true
	default:
		c.blocks = append(c.blocks[:len(c.blocks):len(c.blocks)], b)
	}
}

// own tells whether something about a change is nobody else's doing.
func (f *finder) own(c *tfplan.Change) bool {
	if f.edited(c) {
		return true
	}
	_, drawn := f.decisive(c)
	return !drawn && c.Action.Replaces()
}

// edited tells whether a known value of a change is another one.
func (f *finder) edited(c *tfplan.Change) bool {
	return len(f.Members(c.Changed)) > 0 ||
		slices.ContainsFunc(f.Members(c.Partial), func(a tfplan.Sym) bool { return f.partEdited(c, a) })
}

// decisive returns the parts without which a change would not be what it is:
// all of an update, of a replacement those that force it. It is false where
// something else is enough.
func (f *finder) decisive(c *tfplan.Change) ([]*part, bool) {
	all := f.parts[c]
	if !c.Action.Replaces() {
		return all, c.Data || !f.edited(c)
	}
	var out []*part
	for path := range f.Names(c.Forces) {
		attr := top(path)
		i := slices.IndexFunc(all, func(p *part) bool { return p.attr == attr })
		if i < 0 || f.partEdited(c, f.Sym(attr)) {
			return nil, false
		}
		if !slices.Contains(out, all[i]) {
			out = append(out, all[i])
		}
	}
	if i := slices.IndexFunc(all, func(p *part) bool { return p.attr == TriggeredBy }); i >= 0 {
		out = append(out, all[i])
	}
	return out, len(out) > 0
}

func top(path string) string {
	for i := range len(path) {
		if path[i] == '.' {
			return path[:i]
		}
	}
	return path
}

// blame is what a change is in the plan for. drawn tells that it would not be
// there, or not as a replacement, without other changes.
func (t *tracer) blame(c *tfplan.Change) (why cause, parts []*part, drawn bool) {
	parts, ok := t.decisive(c)
	if !ok {
		return cause{}, nil, false
	}
	for _, p := range parts {
		why.add(t.part(p))
		drawn = drawn || len(p.links) > 0
	}
	mine := t.blockOf(c)
	why.blocks = slices.DeleteFunc(slices.Clone(why.blocks), func(b int32) bool { return b == mine })
	return why, parts, drawn && len(why.blocks) > 0
}
