package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// atomicFile is an output file that appears whole or not at all: a report that
// was cut off must not replace a good one.
type atomicFile struct {
	*os.File
	path string // where it will be; empty when it is written in place
}

// createAtomic opens a file for writing. Pipes and devices (/dev/null) cannot
// be replaced and are written in place.
func createAtomic(path string) (*atomicFile, error) {
	// A link stays a link: its target is replaced.
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	mode := fs.FileMode(0o666) // less what the user's umask says
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, errors.New("it is a folder")
	case err == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, causeOf(err)
		}
		return &atomicFile{File: f}, nil
	case err == nil:
		mode = info.Mode().Perm()
	case !errors.Is(err, fs.ErrNotExist):
		return nil, causeOf(err)
	}
	// CreateTemp only finds the name: its mode would hide the file from
	// everybody the user's umask lets read it.
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, causeOf(err)
	}
	name := tmp.Name()
	if err := errors.Join(tmp.Close(), os.Remove(name)); err != nil {
		return nil, causeOf(err)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return nil, causeOf(err)
	}
	return &atomicFile{File: f, path: path}, nil
}

// commit puts the file in its place.
func (f *atomicFile) commit() error {
	if f.path == "" {
		return f.Close()
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), f.path); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// discard leaves what was there before.
func (f *atomicFile) discard() {
	_ = f.Close()
	if f.path != "" {
		_ = os.Remove(f.Name())
	}
}

func causeOf(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
