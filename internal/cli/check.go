package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
)

// stdinPath is how evidence from standard input is shown.
const stdinPath = "(stdin)"

func (a *app) check() *cobra.Command {
	j := &judging{app: a, look: look{command: "check"}}
	var only []string
	var record bool
	c := &cobra.Command{
		Use:   "check [PATH...]",
		Short: "Check every claim for which there is evidence below the paths.",
		Long: "Evidence is recognised by its content, whatever it is called. Without a path it is\n" +
			"the current folder; - is standard input. Folders .git, .terraform and node_modules\n" +
			"are left out. check runs nothing of what it examines and never uses the network.",
		Example:     "  polygraph check examples/acme\n  polygraph check examples/acme -o jsonl=run.jsonl\n  polygraph check . -o term -o sarif=polygraph.sarif -o html=report.html\n  polygraph check - < examples/acme/plan.json",
		Args:        arguments(0, -1, "paths"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			chosen, err := a.choose(only)
			if err != nil {
				return err
			}
			pool := files.NewPool(64)
			defer pool.Close()
			in := &inputs{app: a, pool: pool}
			defer in.close()
			if n := count(args, "-"); n > 1 {
				return usage("standard input can be read only once", "give - once")
			}
			if j.settings, err = a.load(""); err != nil {
				return err
			}
			if err := a.gates(c, j.settings); err != nil {
				return err
			}
			j.settings.dated = j.settings.dated || record
			j.inputs, j.analyzers, j.gather = args, chosen, in.gather("", args)
			if err := j.judge(c.Context()); err != nil || !record {
				return err
			}
			return j.settings.record(a)
		},
	}
	a.outputFlags(c, &j.output)
	a.failOnFlag(c)
	a.severityFlags(c)
	a.configFlag(c)
	c.Flags().BoolVar(&record, "record", false, "write what is seen for the first time into the first-seen ledger")
	c.Flags().StringSliceVar(&only, "only", nil, "run only `ANALYZERS`, separated by commas")
	_ = c.RegisterFlagCompletionFunc("only", a.completeAnalyzers)
	return c
}

func (a *app) completeAnalyzers(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []cobra.Completion
	for _, x := range a.analyzers() {
		names = append(names, cobra.CompletionWithDesc(x.Name, x.Doc))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func count(args []string, word string) int {
	n := 0
	for _, a := range args {
		if a == word {
			n++
		}
	}
	return n
}

// inputs gathers what the arguments of check name.
type inputs struct {
	app   *app
	pool  *files.Pool
	stdin *files.File
}

func (in *inputs) close() {
	if in.stdin != nil {
		_ = in.stdin.Close()
	}
}

// gather collects what the arguments name, from dir on.
func (in *inputs) gather(dir string, args []string) func(context.Context, func(run.Progress)) (analysis.Evidence, error) {
	return func(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
		var roots []string
		for _, arg := range args {
			if arg != "-" {
				roots = append(roots, arg)
			}
		}
		found, err := files.Find(ctx, roots, in.app.detectors, files.Options{
			Dir: dir, Open: in.pool, Understood: understood(), Progress: progress,
		})
		if err != nil || len(roots) == len(args) {
			return found, err
		}
		piped, err := in.fromStdin(ctx)
		found.Items = append(found.Items, piped.Items...)
		found.Skips = append(found.Skips, piped.Skips...)
		found.Files += piped.Files
		return found, err
	}
}

func (in *inputs) fromStdin(ctx context.Context) (analysis.Evidence, error) {
	f, err := files.Spool(ctx, in.app.Stdin, 0)
	if err != nil {
		return analysis.Evidence{}, err
	}
	in.stdin = f
	head, err := f.Head()
	if err != nil {
		return analysis.Evidence{}, err
	}
	kind, problem := files.Classify(stdinPath, head, in.app.detectors)
	if kind == nil && problem == nil {
		problem = &evidence.Problem{Reason: "no evidence of a kind that is understood", Do: "understood are: " + join(understood())}
	}
	if problem != nil {
		return failedInput(stdinPath, problem), nil
	}
	return analysis.Evidence{Files: 1, Items: []*evidence.Item{{Kind: kind, Path: stdinPath, Blob: f, Named: true}}}, nil
}

// understood are the kinds of evidence that a user can be told about.
func understood() []string {
	var out []string
	for _, k := range facts.Kinds() {
		out = append(out, k.Title)
	}
	slices.Sort(out)
	return out
}

// problemIn returns what a user can do something about, if err is that.
func problemIn(err error) *evidence.Problem {
	var p *evidence.Problem
	if errors.As(err, &p) {
		return p
	}
	return nil
}
