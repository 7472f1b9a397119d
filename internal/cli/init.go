package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/internal/analysis"
	"polygraph/internal/config"
	"polygraph/internal/doctor"
	"polygraph/internal/environment"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
	"polygraph/internal/source/repository"
)

func (a *app) initCommand() *cobra.Command {
	var force, dry bool
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Look at a repository and write a polygraph.yaml with comments for it.",
		Long: "The file declares the environments that the folders suggest and shows every other key\n" +
			"as a comment. init runs nothing. It never overwrites: --force keeps the old file as\n" +
			"polygraph.yaml.bak. - in place of DIR, or --dry-run, prints it instead.",
		Example: "  polygraph init\n  polygraph init infra --dry-run\n  polygraph init - > polygraph.yaml",
		Args:    arguments(0, 1, "one folder"),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 && args[0] != "-" {
				dir = args[0]
			}
			dry = dry || len(args) > 0 && args[0] == "-"
			s, err := repository.Survey(c.Context(), dir, repository.Limits{})
			if p := problemIn(err); p != nil {
				return usage(p.Reason, p.Do)
			}
			if err != nil {
				return err
			}
			text, err := a.proposed(c.Context(), dir, s)
			if err != nil {
				return err
			}
			if dry {
				_, err := io.WriteString(a.stdout, text)
				return err
			}
			name := filepath.Join(dir, configName)
			if err := keepOld(name, force); err != nil {
				return err
			}
			if err := writeWhole(name, text); err != nil {
				return usage(fmt.Sprintf("%s cannot be written: %v", name, err), "name a folder that you may write to, or print it: polygraph init -")
			}
			a.next(s, filepath.ToSlash(name))
			return nil
		},
	}
	c.Flags().BoolVar(&force, "force", false, "replace polygraph.yaml and keep the old one as polygraph.yaml.bak")
	c.Flags().BoolVar(&dry, "dry-run", false, "print what would be written")
	return c
}

// proposed is the text for a repository. Nobody must get a file from us that
// polygraph check refuses: environments that do not parse are left out.
func (a *app) proposed(ctx context.Context, dir string, s *doctor.Survey) (string, error) {
	lines, err := a.inferred(ctx, dir, s)
	if err != nil {
		return "", err
	}
	text := configText(lines, a.Now())
	if _, err := config.Parse(configName, []byte(text), a.ruleIDs()); err != nil {
		text = configText(nil, a.Now())
	}
	return text, nil
}

// inferred are the environments that the evidence and the folders of root
// modules speak of, as lines of polygraph.yaml. Paths are below dir, where that
// file will be.
func (a *app) inferred(ctx context.Context, dir string, s *doctor.Survey) ([]string, error) {
	pool := files.NewPool(64)
	defer pool.Close()
	in := &inputs{app: a, pool: pool}
	defer in.close()
	found, err := in.gather(dir, []string{"."})(ctx, nil)
	if err != nil {
		return nil, err
	}
	seen := &witness{}
	runner := &analysis.Runner{
		Analyzers: a.analyzers(), Clock: a.Now, Things: true, Policies: []analysis.Policy{seen},
		Parallel: min(4, runtime.GOMAXPROCS(0)),
	}
	if _, err := runner.Run(ctx, found, func(*run.Message) error { return nil }); err != nil {
		return nil, err
	}
	for _, r := range s.Roots {
		seen.paths = append(seen.paths, path.Join(relative(s, r.Folder), "main.tf"))
	}
	return environment.YAML(environment.Infer(seen.things, seen.paths).Proposals()), nil
}

// witness is a policy that changes nothing and remembers what it saw.
type witness struct {
	things map[string][]evidence.Thing
	paths  []string
}

// Settle remembers the objects and the paths.
func (w *witness) Settle(s *analysis.Settlement) error {
	w.things = s.Things
	for _, e := range s.Evidence {
		w.paths = append(w.paths, e.Path)
	}
	return nil
}

// keepOld refuses to replace a file, or puts its content aside. What is aside
// already is never overwritten.
func keepOld(name string, force bool) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usage(fmt.Sprintf("%s: %v", name, causeOf(err)), "name a folder that you may read")
	case !force:
		return usage(name+" exists", "edit it, or replace it with --force, which keeps the old one as "+configName+".bak")
	case info.IsDir():
		return usage(name+" is a folder", "move it away")
	}
	old, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a link to nothing has no content to keep
	}
	if err != nil {
		return usage(fmt.Sprintf("%s: %v", name, causeOf(err)), "move it away, or make it readable")
	}
	defer old.Close()
	aside, err := os.OpenFile(name+".bak", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return usage(fmt.Sprintf("%s.bak: %v", name, causeOf(err)), "move it away: it may be the only copy of an older file")
	}
	_, err = io.Copy(aside, old)
	return errors.Join(err, aside.Close())
}

func writeWhole(name, text string) error {
	f, err := createAtomic(name)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(f, text); err != nil {
		f.discard()
		return err
	}
	return f.commit()
}

// next says what was seen and what to do now.
func (a *app) next(s *doctor.Survey, name string) {
	where := ""
	if s.Folder != "." {
		where = " " + s.Folder
	}
	a.talk(fmt.Sprintf("wrote %s: %s, %s, %s", name, many(len(s.Roots), "root module", "root modules"),
		many(len(s.Plans), "plan", "plans"), many(len(s.States), "state", "states")))
	for _, text := range s.Limits {
		a.talk("  not looked at: " + text)
	}
	lines := [][2]string{
		{"polygraph doctor" + where, "which evidence is missing, and the commands that get it"},
		{"polygraph check" + where, "judge what is there"},
		{"polygraph check" + where + " -o jsonl=base.jsonl", "keep a run to compare with"},
		{"docs/guide/ci.md", "the same in CI" + systems(s)},
	}
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	a.talk("next:")
	for _, l := range lines {
		a.talk(fmt.Sprintf("  %-*s  %s", width, l[0], l[1]))
	}
}

func many(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}

// systems names the CI systems that the repository uses.
func systems(s *doctor.Survey) string {
	var names []string
	for _, c := range s.CI {
		if !slices.Contains(names, c.System) {
			names = append(names, c.System)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " (" + join(names) + ")"
}

// relative is a path of the survey as polygraph.yaml writes it: below its own
// folder.
func relative(s *doctor.Survey, p string) string {
	if s.Folder == "." {
		return p
	}
	return path.Clean(strings.TrimPrefix(strings.TrimPrefix(p, strings.TrimSuffix(s.Folder, "/")), "/"))
}
