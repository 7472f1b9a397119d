package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestLinks follows the links between the files of the repository.
func TestLinks(t *testing.T) {
	all := pages(t)
	rules, err := filepath.Glob(filepath.Join(root, "docs", "rules", "*.md"))
	if err != nil || len(rules) == 0 {
		t.Fatalf("docs/rules has no pages: %v", err)
	}
	for _, r := range rules {
		all = append(all, "docs/rules/"+filepath.Base(r))
	}
	designs, err := filepath.Glob(filepath.Join(root, "docs", "design", "*.md"))
	if err != nil || len(designs) == 0 {
		t.Fatalf("docs/design has no pages: %v", err)
	}
	for _, d := range designs {
		all = append(all, "docs/design/"+filepath.Base(d))
	}
	all = append(all, "CONTRIBUTING.md", "docs/architecture.md", "examples/acme/README.md", "bench/README.md")
	followed := 0
	for _, page := range all {
		text := read(t, page)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			path, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(path, "://") {
				continue
			}
			followed++
			target := filepath.Join(root, filepath.Dir(filepath.FromSlash(page)), filepath.FromSlash(path))
			if path == "" {
				target = filepath.Join(root, filepath.FromSlash(page))
			}
			b, err := os.ReadFile(target)
			if err != nil {
				if info, statErr := os.Stat(target); statErr != nil || !info.IsDir() {
					t.Errorf("%s links to %s, which is not there", page, m[1])
				}
				continue
			}
			if anchor != "" && !hasHeading(string(b), anchor) {
				t.Errorf("%s links to %s: there is no such heading", page, m[1])
			}
		}
	}
	if followed < 20 {
		t.Errorf("only %d links were followed", followed)
	}
}

// hasHeading tells whether a page has the heading that an anchor names.
func hasHeading(text, anchor string) bool {
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for line := range strings.SplitSeq(text, "\n") {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		slug := strings.ReplaceAll(strings.ToLower(drop.ReplaceAllString(strings.TrimSpace(title), "")), " ", "-")
		if slug == anchor {
			return true
		}
	}
	return false
}
