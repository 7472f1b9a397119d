package binary

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// ErrNotBuilt says that a program is not in the cache.
var ErrNotBuilt = errors.New("not built on this machine yet")

// Program says how one program comes out of a nested module.
type Program struct {
	Name    string // of the file, and of its folder in the cache
	Version string // what it calls itself, without a v
	Root    string // of the repository; empty means the one around the working directory
	Folder  string // of the nested module, from the root, with slashes
	Modfile string // the pinned dependencies: go.mod, or another file beside it
	Main    string // the main package: an import path, or a dot
	// Stages are compiled one after the other before Main is, so that a build of minutes can say where it is.
	// They are import paths, without patterns.
	Stages []string
	// Set holds importpath.name=value, the variables that a release sets.
	Set []string
	// Names are further names of the file, as links beside it.
	Names []string
	Tags  string // of the build, with commas
	Make  string // the command that builds it; empty means `make programs`
}

// String is the program's name and version.
func (p Program) String() string { return p.Name + " " + p.Version }

// make is the command that builds the program.
func (p Program) make() string {
	if p.Make != "" {
		return p.Make
	}
	if v := Version(p.Version); p.Name == "server" && v != Newest {
		return "make programs VERSIONS=" + v.Minor()
	}
	return "make programs"
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

func (p Program) root() (string, error) {
	if p.Root != "" {
		return filepath.Abs(p.Root)
	}
	return Root()
}

// flags are the settings of the compiler and linker. Without cgo no C compiler is needed; without the
// tables for debuggers the program is a third smaller; without commit stamps every commit is the same build.
func (p Program) flags() []string {
	linker := "-s -w"
	for _, set := range p.Set {
		linker += " -X " + set
	}
	flags := []string{"-mod=readonly", "-modfile=" + p.Modfile, "-trimpath", "-buildvcs=false", "-ldflags=" + linker}
	if p.Tags != "" {
		flags = append(flags, "-tags="+p.Tags)
	}
	return flags
}
