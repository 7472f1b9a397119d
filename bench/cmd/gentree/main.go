// Command gentree writes a large repository of Terraform configuration and prints what is in it.
package main

import (
	"flag"
	"fmt"
	"os"

	"polygraph/bench/treebench"
)

func main() {
	files := flag.Int("files", 4000, ".tf files")
	seed := flag.Uint64("seed", 1, "which tree of that size")
	out := flag.String("out", "", "folder to write (required)")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	c, err := treebench.Write(*out, treebench.Options{Files: *files, Seed: *seed})
	if err != nil {
		fmt.Fprintln(os.Stderr, "gentree:", err)
		os.Exit(1)
	}
	fmt.Printf("%d .tf files, %d others, %d bytes, %d module calls\n", c.Terraform, c.Other, c.Bytes, c.Calls)
}
