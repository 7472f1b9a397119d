//go:build unix

// Command cluster gives a Kubernetes API to a person: `make cluster`, `make cluster-stop`. It builds the
// programs, starts clusters that outlive it, and finds them again.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends it the hard way
	a := &app{stdout: os.Stdout, stderr: os.Stderr, program: quote(os.Args[0])}
	os.Exit(a.run(ctx, os.Args[1:]))
}
