package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"polygraph/test/mockaws/acme"
)

func main() {
	module := flag.String("module", ".", "the folder test/mockaws")
	examples := flag.String("examples", filepath.Join("..", "..", "examples"), "the folder examples")
	root := flag.String("root", "", "make only this root")
	flag.Parse()
	if err := run(*module, *examples, *root); err != nil {
		fmt.Fprintln(os.Stderr, "acme:", err)
		os.Exit(1)
	}
}

func run(module, examples, only string) (err error) {
	work, err := os.MkdirTemp("", "acme-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	provider, err := acme.NewProvider(module, work)
	if err != nil {
		return err
	}
	var roots []acme.Root
	for _, root := range acme.Roots() {
		if only == "" || only == root.Name {
			roots = append(roots, root)
		}
	}
	if len(roots) == 0 {
		return fmt.Errorf("no root is called %q; see Roots in acme/roots.go", only)
	}
	errs := make([]error, len(roots))
	two := make(chan struct{}, 2) // an engine and its provider take some hundred MB
	var all sync.WaitGroup
	for i, root := range roots {
		all.Go(func() {
			two <- struct{}{}
			defer func() { <-two }()
			errs[i] = write(acme.Paths{Module: module, Examples: examples, Work: work}, root, provider)
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func write(p acme.Paths, root acme.Root, provider *acme.Provider) error {
	story, err := acme.Make(p, root, provider)
	if err != nil {
		return err
	}
	for path, data := range root.Files(story.Evidence) {
		name := filepath.Join(p.Examples, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644)); err != nil {
			return err
		}
	}
	return nil
}
