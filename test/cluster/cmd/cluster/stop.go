//go:build unix

package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"polygraph/test/cluster/keeper"
)

func (a *app) stop() *cobra.Command {
	var all bool
	c := &cobra.Command{
		Use:   "stop",
		Short: "End a cluster and remove all of it",
		Long: `Ends a cluster, waits until its processes are gone and removes its data, its logs and its kubeconfig. A folder that was
named with --folder stays. Stopping one that does not run removes what a crash left and is no error.`,
		Example: "  cluster stop\n  cluster stop --all",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if all {
				keepers, err := keeper.All()
				if err != nil {
					return err
				}
				// One that cannot be stopped does not keep the others.
				var problems []error
				for _, k := range keepers {
					problems = append(problems, a.end(c, k))
				}
				return errors.Join(problems...)
			}
			k, err := keeper.New(a.name)
			if err != nil {
				return err
			}
			return a.end(c, k)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "end every cluster that this command started")
	return c
}

func (a *app) end(c *cobra.Command, k *keeper.Keeper) error {
	ran, err := k.Stop(c.Context())
	if err != nil {
		return fmt.Errorf("stopping the cluster %s: %w", k.Name(), err)
	}
	if ran {
		a.say("The cluster %s is gone.", k.Name())
	} else {
		a.say("The cluster %s did not run.", k.Name())
	}
	return nil
}
