// Command peer-hclsyntax is the floor of a reader of Terraform configuration: it parses each .tf file with
// HashiCorp's parser, counts its module blocks and forgets it.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: peer-hclsyntax FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "peer-hclsyntax:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	calls := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".tf") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, diags := hclsyntax.ParseConfig(data, path, hcl.InitialPos)
		if diags.HasErrors() {
			return diags
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			if b.Type == "module" {
				calls++
			}
		}
		return nil
	})
	fmt.Println(calls, "module calls")
	return err
}
