package binary

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Stage is one step of a build. Packages counts those compiled so far in it; Total those that were
// missing when it began. Took is zero until it is done.
type Stage struct {
	Program  string
	Name     string
	Packages int
	Total    int
	Took     time.Duration
}

// Build returns the path of the program and compiles it where it is missing. Two processes that want the
// same program build it once: the second waits. Progress, if not nil, is called from one goroutine.
func (p Program) Build(ctx context.Context, progress func(Stage)) (string, error) {
	if path, err := p.Find(); err == nil || !errors.Is(err, ErrNotBuilt) {
		return path, err
	}
	folder, err := p.folder()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, folder+".lock")
	if err != nil {
		return "", err
	}
	defer unlock()
	if path, err := p.Find(); err == nil {
		return path, nil
	}
	if progress == nil {
		progress = func(Stage) {}
	}
	return p.compile(ctx, folder, progress)
}

// compile builds into a folder beside the final one and renames it: what Find sees is complete.
func (p Program) compile(ctx context.Context, folder string, progress func(Stage)) (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	module := filepath.Join(root, filepath.FromSlash(p.Folder))
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), ".building-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(unfinished)
	stages := append(append([]string{}, p.Stages...), p.Main)
	for i, pattern := range stages {
		args := append([]string{"build", "-v"}, p.flags()...)
		stage := Stage{Program: p.Name + " " + p.Version, Name: pattern}
		if i == len(stages)-1 {
			args = append(args, "-o", filepath.Join(unfinished, p.Name))
		}
		if stage.Total, err = p.missing(ctx, module, pattern); err != nil {
			return "", err
		}
		begin := time.Now()
		progress(stage)
		err := run(ctx, module, append(args, pattern), func(string) {
			stage.Packages++
			progress(stage)
		})
		if err != nil {
			return "", fmt.Errorf("building %s of %s: %w", pattern, p.Folder, err)
		}
		stage.Took = time.Since(begin)
		progress(stage)
	}
	for _, name := range p.Names {
		if err := os.Symlink(p.Name, filepath.Join(unfinished, name)); err != nil {
			return "", err
		}
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return "", err
	}
	if err := os.Rename(unfinished, folder); err != nil {
		return "", err
	}
	return filepath.Join(folder, p.Name), nil
}

// missing counts the packages that a build of the pattern has to compile.
func (p Program) missing(ctx context.Context, module, pattern string) (int, error) {
	args := append([]string{"list", "-deps", "-f", "{{if .Stale}}x{{end}}"}, p.flags()...)
	var out strings.Builder
	cmd := command(ctx, module, append(args, pattern))
	cmd.Stdout = &out
	var problem strings.Builder
	cmd.Stderr = &problem
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("go list %s: %w\n%s", pattern, err, last(problem.String()))
	}
	return strings.Count(out.String(), "x"), nil
}

func command(ctx context.Context, module string, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "PWD="+module, "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0", "GOTOOLCHAIN=local")
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// run calls the go command and hands on each package it says it compiles; other lines are kept for the
// error.
func run(ctx context.Context, module string, args []string, each func(line string)) error {
	cmd := command(ctx, module, args)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	var said strings.Builder
	lines := bufio.NewScanner(stderr)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if isPackage(line) {
			each(line)
			continue
		}
		said.WriteString(line + "\n")
	}
	_, _ = io.Copy(io.Discard, stderr)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%w\n%s", err, last(said.String()))
	}
	return ctx.Err()
}

// isPackage tells the lines of -v, an import path each, from what a compiler has to say.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " :#\t")
}

// last keeps the end of a long output, where the reason stands.
func last(text string) string {
	const limit = 4000
	if len(text) > limit {
		text = text[len(text)-limit:]
	}
	return text
}
