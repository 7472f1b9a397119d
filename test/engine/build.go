package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"polygraph/test/cluster/filelock"
)

// buildLimit allows for a cold build of OpenTofu on a small machine.
const buildLimit = 20 * time.Minute

// Build says how a program comes out of a nested module. Heavy dependencies stay in there, so that the
// root module never sees them.
type Build struct {
	Module  string // folder of the nested module, from the root, with slashes
	Package string // import path, or ./folder inside that module
	Binary  string // name of the result, without a folder
	Set     string // importpath.name=value of a variable that a release sets, or nothing
}

// built remembers what this process has built already; between processes the go command does.
var built = struct {
	sync.Mutex
	results map[Build]func() (string, error)
}{results: map[Build]func() (string, error){}}

// Run builds the program into .build/bin of the root and returns its path. When it cannot be built the
// test is skipped, or fails under POLYGRAPH_STRICT=1.
func (b Build) Run(t testing.TB) string {
	t.Helper()
	path, err := b.run()
	if err != nil {
		unavailable(t, err)
	}
	return path
}

func (b Build) run() (string, error) {
	built.Lock()
	once, ok := built.results[b]
	if !ok {
		once = sync.OnceValues(b.compile)
		built.results[b] = once
	}
	built.Unlock()
	return once()
}

func (b Build) compile() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(root, filepath.FromSlash(b.Module))
	if _, err := os.Stat(filepath.Join(folder, "go.mod")); err != nil {
		return "", fmt.Errorf("no module to build %s from: %w", b.Binary, err)
	}
	bin := filepath.Join(root, ".build", "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return "", err
	}
	target := filepath.Join(bin, b.Binary)
	if runtime.GOOS == "windows" {
		target += ".exe"
	}
	// Test packages run side by side; without the lock two of them would write the same file.
	ctx, cancel := context.WithTimeout(context.Background(), buildLimit)
	defer cancel()
	held, err := filelock.Acquire(ctx, filepath.Join(root, ".build", b.Binary+".lock"), nil)
	if err != nil {
		return "", err
	}
	defer held.Release()
	// The go command leaves the target alone when it is up to date, so a second run costs no link.
	// Commit stamps would make every commit a new build, cgo would want a C compiler.
	flags := "-s -w"
	if b.Set != "" {
		flags += " -X " + b.Set
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false",
		"-ldflags="+flags, "-o", target, b.Package)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PWD="+folder, "GOWORK=off", "CGO_ENABLED=0")
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s in %s: %w\n%s", b.Package, b.Module, err, last(out, 2000))
	}
	return target, nil
}

// last keeps the end of a long output, where the reason stands.
func last(text []byte, limit int) []byte {
	if len(text) > limit {
		text = text[len(text)-limit:]
	}
	return text
}
