package docs

import (
	"path/filepath"
	"strings"
	"testing"
)

func articles(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, page := range pages(t) {
		if strings.HasPrefix(page, "docs/articles/") {
			out = append(out, page)
		}
	}
	return out
}

// TestArticles checks that each step of an article has a command and a proof
// that exists, and that the table at its end says so.
func TestArticles(t *testing.T) {
	for _, page := range articles(t) {
		t.Run(short(page), func(t *testing.T) {
			text := read(t, page)
			if err := checkSteps(filepath.Base(page)[:2], text); err != nil {
				t.Fatal(err)
			}
			for _, s := range stepLines(text) {
				for _, p := range s.proofs {
					if err := p.check(root); err != nil {
						t.Errorf("step %s: %v", s.id, err)
					}
				}
			}
			want, err := between(text, "steps", stepTable(short(page), text))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, page, want)
		})
	}
}

func TestSteps(t *testing.T) {
	const block = "```console\n$ true\n```\n"
	const by = "<!-- proved by: test/docs TestSteps -->\n"
	good := "# A\n\n### 01.1 One\n" + by + block + "### 01.2 Two\n" + by + block
	if err := checkSteps("01", good); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"no command":     "### 01.1 One\n" + by,
		"no proof":       "### 01.1 One\n" + block,
		"a gap":          strings.Replace(good, "01.2", "01.3", 1),
		"another number": strings.ReplaceAll(good, "01.", "02."),
		"before a step":  block + good,
		"no steps":       "# A\n",
	} {
		if checkSteps("01", bad) == nil {
			t.Errorf("%s: it is accepted", name)
		}
	}
	if table := stepTable("articles/01-a", good); !strings.Contains(table, "| 01.2 | Two | `test/docs` TestConsole/articles/01-a/01.2 | `test/docs` TestSteps |") {
		t.Error(table)
	}
}

func TestProofs(t *testing.T) {
	for _, p := range []proof{{"test/docs", "TestProofs"}, {"internal/analyzers/change", "TestRules/CHG001"}} {
		if err := p.check(root); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []proof{
		{"test/docs", "TestProofsOfNothing"},
		{"test/docs", ""},
		{"test/nowhere", "TestProofs"},
		{"test/docs", "proof"},
		{"internal/analyzers/change", "TestRules/CHG999"},
		{"test/docs", "TestProofs/no_" + "such_part"},
	} {
		if p.check(root) == nil {
			t.Errorf("%v is accepted", p)
		}
	}
}
