package docs

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated pages and tables")

const root = "../.."

// golden compares a generated file with what is committed, or writes it.
func golden(t *testing.T, path, want string) {
	t.Helper()
	if err := compareFile(filepath.Join(root, filepath.FromSlash(path)), want, *update); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}

func compareFile(path, want string, write bool) error {
	got, err := os.ReadFile(path)
	if err == nil && string(got) == want {
		return nil
	}
	if write {
		return os.WriteFile(path, []byte(want), 0o644)
	}
	if err != nil {
		return fmt.Errorf("it is missing: go test ./test/docs -update (%w)", err)
	}
	return fmt.Errorf("it is stale at line %d: go test ./test/docs -update", firstDifference(got, []byte(want)))
}

func firstDifference(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return 1 + bytes.Count(a[:n], []byte("\n"))
}

func TestRulePages(t *testing.T) {
	wild, err := wildCounts(root)
	if err != nil || len(wild) == 0 {
		t.Fatalf("test/wild/verdicts.txt has no counts: %v", err)
	}
	pages := map[string]bool{"README.md": true}
	for _, e := range entries() {
		t.Run(e.ID, func(t *testing.T) {
			text, err := rulePage(root, e, wild)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "docs/rules/"+e.ID+".md", text)
		})
		pages[e.ID+".md"] = true
	}
	golden(t, "docs/rules/README.md", indexPage())
	if err := strays(filepath.Join(root, "docs", "rules"), pages); err != nil {
		t.Error(err)
	}
}

// strays reports pages that belong to no rule. They are not removed: an ID is
// never reused, so somebody has to say where its readers should go.
func strays(folder string, known map[string]bool) error {
	files, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	var gone []string
	for _, f := range files {
		if !known[f.Name()] {
			gone = append(gone, f.Name())
		}
	}
	if len(gone) > 0 {
		return fmt.Errorf("%s belongs to no rule: delete it", strings.Join(gone, ", "))
	}
	return nil
}

func TestReadmeTable(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), "<!-- rules:begin -->") {
		t.Fatal("README.md has no lines <!-- rules:begin --> and <!-- rules:end -->")
	}
	commands, err := capabilityCommands(t.Context(), program(t))
	if err != nil {
		t.Fatal(err)
	}
	want, err := between(string(b), "rules", readmeTable(commands))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "README.md", want)
}

// TestGoldenNotices: a missing, a stale and a stray page are errors.
func TestGoldenNotices(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "CHG001.md")
	if compareFile(path, "a\nb\n", false) == nil {
		t.Error("a missing page passes")
	}
	if err := compareFile(path, "a\nb\n", true); err != nil {
		t.Fatal(err)
	}
	if err := compareFile(path, "a\nb\n", false); err != nil {
		t.Error(err)
	}
	if err := compareFile(path, "a\nc\n", false); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a stale page: %v", err)
	}
	if err := strays(dir, map[string]bool{"CHG001.md": true}); err != nil {
		t.Error(err)
	}
	if strays(dir, map[string]bool{}) == nil {
		t.Error("a page of a rule that is gone passes")
	}
}

// TestReadmeTableOnACopy makes the table for a page that has the markers.
func TestReadmeTableOnACopy(t *testing.T) {
	commands, err := capabilityCommands(t.Context(), program(t))
	if err != nil {
		t.Fatal(err)
	}
	table := readmeTable(commands)
	for _, e := range entries() {
		if strings.Count(table, "/"+e.ID+".md)) | "+e.ID+" | ") != 1 {
			t.Errorf("no row for %s in\n%s", e.ID, table)
		}
	}
	if !strings.Contains(table, "| `polygraph change PLAN [EVIDENCE...]` |") || !strings.Contains(table, "| `polygraph change OLD NEW [EVIDENCE...]` |") || !strings.Contains(table, "| `polygraph check` |") {
		t.Errorf("the commands are missing in\n%s", table)
	}
	if got, err := between("# P\n<!-- rules:begin -->\n<!-- rules:end -->\n", "rules", table); err != nil || !strings.Contains(got, table) {
		t.Error(err)
	}
}

func TestBetween(t *testing.T) {
	page := "a\n<!-- rules:begin -->\nold\n<!-- rules:end -->\nb\n"
	got, err := between(page, "rules", "new\n")
	if want := "a\n<!-- rules:begin -->\nnew\n<!-- rules:end -->\nb\n"; err != nil || got != want {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"a\n", "<!-- rules:begin -->\n", "<!-- rules:end -->\n<!-- rules:begin -->\n", page + page} {
		if _, err := between(bad, "rules", "new\n"); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestExcerpt(t *testing.T) {
	var lines []string
	for i := range 40 {
		lines = append(lines, fmt.Sprintf("  line %d", i))
	}
	got := excerpt(lines, []int{20})
	if got[0] != "..." || got[len(got)-1] != "..." || len(got) != 2*around+3 || got[around+1] != "line 20" {
		t.Errorf("%q", got)
	}
	entry := append(append([]string{"["}, lines...), "  {", `    "a": 1,`, `    "b": {`, `      "c": 2`, "    }", "  }", "]")
	got = excerpt(entry, []int{44})
	if strings.Join(got, "\n") != "...\n{\n  \"a\": 1,\n  \"b\": {\n    \"c\": 2\n  }\n}\n..." {
		t.Errorf("%q", got)
	}
	if c := changed([]string{"a", "b", "c"}, []string{"a", "x", "c", "y"}); len(c) != 2 || c[0] != 1 || c[1] != 3 {
		t.Errorf("%v", c)
	}
	if c := changed([]string{"a", "b", "c"}, []string{"a", "c"}); len(c) != 1 || c[0] != 1 {
		t.Errorf("%v", c)
	}
}
