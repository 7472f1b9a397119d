package cascade

import "polygraph/internal/tfplan"

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
	Links  []Link   // those that lead to the group's cause
	Others []string // further causes of it, as Group.Identity
	More   bool     // new objects, or what could not be told, are a cause as well
	// New: it did not hold the old value of what it refers to, so the reference
	// itself may be the edit.
	New bool
}

// Shared tells that taking back the group's cause alone need not undo it.
func (d *Drawn) Shared() bool { return len(d.Others) > 0 || d.More }

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
	Alone  []*tfplan.Change // changes that draw nothing and are not drawn
	// NoConfiguration: there are changes with unknown values and no
	// configuration to tell which of them are inputs.
	NoConfiguration []*tfplan.Change
}

type finder struct {
	*tfplan.Plan
	at       map[place][]*tfplan.Change // everything that can make a value unknown
	byKey    map[keyed][]*tfplan.Change
	meanings map[meaning]*bundle
	homes    map[place]string // what shared found
	inputs   map[int32]tfplan.Inputs
	parts    map[*tfplan.Change][]*part
	scopes   map[string]*scope
	scoped   int // changes in all of them
	blockIDs map[within]int32
	blocks   []within
	old      map[*tfplan.Change][]identifier
	partly   map[attribute]bool              // what partEdited found
	scalars  map[source]string               // what oldValueOf found
	updated  map[tfplan.Sym][]*tfplan.Change // by type: edited objects that stay the same
	survived map[kept]bool                   // what survives found
	// readers are the changes that are computed from a data source that is read
	// during apply: Attribute of From. Nil until needed.
	readers map[*tfplan.Change][]Link
}

// Find groups the changes of a plan by their cause.
func Find(p *tfplan.Plan) Result {
	f := &finder{
		Plan: p, at: map[place][]*tfplan.Change{}, byKey: map[keyed][]*tfplan.Change{}, meanings: map[meaning]*bundle{}, homes: map[place]string{},
		inputs: map[int32]tfplan.Inputs{}, parts: map[*tfplan.Change][]*part{}, scopes: map[string]*scope{},
		blockIDs: map[within]int32{}, old: map[*tfplan.Change][]identifier{}, partly: map[attribute]bool{},
		updated: map[tfplan.Sym][]*tfplan.Change{}, survived: map[kept]bool{}, scalars: map[source]string{},
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
		f.register(c)
		if c.Action == tfplan.Update && len(p.Members(c.Changed)) > 0 {
			f.updated[c.Type] = append(f.updated[c.Type], c)
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
	f.settleLocals(movers)
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
	var managed []*tfplan.Change
	for _, c := range movers {
		if !c.Data {
			managed = append(managed, c)
		}
	}
	// One change alone cannot have drawn another.
	if len(managed) > 1 && len(unknown) > 0 {
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
	for _, attr := range f.Members(c.Unknown) {
		src := in[attr]
		if src == nil {
			continue // computed by the provider: no input
		}
		p := f.direct(c, f.Name(attr), src.From)
		if src.Locals() {
			p.local = f.localScope(c, src.LocalsOf)
			p.open = len(p.links) == 0 && !p.fresh
			p.besides = !p.open
		}
		if len(p.links) > 0 || p.fresh || p.open {
			f.parts[c] = append(f.parts[c], p)
		}
	}
	if f.Name(c.Reason) == "read_because_dependency_pending" {
		if src := in[f.Sym(tfplan.DependsOn)]; src != nil {
			f.parts[c] = append(f.parts[c], f.direct(c, tfplan.DependsOn, src.From))
		}
	}
	if f.Name(c.Reason) == "replace_by_triggers" {
		// lifecycle is not part of the plan's configuration.
		f.parts[c] = append(f.parts[c], &part{attr: TriggeredBy, local: f.triggerScope(c), open: true})
	}
}

// direct is an input as far as the configuration spells out what it is computed
// from. New objects are the author's edit and draw nothing.
func (f *finder) direct(c *tfplan.Change, attr string, from []tfplan.Source) *part {
	p := &part{attr: attr}
	for _, s := range from {
		b := f.meant(c, s)
		if b == nil {
			continue
		}
		p.fresh = p.fresh || b.fresh
		if len(b.movers) > 0 {
			p.links = append(p.links, link{Link{Attribute: attr, From: b.movers[0], FromAttr: f.Name(s.Attr)}, b})
		}
	}
	return p
}
