package binary

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrNotBuilt says that a program is not in the cache.
var ErrNotBuilt = errors.New("not built on this machine yet; run `make cluster-programs`")

// Program says how one program comes out of a nested module.
type Program struct {
	Name    string // of the file, and of its folder in the cache
	Version string // what it calls itself, without a v
	Folder  string // of the nested module, from the root of the repository, with slashes
	Modfile string // the pinned dependencies: go.mod, or another file beside it
	Main    string // the main package: an import path, or a dot
	// Stages are compiled one after the other before Main is, so that a build of minutes can say where it is.
	Stages []string
	// Set holds importpath.name=value, the variables that a release sets.
	Set []string
	// Names are further names of the file, as links beside it.
	Names []string
}

// Root is the root of the repository, the folder above test/cluster in which go.mod declares polygraph.
func Root() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module polygraph\n") {
			return folder, nil
		}
		up := filepath.Dir(folder)
		if up == folder {
			return "", errors.New("not inside the repository of polygraph: no go.mod with `module polygraph` above the working directory")
		}
		folder = up
	}
}

// Cache is the folder that holds the programs: POLYGRAPH_CLUSTER_CACHE, else polygraph/cluster in the
// user's cache folder.
func Cache() (string, error) {
	if named := os.Getenv("POLYGRAPH_CLUSTER_CACHE"); named != "" {
		return filepath.Abs(named)
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for the programs of a test cluster: %w; name one in POLYGRAPH_CLUSTER_CACHE", err)
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
			return "", fmt.Errorf("%s %s: %w", p.Name, p.Version, ErrNotBuilt)
		}
		return "", err
	}
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

// flags are the settings of the compiler and linker. Without cgo no C compiler is needed; without the
// tables for debuggers the program is a third smaller; without commit stamps every commit is the same build.
func (p Program) flags() []string {
	linker := "-s -w"
	for _, set := range p.Set {
		linker += " -X " + set
	}
	return []string{"-mod=readonly", "-modfile=" + p.Modfile, "-trimpath", "-buildvcs=false", "-ldflags=" + linker}
}

// key is a hash over all that the program is made from.
func (p Program) key() (string, error) {
	root, err := Root()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version(), runtime.GOOS, runtime.GOARCH, p.Main, p.flags(), p.Names)
	files, err := p.inputs(root)
	if err != nil {
		return "", err
	}
	for _, name := range files {
		file, err := os.Open(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, name)
		_, err = io.Copy(sum, file)
		file.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// lifeline is the module that all programs of ours import.
const lifeline = "test/cluster/lifeline"

// inputs are the files that this program is made from, from the root: its pins, not those of another
// version beside them, and its Go files where Main is ours.
func (p Program) inputs(root string) ([]string, error) {
	names := []string{path.Join(p.Folder, p.Modfile), path.Join(p.Folder, strings.TrimSuffix(p.Modfile, ".mod")+".sum")}
	if p.Main != "." {
		return names, nil
	}
	for _, folder := range []string{p.Folder, lifeline} {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(folder)))
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if name := entry.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
				names = append(names, path.Join(folder, name))
			}
		}
	}
	return names, nil
}
