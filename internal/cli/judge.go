package cli

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/report/term"
	"polygraph/internal/run"
)

// judging is what the commands that judge have in common.
type judging struct {
	app    *app
	output []string

	command   string
	inputs    []string
	analyzers []*analysis.Analyzer
	tables    bool
	// gather collects the evidence. An error of it means that there is no run.
	gather func(context.Context, func(run.Progress)) (analysis.Evidence, error)
}

func (a *app) failOnFlag(c *cobra.Command) {
	c.Flags().StringVar(&a.failOn, "fail-on", "refuted", "exit 1 when a claim is `WHAT`: refuted, or unproven too")
	_ = c.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions([]string{"refuted", "unproven"}, cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) checkFailOn() error {
	if known := []string{"refuted", "unproven"}; a.failOn != known[0] && a.failOn != known[1] {
		return usage(fmt.Sprintf("--fail-on does not know %q", a.failOn), didYouMean(a.failOn, known, "it is refuted or unproven"))
	}
	return nil
}

// judge gathers, runs and reports. Everything that can be wrong about the
// command line is found before anything is read.
func (j *judging) judge(ctx context.Context) error {
	a := j.app
	if err := a.checkFailOn(); err != nil {
		return err
	}
	targets, err := a.targets(j.output)
	if err != nil {
		return err
	}
	out, err := a.open(targets)
	if err != nil {
		return err
	}
	started := a.Now()
	listener := run.Fanout{&a.verdict, out}
	var hear run.Listener = listener
	progress := func(run.Progress) {}
	if width := columns(a.Stderr); width > 0 && !a.wantsJSON() && !a.global.quiet {
		p := term.NewProgress(a.Stderr, width, a.Now)
		defer p.Stop()
		hear, progress = p.Before(listener), p.Report
	}
	found, err := j.gather(ctx, progress)
	if err != nil {
		return out.abandon(err)
	}
	header := &run.Header{
		Protocol: run.Protocol, Version: buildVersion().Version, Command: j.command,
		Inputs: j.inputs, Started: started.UTC(), Rules: ruleRefs(j.analyzers),
	}
	if err := hear.Hear(&run.Message{Header: header}); err != nil {
		return out.abandon(err)
	}
	runner := &analysis.Runner{
		Analyzers: j.analyzers, Clock: a.Now, Tables: j.tables,
		Parallel: min(4, runtime.GOMAXPROCS(0)), Progress: progress,
	}
	if _, err := runner.Run(ctx, found, hear.Hear); err != nil {
		return out.abandon(err)
	}
	if err := out.keep(); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	if !out.people {
		// Whoever reads JSON or a file should still see why it exits 3.
		for _, s := range a.named {
			a.complain(exitUnexamined, s.Path+": "+s.Reason, s.Do)
		}
	}
	return nil
}

func ruleRefs(all []*analysis.Analyzer) []run.RuleRef {
	var out []run.RuleRef
	for _, a := range all {
		for _, r := range a.Rules {
			out = append(out, run.RuleRef{
				ID: r.ID, Analyzer: a.Name, Claim: r.Claim, Severity: r.Severity,
				Title: r.Title, Claimant: r.Claimant, Why: r.Why, Fix: r.Fix, Sources: r.Sources,
			})
		}
	}
	return out
}

// choose returns the analyzers named in --only, all when there is none.
func (a *app) choose(only []string) ([]*analysis.Analyzer, error) {
	all := a.analyzers()
	if len(only) == 0 {
		return all, nil
	}
	var names []string
	for _, x := range all {
		names = append(names, x.Name)
	}
	var out []*analysis.Analyzer
	for _, x := range all {
		for _, name := range only {
			if x.Name == name {
				out = append(out, x)
				break
			}
		}
	}
	for _, name := range only {
		if i := strings.Join(names, "\x00"); !strings.Contains("\x00"+i+"\x00", "\x00"+name+"\x00") {
			return nil, usage(fmt.Sprintf("there is no analyzer %q", name), didYouMean(name, names, "there are: "+strings.Join(names, ", ")))
		}
	}
	return out, nil
}

// failedInput is the evidence of a run whose only input could not be examined.
func failedInput(path string, p *evidence.Problem) analysis.Evidence {
	return analysis.Evidence{Files: 1, Skips: []run.Skip{{Path: path, Count: 1, Reason: p.Reason, Do: p.Do, Named: true}}}
}
