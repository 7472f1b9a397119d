package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"polygraph": program})
}

// program is cmd/polygraph: the scripts run the whole tool, signals included.
func program() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	os.Exit(Run(ctx, IO{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Environ()}))
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status,
			"plan":   plan,
		},
	})
}

// status runs a command line and compares the exit code: status 3 polygraph check gone
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = "not run: " + err.Error()
		if n := exitCodeOf(err); n >= 0 {
			code = itoa(n)
		}
	}
	if code != args[0] {
		ts.Fatalf("%v exited with %s, want %s", args[1:], code, args[0])
	}
}

// plan writes a plan on which the verdict is known: plan refuted|holds|unproven FILE [NAME]
func plan(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: plan refuted|holds|unproven FILE [NAME]")
	}
	name := "aws_s3_bucket.logs"
	if len(args) > 2 {
		name = args[2]
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), planText(args[0], name), 0o644))
}
