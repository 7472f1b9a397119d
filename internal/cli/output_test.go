package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"polygraph/internal/strictyaml"
)

func TestAtomicFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.jsonl")
	if err := os.WriteFile(path, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	content := func() string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	write := func(text string) *atomicFile {
		t.Helper()
		f, err := createAtomic(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return f
	}
	write("half").discard()
	if got := content(); got != "old" {
		t.Errorf("a discarded file replaced the old one: %q", got)
	}
	f := write("new")
	if got := content(); got != "old" {
		t.Errorf("the file changed before it was whole: %q", got)
	}
	if err := f.commit(); err != nil || content() != "new" {
		t.Errorf("commit: %v, %q", err, content())
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the mode changed: %v, %v", info.Mode(), err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%d files are left (%v)", len(left), err)
	}
	for _, bad := range []string{filepath.Dir(path), filepath.Join(path, "x"), filepath.Join(filepath.Dir(path), "no", "x")} {
		if _, err := createAtomic(bad); err == nil {
			t.Errorf("%s could be written", bad)
		}
	}
}

type closedPipe struct{ writes int }

func (c *closedPipe) Write([]byte) (int, error) {
	c.writes++
	return 0, &fs.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}
}

func TestQuietPipe(t *testing.T) {
	w := &closedPipe{}
	q := &quietPipe{w: w}
	for range 3 {
		if n, err := q.Write([]byte("line\n")); n != 5 || err != nil {
			t.Fatal(n, err)
		}
	}
	if w.writes != 1 {
		t.Errorf("%d writes into a closed pipe", w.writes)
	}
	if _, err := (&quietPipe{w: fullDisk{}}).Write([]byte("x")); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("another failure was hidden: %v", err)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestNearest(t *testing.T) {
	known := []string{"check", "change", "render", "--fail-on", "CHG002"}
	for word, want := range map[string]string{
		"chekc": "check", "cahnge": "change", "CHECK": "check", "--fial-on": "--fail-on", "chg002": "CHG002",
		"frobnicate": "", "x": "", "": "", "che": "",
	} {
		if got := strictyaml.Nearest(word, known); got != want {
			t.Errorf("nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
