// Command pairs evaluates the policies of a file for every pair, and prints one
// row for each connection: for bench/cmd/measure and for netbench.
package main

import (
	"fmt"
	"os"

	"polygraph/bench/net/pairwise"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: pairs FILE")
		os.Exit(2)
	}
	if err := list(os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "pairs: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func list(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	c, err := pairwise.Read(data)
	if err != nil {
		return err
	}
	all := c.Rows()
	all.Merge()
	_, err = all.WriteTo(os.Stdout)
	return err
}
