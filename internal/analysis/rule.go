package analysis

import (
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
)

// Rule is one claim that can be false, with everything people are told about
// it. The terminal, `explain`, SARIF and the docs page are made from this value,
// so they cannot disagree.
type Rule struct {
	ID       string // capability prefix and three digits, never reused
	Title    string // what is wrong when the claim is false, a few words
	Claim    string // a positive sentence somebody makes
	Claimant string // who makes it and where
	Why      string // what it costs to believe it
	Fix      string // what to do in general; a finding's remedy is specific
	Severity finding.Severity
	Needs    []*evidence.Kind // evidence without which nothing can be said
	// Any are kinds of which one is enough. Where none of them is there, nobody
	// made the claim, and nothing is missing: no Dockerfile promises nothing.
	Any []*evidence.Kind
	// Unit is what is judged, as a plural: "replaced resources". The summary
	// says how many of them were examined.
	Unit string
	// Discriminator says what, besides the subject, goes into the fingerprint.
	Discriminator string
	Sources       []string // where the facts behind the rule come from
}

// Analyzer groups the rules of one capability.
type Analyzer struct {
	Name     string // folder, command, --only name and JSON field
	Doc      string // one sentence
	Rules    []*Rule
	Facts    []*Fact     // what it reads through Values
	Requires []*Analyzer // whose findings it reads through FindingsOf
	// Subscribe adds visitors to the single reading of a fact's evidence.
	Subscribe []Subscription
	Run       func(*Pass) error
	// Settles marks the rules of a Policy: it has no Run, its rules need no
	// evidence but findings, and it only serves to name and explain them.
	Settles bool
}

// Subscription asks for a visitor to be fed while a Fact reads an item.
type Subscription struct {
	Fact *Fact
	// New makes the visitor for one item. Its dynamic type must be one that
	// the Fact's Read understands.
	New func(*evidence.Item) any
}
