package binary

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"polygraph/internal/source/tail"
)

// gocommand calls the go command for one program, in the folder of its module.
type gocommand struct {
	program Program
	module  string
	path    string
}

func (g *gocommand) find() error {
	path, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("%s is built from source, and there is no go command on PATH; install %s", g.program, toolchain())
	}
	g.path = path
	return nil
}

// toolchain is the Go that compiled this process. The key of the cache holds it, so it is the one to build
// with, whatever Go is on PATH: that one fetches it where it is another.
func toolchain() string {
	version, _, _ := strings.Cut(runtime.Version(), " ") // what follows are experiments
	if !strings.HasPrefix(version, "go") {
		return "local" // a development build of Go has no name to fetch it by
	}
	return version
}

// missing counts for each package what is not compiled yet of all that it needs and that the packages
// before it do not. One says that a module is being downloaded.
func (g *gocommand) missing(ctx context.Context, packages []string, one func()) ([]int, error) {
	var listed strings.Builder
	args := append([]string{"list", "-deps", "-f", "{{.ImportPath}}{{if .Stale}} stale{{end}}"}, g.program.flags()...)
	err := g.run(ctx, append(args, packages...), &listed, func(line string) bool {
		if strings.HasPrefix(line, "go: downloading ") {
			one()
			return true
		}
		return false
	})
	if err != nil {
		return nil, err
	}
	return perStage(listed.String(), packages), nil
}

// perStage reads a list in which all that a package needs stands before it, and what several need once.
func perStage(listed string, packages []string) []int {
	missing := make([]int, len(packages))
	seen := map[string]bool{}
	stage := 0
	for line := range strings.Lines(listed) {
		name, stale, _ := strings.Cut(strings.TrimSpace(line), " ")
		seen[name] = true
		if stale != "" {
			missing[stage]++
		}
		// A stage that an earlier one needed has come already.
		for stage < len(packages)-1 && seen[packages[stage]] {
			stage++
		}
	}
	return missing
}

// build compiles a package and all that it needs. One says of each that it is being compiled.
func (g *gocommand) build(ctx context.Context, name string, output []string, one func()) error {
	args := append([]string{"build", "-v"}, g.program.flags()...)
	return g.run(ctx, append(append(args, output...), name), io.Discard, func(line string) bool {
		if isPackage(line) {
			one()
			return true
		}
		return false
	})
}

// isPackage tells the lines of -v, an import path each, from what a compiler has to say.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " :#\t")
}

// run calls the go command. Lines of stderr that each does not take are kept for the error.
func (g *gocommand) run(ctx context.Context, args []string, stdout io.Writer, each func(line string) bool) error {
	cmd := exec.CommandContext(ctx, g.path, args...)
	cmd.Dir = g.module
	// The compilers live for a second each; collected less often they use a seventh less of the processor
	// (bench/README.md). What a person has set for other builds must not make another program under the
	// same key. An empty GOFLAGS would not do: what `go env -w` wrote counts then.
	cmd.Env = append(append([]string{"GOGC=400"}, os.Environ()...), "PWD="+g.module, "GOWORK=off", "GOFLAGS=-mod=readonly", "CGO_ENABLED=0",
		"GOTOOLCHAIN="+toolchain(), "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	cmd.Stdout = stdout
	// Interrupted, the go command ends its compilers; killed, it would leave them to finish alone.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	said := lineWriter{each: each, kept: tail.Buffer{Limit: 4000}}
	cmd.Stderr = &said
	err := cmd.Run()
	said.end()
	if ctx.Err() != nil {
		return fmt.Errorf("building %s: %w", g.program, context.Cause(ctx))
	}
	if err != nil {
		return fmt.Errorf("building %s: `go %s %s` in %s: %w\n%s", g.program, args[0], args[len(args)-1], g.module, err, strings.TrimSpace(said.kept.String()))
	}
	return nil
}

// lineWriter hands on whole lines and keeps the end of those that nobody takes: the reason stands there.
type lineWriter struct {
	each    func(line string) bool
	partial []byte
	kept    tail.Buffer
}

func (w *lineWriter) Write(text []byte) (int, error) {
	w.partial = append(w.partial, text...)
	for {
		line, rest, whole := bytes.Cut(w.partial, []byte("\n"))
		if !whole {
			return len(text), nil
		}
		w.partial = rest
		if !w.each(string(line)) {
			w.keep(line)
			w.keep([]byte{'\n'})
		}
	}
}

// end keeps what came without an end of line.
func (w *lineWriter) end() { w.keep(w.partial) }

func (w *lineWriter) keep(text []byte) { _, _ = w.kept.Write(text) } // it never fails
