package analyzers

import (
	"os"
	"slices"
	"testing"

	"polygraph/internal/analysis"
)

func TestAllAreWellFormed(t *testing.T) {
	if err := analysis.Validate(All()); err != nil {
		t.Error(err)
	}
}

// TestFoldersAreAnalyzers: the name is the same everywhere.
func TestFoldersAreAnalyzers(t *testing.T) {
	var folders, names []string
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() != "testdata" {
			folders = append(folders, e.Name())
		}
	}
	for _, a := range All() {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	if !slices.Equal(folders, names) {
		t.Errorf("folders %v, analyzers %v", folders, names)
	}
}

func TestRuleFindsEachRule(t *testing.T) {
	n := 0
	for _, a := range All() {
		for _, r := range a.Rules {
			n++
			if got, of, ok := Rule(r.ID); !ok || got != r || of != a {
				t.Errorf("%s: %v of %v", r.ID, got, of)
			}
		}
	}
	if _, _, ok := Rule("ZZZ999"); ok || n == 0 {
		t.Errorf("%d rules, and ZZZ999 is one: %v", n, ok)
	}
}
