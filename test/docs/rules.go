package docs

import (
	"path/filepath"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/exceptions"
	"polygraph/internal/facts"
)

// documented is one analyzer and where its case files are.
type documented struct {
	*analysis.Analyzer
	cases     string // folder of <ID>.txtar, from the repository root
	detectors []facts.Detector
}

// all lists every analyzer that has rules: the capabilities, then the policies.
func all() []documented {
	var out []documented
	for _, a := range analyzers.All() {
		out = append(out, documented{
			Analyzer:  a,
			cases:     filepath.ToSlash(filepath.Join("internal/analyzers", a.Name, "testdata")),
			detectors: facts.Detectors(),
		})
	}
	out = append(out, documented{
		Analyzer: change.Identity(change.SidesOf([]string{"before.tfstate"}, []string{"after.tfstate"}), nil),
		cases:    "internal/analyzers/change/testdata/identity", detectors: facts.Detectors(),
	})
	return append(out, documented{
		Analyzer: exceptions.Analyzer(), cases: "internal/exceptions/testdata", detectors: facts.Detectors(),
	})
}

// entry is one rule to be described.
type entry struct {
	*analysis.Rule
	of documented
}

func entries() []entry {
	var out []entry
	for _, a := range all() {
		for _, r := range a.Rules {
			out = append(out, entry{r, a})
		}
	}
	return out
}
