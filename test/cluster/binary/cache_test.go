package binary

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCacheIsNamedRelativeOrAbsolute(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	here, err := os.Getwd() // a temporary folder may be a link
	if err != nil {
		t.Fatal(err)
	}
	for named, want := range map[string]string{"some/cache": filepath.Join(here, "some", "cache"), folder: folder} {
		t.Setenv(cacheVariable, named)
		if got, err := Cache(); err != nil || got != want {
			t.Errorf("%s: %s, %v", named, got, err)
		}
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
