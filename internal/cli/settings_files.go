package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// findConfig looks for polygraph.yaml in dir and, within a git repository, in
// the folders above it. It does not leave the repository: a file in somebody's
// home or in a shared /tmp would change what CI says.
func findConfig(dir string) string {
	here, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	top := here
	for d := here; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, ".git")); err == nil {
			top = d
			break
		}
		if d == filepath.Dir(d) {
			break
		}
	}
	for d, shown := here, filepath.Join(dir, configName); ; d, shown = filepath.Dir(d), filepath.Join("..", shown) {
		if info, err := os.Stat(filepath.Join(d, configName)); err == nil && !info.IsDir() {
			if filepath.IsAbs(dir) {
				return filepath.Join(d, configName)
			}
			return shown
		}
		if d == top {
			return ""
		}
	}
}

// maxSettings bounds what is read of a file that people write by hand.
const maxSettings = 1 << 20

func readBounded(name string, limit int64) ([]byte, error) {
	// Stat comes first: opening a pipe waits for somebody to write.
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	return readRegular(info, limit, func() (*os.File, error) { return os.Open(name) })
}

// readWithin reads a file below a folder and follows no link out of it.
func readWithin(folder, rel string, limit int64) ([]byte, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(rel)
	if err != nil {
		return nil, err
	}
	return readRegular(info, limit, func() (*os.File, error) { return root.Open(rel) })
}

func readRegular(info fs.FileInfo, limit int64, open func() (*os.File, error)) ([]byte, error) {
	switch {
	case info.IsDir():
		return nil, errors.New("it is a folder")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a regular file")
	case info.Size() > limit:
		return nil, fmt.Errorf("it is larger than %d MiB", limit>>20)
	}
	f, err := open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit+1))
}

// elsewhere tells that the inputs do not cover the folder of the settings file:
// what is not below them may need its exceptions.
func (s *settings) elsewhere(dir string, inputs []string) bool {
	if s.folder == "" {
		return false
	}
	home, err := filepath.Abs(s.folder)
	if err != nil {
		return true
	}
	for _, in := range inputs {
		if !filepath.IsAbs(in) {
			in = filepath.Join(dir, in)
		}
		abs, err := filepath.Abs(in)
		if rel, err2 := filepath.Rel(abs, home); err == nil && err2 == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return false
		}
	}
	return true
}

// within tells that a folder, with links followed, lies in another.
func within(dir, parent string) bool {
	d, err1 := filepath.EvalSymlinks(dir)
	p, err2 := filepath.EvalSymlinks(parent)
	if err1 != nil || err2 != nil {
		return false
	}
	d, err1 = filepath.Abs(d)
	p, err2 = filepath.Abs(p)
	rel, err := filepath.Rel(p, d)
	return err1 == nil && err2 == nil && err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// placed tells where evidence lies, seen from the folder of the settings file.
func (s *settings) placed(dir string) func(string) (string, bool) {
	home, err := filepath.Abs(filepath.Dir(s.configPath))
	return func(shown string) (string, bool) {
		name := filepath.FromSlash(shown)
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		abs, err2 := filepath.Abs(name)
		rel, err3 := filepath.Rel(home, abs)
		if errors.Join(err, err2, err3) != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return "", false
		}
		return filepath.ToSlash(rel), true
	}
}
