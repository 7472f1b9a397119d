package architecture

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"polygraph/internal/analyzers"
)

// TestReadmeNamesEveryRule: the table is written by hand, so a rule could be
// forgotten.
func TestReadmeNamesEveryRule(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, a := range analyzers.All() {
		for _, r := range a.Rules {
			n++
			if !strings.Contains(string(readme), "| "+r.ID+" |") {
				t.Errorf("README.md has no row for %s (%s)", r.ID, r.Title)
			}
		}
	}
	if n == 0 {
		t.Error("there are no rules")
	}
}

// TestNothingLeftOver: placeholders and paths of the machine that something was
// written on do not belong into what is committed.
func TestNothingLeftOver(t *testing.T) {
	homes := `/(root|home|Users)/[a-z.]` // where people's folders are, on Linux and macOS
	left := regexp.MustCompile(`@[A-Z]{3,}@|\(to be measured\)|` + homes)
	seen := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); name == ".git" || name == ".build" || name == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".tf", ".txtar", ".txt", ".svg", ".mod", "":
		default:
			return nil
		}
		// The lint tests name what they look for.
		if strings.Contains(filepath.ToSlash(path), "test/architecture/") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		if m := left.Find(b); m != nil {
			t.Errorf("%s: %q is left over", path, m)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 100 {
		t.Errorf("only %d files were looked at", seen)
	}
}
