package engine

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Workspace is a root module in a folder of its own, with its own CLI configuration and state.
type Workspace struct {
	Dir string
	// Limit is the longest that one command may take.
	Limit time.Duration
	// Env is added to the environment of every command, as "NAME=value": what a provider wants to know.
	Env []string

	t      testing.TB
	engine Engine
	config string
}

// Workspace writes the files into a new folder that goes with the test. The engine sees the given
// providers and those built into it, and no others.
func (e Engine) Workspace(t testing.TB, files map[string]string, providers ...Provider) *Workspace {
	t.Helper()
	base := t.TempDir()
	w := &Workspace{
		Dir: filepath.Join(base, "work"), Limit: 2 * time.Minute,
		t: t, engine: e, config: filepath.Join(base, "cli.tfrc"),
	}
	mirror := filepath.Join(base, "mirror")
	for _, folder := range []string{w.Dir, mirror} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range providers {
		if err := p.install(mirror); err != nil {
			t.Fatal(err)
		}
	}
	// Naming one installation method switches all others off, the network among them.
	config := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n",
		filepath.ToSlash(mirror))
	if err := os.WriteFile(w.config, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		w.Write(name, content)
	}
	return w
}

// Write puts a file into the workspace, in place of an earlier one of that name.
func (w *Workspace) Write(name, content string) {
	w.t.Helper()
	path := w.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// Remove takes a file away.
func (w *Workspace) Remove(name string) {
	w.t.Helper()
	if err := os.Remove(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *Workspace) path(name string) string {
	w.t.Helper()
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		w.t.Fatalf("%s leads out of the workspace", name)
	}
	return filepath.Join(w.Dir, filepath.FromSlash(name))
}
