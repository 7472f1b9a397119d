package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/report/term"
)

func (a *app) explain() *cobra.Command {
	c := &cobra.Command{
		Use:               "explain [RULE]",
		Short:             "Explain a rule: the claim, who makes it, why it matters, the fix and the evidence it needs.",
		Example:           "  polygraph explain CHG002\n  polygraph explain CHG002 --json",
		Args:              arguments(0, 1, "one rule"),
		ValidArgsFunction: a.completeRules,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRules()
			}
			return a.explainRule(args[0])
		},
	}
	c.Flags().BoolVar(&a.global.json, "json", false, "write it as JSON")
	return c
}

func (a *app) explainRule(id string) error {
	var known []string
	for _, x := range a.catalogue() {
		for _, r := range x.Rules {
			known = append(known, r.ID)
			if !strings.EqualFold(r.ID, id) {
				continue
			}
			if a.global.json {
				return a.writeJSON(docOf(x, r))
			}
			return term.Explain(a.stdout, x, r, a.page(a.Stdout))
		}
	}
	return usage(fmt.Sprintf("there is no rule %q", id), didYouMean(id, known, "`polygraph rules` lists them"))
}

func (a *app) completeRules(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var out []cobra.Completion
	for _, x := range a.catalogue() {
		for _, r := range x.Rules {
			if len(args) == 0 {
				out = append(out, cobra.CompletionWithDesc(r.ID, r.Title))
			}
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
