// Command oracle builds the programs that [polygraph/test/oracle] asks, once per machine: minutes each.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"polygraph/test/cluster/binary"
)

const usage = `usage: oracle VERSION...

Builds Kubernetes' registry strategies as a program for each version that is not built yet: 1.37, or all.`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return fmt.Errorf("%s", usage)
	}
	versions, err := chosen(args)
	if err != nil {
		return err
	}
	for _, v := range versions {
		begin := time.Now()
		said := ""
		path, err := binary.Oracle(v).Build(ctx, func(s binary.Stage) {
			if s.Name != said && s.Took == 0 {
				said = s.Name
				fmt.Fprintf(os.Stderr, "%s: %s (%d packages)\n", s.Program, s.Name, s.Total)
			}
		})
		if err != nil {
			return err
		}
		if said == "" {
			fmt.Fprintf(os.Stderr, "oracle %s: built already: %s\n", v, path)
			continue
		}
		fmt.Fprintf(os.Stderr, "oracle %s: %s in %s\n", v, path, time.Since(begin).Round(time.Second))
	}
	return nil
}

// chosen reads versions, with commas or without, each once.
func chosen(args []string) ([]binary.Version, error) {
	var versions []binary.Version
	for _, text := range strings.Split(strings.Join(args, ","), ",") {
		if text == "all" {
			return binary.Oracles(), nil
		}
		found := false
		for _, v := range binary.Oracles() {
			if plain := strings.TrimPrefix(text, "v"); plain == string(v) || plain == v.Minor() {
				versions, found = append(versions, v), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no oracle of %q: there are %v", text, binary.Oracles())
		}
	}
	return versions, nil
}
