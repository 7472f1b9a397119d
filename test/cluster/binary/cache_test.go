package binary

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A test runs in the folder of its package: a relative path would be another cache for each of them.
func TestCacheIsNamedAbsolute(t *testing.T) {
	folder := t.TempDir()
	t.Setenv(cacheVariable, folder)
	if got, err := Cache(); err != nil || got != folder {
		t.Errorf("%s: %s, %v", folder, got, err)
	}
	t.Setenv(cacheVariable, "some/cache")
	if got, err := Cache(); err == nil || !strings.Contains(err.Error(), `POLYGRAPH_CLUSTER_CACHE is "some/cache"`) {
		t.Errorf("a relative path: %s, %v", got, err)
	}
}

func TestCacheOfTheUser(t *testing.T) {
	t.Setenv(cacheVariable, "")
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CACHE_HOME", "")
	got, err := Cache()
	if err != nil || !strings.HasPrefix(got, home) || !strings.HasSuffix(got, filepath.Join("polygraph", "cluster")) {
		t.Errorf("%s, %v", got, err)
	}
	t.Setenv("HOME", "")
	if _, err := Cache(); err == nil || !strings.Contains(err.Error(), cacheVariable) {
		t.Errorf("without a home: %v", err)
	}
}

// Root may write everywhere, so what stands in the way is a file where the folder has to be.
func TestCacheThatCannotBeWritten(t *testing.T) {
	p := fake(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, cache := range []string{file, filepath.Join(file, "below")} {
		t.Setenv(cacheVariable, cache)
		_, err := p.Build(t.Context(), nil)
		if err == nil || !strings.Contains(err.Error(), cache) {
			t.Errorf("%s: got %v", cache, err)
		}
	}
}

func TestWhatDeadBuildsLeftIsSwept(t *testing.T) {
	p := fake(t)
	cache, err := Cache()
	if err != nil {
		t.Fatal(err)
	}
	write(t, cache, unfinishedPrefix+"prog-1.2.3-0123456789abcdef+77/prog", "half")
	write(t, cache, "prog-1.2.3-0123456789abcdef"+lockSuffix, "")
	write(t, cache, "elsewhat-1.0-0123456789abcdef"+lockSuffix, "")
	onlyFolders(t, build(t, p))
}

func TestPruneRemovesWhatNobodyUsedForLong(t *testing.T) {
	p := fake(t)
	cache, err := Cache()
	if err != nil {
		t.Fatal(err)
	}
	day := 24 * time.Hour
	for name, age := range map[string]time.Duration{
		"prog-1.2.2-00000000000000aa": 31 * day, "prog-1.2.2-00000000000000bb": 29 * day,
		"other-1.2.2-00000000000000cc": 31 * day, "prog-more-1.0-00000000000000dd": 31 * day, "prog-notes": 31 * day,
	} {
		write(t, cache, name+"/prog", "")
		then := time.Now().Add(-age)
		if err := os.Chtimes(filepath.Join(cache, name), then, then); err != nil {
			t.Fatal(err)
		}
	}
	build(t, p)
	for name, kept := range map[string]bool{
		"prog-1.2.2-00000000000000aa": false, "prog-1.2.2-00000000000000bb": true, "other-1.2.2-00000000000000cc": true,
		"prog-more-1.0-00000000000000dd": true, "prog-notes": true,
	} {
		if _, err := os.Stat(filepath.Join(cache, name)); errors.Is(err, os.ErrNotExist) == kept {
			t.Errorf("%s: kept %t, want %t", name, !kept, kept)
		}
	}
}

// Some systems remove old files from caches, one by one, and leave the rest of the folder.
func TestProgramThatWasRemovedIsBuiltAgain(t *testing.T) {
	p := fake(t)
	path := build(t, p)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if again := build(t, p); again != path {
		t.Errorf("it is at %s, and was at %s", again, path)
	}
	onlyFolders(t, path)
}

// Without a version, make builds the newest one and kwok.
func TestNotBuiltSaysWhatBuilds(t *testing.T) {
	t.Setenv(cacheVariable, t.TempDir())
	for want, p := range map[string]Program{
		"run `make programs`": Server(Newest), "run `make programs VERSIONS=1.33`": Server(Older),
	} {
		if _, err := p.Find(); !errors.Is(err, ErrNotBuilt) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("want %s: %v", want, err)
		}
	}
}

func TestUseKeepsAProgram(t *testing.T) {
	p := fake(t)
	folder := filepath.Dir(build(t, p))
	then := time.Now().Add(-29 * 24 * time.Hour)
	if err := os.Chtimes(folder, then, then); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Find(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(folder)
	if err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("the folder is of %v, %v", info.ModTime(), err)
	}
}
