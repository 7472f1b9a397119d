// Command measure runs commands in turn and prints what they cost.
//
//	measure [-n 3] [-agree] [-accept 0,1] -- CMD ARG... -- CMD ARG...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"polygraph/bench/measurement"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	settings := measurement.Settings{}
	flag.IntVar(&settings.Runs, "n", 3, "runs of each command")
	flag.BoolVar(&settings.Agree, "agree", false, "fail unless all commands print the same")
	flag.DurationVar(&settings.Limit, "limit", 10*time.Minute, "longest run")
	accept := flag.String("accept", "0", "exit codes that are no failure, with commas")
	flag.Parse()
	err := run(ctx, settings, *accept, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, settings measurement.Settings, accept string, args []string) error {
	if settings.Runs < 1 {
		return errors.New("-n must be at least 1")
	}
	for word := range strings.SplitSeq(accept, ",") {
		code, err := strconv.Atoi(word)
		if err != nil {
			return fmt.Errorf("-accept: %w", err)
		}
		settings.Accept = append(settings.Accept, code)
	}
	commands := split(args)
	if len(commands) == 0 {
		return errors.New("name at least one command after --")
	}
	results, err := measurement.Run(ctx, commands, settings)
	if err != nil {
		return err
	}
	return measurement.Print(os.Stdout, results)
}

// split cuts the arguments at each "--".
func split(args []string) [][]string {
	var commands [][]string
	fresh := true
	for _, arg := range args {
		if arg == "--" {
			fresh = true
			continue
		}
		if fresh {
			commands = append(commands, nil)
			fresh = false
		}
		last := len(commands) - 1
		commands[last] = append(commands[last], arg)
	}
	return commands
}
