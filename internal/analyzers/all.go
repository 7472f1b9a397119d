// Package analyzers is the table of contents: every capability's analyzer, in
// the order of the design. A test compares it with the folders.
package analyzers

import (
	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
)

// All returns every analyzer.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		change.Analyzer(),
	}
}

// Rule finds a rule by ID.
func Rule(id string) (*analysis.Rule, *analysis.Analyzer, bool) {
	for _, a := range All() {
		for _, r := range a.Rules {
			if r.ID == id {
				return r, a, true
			}
		}
	}
	return nil, nil, false
}
