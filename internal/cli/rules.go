package cli

import (
	"encoding/json"
	"slices"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/evidence"
	"polygraph/internal/exceptions"
	"polygraph/internal/report/term"
)

func (a *app) rules() *cobra.Command {
	c := &cobra.Command{
		Use:     "rules",
		Short:   "List the claims that Polygraph tests.",
		Example: "  polygraph rules\n  polygraph rules --json",
		Args:    arguments(0, 0, "no arguments"),
		RunE:    func(*cobra.Command, []string) error { return a.listRules() },
	}
	c.Flags().BoolVar(&a.global.json, "json", false, "write everything about every rule as JSON")
	return c
}

// catalogue is everything that has rules: the analyzers, those that run only in
// a command of their own, and the exceptions.
func (a *app) catalogue() []*analysis.Analyzer {
	return append(slices.Concat(a.analyzers(), analyzers.Asked()), exceptions.Analyzer())
}

func (a *app) listRules() error {
	all := a.catalogue()
	if !a.global.json {
		return term.Rules(a.stdout, all, a.page(a.Stdout))
	}
	out := []ruleDoc{}
	for _, x := range all {
		for _, r := range x.Rules {
			out = append(out, docOf(x, r))
		}
	}
	return a.writeJSON(out)
}

// ruleDoc is a rule for programs.
type ruleDoc struct {
	ID            string    `json:"id"`
	Analyzer      string    `json:"analyzer"`
	Severity      string    `json:"severity"`
	Title         string    `json:"title"`
	Claim         string    `json:"claim"`
	Claimant      string    `json:"claimant"`
	Why           string    `json:"why"`
	Fix           string    `json:"fix"`
	Unit          string    `json:"unit"`
	Needs         []needDoc `json:"needs,omitempty"`
	Any           []needDoc `json:"any,omitempty"` // one of them is enough
	Discriminator string    `json:"discriminator,omitempty"`
	Sources       []string  `json:"sources,omitempty"`
}

type needDoc struct {
	Kind   string `json:"kind"`
	Title  string `json:"title"`
	Nature string `json:"nature"`
	Get    string `json:"get"`
}

func docOf(x *analysis.Analyzer, r *analysis.Rule) ruleDoc {
	d := ruleDoc{
		ID: r.ID, Analyzer: x.Name, Severity: r.Severity.String(), Title: r.Title, Claim: r.Claim,
		Claimant: r.Claimant, Why: r.Why, Fix: r.Fix, Unit: r.Unit, Discriminator: r.Discriminator, Sources: r.Sources,
	}
	d.Needs, d.Any = needs(r.Needs), needs(r.Any)
	return d
}

func needs(kinds []*evidence.Kind) []needDoc {
	var out []needDoc
	for _, k := range kinds {
		out = append(out, needDoc{k.Name, k.Title, string(k.Nature), k.Get})
	}
	return out
}

func (a *app) writeJSON(v any) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
