//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"polygraph/test/cluster/keeper"
)

// answerLimit is how long a cluster may take to say that it is ready, when somebody asks for its status.
const answerLimit = 3 * time.Second

func (a *app) status() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say which clusters run",
		Long: `Says of every cluster, or of the one that --name gives, whether it runs, and whether it answers that it is ready. The
exit code is 1 where none runs.`,
		Example: "  cluster status\n  cluster status --name old",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			keepers, err := keeper.All()
			if c.Flags().Changed("name") {
				var k *keeper.Keeper
				k, err = keeper.New(a.name)
				keepers = []*keeper.Keeper{k}
			}
			if err != nil {
				return err
			}
			return a.tell(c.Context(), keepers)
		},
	}
}

// tell is a line for each cluster that runs, and a word about each that does not any more.
func (a *app) tell(ctx context.Context, keepers []*keeper.Keeper) error {
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	var missing []error
	running := 0
	for _, k := range keepers {
		s, err := k.Find()
		switch {
		case err != nil:
			return err
		case s == nil:
			missing = append(missing, a.notRunning(k))
			continue
		case running == 0:
			fmt.Fprintln(table, "NAME\tVERSION\tSTATE\tURL\tNODES\tSINCE\tKUBECONFIG")
		}
		running++
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\t%s\n", k.Name(), s.Version, answer(ctx, k), s.URL, s.Nodes, s.Started.Format(time.DateTime), k.Kubeconfig())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if running > 0 {
		for _, m := range missing {
			a.say("%s", m)
		}
		return nil
	}
	if len(missing) == 0 {
		missing = []error{fmt.Errorf("a cluster %w here; `%s start` starts one", errNotRunning, a.program)}
	}
	return errors.Join(missing...)
}

// answer asks the API server whether it is ready.
func answer(ctx context.Context, k *keeper.Keeper) string {
	ctx, cancel := context.WithTimeout(ctx, answerLimit)
	defer cancel()
	config, err := clientcmd.BuildConfigFromFlags("", k.Kubeconfig())
	if err != nil {
		return "unreadable"
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return "unreadable"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(config.Host, "/")+"/readyz", nil)
	if err != nil {
		return "unreadable"
	}
	response, err := client.Do(request)
	if err != nil {
		return "silent"
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "unready"
	}
	return "ready"
}
