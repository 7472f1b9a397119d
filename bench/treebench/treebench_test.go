package treebench

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// TestTreeParses: HashiCorp's own parser takes every file, and the same options give the same bytes.
func TestTreeParses(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	counts, err := Write(a, Options{Files: 200, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Write(b, Options{Files: 200, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(a, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(a, path)
		if again, err := os.ReadFile(filepath.Join(b, rel)); err != nil || string(again) != string(data) {
			t.Errorf("%s differs the second time", rel)
		}
		if strings.HasSuffix(path, ".tf") || strings.HasSuffix(path, ".hcl") {
			if _, diags := hclsyntax.ParseConfig(data, rel, hcl.InitialPos); diags.HasErrors() {
				t.Errorf("%s: %s", rel, diags.Error())
			}
		}
		if strings.HasSuffix(path, ".tf") {
			seen++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen != 200 || counts.Terraform != 200 || counts.Calls == 0 {
		t.Errorf("%d .tf files, %+v", seen, counts)
	}
}
