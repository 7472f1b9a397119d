//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"polygraph/test/cluster/binary"
)

func (a *app) programs() *cobra.Command {
	var versions, only []string
	var list bool
	c := &cobra.Command{
		Use:   "programs",
		Short: "Build the programs, or say what is built",
		Long: `Builds what is not built yet: the server (etcd and Kubernetes in one program) of each version, and kwok. The first
takes minutes of all processors and reads modules through the Go module proxy; afterwards it is in a cache, by default
polygraph/cluster in your cache folder, or where POLYGRAPH_CLUSTER_CACHE points.`,
		Example: `  cluster programs --version 1.37
  cluster programs --only kubectl
  cluster programs --list`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			chosen, err := choose(versions, only)
			if err != nil {
				return err
			}
			if list {
				return a.list(chosen)
			}
			built, err := a.build(c.Context(), chosen...)
			if err == nil && !built {
				a.say("built already: %s", spellPrograms(chosen))
			}
			return err
		},
	}
	c.Flags().StringSliceVar(&versions, "version", []string{"all"}, "the `VERSIONS` of Kubernetes, or all")
	c.Flags().StringSliceVar(&only, "only", nil, "only these `PROGRAMS`: server, kwok, kubectl")
	c.Flags().BoolVar(&list, "list", false, "build nothing; say what there is, and how long it took")
	return c
}

// choose finds the programs that a person means. kubectl is built for those who ask: most have one.
func choose(versions, only []string) ([]binary.Program, error) {
	named, err := binary.ParseVersions(versions)
	if err != nil {
		return nil, err
	}
	if len(only) == 0 {
		only = []string{"server", "kwok"}
	}
	var chosen []binary.Program
	for _, name := range only {
		switch name {
		case "server":
			for _, v := range named {
				chosen = append(chosen, binary.Server(v))
			}
		case "kwok":
			chosen = append(chosen, binary.Kwok())
		case "kubectl":
			chosen = append(chosen, binary.Kubectl())
		default:
			return nil, fmt.Errorf("no program %q; there are server, kwok and kubectl", name)
		}
	}
	return chosen, nil
}

// build builds what is missing, and tells whether there was any.
func (a *app) build(ctx context.Context, programs ...binary.Program) (bool, error) {
	begin := time.Now()
	shown := newProgress(a.stderr)
	var built []binary.Program
	for _, p := range programs {
		_, err := p.Find()
		if err == nil {
			continue
		}
		if !errors.Is(err, binary.ErrNotBuilt) {
			return false, err
		}
		if _, err := shown.build(ctx, p); err != nil {
			return false, err
		}
		built = append(built, p)
	}
	if len(built) > 0 {
		a.say("built %s in %s", spellPrograms(built), spell(time.Since(begin)))
	}
	return len(built) > 0, nil
}

func spellPrograms(programs []binary.Program) string {
	var all []string
	for _, p := range programs {
		all = append(all, p.String())
	}
	return strings.Join(all, ", ")
}

// list is a line for each program, and how it came about.
func (a *app) list(programs []binary.Program) error {
	for _, p := range programs {
		path, err := p.Find()
		if errors.Is(err, binary.ErrNotBuilt) {
			fmt.Fprintln(a.stdout, err)
			continue
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "%s: %s\n", p, path)
		r, err := p.Record()
		if err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "  %s, by %s for %s, in %s\n", r.Built.Local().Format(time.DateTime), r.Go, r.Target, seconds(r.Seconds))
		for _, s := range r.Stages {
			fmt.Fprintf(a.stdout, "    %-50s %14s %8s\n", s.Name, compiled(s.Packages), seconds(s.Seconds))
		}
	}
	return nil
}

// compiled is empty where all was there already and only linked.
func compiled(packages int) string {
	if packages == 0 {
		return ""
	}
	return fmt.Sprintf("%d packages", packages)
}

func seconds(s float64) string { return spell(time.Duration(s * float64(time.Second))) }
