// Command genmanifests writes invented Kubernetes objects.
package main

import (
	"flag"
	"fmt"
	"os"

	"polygraph/test/manifests"
)

func main() {
	var o manifests.Options
	flag.IntVar(&o.Objects, "objects", 10000, "how many")
	flag.Uint64Var(&o.Seed, "seed", 1, "which objects of that number")
	flag.IntVar(&o.Edited, "edited", 0, "how many of a thousand differ from those of -edited 0")
	flag.BoolVar(&o.Live, "live", false, "as a cluster has them")
	form := flag.String("form", "documents", "documents, yaml-list or json-list")
	out := flag.String("out", "", "file to write (required)")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	o.Form = manifests.Form(*form)
	if err := write(*out, o); err != nil {
		fmt.Fprintln(os.Stderr, "genmanifests:", err)
		os.Exit(1)
	}
}

func write(name string, o manifests.Options) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	if err := manifests.Write(f, o); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
