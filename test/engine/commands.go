package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// Run starts the engine in the workspace. An exit code is an answer; the error is for an engine that
// gave none: it did not start, or was stopped at the limit.
func (w *Workspace) Run(args ...string) (stdout, stderr string, code int, err error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), w.Limit)
	defer cancel()
	var out, talk bytes.Buffer
	cmd := exec.CommandContext(ctx, w.engine.Binary, args...)
	cmd.Dir = w.Dir
	cmd.Env = slices.Concat(environment(w.config), []string{"PWD=" + w.Dir}, w.Env)
	cmd.Stdout, cmd.Stderr = &out, &talk
	// A plugin that outlives a stopped engine must not keep its pipes open for us.
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("%s was stopped after %s: %w", strings.Join(args, " "), w.Limit, ctx.Err())
	case errors.As(err, &failed):
		code, err = failed.ExitCode(), nil
	}
	return out.String(), talk.String(), code, err
}

// answer runs a command that is expected to succeed.
func (w *Workspace) answer(args ...string) (string, error) {
	stdout, stderr, code, err := w.Run(args...)
	if err == nil && code != 0 {
		err = fmt.Errorf("%s: exit code %d\n%s%s", args[0], code, last([]byte(stdout), 2000), last([]byte(stderr), 4000))
	}
	return stdout, err
}

func (w *Workspace) must(args ...string) string {
	w.t.Helper()
	stdout, err := w.answer(args...)
	if err != nil {
		w.t.Fatal(err)
	}
	return stdout
}

// steady are the options of every command that walks the graph: no questions, no colours, and one
// thing at a time, so that two runs do the same in the same order.
var steady = []string{"-input=false", "-no-color", "-parallelism=1"}

// Init gets the providers and modules ready.
func (w *Workspace) Init(args ...string) {
	w.t.Helper()
	w.must(slices.Concat([]string{"init", "-input=false", "-no-color"}, args)...)
}

// Apply makes the configuration true. With a plan file as argument it applies that plan.
func (w *Workspace) Apply(args ...string) {
	w.t.Helper()
	w.must(slices.Concat([]string{"apply", "-auto-approve"}, steady, args)...)
}

// Plan writes a plan file into the workspace. The error is the engine's refusal, for tests that want one.
func (w *Workspace) Plan(planfile string, args ...string) error {
	_, err := w.answer(slices.Concat([]string{"plan", "-out=" + planfile}, steady, args)...)
	return err
}

// ShowJSON is the plan file as JSON, byte for byte what a user would feed to Polygraph.
func (w *Workspace) ShowJSON(planfile string) []byte {
	w.t.Helper()
	return []byte(w.must("show", "-json", planfile))
}

// StateJSON is the current state as JSON.
func (w *Workspace) StateJSON() []byte {
	w.t.Helper()
	return []byte(w.must("show", "-json"))
}

// StateList is the addresses in the state, in the engine's order.
func (w *Workspace) StateList() []string {
	w.t.Helper()
	return strings.FieldsFunc(w.must("state", "list"), func(r rune) bool { return r == '\n' || r == '\r' })
}
