package cascade

import (
	"slices"

	"polygraph/internal/tfplan"
)

// TriggeredBy stands for the attribute in a link that comes from the lifecycle
// argument replace_triggered_by.
const TriggeredBy = "replace_triggered_by"

// Link is one attribute of a drawn change and where its new value comes from.
type Link struct {
	Attribute string // of the drawn change; tfplan.DependsOn and TriggeredBy for pseudo inputs
	From      *tfplan.Change
	FromAttr  string // "" when the whole object is referred to
	Basis     Basis
}

// Basis says what ties an attribute to its cause.
type Basis uint8

// The bases, strongest first.
const (
	Referred  Basis = iota // the configuration refers to it
	SameValue              // through a local; its old value is the cause's old value
	OnlyCause              // through a local; nothing else in reach changes
)

// Drawn is a change that is in the plan because of others.
type Drawn struct {
	Change *tfplan.Change
	Links  []Link
	Edited bool // it has edits of its own besides
}

// Group is one cause and what it draws.
type Group struct {
	Identity string           // module instance and resource block of the cause
	Roots    []*tfplan.Change // the instances of that block that changed
	Drawn    []*Drawn         // in the order of the plan
	Reads    []*Drawn         // data sources that pass the cause on
}

// Open is a change with an unknown input whose cause the plan does not show.
type Open struct {
	Change     *tfplan.Change
	Attributes []string
	Candidates []*tfplan.Change // what it could come from, at most a few
}

// Result of Find.
type Result struct {
	Groups []Group
	Open   []Open
	Alone  int // changes that draw nothing and are not drawn
	// NoConfiguration: there are changes with unknown values and no
	// configuration to tell which of them are inputs.
	NoConfiguration []*tfplan.Change
}

// pending is an attribute whose references end in a local.
type pending struct {
	attr  string
	scope []tfplan.Source // all it can come from
}

type finder struct {
	*tfplan.Plan
	byNode map[int32][]*tfplan.Change // everything that can make a value unknown
	inputs map[int32]tfplan.Inputs
	drawn  map[*tfplan.Change]*Drawn
	open   map[*tfplan.Change][]pending
	old    map[*tfplan.Change][]oldValue
	// readers are the changes that are computed from a data source that is read
	// during apply: Attribute of From. Nil until needed.
	readers map[*tfplan.Change][]Link
}

// Find groups the changes of a plan by their cause.
func Find(p *tfplan.Plan) Result {
	f := &finder{
		Plan: p, byNode: map[int32][]*tfplan.Change{}, inputs: map[int32]tfplan.Inputs{},
		drawn: map[*tfplan.Change]*Drawn{}, open: map[*tfplan.Change][]pending{},
		old: map[*tfplan.Change][]oldValue{},
	}
	var movers []*tfplan.Change
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Deposed != "" || !moves(c) {
			continue
		}
		if c.Action != tfplan.Create {
			movers = append(movers, c)
		}
		if c.Node >= 0 {
			f.byNode[c.Node] = append(f.byNode[c.Node], c)
		}
	}
	var res Result
	if !p.HasConfiguration {
		return withoutConfiguration(p, movers)
	}
	for _, c := range movers {
		if c.Node >= 0 {
			f.link(c)
		}
	}
	f.settleLocals()
	f.group(movers, &res)
	return res
}

// moves tells whether a change can make values of others unknown.
func moves(c *tfplan.Change) bool {
	switch c.Action {
	case tfplan.Update, tfplan.DataRead, tfplan.Create:
		return true
	}
	return c.Action.Replaces()
}

func withoutConfiguration(p *tfplan.Plan, movers []*tfplan.Change) Result {
	var res Result
	var unknown []*tfplan.Change
	for _, c := range movers {
		if len(p.Members(c.Unknown)) > 0 && !c.Data {
			unknown = append(unknown, c)
		}
	}
	managed := 0
	for _, c := range movers {
		if !c.Data {
			managed++
		}
	}
	// One change alone cannot have drawn another.
	if managed > 1 && len(unknown) > 0 {
		res.NoConfiguration = unknown
	} else {
		res.Alone = managed
	}
	return res
}

// inputsOf resolves the references of a change's block, once per block.
func (f *finder) inputsOf(c *tfplan.Change) tfplan.Inputs {
	in, ok := f.inputs[c.Node]
	if !ok {
		in = f.Graph.Inputs(c.Node)
		f.inputs[c.Node] = in
	}
	return in
}

// link finds the inputs of a change whose new value is unknown.
func (f *finder) link(c *tfplan.Change) {
	in := f.inputsOf(c)
	d := &Drawn{Change: c, Edited: len(f.Members(c.Changed)) > 0}
	var open []pending
	for _, attr := range f.Members(c.Unknown) {
		src := in[attr]
		if src == nil {
			continue // computed by the provider: no input
		}
		links, explained := f.causes(c, f.Name(attr), src.From)
		d.Links = append(d.Links, links...)
		if !explained && src.Locals() {
			var scope []tfplan.Source
			for _, m := range src.LocalsOf {
				scope = append(scope, f.Graph.Scope(m)...)
			}
			open = append(open, pending{f.Name(attr), scope})
		}
	}
	if f.Name(c.Reason) == "read_because_dependency_pending" {
		if src := in[f.Sym(tfplan.DependsOn)]; src != nil {
			links, _ := f.causes(c, tfplan.DependsOn, src.From)
			d.Links = append(d.Links, links...)
		}
	}
	if f.Name(c.Reason) == "replace_by_triggers" {
		// lifecycle is not part of the plan's configuration.
		open = append(open, pending{TriggeredBy, f.Graph.ModuleNodes(c.Node)})
	}
	if len(d.Links) > 0 {
		f.drawn[c] = d
	}
	if len(open) > 0 {
		f.open[c] = open
	}
}

// causes returns the changes that make one of the sources unknown. explained
// tells that there is any, new objects included: those are the author's edit
// and draw nothing.
func (f *finder) causes(c *tfplan.Change, attr string, from []tfplan.Source) (links []Link, explained bool) {
	for _, s := range from {
		var hit []*tfplan.Change
		for _, m := range f.byNode[s.Node] {
			if m != c && f.unsettles(m, s.Attr) {
				hit = append(hit, m)
			}
		}
		for _, m := range nearest(c, hit) {
			explained = true
			if m.Action != tfplan.Create {
				links = append(links, Link{Attribute: attr, From: m, FromAttr: f.Name(s.Attr)})
			}
		}
	}
	return links, explained
}

// unsettles tells whether an attribute of m is unknown until apply.
func (f *finder) unsettles(m *tfplan.Change, attr tfplan.Sym) bool {
	if attr == 0 {
		return len(f.Members(m.Unknown)) > 0 || m.Action.Replaces()
	}
	return f.Has(m.Unknown, attr) || m.Action == tfplan.DataRead
}

// nearest keeps the candidates whose module instance is closest to c's, and of
// those the one with c's own instance key if there is one.
func nearest(c *tfplan.Change, hit []*tfplan.Change) []*tfplan.Change {
	if len(hit) < 2 {
		return hit
	}
	keys := tfplan.Keys(c.Address)
	best, out := -1, []*tfplan.Change(nil)
	for _, h := range hit {
		n := 0
		for _, k := range tfplan.Keys(tfplan.ModuleInstance(h.Address)) {
			if slices.Contains(keys, k) {
				n++
			}
		}
		if n > best {
			best, out = n, nil
		}
		if n == best {
			out = append(out, h)
		}
	}
	if own := tfplan.InstanceKey(c.Address); own != "" {
		for _, h := range out {
			if tfplan.InstanceKey(h.Address) == own {
				return []*tfplan.Change{h}
			}
		}
	}
	return out
}
