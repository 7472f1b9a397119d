package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

var scratch = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "polygraph-docs-")
	return folder, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if folder, err := scratch(); err == nil {
		_ = os.RemoveAll(folder)
	}
	os.Exit(code)
}

var compiled sync.Mutex

// program returns the folder in which polygraph was built from this tree.
func program(t *testing.T) string {
	t.Helper()
	compiled.Lock()
	defer compiled.Unlock()
	folder, err := scratch()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "polygraph")); err == nil {
		return folder
	}
	if err := build(t.Context(), root, folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// pages lists the pages with commands, from the repository root.
func pages(t *testing.T) []string {
	t.Helper()
	out := []string{"README.md"}
	for _, folder := range []string{"docs/articles", "docs/guide"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.md"))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s has no pages: %v", folder, err)
		}
		for _, f := range found {
			out = append(out, folder+"/"+filepath.Base(f))
		}
	}
	return out
}

func read(t *testing.T, page string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// short is the name of a page in the names of tests: "articles/01-change".
func short(page string) string {
	return strings.TrimSuffix(strings.TrimPrefix(page, "docs/"), ".md")
}

// TestConsole runs what the pages tell people to type.
func TestConsole(t *testing.T) {
	folder := program(t)
	ran := 0
	for _, page := range pages(t) {
		all, err := blocks(read(t, page))
		if err != nil {
			t.Errorf("%s: %v", page, err)
			continue
		}
		nth := map[string]int{}
		for _, b := range all {
			name := b.step
			nth[name]++
			if name == "" || nth[name] > 1 {
				name = strings.TrimPrefix(fmt.Sprintf("%s-%d", name, nth[name]), "-")
			}
			ran++
			t.Run(short(page)+"/"+name, func(t *testing.T) {
				t.Parallel()
				w, err := openWorkspace(t.Context(), root, t.TempDir(), folder, b.needsGit())
				if err != nil {
					t.Fatal(err)
				}
				outputs, err := w.play(t.Context(), b)
				if err != nil {
					t.Fatalf("%s: %v", page, err)
				}
				for i, c := range b.commands {
					if err := survivesMutation(c, outputs[i]); err != nil {
						t.Errorf("%s: %v", page, err)
					}
				}
			})
		}
	}
	if ran < 15 {
		t.Errorf("only %d blocks were run", ran)
	}
}

// survivesMutation changes each line of the page and each exit code, and
// reports the changes that nobody would notice.
func survivesMutation(c command, output string) error {
	other := c
	other.exit++
	if other.compare(c.exit, output) == nil {
		return fmt.Errorf("line %d: another exit code passes", c.line)
	}
	for i, line := range c.want {
		if bare := strings.TrimSpace(line); bare == omitted || bare == "" {
			continue
		}
		other := c
		other.want = append([]string(nil), c.want...)
		other.want[i] = "x" + line
		if other.compare(c.exit, output) == nil {
			return fmt.Errorf("line %d: a changed line passes: %s", c.line, line)
		}
	}
	return nil
}

// TestAMutatedPageFails plays a page that is true and three that are not.
func TestAMutatedPageFails(t *testing.T) {
	page := "```console\n$ polygraph rules # exit 0\n...\n$ false # exit 1\n$ printf 'a\\nb\\nc\\n'\na\n...\nc\n```\n"
	play := func(page string) error {
		all, err := blocks(page)
		if err != nil || len(all) != 1 {
			return fmt.Errorf("%d blocks, %w", len(all), err)
		}
		w, err := openWorkspace(t.Context(), root, t.TempDir(), program(t), false)
		if err != nil {
			return err
		}
		_, err = w.play(t.Context(), all[0])
		return err
	}
	if err := play(page); err != nil {
		t.Fatal(err)
	}
	for _, m := range [][2]string{{"\nc\n", "\nd\n"}, {"# exit 1", "# exit 0"}, {"polygraph rules", "polygraph rulez"}, {"a\n...\n", "a\n"}, {"\n...\nc\n", "\n...\nb\n"}} {
		if err := play(strings.Replace(page, m[0], m[1], 1)); err == nil {
			t.Errorf("%q instead of %q passes", m[1], m[0])
		}
	}
}

func TestMatch(t *testing.T) {
	got := strings.Fields("a b c d e")
	for _, c := range []struct {
		want string
		ok   bool
	}{
		{"a b c d e", true},
		{"a ... e", true},
		{"... c ...", true},
		{"... d e", true},
		{"a b ...", true},
		{"...", true},
		{"a ... c d ... e", true},
		{"a b c d", false},
		{"b c d e", false},
		{"... c", false},
		{"c ...", false},
		{"... d ... c ...", false},
		{"... b d ...", false},
		{"a b c d e f", false},
		{"", false},
	} {
		if missing := match(strings.Fields(c.want), got); (missing == "") != c.ok {
			t.Errorf("%q: %q", c.want, missing)
		}
	}
	if match(nil, nil) != "" || match([]string{"a"}, nil) == "" || match([]string{"..."}, nil) != "" {
		t.Error("no output")
	}
	if match([]string{"one two ..."}, []string{"one two three"}) != "" || match([]string{"one two ..."}, []string{"one too three"}) == "" {
		t.Error("the rest of a line")
	}
	if match([]string{"one two ..."}, []string{"one two"}) == "" {
		t.Error("nothing is left out of the line")
	}
}

func TestBlocks(t *testing.T) {
	page := "# A\n\n```console\n$ cat > f <<'X'\n> one\n> X\n$ cat f\none\n```\n\n```sh\nrm -rf no\n```\n"
	all, err := blocks(page)
	if err != nil || len(all) != 1 || len(all[0].commands) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if c := all[0].commands[0]; c.script != "cat > f <<'X'\none\nX" || len(c.want) != 0 {
		t.Errorf("%+v", c)
	}
	for _, bad := range []string{"```console\nno command\n```\n", "```console\n```\n", "```console\n$ a\n"} {
		if _, err := blocks(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"✗ FALSE     16 claims are false.  20 ms": "✗ FALSE     16 claims are false.  DURATION",
		"known since 2026-11-23":                  "known since DATE",
		"30 days":                                 "30 days",
		"id 12345":                                "id 12345",
	} {
		if got := normal(in); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}
