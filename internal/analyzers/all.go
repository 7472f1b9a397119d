// Package analyzers is the table of contents: every capability's analyzer, in
// the order of the design. A test compares it with the folders.
package analyzers

import (
	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/analyzers/net"
)

// All returns every analyzer.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		change.Analyzer(),
		net.Analyzer(),
	}
}

// Asked returns the analyzers that run only in a command of their own, because
// only there somebody makes their claims. They serve to name and explain.
func Asked() []*analysis.Analyzer {
	return []*analysis.Analyzer{change.Identity(nil, nil), net.Asked()}
}

// Rule finds a rule by ID.
func Rule(id string) (*analysis.Rule, *analysis.Analyzer, bool) {
	for _, a := range append(All(), Asked()...) {
		for _, r := range a.Rules {
			if r.ID == id {
				return r, a, true
			}
		}
	}
	return nil, nil, false
}
