package binary

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/modfile"
)

// key is a hash over all that the program is made from.
func (p Program) key() (string, error) {
	root, err := p.root()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "%q\n", append([]string{runtime.Version(), runtime.GOOS, runtime.GOARCH, p.Main}, p.flags()...))
	fmt.Fprintf(sum, "%q\n", p.Names)
	files, err := p.inputs(root)
	if err != nil {
		return "", fmt.Errorf("what %s is made from: %w", p, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return "", fmt.Errorf("what %s is made from: %w", p, err)
		}
		// The length keeps the end of one file apart from the beginning of the next.
		fmt.Fprintf(sum, "%q %d\n", name, len(text))
		_, _ = sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16], nil
}

// inputs are the files that this program is made from, from the root: its pins, not those of another
// version beside them, its sources where Main is ours, and the modules of ours that the pins name.
func (p Program) inputs(root string) ([]string, error) {
	pins := path.Join(p.Folder, p.Modfile)
	names := []string{pins, path.Join(p.Folder, strings.TrimSuffix(p.Modfile, ".mod")+".sum")}
	modules, err := localModules(filepath.Join(root, filepath.FromSlash(pins)))
	if err != nil {
		return nil, err
	}
	if p.Main == "." {
		modules = append([]string{"."}, modules...)
	}
	for _, module := range modules {
		folder := path.Join(p.Folder, module)
		if module != "." {
			names = append(names, path.Join(folder, "go.mod"))
		}
		found, err := sources(root, folder)
		if err != nil {
			return nil, err
		}
		names = append(names, found...)
	}
	return names, nil
}

// localModules are the folders that replace a module, from the folder of the pins.
func localModules(pins string) ([]string, error) {
	text, err := os.ReadFile(pins)
	if err != nil {
		return nil, err
	}
	file, err := modfile.Parse(pins, text, nil)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, replace := range file.Replace {
		switch to := replace.New.Path; {
		case replace.New.Version != "":
		case filepath.IsAbs(to):
			return nil, fmt.Errorf("%s: %s is replaced by the absolute path %s, which no other checkout has", pins, replace.Old.Path, to)
		default:
			folders = append(folders, filepath.ToSlash(to))
		}
	}
	return folders, nil
}

// sources are all files of a module but its tests and its pins: a program may embed any of them.
func sources(root, folder string) ([]string, error) {
	top := filepath.Join(root, filepath.FromSlash(folder))
	var names []string
	err := filepath.WalkDir(top, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file == top {
				return nil
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); err == nil || strings.HasPrefix(name, ".") {
				return filepath.SkipDir
			}
			return nil
		}
		switch path.Ext(name) {
		case ".mod", ".sum":
			return nil
		}
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, ".") {
			return nil
		}
		relative, err := filepath.Rel(root, file)
		names = append(names, filepath.ToSlash(relative))
		return err
	})
	return names, err
}
