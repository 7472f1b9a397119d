package terraform

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

// fake writes a program that stands for terraform.
func fake(t *testing.T, name, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func temps(t *testing.T) int {
	t.Helper()
	m, err := filepath.Glob(filepath.Join(os.TempDir(), "polygraph-plan-*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(m)
}

func TestShowPlan(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Chdir(t.TempDir())
	if err := os.WriteFile("tfplan", []byte("binary"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := fake(t, "terraform", `echo "{\"args\":\"$1 $2 $3\",\"dir\":\"$PWD\",\"plan\":\"$(cat $4)\",\"env\":\"$TF_X\"}"; echo a warning >&2`)
	var said bytes.Buffer
	blob, cleanup, err := ShowPlan(context.Background(), "tfplan", Options{Binary: bin, Dir: dir, Env: []string{"TF_X=1", "PATH=/bin:/usr/bin"}, Stderr: &said})
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"args":"show -json -no-color","dir":"` + dir + `","plan":"binary","env":"1"}` + "\n"
	if string(text) != want {
		t.Errorf("got %s, want %s", text, want)
	}
	if got := said.String(); !strings.HasPrefix(got, "running: ") || !strings.Contains(got, "terraform show -json") || !strings.Contains(got, dir) {
		t.Errorf("it did not say what it runs: %q", got)
	}
	if temps(t) != 1 {
		t.Errorf("%d temporary files", temps(t))
	}
	if err := cleanup(); err != nil || temps(t) != 0 {
		t.Errorf("cleanup: %v, %d left", err, temps(t))
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("PATH", t.TempDir())
	for name, c := range map[string]struct {
		o    Options
		want []string
	}{
		"not there": {Options{}, []string{"neither terraform nor tofu", "terraform show -json"}},
		"misnamed":  {Options{Binary: "terrafrom"}, []string{"--terraform names terrafrom"}},
		"env":       {Options{Env: []string{Env + "=/nowhere/tofu"}}, []string{Env + " names /nowhere/tofu"}},
		"no init":   {Options{Binary: fake(t, "tofu", "echo 'Error: Inconsistent dependency lock file' >&2; exit 1")}, []string{"Inconsistent dependency lock file", "--chdir", "tofu init"}},
		"silent":    {Options{Binary: fake(t, "terraform", "exit 0")}, []string{"printed nothing"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ShowPlan(context.Background(), "tfplan", c.o)
			var p *evidence.Problem
			if !errors.As(err, &p) || p.Do == "" {
				t.Fatalf("no advice in %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in %q", w, err)
				}
			}
			if temps(t) != 0 {
				t.Errorf("%d temporary files left", temps(t))
			}
		})
	}
}

func TestOrderOfBinaries(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	put := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tofu := put("tofu")
	if got, err := find(Options{}); err != nil || got != tofu {
		t.Errorf("%s, %v", got, err)
	}
	terraform := put("terraform")
	if got, err := find(Options{}); err != nil || got != terraform {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := find(Options{Env: []string{Env + "=tofu"}}); err != nil || got != tofu {
		t.Errorf("%s, %v", got, err)
	}
	if got, err := find(Options{Binary: "terraform", Env: []string{Env + "=tofu"}}); err != nil || got != terraform {
		t.Errorf("%s, %v", got, err)
	}
}

func TestInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	bin := fake(t, "terraform", "exec sleep 60")
	time.AfterFunc(100*time.Millisecond, cancel)
	start := time.Now()
	_, _, err := ShowPlan(ctx, "tfplan", Options{Binary: bin, Env: os.Environ()})
	if !errors.Is(err, context.Canceled) || time.Since(start) > 20*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if temps(t) != 0 {
		t.Errorf("%d temporary files left", temps(t))
	}
}
