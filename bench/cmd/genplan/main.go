// Command genplan writes a large Terraform plan and prints what is in it.
package main

import (
	"flag"
	"fmt"
	"os"

	"polygraph/bench/planbench"
	"polygraph/bench/tally"
)

func main() {
	changes := flag.Int("changes", 42000, "entries of resource_changes")
	seed := flag.Uint64("seed", 1, "which plan of that size")
	out := flag.String("out", "", "file to write (required)")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*out, planbench.Options{Changes: *changes, Seed: *seed}); err != nil {
		fmt.Fprintln(os.Stderr, "genplan:", err)
		os.Exit(1)
	}
}

func write(path string, opts planbench.Options) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	counts, err := planbench.Generate(file, opts)
	if err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d bytes, drift %d (%d put back), twins %d, replaced roots %d, dragged along %d, moved %d\n",
		counts.Bytes, counts.Drift, counts.Reverted, counts.Twins, counts.Roots, counts.Dragged, counts.Moved)
	return tally.Tally(counts.Actions).Print(os.Stdout)
}
