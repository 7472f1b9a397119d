package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"polygraph/test/mockaws/acme"
)

func main() {
	module := flag.String("module", ".", "the folder test/mockaws")
	example := flag.String("example", filepath.Join("..", "..", "examples", "acme"), "the folder examples/acme")
	flag.Parse()
	if err := run(*module, *example); err != nil {
		fmt.Fprintln(os.Stderr, "acme:", err)
		os.Exit(1)
	}
}

func run(module, example string) (err error) {
	work, err := os.MkdirTemp("", "acme-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	shop, err := acme.Make(acme.Paths{Module: module, Configuration: filepath.Join(example, "terraform"), Work: work})
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(example, "plan.json"), shop.Plan, 0o644),
		os.WriteFile(filepath.Join(example, "terraform.tfstate"), shop.State, 0o644),
	)
}
