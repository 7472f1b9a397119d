package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/net"
	"polygraph/internal/evidence"
	"polygraph/internal/report/locate"
	"polygraph/internal/report/term"
	"polygraph/internal/run"
)

// look is one examination: what is looked at, by which rules, and what its
// owners decided.
type look struct {
	command   string
	started   time.Time // zero: now
	dir       string    // where inputs that are not absolute start; "" is here
	inputs    []string
	analyzers []*analysis.Analyzer
	settings  *settings
	tables    bool
	holds     bool // list what held: for runs that are saved or compared
	things    bool // name all objects, for environments
	extra     analysis.Policy
	// sources answer requests; asked for after the evidence is gathered. nil: nobody.
	sources func() []evidence.Source
	// aside are rules about which the user did not ask, seeing what was found. nil:
	// none.
	aside func([]*evidence.Item) []string
	// gather collects the evidence. An error of it means that there is no run.
	gather func(context.Context, func(run.Progress)) (analysis.Evidence, error)
}

// examine looks once and tells hear.
func (a *app) examine(ctx context.Context, l look, hear run.Listener, progress func(run.Progress)) error {
	started := l.started
	if started.IsZero() {
		started = a.Now()
	}
	found, err := l.gather(ctx, progress)
	if err != nil {
		return err
	}
	found.Skips = append(found.Skips, l.settings.silenced(l.analyzers)...)
	l.settings.declared.From(l.settings.placed(l.dir))
	hear = locate.Before(hear, found.Items)
	off := l.settings.off()
	if l.aside != nil {
		for _, id := range l.aside(found.Items) {
			off[id] = true
		}
	}
	header := &run.Header{
		Protocol: run.Protocol, Version: buildVersion().Version, Command: l.command,
		Inputs: l.inputs, Started: started.UTC(), Rules: l.settings.rules(l.analyzers, off), Config: l.settings.File, Policy: l.settings.policy(),
	}
	if err := hear.Hear(&run.Message{Header: header}); err != nil {
		return err
	}
	var policies []analysis.Policy
	if l.command == "environments" {
		policies = []analysis.Policy{l.settings.places} // it judges nothing, so nothing is excused
	} else {
		policies = l.settings.policies(l.dir, l.inputs, len(l.analyzers) < len(a.analyzers()) || l.command != "check")
	}
	if l.extra != nil {
		policies = append(policies, l.extra)
	}
	runner := &analysis.Runner{
		Analyzers: l.analyzers, Clock: a.Now, Tables: l.tables, Holds: l.holds,
		Things: l.things || len(l.settings.Environments) > 0, Off: off, Policies: policies,
		Parallel: min(4, runtime.GOMAXPROCS(0)), Progress: progress,
	}
	if l.sources != nil {
		runner.Sources = l.sources()
	}
	_, err = runner.Run(ctx, found, hear.Hear)
	var unfound *net.Unfound
	if errors.As(err, &unfound) {
		return usage(unfound.Text, didYouMean(unfound.Word, unfound.Known, unfound.Do))
	}
	if err != nil {
		return err
	}
	a.collisions = l.settings.places.Collisions()
	return nil
}

// judging is what the commands that judge have in common.
type judging struct {
	look
	app    *app
	output []string
}

// judge looks and reports. Everything that can be wrong about the command line
// is found before anything is read.
func (j *judging) judge(ctx context.Context) error {
	if err := j.app.checkFailOn(); err != nil {
		return err
	}
	return j.app.report(j.output, func(hear run.Listener, progress func(run.Progress), saved bool) error {
		j.holds = saved
		return j.app.examine(ctx, j.look, hear, progress)
	})
}

// report opens the outputs, lets produce tell them a run, and puts them in
// their places. saved tells produce that a run is written for later.
func (a *app) report(specs []string, produce func(hear run.Listener, progress func(run.Progress), saved bool) error) error {
	targets, err := a.targets(specs)
	if err != nil {
		return err
	}
	out, err := a.open(targets)
	if err != nil {
		return err
	}
	defer out.discard() // what was not kept, also when something panics
	var hear run.Listener = run.Fanout{&a.verdict, out}
	progress := func(run.Progress) {}
	if width := columns(a.Stderr); width > 0 && !a.wantsJSON() && !a.global.quiet {
		p := term.NewProgress(a.Stderr, width, a.Now)
		defer p.Stop()
		hear, progress = p.Before(hear), p.Report
	}
	if err := produce(hear, progress, out.saves); err != nil {
		var wrong *exitError
		if errors.As(err, &wrong) && wrong.code == exitUsage {
			return err // nothing was cut off: the question was none
		}
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
	a.warnOfCollisions()
	if n := a.spared; n > 0 && !a.wantsJSON() {
		a.talk(fmt.Sprintf("polygraph: false claims below severity %s do not fail: %d", a.minSeverity, n))
	}
	return nil
}

// warnOfCollisions says which findings nothing tells apart: an exception or a
// deadline of one would be that of the other.
func (a *app) warnOfCollisions() {
	if len(a.collisions) == 0 || a.wantsJSON() {
		return
	}
	text := "polygraph: " + a.collisions[0].String()
	if n := len(a.collisions) - 1; n > 0 {
		text += fmt.Sprintf("; and %d more like it", n)
	}
	a.talk(text + "\n  declare environments in polygraph.yaml: `polygraph environments` shows by what they can be told apart")
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
		if !slices.Contains(names, name) {
			return nil, usage(fmt.Sprintf("there is no analyzer %q", name), didYouMean(name, names, "there are: "+strings.Join(names, ", ")))
		}
	}
	return out, nil
}

// failedInput is the evidence of a run whose only input could not be examined.
func failedInput(path string, p *evidence.Problem) analysis.Evidence {
	return analysis.Evidence{Files: 1, Skips: []run.Skip{{Path: path, Count: 1, Reason: p.Reason, Do: p.Do, Named: true}}}
}

// temporary is a file of ours that nobody keeps.
func temporary(pattern string) (*os.File, func(), error) {
	f, err := os.CreateTemp("", pattern)
	if err != nil {
		return nil, nil, err
	}
	return f, func() { _ = f.Close(); _ = os.Remove(f.Name()) }, nil
}
