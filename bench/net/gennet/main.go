// Command gennet writes an invented cluster with network policies.
package main

import (
	"flag"
	"fmt"
	"os"

	"polygraph/bench/net/synthetic"
)

func main() {
	var o synthetic.Options
	flag.IntVar(&o.Deployments, "deployments", 1000, "how many")
	flag.IntVar(&o.Namespaces, "namespaces", 20, "over how many namespaces; 12 policies in each")
	flag.IntVar(&o.Pods, "pods", 0, "pods of each Deployment, as a cluster has them; 0 for manifests only")
	flag.Uint64Var(&o.Seed, "seed", 1, "which cluster of that size")
	out := flag.String("out", "", "file to write (required)")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := write(*out, o); err != nil {
		fmt.Fprintln(os.Stderr, "gennet:", err)
		os.Exit(1)
	}
}

func write(name string, o synthetic.Options) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := synthetic.Write(f, o); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
