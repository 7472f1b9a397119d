package terraform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"polygraph/internal/evidence"
	"polygraph/internal/source/tail"
)

// Env names the variable that says which binary to run.
const Env = "POLYGRAPH_TERRAFORM"

// Options say what to run and where.
type Options struct {
	Binary string    // of --terraform; empty: Env, then terraform, then tofu
	Dir    string    // of --chdir: where `terraform init` was run
	Env    []string  // environment of the program, "NAME=value"
	Stderr io.Writer // where the command is printed before it runs
}

// ShowPlan turns a binary plan into JSON in a temporary file. The plan is never
// held in memory. cleanup removes the file; it is nil when err is not.
func ShowPlan(ctx context.Context, planFile string, o Options) (plan evidence.Blob, cleanup func() error, err error) {
	binary, err := find(o)
	if err != nil {
		return nil, nil, err
	}
	// The program runs in another folder, where a relative name means another file.
	file, err := filepath.Abs(planFile)
	if err != nil {
		return nil, nil, err
	}
	out, err := os.CreateTemp("", "polygraph-plan-*.json") // mode 0600: plans hold secrets
	if err != nil {
		return nil, nil, fmt.Errorf("no place to keep the plan: %w; set TMPDIR to a folder with room", err)
	}
	cleanup = func() error { return errors.Join(out.Close(), os.Remove(out.Name())) }
	if err := show(ctx, binary, file, out, o); err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	info, err := out.Stat()
	if err == nil && info.Size() == 0 {
		err = &evidence.Problem{
			Reason: filepath.Base(binary) + " show -json printed nothing",
			Do:     "run it yourself and pass its output: " + filepath.Base(binary) + " show -json FILE > plan.json",
		}
	}
	if err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	return blob{out, info.Size()}, cleanup, nil
}

func show(ctx context.Context, binary, file string, out io.Writer, o Options) error {
	said := &tail.Buffer{Limit: 8 << 10}
	cmd := exec.CommandContext(ctx, binary, "show", "-json", "-no-color", file)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = o.Dir, o.Env, out, said
	// Terraform leaves providers and lock files in order when it is asked to
	// stop; it is killed only when it does not.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	if o.Stderr != nil {
		where := ""
		if o.Dir != "" {
			where = " (in " + o.Dir + ")"
		}
		fmt.Fprintf(o.Stderr, "running: %s%s\n", strings.Join(cmd.Args, " "), where)
	}
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return failure(binary, file, o.Dir, said.String(), err)
	}
	return nil
}

func failure(binary, file, dir, said string, err error) error {
	reason := fmt.Sprintf("%s show -json %s failed: %v", filepath.Base(binary), file, err)
	if s := strings.TrimSpace(said); s != "" {
		reason += "\n" + s + "\n"
	}
	do := "run it in the folder where `" + filepath.Base(binary) + " init` was run: --chdir DIR"
	if dir != "" {
		do = "check that `" + filepath.Base(binary) + " init` was run in " + dir + " with the version that made the plan"
	}
	return &evidence.Problem{Reason: reason, Do: do, Err: err}
}

// find returns the path of the binary to run.
func find(o Options) (string, error) {
	wanted := o.Binary
	from := "--terraform"
	if wanted == "" {
		from = Env
		for _, e := range o.Env {
			if v, ok := strings.CutPrefix(e, Env+"="); ok {
				wanted = v
			}
		}
	}
	names := []string{"terraform", "tofu"}
	if wanted != "" {
		names = []string{wanted}
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		// A relative path would be looked for in Dir.
		return filepath.Abs(path)
	}
	if wanted != "" {
		return "", &evidence.Problem{Reason: fmt.Sprintf("%s names %s, which is not a program that can be run", from, wanted), Do: "give the path of terraform or tofu"}
	}
	return "", &evidence.Problem{
		Reason: "this is a binary plan and neither terraform nor tofu is on the PATH to read it",
		Do:     "name the program with --terraform, or run `terraform show -json FILE > plan.json` where it is installed",
	}
}

type blob struct {
	io.ReaderAt
	size int64
}

func (b blob) Size() int64 { return b.size }
