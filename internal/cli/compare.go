package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/baseline"
	"polygraph/internal/report/jsonl"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/source/git"
)

// comparing is one call of compare.
type comparing struct {
	app     *app
	output  []string
	only    []string
	baseRef string
	failOn  string

	settings *settings
	chosen   []*analysis.Analyzer
	cleanup  []func()
	// started is the time of both sides of --base-ref: they are one look, and
	// which of them is checked first says nothing about their age.
	started time.Time
}

func (a *app) compare() *cobra.Command {
	x := &comparing{app: a}
	c := &cobra.Command{
		Use:   "compare BASE HEAD | compare --base-ref REVISION [PATH...]",
		Short: "Compare a run with an earlier one: exit 1 only where it got worse.",
		Long: "BASE and HEAD are saved runs (-o jsonl=FILE), or files and folders, which are checked;\n" +
			"- as HEAD is a saved run on standard input. With --base-ref the paths are checked as they\n" +
			"are and as they were in that revision, in a git worktree of its own.\n\n" +
			"Worse is: a claim that is newly false, a false or proven claim that can no longer be\n" +
			"judged, an observation that is not examined any more, a rule that is not applied any\n" +
			"more. What went together with its declaration is removed, and not worse.",
		Example: "  polygraph check examples/acme -o jsonl=base.jsonl\n  polygraph compare base.jsonl examples/acme\n" +
			"  polygraph compare base.jsonl examples/acme -o markdown=comment.md -o sarif=polygraph.sarif\n  polygraph compare --base-ref main .",
		Annotations: map[string]string{judges: "yes", ofRuns: "yes"},
		Args:        cobra.ArbitraryArgs,
		RunE:        func(c *cobra.Command, args []string) error { return x.run(c, args) },
	}
	a.outputFlags(c, &x.output)
	f := c.Flags()
	f.StringVar(&x.failOn, "fail-on", "worse", "exit 1 when a claim is `WHAT`: worse; unproven: new unproven ones fail too; overdue: ones past their deadline too")
	f.StringVar(&x.baseRef, "base-ref", "", "the git `REVISION` to compare with, such as main")
	f.StringSliceVar(&x.only, "only", nil, "run only `ANALYZERS`, separated by commas")
	a.severityFlags(c)
	a.configFlag(c)
	_ = c.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(comparisons(), cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("only", a.completeAnalyzers)
	return c
}

func comparisons() []string { return []string{"worse", "unproven", "overdue"} }

func (x *comparing) run(c *cobra.Command, args []string) (err error) {
	a := x.app
	if known := comparisons(); !slices.Contains(known, x.failOn) {
		return usage(fmt.Sprintf("--fail-on does not know %q", x.failOn), didYouMean(x.failOn, known, "it is "+join(known)))
	}
	switch {
	case x.baseRef != "" && len(args) == 0:
		args = []string{"."}
	case x.baseRef == "" && len(args) != 2:
		return usage("compare takes BASE and HEAD, got "+plural(len(args), "argument"),
			"two saved runs or folders: polygraph compare base.jsonl . ; or a revision: polygraph compare --base-ref main")
	case x.baseRef == "" && args[0] == "-":
		return usage("only HEAD can be standard input", "polygraph compare base.jsonl -")
	case x.baseRef != "" && count(args, "-") > 0:
		return usage("standard input has no earlier revision", "name the paths that are compared")
	}
	if x.chosen, err = a.choose(x.only); err != nil {
		return err
	}
	if x.settings, err = a.load(""); err != nil {
		return err
	}
	if err := a.gates(c, x.settings); err != nil {
		return err
	}
	if !c.Flags().Changed("fail-on") && x.settings.Gate.FailOn == "unproven" {
		x.failOn = "unproven"
	}
	options := baseline.Options{
		FailOnUnproven: x.failOn == "unproven", FailOnOverdue: x.failOn == "overdue",
		MinSeverity: x.settings.Gate.MinSeverity, Chosen: c.Flags().Changed("min-severity"),
	}
	a.failOn = "refuted"
	defer x.close()
	return a.report(x.output, func(hear run.Listener, progress func(run.Progress), _ bool) error {
		base, head, err := x.sides(c.Context(), args, progress)
		if err != nil {
			return err
		}
		_, err = baseline.Compare(base, head, options, func(m *run.Message) error {
			if err := c.Context().Err(); err != nil {
				return err
			}
			return hear.Hear(m)
		})
		var side *baseline.SideError
		if errors.As(err, &side) && c.Context().Err() == nil {
			return unexamined(side.Error(), "both sides have to be whole runs: polygraph check PATH -o jsonl=run.jsonl")
		}
		return err
	})
}

func (x *comparing) close() {
	for _, fn := range x.cleanup {
		fn()
	}
}

// sides finds or makes the two runs.
func (x *comparing) sides(ctx context.Context, args []string, progress func(run.Progress)) (base, head baseline.Named, err error) {
	if x.baseRef == "" {
		if base, err = x.side(ctx, args[0], progress); err != nil {
			return base, head, err
		}
		head, err = x.side(ctx, args[1], progress)
		return base, head, err
	}
	return x.revisions(ctx, args, progress)
}

// revisions checks the paths as they are and then as they were: what is checked
// out for BASE must not be seen by HEAD, wherever temporary files go.
func (x *comparing) revisions(ctx context.Context, args []string, progress func(run.Progress)) (base, head baseline.Named, err error) {
	if strings.HasPrefix(x.baseRef, "-") {
		return base, head, usage(fmt.Sprintf("%q is no revision", x.baseRef), "name a branch, a tag or a commit: --base-ref main")
	}
	r, err := git.Find(ctx, x.baseRef, git.Options{Env: x.app.Env, Stderr: cleanWriter{x.app}})
	if err != nil {
		return base, head, asUnexamined(err)
	}
	x.started = x.app.Now()
	paths := make([]string, len(args))
	for i, arg := range args {
		if paths[i], err = r.Within(arg); err != nil {
			return base, head, asUsage(err)
		}
	}
	if head, err = x.checked(ctx, "working tree", "", paths, x.settings, progress); err != nil {
		return base, head, err
	}
	w, err := r.Checkout(ctx)
	if err != nil {
		return base, head, asUnexamined(err)
	}
	x.cleanup = append(x.cleanup, func() {
		if err := w.Remove(); err != nil {
			x.app.talk("polygraph: " + w.Root + " is left over: " + err.Error())
		}
	})
	if w.HasSubmodules() {
		x.app.talk("polygraph: submodules are not checked out in " + x.baseRef + ": what is in them is new")
	}
	for _, path := range paths {
		if !w.Holds(path) {
			return base, head, usage(fmt.Sprintf("in %s, %s is a link that leads out of the repository", x.baseRef, path), "name what it leads to")
		}
	}
	settings, err := x.settingsAt(r, w)
	if err != nil {
		return base, head, err
	}
	base, err = x.checked(ctx, x.baseRef+" ("+r.Commit[:12]+")", w.Dir, paths, settings, progress)
	return base, head, err
}

// settingsAt are the settings of that time, by which BASE was judged. A rule
// that HEAD switches on is run for BASE as well: otherwise nobody could tell
// what is new.
func (x *comparing) settingsAt(r *git.Revision, w *git.Worktree) (s *settings, err error) {
	switch rel, elsewhere := "", false; {
	case x.app.configFile == "":
		s, err = x.app.load(w.Dir)
	default:
		if rel, err = r.Within(x.app.configFile); err != nil {
			elsewhere = true // a file outside of the repository is whoever runs the gate
		}
		switch {
		case elsewhere:
			s, err = x.app.loadFile(x.app.configFile)
		case !w.Holds(rel) || !exists(filepath.Join(w.Dir, rel)):
			s, err = x.app.loadDefault()
		default:
			s, err = x.app.loadFile(filepath.Join(w.Dir, rel))
		}
	}
	if err != nil {
		var e *exitError
		if !errors.As(err, &e) {
			return nil, err
		}
		// The change at hand may be the one that mends them.
		x.app.talk("polygraph: " + strings.ReplaceAll(e.what, filepath.ToSlash(w.Root)+"/", x.baseRef+":") +
			"\n  BASE is judged without settings: all rules, no exceptions")
		if s, err = x.app.loadDefault(); err != nil {
			return nil, err
		}
	}
	s.File = strings.Replace(s.File, filepath.ToSlash(w.Root)+"/", x.baseRef+":", 1)
	off := x.settings.off()
	for id, rule := range s.Rules {
		if rule.Off && !off[id] {
			rule.Off = false
			s.Rules[id] = rule
		}
	}
	return s, nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// asUnexamined is for what hinders a look, and can be mended.
func asUnexamined(err error) error {
	if p := problemIn(err); p != nil {
		return unexamined(p.Reason, p.Do)
	}
	return err
}

// side is one argument: a saved run, or something to check.
func (x *comparing) side(ctx context.Context, arg string, progress func(run.Progress)) (baseline.Named, error) {
	if arg == "-" {
		f, err := files.Spool(ctx, x.app.Stdin, 0)
		if err != nil {
			return baseline.Named{}, err
		}
		x.cleanup = append(x.cleanup, func() { _ = f.Close() })
		return baseline.Named{Name: stdinPath, Replay: replayed(func() (io.Reader, func(), error) {
			return io.NewSectionReader(f, 0, f.Size()), func() {}, nil
		})}, nil
	}
	saved, err := isSavedRun(arg)
	if err != nil {
		return baseline.Named{}, unexamined(fmt.Sprintf("%s: %v", arg, causeOf(err)), "name a saved run, a file or a folder")
	}
	if saved {
		return baseline.Named{Name: filepath.ToSlash(arg), Replay: fromFile(arg)}, nil
	}
	return x.checked(ctx, filepath.ToSlash(arg), "", []string{arg}, x.settings, progress)
}

// checked examines now and keeps the run in a temporary file: comparing reads
// it several times, and holding it would take memory by the size of it.
func (x *comparing) checked(ctx context.Context, name, dir string, args []string, s *settings, progress func(run.Progress)) (baseline.Named, error) {
	f, remove, err := temporary("polygraph-run-*.jsonl")
	if err != nil {
		return baseline.Named{}, err
	}
	x.cleanup = append(x.cleanup, remove)
	pool := files.NewPool(64)
	defer pool.Close()
	in := &inputs{app: x.app, pool: pool}
	save := jsonl.New(f)
	err = x.app.examine(ctx, look{
		command: "check", started: x.started, dir: dir, inputs: args, analyzers: x.chosen, settings: s, holds: true, gather: in.gather(dir, args),
	}, save, progress)
	if err = errors.Join(err, save.Close()); err != nil {
		return baseline.Named{}, err
	}
	return baseline.Named{Name: name, Replay: fromFile(f.Name())}, nil
}

func fromFile(name string) baseline.Replay {
	return replayed(func() (io.Reader, func(), error) {
		f, err := os.Open(name)
		if err != nil {
			return nil, nil, err
		}
		return f, func() { _ = f.Close() }, nil
	})
}

func replayed(open func() (io.Reader, func(), error)) baseline.Replay {
	return func(hear func(*run.Message) error) error {
		r, done, err := open()
		if err != nil {
			return err
		}
		defer done()
		return run.Read(r, hear)
	}
}

// isSavedRun tells a run from evidence by its first line.
func isSavedRun(name string) (bool, error) {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false, err
	}
	f, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, err := bufio.NewReader(f).Peek(64)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\xef\xbb\xbf"), " \t\r\n")
	// A run that was cut before its first line ended is still meant as one.
	return strings.HasPrefix(text, `{"header":`) || strings.HasSuffix(name, ".jsonl"), nil
}

func plural(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}
