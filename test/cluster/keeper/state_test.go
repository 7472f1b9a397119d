//go:build unix

package keeper

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A name becomes a folder that is removed.
func TestNames(t *testing.T) {
	t.Setenv(Variable, t.TempDir())
	for _, name := range []string{"default", "a", "1-33", strings.Repeat("x", 40)} {
		if _, err := New(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", ".", "..", "../x", "a/b", "A", "-a", "a-", "a.lock", "ä", strings.Repeat("x", 41)} {
		if _, err := New(name); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}

func TestAllLeavesOutWhatIsNoCluster(t *testing.T) {
	named := t.TempDir()
	t.Setenv(Variable, named)
	if all, err := All(); len(all) > 0 || err != nil {
		t.Errorf("without a state folder: %v, %v", all, err)
	}
	state := filepath.Join(named, "polygraph-clusters")
	for _, name := range []string{"one", "two", "Not.One"} {
		if err := os.MkdirAll(filepath.Join(state, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(state, "one.lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := All()
	if err != nil || len(all) != 2 || all[0].Name() != "one" || all[1].Name() != "two" {
		t.Errorf("%v, %v", all, err)
	}
}

func TestUndo(t *testing.T) {
	top := t.TempDir()
	absent, empty, full := filepath.Join(top, "absent"), filepath.Join(top, "empty"), filepath.Join(top, "full")
	for _, folder := range []string{empty, full} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(folder string) {
		t.Helper()
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "file"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(full)
	for folder, want := range map[string]string{absent: "gone", empty: "empty", full: "file"} {
		back := undo(folder)
		write(folder)
		if err := back(); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(folder)
		got := "empty"
		if err != nil {
			got = "gone"
		} else if len(entries) > 0 {
			got = entries[0].Name()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", folder, got, want)
		}
	}
	if err := undo("")(); err != nil {
		t.Error(err)
	}
	// An empty folder is emptied and stays what it was.
	kept, link := filepath.Join(top, "kept"), filepath.Join(top, "link")
	if err := errors.Join(os.Mkdir(kept, 0o750), os.Symlink(kept, link)); err != nil {
		t.Fatal(err)
	}
	back := undo(link)
	write(link)
	if err := back(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(kept)
	if info, linkErr := os.Lstat(link); err != nil || linkErr != nil || len(entries) > 0 || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("behind a link there is still %v; %v, %v", entries, err, linkErr)
	}
}
