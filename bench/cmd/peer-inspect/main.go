// Command peer-inspect reads each folder with terraform-config-inspect, HashiCorp's reader of module metadata, and
// counts the module calls.
package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-config-inspect/tfconfig"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: peer-inspect FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "peer-inspect:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	calls := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || !tfconfig.IsModuleDir(path) {
			return err
		}
		module, diags := tfconfig.LoadModule(path)
		if diags.HasErrors() {
			return diags.Err()
		}
		calls += len(module.ModuleCalls)
		return nil
	})
	fmt.Println(calls, "module calls")
	return err
}
