//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"polygraph/test/cluster"
	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/keeper"
)

// defaultNodes are two: one so that pods do not stay Pending, another so that a drained node, a spread
// constraint or a DaemonSet shows something. They cost a program of 60 MB.
const defaultNodes = 2

func (a *app) start() *cobra.Command {
	var version, controllers string
	settings := keeper.Settings{}
	c := &cobra.Command{
		Use:   "start",
		Short: "Start a cluster that goes on until it is stopped",
		Long: `Starts a cluster, builds before what is not built yet, and prints on standard output the one line that points kubectl
to it. The cluster runs in processes of its own until it is stopped. Starting one that runs prints its line
again; naming another --version than it has is an error.

There is no container runtime. Nodes are played by kwok, which says of every pod on them that it runs and is Ready;
nothing runs. --nodes 0 leaves them out: pods stay Pending then.`,
		Example: `  eval "$(cluster start)"
  cluster start --name old --version 1.33 --controllers core --nodes 0
  cluster start --controllers namespace-controller,deployment-controller,replicaset-controller`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if settings.Version, err = binary.ParseVersion(version); err != nil {
				return err
			}
			if settings.Nodes < 0 {
				return fmt.Errorf("%d nodes cannot be; --nodes 0 is the least", settings.Nodes)
			}
			if settings.Controllers, err = parseControllers(controllers); err != nil {
				return err
			}
			if settings.Folder != "" {
				if settings.Folder, err = filepath.Abs(settings.Folder); err != nil {
					return err
				}
			}
			return a.startCluster(c.Context(), settings, c.Flags().Changed("version"))
		},
	}
	f := c.Flags()
	f.StringVar(&version, "version", binary.Newest.Minor(), "the `VERSION` of Kubernetes: "+spellVersions())
	f.StringVar(&controllers, "controllers", "all", "the `CONTROLLERS`: core (without which the API is not the API), workloads (and Deployments, Jobs, endpoints), all, none, or names with commas")
	f.BoolVar(&settings.Scheduler, "scheduler", true, "run kube-scheduler; without it pods wait until somebody binds them")
	f.IntVar(&settings.Nodes, "nodes", defaultNodes, "the `NUMBER` of nodes on which nothing runs")
	f.StringVar(&settings.Folder, "folder", "", "keep data and logs in `FOLDER`, and leave them there; an earlier cluster's goes on")
	return c
}

func spellVersions() string {
	var all []string
	for _, v := range binary.Versions() {
		all = append(all, v.Minor())
	}
	return strings.Join(all, " or ")
}

func parseControllers(text string) ([]string, error) {
	switch text {
	case "core":
		return cluster.Core(), nil
	case "workloads":
		return cluster.Workloads(), nil
	case "all":
		return []string{"*"}, nil
	case "none":
		return []string{}, nil
	}
	names := strings.Split(text, ",")
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
		if names[i] == "" {
			return nil, fmt.Errorf("--controllers %q names nothing between its commas; it takes core, workloads, all, none, or names", text)
		}
	}
	return names, nil
}

// startCluster starts it, or prints the line of the one that runs. Version says that the person named one: to
// answer with another would let them test what they do not mean.
func (a *app) startCluster(ctx context.Context, settings keeper.Settings, version bool) error {
	k, err := keeper.New(a.name)
	if err != nil {
		return err
	}
	already := func(s *keeper.Status) error {
		if version && s.Version != settings.Version {
			return fmt.Errorf("the cluster %s runs already and is Kubernetes %s, not %s; stop it, or start another with --name", k.Name(), s.Version, settings.Version)
		}
		return a.ready(k, s, 0)
	}
	switch status, err := k.Find(); {
	case err != nil:
		return err
	case status != nil:
		return already(status)
	}
	programs := []binary.Program{binary.Server(settings.Version)}
	if settings.Nodes > 0 {
		programs = append(programs, binary.Kwok())
	}
	if _, err := a.build(ctx, programs...); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	begin := time.Now()
	status, ran, err := k.Start(ctx, settings, self, "supervise")
	switch {
	case err != nil:
		return fmt.Errorf("the cluster %s did not start: %w", k.Name(), err)
	case ran:
		return already(status)
	}
	return a.ready(k, status, time.Since(begin))
}

// ready says what there is now, and prints the line. Took is zero for a cluster that ran already.
func (a *app) ready(k *keeper.Keeper, s *keeper.Status, took time.Duration) error {
	if took == 0 {
		a.say("The cluster %s runs already: Kubernetes %s, since %s.", k.Name(), s.Version, s.Started.Format(time.DateTime))
	} else {
		a.say("The cluster %s is ready after %s: Kubernetes %s at %s (%s).", k.Name(), spell(took), s.Version, s.URL, strings.Join(spellParts(s), ", "))
	}
	switch {
	case !slices.Contains(s.Parts, cluster.ControllerManager):
		a.say("It has no controllers: nothing makes pods of a Deployment, and nothing empties a namespace.")
	case s.Nodes > 0:
		a.say("No container runs here: pods on the %d nodes of kwok are only said to be Running and Ready.", s.Nodes)
	default:
		a.say("It has no nodes: pods stay Pending.")
	}
	self, name := a.program, nameFlag(k.Name())
	a.say("\nTry:")
	a.say("  %s kubectl%s create deployment web --image=web --replicas=3", self, name)
	a.say("  %s kubectl%s get deployments,pods -o wide", self, name)
	a.say("  %s logs%s kube-apiserver", self, name)
	a.say("End it: %s stop%s\n", self, name)
	_, err := fmt.Fprintf(a.stdout, "export KUBECONFIG=%s\n", quote(k.Kubeconfig()))
	return err
}
