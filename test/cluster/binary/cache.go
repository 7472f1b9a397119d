package binary

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"polygraph/test/cluster/filelock"
)

// cacheVariable names the cache for a person and for tests.
const cacheVariable = "POLYGRAPH_CLUSTER_CACHE"

const (
	// keep is how long a program that nobody uses stays: each edit of its module leaves one behind.
	keep = 30 * 24 * time.Hour
	// A folder's time says when it was used. A day is fine enough, and spares most uses the write.
	touchAfter = 24 * time.Hour
)

const (
	unfinishedPrefix = ".building-"
	lockSuffix       = ".lock"
)

// Cache is the folder that holds the programs: POLYGRAPH_CLUSTER_CACHE, else polygraph/cluster in the
// user's cache folder.
func Cache() (string, error) {
	if named := os.Getenv(cacheVariable); named != "" {
		if !filepath.IsAbs(named) {
			return "", fmt.Errorf("%s is %q: each test runs in a folder of its own and would look elsewhere; name an absolute path", cacheVariable, named)
		}
		return filepath.Clean(named), nil
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for the programs of a test cluster: %w; name one in %s", err, cacheVariable)
	}
	return filepath.Join(user, "polygraph", "cluster"), nil
}

// Find is the path of the program, or an error that wraps [ErrNotBuilt].
func (p Program) Find() (string, error) {
	folder, err := p.folder()
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, p.Name)
	if _, err := os.Stat(file); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s: %w; run `%s`", p, ErrNotBuilt, p.make())
		}
		return "", err
	}
	touch(folder)
	return file, nil
}

// folder is where the program lies, built or not.
func (p Program) folder() (string, error) {
	cache, err := Cache()
	if err != nil {
		return "", err
	}
	key, err := p.key()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, p.Name+"-"+p.Version+"-"+key), nil
}

// touch notes that a program is used. A cache that others fill may be read-only; they prune it, then.
func touch(folder string) {
	if info, err := os.Stat(folder); err == nil && time.Since(info.ModTime()) > touchAfter {
		now := time.Now()
		_ = os.Chtimes(folder, now, now)
	}
}

// prune removes other builds of the program that nobody used for long.
func (p Program) prune(built string) error {
	mine := regexp.MustCompile(`^` + regexp.QuoteMeta(p.Name) + `-[0-9][^-]*-[0-9a-f]{16}$`)
	entries, err := os.ReadDir(filepath.Dir(built))
	if err != nil {
		return err
	}
	var all []error
	for _, entry := range entries {
		if !entry.IsDir() || entry.Name() == filepath.Base(built) || !mine.MatchString(entry.Name()) {
			continue
		}
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > keep {
			err = os.RemoveAll(filepath.Join(filepath.Dir(built), entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return errors.Join(all...)
}

// sweep removes what builds that died left in the cache. A build holds its lock as long as it lives, so
// whoever gets the lock knows that what lies under its name is dead.
func sweep(cache string) {
	names, _ := filepath.Glob(filepath.Join(cache, unfinishedPrefix+"*"))
	for _, unfinished := range names {
		of, _, ok := strings.Cut(strings.TrimPrefix(filepath.Base(unfinished), unfinishedPrefix), "+")
		if !ok {
			continue
		}
		if lock, err := filelock.Try(filepath.Join(cache, of+lockSuffix)); err == nil && lock != nil {
			_ = os.RemoveAll(unfinished)
			lock.Release()
		}
	}
	locks, _ := filepath.Glob(filepath.Join(cache, "*"+lockSuffix))
	for _, file := range locks {
		if lock, err := filelock.Try(file); err == nil && lock != nil {
			lock.Release()
		}
	}
}
