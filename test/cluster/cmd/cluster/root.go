//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"polygraph/test/cluster/keeper"
)

// The exit codes.
const (
	exitDone        = 0
	exitNotRunning  = 1 // what was asked for does not run
	exitFailed      = 2 // wrong usage, or it could not be done
	exitInterrupted = 130
)

// errNotRunning is the answer to a question about a cluster that is not there.
var errNotRunning = errors.New("does not run")

// app is the command and the world around it. stdout is data, stderr is talk.
type app struct {
	stdout, stderr io.Writer
	program        string // as the person called it, a word of a shell
	name           string // of the cluster
}

func (a *app) run(ctx context.Context, args []string) int {
	root := a.root()
	root.SetArgs(append([]string{}, args...)) // nil would mean os.Args
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		a.say("interrupted")
		return exitInterrupted
	}
	a.say("cluster: %s", strings.TrimSpace(err.Error()))
	if errors.Is(err, errNotRunning) {
		return exitNotRunning
	}
	return exitFailed
}

// say talks to the person, a line at a time.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "cluster",
		Short: "A real Kubernetes API on this machine, built from source, in seconds.",
		Long: `A real Kubernetes API on this machine: etcd, the API server, its controllers and the scheduler, built from source
and listening on loopback only. There is no container runtime: pods are scheduled to nodes on which nothing runs.`,
		Example: `  eval "$(cluster start)"        # the first time it is built, for minutes
  cluster kubectl get nodes
  cluster status
  cluster stop`,
		SilenceErrors: true, SilenceUsage: true,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.PersistentFlags().StringVar(&a.name, "name", "default", "the `NAME` of the cluster; several run side by side")
	root.AddCommand(a.start(), a.stop(), a.status(), a.kubeconfig(), a.kubectl(), a.logs(), a.programs(), a.supervise())
	return root
}

// running is the cluster of the name, with its status.
func (a *app) running() (*keeper.Keeper, *keeper.Status, error) {
	k, err := keeper.New(a.name)
	if err != nil {
		return nil, nil, err
	}
	status, err := k.Find()
	if err == nil && status == nil {
		err = a.notRunning(k)
	}
	return k, status, err
}

func (a *app) notRunning(k *keeper.Keeper) error {
	if why := k.Failure(); why != "" {
		return fmt.Errorf("the cluster %s %w any more:\n%s", k.Name(), errNotRunning, strings.TrimSpace(why))
	}
	return fmt.Errorf("the cluster %s %w; `%s start%s` starts it", k.Name(), errNotRunning, a.program, nameFlag(k.Name()))
}

// nameFlag is what a person adds to a command to mean this cluster.
func nameFlag(name string) string {
	if name == "default" {
		return ""
	}
	return " --name " + name
}

// supervise is what `start` runs in a session of its own.
func (a *app) supervise() *cobra.Command {
	return &cobra.Command{
		Use: "supervise FOLDER", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return keeper.Supervise(args[0]) },
	}
}

// quote makes a path one word of a shell.
func quote(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%=,", r)
	}
	if strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 && path != "" {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
