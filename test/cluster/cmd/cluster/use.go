//go:build unix

package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/keeper"
)

func (a *app) kubeconfig() *cobra.Command {
	return &cobra.Command{
		Use:     "kubeconfig",
		Short:   "Print the path of an administrator's kubeconfig",
		Example: `  KUBECONFIG=$(cluster kubeconfig) kubectl get namespaces`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			k, _, err := a.running()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, k.Kubeconfig())
			return err
		},
	}
}

func (a *app) kubectl() *cobra.Command {
	c := &cobra.Command{
		Use:   "kubectl [--name NAME] [--] ARGUMENT...",
		Short: "Run kubectl against a cluster",
		Long: `Runs kubectl with the kubeconfig of a cluster: the kubectl on PATH, else one that is built from source the first time.
What follows the first argument is kubectl's.`,
		Example: "  cluster kubectl get namespaces\n  cluster kubectl --name old -- version",
		RunE: func(c *cobra.Command, args []string) error {
			k, _, err := a.running()
			if err != nil {
				return err
			}
			path, err := exec.LookPath("kubectl")
			if err != nil {
				if _, err := a.build(c.Context(), binary.Kubectl()); err != nil {
					return err
				}
				if path, err = binary.Kubectl().Find(); err != nil {
					return err
				}
			}
			// Nothing of this process is needed any more: signals, the terminal and the exit code are kubectl's.
			// Replaced, not appended: of two, Go's programs see the first, which is the person's own.
			if err := os.Setenv("KUBECONFIG", k.Kubeconfig()); err != nil {
				return err
			}
			return syscall.Exec(path, append([]string{"kubectl"}, args...), os.Environ())
		},
	}
	c.Flags().SetInterspersed(false)
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fmt.Errorf("%w; for a flag of kubectl's own before its command: kubectl -- -n NAMESPACE get pods", err)
	})
	return c
}

func (a *app) logs() *cobra.Command {
	c := &cobra.Command{
		Use:     "logs PART",
		Short:   "Print the log of a part",
		Long:    "Prints the log of a part of a cluster that runs, or that ended by itself.",
		Example: "  cluster logs kube-apiserver\n  cluster logs --name old etcd",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("logs takes one part, not %d: %s, %s, %s, %s or %s", len(args), cluster.Etcd, cluster.APIServer, cluster.ControllerManager, cluster.Scheduler, cluster.Kwok)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			k, err := keeper.New(a.name)
			if err != nil {
				return err
			}
			s, err := k.Last()
			if err != nil {
				return a.notRunning(k)
			}
			part := cluster.Part(args[0])
			if !slices.Contains(s.Parts, part) {
				return fmt.Errorf("the cluster %s has no part %q; its parts are %s", k.Name(), part, strings.Join(spellParts(s), ", "))
			}
			log, err := os.Open(k.Log(s.Settings, part))
			if err != nil {
				return err
			}
			defer log.Close()
			_, err = io.Copy(a.stdout, log)
			return err
		},
	}
	c.ValidArgsFunction = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var parts []string
		if _, s, err := a.running(); err == nil {
			parts = spellParts(s)
		}
		return parts, cobra.ShellCompDirectiveNoFileComp
	}
	return c
}

func spellParts(s *keeper.Status) []string {
	var parts []string
	for _, part := range s.Parts {
		parts = append(parts, string(part))
	}
	return parts
}
