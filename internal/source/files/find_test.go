package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

// plan recognises the word PLAN, and BINARY as a plan that cannot be examined.
func plan(_ string, head []byte) (*evidence.Kind, *evidence.Problem) {
	switch {
	case bytes.HasPrefix(head, []byte("PLAN")):
		return evidence.TerraformPlan(), nil
	case bytes.HasPrefix(head, []byte("BINARY")):
		return nil, &evidence.Problem{Reason: "a binary plan", Do: "convert it"}
	}
	return nil, nil
}

// tree makes files below a new folder and moves into it, so that paths are
// what a user would type.
func tree(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
}

func find(t *testing.T, o Options, roots ...string) analysis.Evidence {
	t.Helper()
	got, err := Find(context.Background(), roots, []Detector{plan}, o)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func paths(e analysis.Evidence) []string {
	out := []string{}
	for _, i := range e.Items {
		out = append(out, i.Path)
	}
	return out
}

func skips(e analysis.Evidence) []string {
	out := []string{}
	for _, s := range e.Skips {
		text := s.Path + ": " + s.Reason
		if s.Count > 1 {
			text += fmt.Sprintf(" x%d", s.Count)
		}
		if s.Named {
			text += " (named)"
		}
		if s.Do == "" {
			text += " BUT NOTHING TO DO"
		}
		out = append(out, text)
	}
	return out
}

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestFindsByContentInOrder(t *testing.T) {
	tree(t, map[string]string{
		"infra/z.txt": "PLAN", "infra/a/plan.json": "PLAN", "infra/.hidden/p": "PLAN", "infra/readme": "no",
		"infra/.git/p": "PLAN", "infra/.terraform/p": "PLAN", "infra/m/node_modules/p": "PLAN", "infra/empty": "",
	})
	got := find(t, Options{}, "infra")
	want(t, "items", paths(got), []string{"infra/.hidden/p", "infra/a/plan.json", "infra/z.txt"})
	want(t, "skips", skips(got), []string{})
	if got.Files != 5 || got.NotNeeded != 2 {
		t.Errorf("%d files and %d not needed, want 5 and 2", got.Files, got.NotNeeded)
	}
	t.Chdir("infra")
	want(t, "below .", paths(find(t, Options{}, ".")), []string{".hidden/p", "a/plan.json", "z.txt"})
	want(t, "from below", paths(find(t, Options{}, "../infra/a")), []string{"../infra/a/plan.json"})
}

func TestLinks(t *testing.T) {
	tree(t, map[string]string{"outside/p": "PLAN", "in/real/p": "PLAN", "in/.terraform/p": "PLAN"})
	link(t, "../outside/p", "in/out-file")
	link(t, "../outside", "in/out-folder")
	link(t, "real/p", "in/same-file")
	link(t, "real", "in/same-folder")
	link(t, "..", "in/real/up")
	link(t, "b", "in/a")
	link(t, "a", "in/b")
	link(t, "gone", "in/dangling")
	link(t, ".terraform/p", "in/module")
	abs, err := filepath.Abs("in/real/p")
	if err != nil {
		t.Fatal(err)
	}
	link(t, abs, "in/absolute")
	got := find(t, Options{}, "in")
	want(t, "items", paths(got), []string{"in/real/p"})
	want(t, "skips", skips(got), []string{
		"in/a: a link that leads in a circle or cannot be followed",
		"in/b: a link that leads in a circle or cannot be followed",
		"in/dangling: a link to something that does not exist",
		"in/module: a link into .terraform, which is left out",
		"in/out-file: path outside the root: a link that points out of it",
		"in/out-folder: path outside the root: a link that points out of it",
	})
	// A link that the user names is the user's wish.
	want(t, "a named link", paths(find(t, Options{}, "in/out-folder", "in/out-file")), []string{"in/out-file"})
}

func TestNamedPathsFailLoudly(t *testing.T) {
	tree(t, map[string]string{"p": "PLAN", "notes": "text", "bin": "BINARY"})
	if err := syscall.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	got := find(t, Options{Understood: []string{"Terraform plan (JSON)"}}, "gone", "notes", "bin", "pipe", "p")
	want(t, "items", paths(got), []string{"p"})
	want(t, "skips", skips(got), []string{
		"bin: a binary plan (named)",
		"gone: there is no such file or folder (named)",
		"notes: no evidence of a kind that is understood (named)",
		"pipe: a pipe, which is never opened in a search (named)",
	})
	if !got.Items[0].Named {
		t.Error("the item does not know that it was named")
	}
	if do := got.Skips[2].Do; !strings.Contains(do, "Terraform plan (JSON)") {
		t.Errorf("it does not say what is understood: %q", do)
	}
}

func TestPipesAreNotOpened(t *testing.T) {
	tree(t, map[string]string{"d/p": "PLAN"})
	if err := syscall.Mkfifo("d/pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	got := find(t, Options{}, "d") // would hang if it opened the pipe
	want(t, "items", paths(got), []string{"d/p"})
	want(t, "skips", skips(got), []string{"d/pipe: a pipe, which is never opened in a search"})
}

func TestOverlappingRootsExamineOnce(t *testing.T) {
	tree(t, map[string]string{"d/p": "PLAN", "d/q": "PLAN"})
	got := find(t, Options{}, "d", "./d/p", "d/../d", "d/p")
	want(t, "items", paths(got), []string{"d/p", "d/q"})
	if !got.Items[0].Named || got.Items[1].Named {
		t.Error("exactly d/p was named")
	}
	if got.Files != 2 {
		t.Errorf("%d files seen, want 2", got.Files)
	}
}

func TestVanishedFileIsASkip(t *testing.T) {
	tree(t, map[string]string{"d/a": "PLAN", "d/b": "PLAN"})
	remover := func(name string, head []byte) (*evidence.Kind, *evidence.Problem) {
		if name == "d/a" {
			if err := os.Remove("d/b"); err != nil {
				t.Error(err)
			}
		}
		return plan(name, head)
	}
	got, err := Find(context.Background(), []string{"d"}, []Detector{remover}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "items", paths(got), []string{"d/a"})
	want(t, "skips", skips(got), []string{"d/b: vanished while it was looked at"})
}

func TestSkipsAreRolledUp(t *testing.T) {
	files := map[string]string{}
	for i := range 4 {
		files[fmt.Sprintf("d/many/%d", i)] = "BINARY"
	}
	for i := range 3 {
		files[fmt.Sprintf("d/few/%d", i)] = "BINARY"
	}
	tree(t, files)
	want(t, "skips", skips(find(t, Options{}, "d", "d/many/0")), []string{
		"d/few/0: a binary plan", "d/few/1: a binary plan", "d/few/2: a binary plan",
		"d/many/0: a binary plan (named)",
		"d/many/1: a binary plan", "d/many/2: a binary plan", "d/many/3: a binary plan",
	})
	want(t, "skips", skips(find(t, Options{}, "d")), []string{
		"d/few/0: a binary plan", "d/few/1: a binary plan", "d/few/2: a binary plan",
		"d/many: a binary plan x4",
	})
}

func TestBoundsAreNamed(t *testing.T) {
	tree(t, map[string]string{"d/1": "PLAN", "d/2": "PLAN", "d/3": "PLAN", "deep/a/b/p": "PLAN", "deep/p": "PLAN"})
	got := find(t, Options{MaxFiles: 2}, "d")
	want(t, "items", paths(got), []string{"d/1", "d/2"})
	want(t, "skips", skips(got), []string{"d: more than 2 files: the rest was not looked at (named)"})
	want(t, "no bound met", skips(find(t, Options{MaxFiles: 3}, "d")), []string{})

	got = find(t, Options{MaxDepth: 1}, "deep")
	want(t, "items", paths(got), []string{"deep/p"})
	want(t, "skips", skips(got), []string{"deep/a/b: more than 1 folders deep: not looked into"})
}

func TestHeadIsBounded(t *testing.T) {
	tree(t, map[string]string{"big": "PLAN" + strings.Repeat("x", 3*HeadSize)})
	saw := 0
	_, err := Find(context.Background(), []string{"big"}, []Detector{func(_ string, head []byte) (*evidence.Kind, *evidence.Problem) {
		saw = len(head)
		return nil, nil
	}}, Options{})
	if err != nil || saw != HeadSize {
		t.Errorf("a detector saw %d bytes (%v), want %d", saw, err, HeadSize)
	}
}

func TestCancelledSearchIsAnError(t *testing.T) {
	tree(t, map[string]string{"d/1": "PLAN"})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Find(ctx, []string{"d"}, []Detector{plan}, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func FuzzRollUp(f *testing.F) {
	f.Add("d/a d/b d/c d/d e/a", 3)
	f.Fuzz(func(t *testing.T, names string, named int) {
		var in []run.Skip
		for i, n := range strings.Fields(names) {
			in = append(in, run.Skip{Path: n, Count: 1, Reason: "r", Do: "d", Named: i == named})
		}
		total := 0
		for _, s := range rollUp(in) {
			total += s.Count
		}
		if total != len(in) {
			t.Fatalf("%d skips became %d", len(in), total)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	dir := b.TempDir()
	const n = 2000
	for i := range n {
		sub := filepath.Join(dir, fmt.Sprintf("m%02d", i%40), "sub")
		if err := os.MkdirAll(sub, 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(sub, fmt.Sprintf("%d.tf", i)), bytes.Repeat([]byte("x"), 4000), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		got, err := Find(context.Background(), []string{dir}, []Detector{plan}, Options{})
		if err != nil || got.Files != n {
			b.Fatalf("%d files, %v", got.Files, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/n, "µs/file")
}
