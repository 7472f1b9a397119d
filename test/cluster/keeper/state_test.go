package keeper

import (
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
	state := t.TempDir()
	t.Setenv(Variable, filepath.Join(state, "absent"))
	if all, err := All(); len(all) > 0 || err != nil {
		t.Errorf("without a state folder: %v, %v", all, err)
	}
	t.Setenv(Variable, state)
	for _, name := range []string{"one", "two", "Not.One"} {
		if err := os.Mkdir(filepath.Join(state, name), 0o700); err != nil {
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
}
