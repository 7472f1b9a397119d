package tfplan

import (
	"iter"
	"strconv"

	"polygraph/internal/evidence"
)

// Action is what a plan does to one object. It answers the first question, "is
// it the same object afterwards", so the two orders of replacement differ.
type Action uint8

// The actions, from `change.actions`.
const (
	UnknownAction    Action = iota // missing or of a newer format
	NoOp                           // ["no-op"]
	DataRead                       // ["read"]: a data source read during apply
	Create                         // ["create"]
	Update                         // ["update"]: in place
	DestroyCreate                  // ["delete","create"]: replaced, old one first
	CreateDestroy                  // ["create","delete"]: replaced, new one first
	Delete                         // ["delete"]
	Forget                         // ["forget"]: dropped from state, left running
	CreateThenForget               // ["create","forget"] (OpenTofu): replaced, old one left running
)

// Replaces tells whether the object is a new one under the same address.
func (a Action) Replaces() bool {
	return a == DestroyCreate || a == CreateDestroy || a == CreateThenForget
}

// Destroys tells whether an object that exists is destroyed.
func (a Action) Destroys() bool { return a == Delete || a == DestroyCreate || a == CreateDestroy }

// Section is the part of the plan a Change stands in.
type Section uint8

// The sections, by their key.
const (
	ResourceChanges Section = iota
	ResourceDrift
	DeferredChanges
)

// Change is the fixed-size summary of one entry of resource_changes,
// resource_drift or deferred_changes.
type Change struct {
	Address  string
	Previous string // previous_address when moved
	Deposed  string // key of a deposed object

	Type     Sym // resource type
	Resource Sym // type.name, with "data." before data sources
	Module   Sym // configuration module path, instance keys stripped; 0 for the root
	Reason   Sym // action_reason
	Provider Sym

	Unknown Set // top-level attributes whose new value is not known
	Partial Set // those of them of which some part is known
	Changed Set // top-level attributes whose known value differs (updates and replacements)
	Forces  Set // replace_paths, each as a dotted path

	Node    int32 // its resource in the Graph, -1 when the configuration has none
	Index   int32 // position in its section
	Action  Action
	Section Section
	Data    bool // a data source
	Import  bool

	// Attributes is a 256-bit Bloom filter over (attribute, value) pairs that
	// are neither null nor empty: of the old object when it is destroyed, of
	// the known part of the new one when it is created. Pairs is their number.
	Attributes [4]uint64
	Pairs      uint16

	offset int64
	length int32
}

// Plan is what one pass over a plan keeps.
type Plan struct {
	Format    string // format_version, "" in hand-trimmed files
	Terraform string // terraform_version
	Errored   bool   // planning failed: the plan is partial
	Complete  bool   // false only when the plan says so (deferrals, targets)
	Timestamp string // when it was made, as it says; "" before Terraform 1.5
	// Inside is the JSON pointer of the plan where it is a part of the document:
	// "/terraform" in what Spacelift hands to a policy.
	Inside string

	// ProviderConfigs are the provider blocks, in the order of the plan.
	ProviderConfigs []ProviderConfig
	// Variables are the root variables environment, env, stage, tier and
	// account_id, where they are short plain words and declared not sensitive.
	Variables map[string]string

	Changes  []Change
	Drift    []Change
	Deferred []Change
	// Relevant maps "resource address without instance keys" to the top-level
	// attributes that contributed to this plan (relevant_attributes).
	Relevant map[string][]Sym
	Graph    *Graph
	Checks   int // entries of checks that are not "pass"
	Actions  int // entries of action_invocations, and of those that are deferred (Terraform 1.14)

	HasChanges       bool // resource_changes was there
	HasPlanned       bool // planned_values was there
	PlansResources   bool // and has resources
	HasConfiguration bool
	HasRelevant      bool

	providers map[Sym]int // configurations, by full name

	file string
	text *text
	sym  *symbols
}

// Name returns the string of a symbol.
func (p *Plan) Name(s Sym) string { return p.sym.names[s] }

// Sym returns the symbol of a string that the plan mentions, or 0.
func (p *Plan) Sym(s string) Sym { return p.sym.ids[s] }

// Members returns the symbols of a set, sorted by symbol.
func (p *Plan) Members(s Set) []Sym { return p.sym.slabs[s] }

// Names iterates over the strings of a set.
func (p *Plan) Names(s Set) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, m := range p.sym.slabs[s] {
			if !yield(p.sym.names[m]) {
				return
			}
		}
	}
}

// Has tells whether a set has a member.
func (p *Plan) Has(s Set, m Sym) bool {
	for _, x := range p.sym.slabs[s] {
		if x == m {
			return true
		}
	}
	return false
}

// Pointer is the JSON pointer of a change in the plan, or of a value inside it.
func (c *Change) Pointer(rest string) string {
	p := "/" + sectionKey(c.Section) + "/" + strconv.Itoa(int(c.Index))
	if c.Section == DeferredChanges {
		p += "/resource_change"
	}
	return p + rest
}

func sectionKey(s Section) string {
	switch s {
	case ResourceDrift:
		return "resource_drift"
	case DeferredChanges:
		return "deferred_changes"
	default:
		return "resource_changes"
	}
}

// Pointer is the JSON pointer of a change in the document, or of a value inside
// it.
func (p *Plan) Pointer(c *Change, rest string) string { return p.Inside + c.Pointer(rest) }

// Size is how long the entry of a change is, as text.
func (c *Change) Size() int64 { return int64(c.length) }

// Offset is where the change starts in the file.
func (p *Plan) Offset(c *Change) int64 { return p.text.rawOffset(c.offset) }

// Configurations is how many configurations (regions, accounts) a provider has.
func (p *Plan) Configurations(provider Sym) int { return p.providers[provider] }

// Kind is the kind of evidence this package reads.
func Kind() *evidence.Kind { return evidence.TerraformPlan() }
