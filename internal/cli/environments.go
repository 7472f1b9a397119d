package cli

import (
	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/config"
	"polygraph/internal/environment"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
)

func (a *app) schema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of polygraph.yaml.",
		Long: "Editors complete and check polygraph.yaml with it: save it and name it in the first\n" +
			"line of the file: # yaml-language-server: $schema=polygraph.schema.json",
		Example: "  polygraph schema > polygraph.schema.json",
		Args:    arguments(0, 0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(config.Schema())
			return err
		},
	}
}

func (a *app) environments() *cobra.Command {
	var output []string
	c := &cobra.Command{
		Use:   "environments [PATH...]",
		Short: "Show which environments there are, declared or inferred, and by what they are recognised.",
		Long: "Environments are declared in polygraph.yaml; where they are not, they are inferred from\n" +
			"accounts, networks, tags, names and folders, and the inference is shown. Only declared\n" +
			"ones tell two plans with the same addresses apart.",
		Example: "  polygraph environments examples/acme",
		Args:    arguments(0, -1, "paths"),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			if count(args, "-") > 1 {
				return usage("standard input can be read only once", "give - once")
			}
			s, err := a.load("")
			if err != nil {
				return err
			}
			pool := files.NewPool(64)
			defer pool.Close()
			in := &inputs{app: a, pool: pool}
			defer in.close()
			shown := &showEnvironments{set: s.declared}
			a.failOn = "refuted"
			return a.report(output, func(hear run.Listener, progress func(run.Progress), _ bool) error {
				return a.examine(c.Context(), look{
					command: "environments", inputs: args, analyzers: []*analysis.Analyzer{namesOf(a.analyzers())}, settings: s,
					tables: true, things: true, gather: in.gather("", args), extra: shown,
				}, hear, progress)
			})
		},
	}
	a.outputFlags(c, &output)
	a.configFlag(c)
	return c
}

// namesOf reads whatever any analyzer reads and judges nothing.
func namesOf(all []*analysis.Analyzer) *analysis.Analyzer {
	x := &analysis.Analyzer{Name: "environments", Doc: "Which environments there are.", Run: func(*analysis.Pass) error { return nil }}
	for _, a := range all {
		x.Facts = append(x.Facts, a.Facts...)
	}
	return x
}

// showEnvironments adds the tables.
type showEnvironments struct{ set *environment.Set }

// Settle adds what is known about environments as rows.
func (x *showEnvironments) Settle(s *analysis.Settlement) error {
	var paths []string
	for _, e := range s.Evidence {
		paths = append(paths, e.Path)
	}
	s.Rows = append(s.Rows, environment.Rows(x.set, s.Things, paths)...)
	s.Conclusion = environment.Conclusion(x.set, s.Things, paths)
	s.Open = len(s.Evidence) == 0
	for _, e := range s.Evidence {
		s.Open = s.Open || e.Environment == "" || e.Inferred // a guess settles nothing
	}
	return nil
}
