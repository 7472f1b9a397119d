package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Engine is a program that plans and applies.
type Engine struct {
	Binary  string
	Version string
	// Tofu tells OpenTofu from Terraform, for the few answers in which they differ.
	Tofu bool
}

// tofu is built when the machine has no engine of its own. Without the setting it calls itself a
// development version and behaves like one.
var tofu = Build{
	Module: "test/tofu", Package: "github.com/opentofu/opentofu/cmd/tofu", Binary: "tofu",
	Set: "github.com/opentofu/opentofu/version.dev=no",
}

// One search serves all tests of a process.
var found = sync.OnceValues(func() (Engine, error) {
	return search(os.Getenv("POLYGRAPH_TERRAFORM"), exec.LookPath, tofu.run)
})

// Find returns the engine of this machine. Without one the test is skipped, or fails under
// POLYGRAPH_STRICT=1.
func Find(t testing.TB) Engine {
	t.Helper()
	e, err := found()
	if err != nil {
		unavailable(t, err)
	}
	t.Logf("engine: %s %s", e.Binary, e.Version)
	return e
}

// unavailable ends a test that lacks a tool.
func unavailable(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatalf("POLYGRAPH_STRICT=1 forbids to skip: %v", err)
	}
	t.Skip(err)
}

// search tries the places in order. What the user names is not replaced by something else when it
// does not work: a test that silently asks another engine proves nothing.
func search(named string, look func(string) (string, error), build func() (string, error)) (Engine, error) {
	if named != "" {
		e, err := ask(fromRoot(named))
		if err != nil {
			return Engine{}, fmt.Errorf("POLYGRAPH_TERRAFORM: %w", err)
		}
		return e, nil
	}
	var reasons []error
	for _, name := range []string{"terraform", "tofu"} {
		path, err := look(name)
		if err == nil {
			var e Engine
			if e, err = ask(path); err == nil {
				return e, nil
			}
		}
		reasons = append(reasons, err)
	}
	path, err := build()
	if err == nil {
		var e Engine
		if e, err = ask(path); err == nil {
			return e, nil
		}
	}
	return Engine{}, fmt.Errorf("no Terraform engine: %w", errors.Join(append(reasons, err)...))
}

// fromRoot reads a relative path from the root of the module: tests of different packages run in
// different folders, and one setting has to serve them all. A bare name is looked up on the PATH.
func fromRoot(named string) string {
	if filepath.IsAbs(named) || filepath.Base(named) == named {
		return named
	}
	root, err := Root()
	if err != nil {
		return named
	}
	return filepath.Join(root, named)
}

// ask has the program say what it is. Only an engine answers with its version in JSON.
func ask(path string) (Engine, error) {
	path, err := exec.LookPath(path)
	if err != nil {
		return Engine{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "version", "-json")
	cmd.Env = environment(os.DevNull)
	out, err := cmd.Output()
	if err != nil {
		return Engine{}, fmt.Errorf("%s version: %w", path, err)
	}
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out, &answer); err != nil || answer.Version == "" {
		return Engine{}, fmt.Errorf("%s is no Terraform: %.100q", path, out)
	}
	e := Engine{Binary: path, Version: answer.Version}
	e.Tofu, err = isTofu(ctx, path)
	return e, err
}

// isTofu reads the name in the plain answer; the JSON answer carries none.
func isTofu(ctx context.Context, path string) (bool, error) {
	cmd := exec.CommandContext(ctx, path, "version")
	cmd.Env = environment(os.DevNull)
	out, err := cmd.Output()
	if err != nil {
		return false, fmt.Errorf("%s version: %w", path, err)
	}
	return len(out) >= 8 && string(out[:8]) == "OpenTofu", nil
}
