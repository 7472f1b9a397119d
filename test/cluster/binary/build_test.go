package binary

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestBuild(t *testing.T) {
	p := fresh(t)
	if _, err := p.Find(); !errors.Is(err, ErrNotBuilt) {
		t.Fatalf("an empty cache: %v", err)
	}
	var stages []Stage
	path, err := p.Build(t.Context(), func(s Stage) {
		if s.Took > 0 {
			stages = append(stages, s)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append([]string{p.Name}, p.Names...) {
		said, err := exec.Command(filepath.Join(filepath.Dir(path), name)).CombinedOutput()
		if err != nil || strings.TrimSpace(string(said)) != "set 1" {
			t.Errorf("%s says %q, %v", name, said, err)
		}
	}
	if len(stages) < 3 || stages[0].Name != Modules || stages[1].Name != "example.test/side" || stages[1].Packages == 0 || stages[1].Packages != stages[1].Total {
		t.Errorf("stages: %+v", stages)
	}
	r, err := p.Record()
	if err != nil {
		t.Fatal(err)
	}
	if r.Program != "prog" || r.Version != "1.2.3" || r.Go != runtime.Version() || r.Seconds <= 0 || time.Since(r.Built) > time.Hour || len(r.Stages) != len(stages) {
		t.Errorf("the record: %+v", r)
	}
	called := false
	again, err := p.Build(t.Context(), func(Stage) { called = true })
	if err != nil || again != path || called {
		t.Errorf("a second build: %s, %v, called %t", again, err, called)
	}
	onlyFolders(t, path)
}

// onlyFolders wants nothing in the cache but the folder of the program.
func onlyFolders(t *testing.T, program string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(filepath.Dir(program)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(filepath.Dir(program)) {
			t.Errorf("%s is left in the cache", e.Name())
		}
	}
}

// A stage that is compiled already is not asked for: it would cost seconds.
func TestNothingToCompileIsLeftOut(t *testing.T) {
	p := fake(t)
	build(t, p)
	p.Set = []string{"example.test/prog/word.Word=again"}
	var names []string
	if _, err := p.Build(t.Context(), func(s Stage) {
		if s.Took > 0 {
			names = append(names, s.Name)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names, " "); got != Modules+" ." {
		t.Errorf("stages: %s", got)
	}
}

func TestPerStage(t *testing.T) {
	listed := "std\nstd2 stale\na\nb stale\nthird\nc stale\nmain stale\n"
	got := perStage(listed, []string{"a", "third", "b", "main"})
	for i, want := range []int{1, 1, 0, 2} {
		if got[i] != want {
			t.Fatalf("got %v", got)
		}
	}
}

func TestCompileErrorIsReportedWithItsLines(t *testing.T) {
	p := fake(t)
	write(t, p.Root, "tools/prog/word/word.go", "package word\n\nvar Word = undefined\n")
	_, err := p.Build(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "word.go:3:12: undefined: undefined") || !strings.Contains(err.Error(), "prog 1.2.3") {
		t.Errorf("got %v", err)
	}
	if _, err := p.Find(); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSyntaxErrorIsReportedWithItsLines(t *testing.T) {
	p := fake(t)
	write(t, p.Root, "tools/prog/word/word.go", "package word\n\nimport \"example.test/nowhere\"\n")
	_, err := p.Build(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "word.go:3:8") {
		t.Errorf("got %v", err)
	}
}

func TestNoGoOnPath(t *testing.T) {
	p := fake(t)
	t.Setenv("PATH", t.TempDir())
	_, err := p.Build(t.Context(), nil)
	if err == nil || !strings.Contains(err.Error(), "no go command on PATH") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
}

func TestInterruptedBuildLeavesNothing(t *testing.T) {
	p := fresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := p.Build(ctx, func(s Stage) {
		if s.Name == "example.test/side" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if _, err := p.Find(); !errors.Is(err, ErrNotBuilt) {
		t.Errorf("Find after it: %v", err)
	}
	cache, _ := Cache()
	entries, err := os.ReadDir(cache)
	if err != nil || len(entries) > 0 {
		t.Errorf("left in the cache: %v, %v", entries, err)
	}
	build(t, p)
}

func TestSettingsOfThePersonDoNotMatter(t *testing.T) {
	p := fake(t)
	write(t, p.Root, "tools/prog/other.go", "//go:build other\n\npackage main\n\nvar _ = undefined\n")
	// What `go env -w` wrote counts where the variable is empty.
	settings := t.TempDir()
	write(t, settings, "env", "GOFLAGS=-tags=other\n")
	t.Setenv("GOENV", filepath.Join(settings, "env"))
	if _, err := p.Build(t.Context(), nil); err != nil {
		t.Errorf("with a file of settings: %v", err)
	}
	p.Set = nil // another program
	t.Setenv("GOFLAGS", "-mod=vendor -tags=other")
	t.Setenv("GOWORK", filepath.Join(t.TempDir(), "go.work"))
	t.Setenv("GOOS", "plan9")
	if said, err := exec.Command(build(t, p)).CombinedOutput(); err != nil {
		t.Errorf("%s, %v", said, err)
	}
}
