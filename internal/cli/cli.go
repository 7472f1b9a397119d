package cli

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/environment"
	"polygraph/internal/facts"
	"polygraph/internal/report/sanitize"
	"polygraph/internal/source/files"
)

// IO is the world around the process.
type IO struct {
	Args   []string // without the program's name
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Env    []string         // "NAME=value"
	Now    func() time.Time // nil: the clock
}

// wiring is what the commands work with; tests put their own in.
type wiring struct {
	analyzers func() []*analysis.Analyzer
	detectors []files.Detector
}

// Run runs the command line and returns the exit code. When ctx ends, the run
// under way is cut off and says so.
func Run(ctx context.Context, world IO) int {
	return runWith(ctx, world, wiring{
		analyzers: analyzers.All,
		detectors: facts.Detectors(),
	})
}

func runWith(ctx context.Context, world IO, w wiring) (code int) {
	if world.Now == nil {
		world.Now = time.Now
	}
	a := &app{IO: world, wiring: w, stdout: &quietPipe{w: world.Stdout}}
	defer func() {
		if p := recover(); p != nil {
			code = a.crashed(p, debug.Stack())
		}
	}()
	root := a.root()
	root.SetArgs(append([]string{}, world.Args...)) // nil would mean os.Args
	return a.exit(root.ExecuteContext(ctx))
}

type app struct {
	IO
	wiring
	stdout *quietPipe // IO.Stdout; closed by the reader is no error
	verdict
	configFile, severityFlag string

	collisions []environment.Collision
	global     struct {
		color          string
		verbose, quiet bool
		json           bool
	}
	commands []*cobra.Command
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "polygraph",
		Short:         "Polygraph tests the claims that infrastructure tools make against the evidence.",
		Example:       "  polygraph check examples/acme\n  polygraph change examples/acme/plan.json\n  polygraph explain CHG002",
		SilenceErrors: true, SilenceUsage: true,
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.Help()
			}
			return usage(fmt.Sprintf("there is no command %q", args[0]), didYouMean(args[0], a.names(), "`polygraph --help` lists the commands"))
		},
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.checkGlobals() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.Stderr)
	root.Version = buildVersion().Version // --version; the command says more
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetHelpFunc(a.help)
	root.SetFlagErrorFunc(flagError)
	f := root.PersistentFlags()
	f.StringVar(&a.global.color, "color", "auto", "use colours `WHEN`: auto, always or never")
	f.BoolVarP(&a.global.verbose, "verbose", "v", false, "show everything: whole proofs, all evidence, identifiers")
	f.BoolVarP(&a.global.quiet, "quiet", "q", false, "show one line per finding")
	a.commands = []*cobra.Command{
		a.check(), a.compare(), a.change(), a.net(), a.collect(), a.doctor(), a.environments(), a.initCommand(), a.render(), a.explain(), a.rules(), a.schema(), a.version(), a.completion(),
	}
	root.AddCommand(a.commands...)
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Hidden: true, Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			c, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return usage(fmt.Sprintf("there is no command %q", strings.Join(args, " ")), didYouMean(args[0], a.names(), "`polygraph --help` lists the commands"))
			}
			return c.Help()
		},
	})
	return root
}

func (a *app) checkGlobals() error {
	switch a.global.color {
	case "auto", "always", "never":
	default:
		return usage(fmt.Sprintf("--color does not know %q", a.global.color), "it is auto, always or never")
	}
	if a.global.verbose && a.global.quiet {
		return usage("-v and -q exclude each other", "give one of them")
	}
	return nil
}

func (a *app) names() []string {
	var out []string
	for _, c := range a.commands {
		out = append(out, c.Name())
	}
	return out
}

// talk writes a line to stderr. What is said may hold names from hostile files.
func (a *app) talk(text string) {
	fmt.Fprintln(a.Stderr, sanitize.Block(text))
}

func (a *app) env(name string) string {
	v := ""
	for _, e := range a.Env {
		if s, ok := strings.CutPrefix(e, name+"="); ok {
			v = s
		}
	}
	return v
}
