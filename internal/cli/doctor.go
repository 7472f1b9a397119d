package cli

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/doctor"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/source/repository"
)

func (a *app) doctor() *cobra.Command {
	var specs []string
	staleAfter := doctor.Week
	c := &cobra.Command{
		Use:   "doctor [PATH...]",
		Short: "Say which evidence is missing or stale, and the command that gets it.",
		Long: "For each capability: the evidence that was found, what is missing or too old to rely\n" +
			"on, and the command that gets it in this repository. What check could not prove is\n" +
			"folded into the evidence that would settle it. doctor accuses nobody: it exits 0 when\n" +
			"nothing is missing and 3 when something is. Like check it runs nothing.",
		Example:     "  polygraph doctor\n  polygraph doctor infra --stale-after 24h\n  polygraph doctor -o jsonl=doctor.jsonl",
		Args:        arguments(0, -1, "paths"),
		Annotations: map[string]string{judges: "yes"},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			if staleAfter <= 0 {
				return usage(fmt.Sprintf("--stale-after %s leaves no evidence", staleAfter), "give a time such as 168h")
			}
			if count(args, "-") > 0 {
				return usage("doctor looks at files and folders, not at standard input", "polygraph check - judges what is piped in")
			}
			return a.diagnose(c.Context(), args, specs, staleAfter)
		},
	}
	a.outputFlags(c, &specs)
	a.configFlag(c)
	c.Flags().DurationVar(&staleAfter, "stale-after", staleAfter, "evidence older than `TIME` is stale")
	return c
}

// diagnose looks as check does and puts a Diagnosis between the run and the
// outputs. The exit code follows from its summary, as it does for every run.
func (a *app) diagnose(ctx context.Context, args, specs []string, staleAfter time.Duration) error {
	s, err := a.load("")
	if err != nil {
		return err
	}
	pool := files.NewPool(64)
	defer pool.Close()
	in := &inputs{app: a, pool: pool}
	defer in.close()
	return a.report(specs, func(hear run.Listener, progress func(run.Progress), _ bool) error {
		surveys, err := surveysOf(ctx, args)
		if err != nil {
			return err
		}
		times := map[string]time.Time{} // of files, by path
		gather := in.gather("", args)
		l := look{
			command: doctor.Command, inputs: args, analyzers: a.analyzers(), settings: s,
			gather: func(ctx context.Context, progress func(run.Progress)) (analysis.Evidence, error) {
				found, err := gather(ctx, progress)
				for _, item := range found.Items {
					times[item.Path] = item.Time
				}
				return found, err
			},
		}
		d := doctor.New(hear, doctor.Options{
			Analyzers: l.analyzers, Off: s.off(), Surveys: surveys, Now: a.Now(), StaleAfter: staleAfter,
			FileTime: func(path string) time.Time { return times[path] },
			Gate:     gateOf(s, surveys),
		})
		return a.examine(ctx, l, d, progress)
	})
}

// surveysOf looks at the folders among the arguments. What cannot be read is a
// skip of the run already.
func surveysOf(ctx context.Context, args []string) ([]*doctor.Survey, error) {
	var out []*doctor.Survey
	for _, arg := range args {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			continue
		}
		s, err := repository.Survey(ctx, arg, repository.Limits{})
		if problemIn(err) != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// gateOf is what the settings say about the gate, and which files that look
// like settings check does not apply from here.
func gateOf(s *settings, surveys []*doctor.Survey) doctor.Gate {
	g := doctor.Gate{Config: s.File}
	if _, err := os.Stat(s.ledgerFile); err == nil {
		g.Ledger = filepath.ToSlash(s.ledgerFile)
	}
	for _, v := range surveys {
		for _, file := range configsOf(v) {
			g.OtherConfigs = addOther(g.OtherConfigs, file, g.Config)
		}
		g.OtherLedgers = addOther(g.OtherLedgers, v.Ledger, g.Ledger)
	}
	for _, e := range s.exceptions {
		what := e.Rule
		if what == "" {
			what = e.Fingerprint
		}
		if e.Subject != "" {
			what += " " + e.Subject
		}
		g.Exceptions = append(g.Exceptions, doctor.Exception{
			What: what, Owner: e.Owner, Expires: e.Expires, At: fmt.Sprintf("%s:%d", e.At.File, e.At.Line),
		})
	}
	return g
}

// configsOf are the settings files in the folder of a survey, in its root
// modules and in the folders between.
func configsOf(v *doctor.Survey) []string {
	out := []string{v.Config}
	seen := map[string]bool{}
	for _, r := range v.Roots {
		for d := r.Folder; !seen[d] && d != "." && d != "/" && d != v.Folder; d = path.Dir(d) {
			seen[d] = true
			file := path.Join(d, configName)
			if info, err := os.Stat(filepath.FromSlash(file)); err == nil && info.Mode().IsRegular() {
				out = append(out, file)
			}
		}
	}
	return out
}

// addOther adds a file that is not the one that is applied, once.
func addOther(list []string, file, applied string) []string {
	if file == "" || sameFile(file, applied) || slices.ContainsFunc(list, func(f string) bool { return sameFile(f, file) }) {
		return list
	}
	return append(list, file)
}

func sameFile(a, b string) bool {
	if b == "" {
		return false
	}
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}
