package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

// leftOut are folders that hold copies of other people's files.
func leftOut(name string) bool {
	return name == ".git" || name == ".terraform" || name == "node_modules"
}

type walk struct {
	*search
	named string // the root as the user named it
	at    string // where it is
	real  string // the root without links
	full  bool   // a bound was met that ends the walk
}

// folder looks for evidence in a folder that the user named.
func (s *search) folder(named string) error {
	w := &walk{search: s, named: named, at: s.at(named)}
	w.real = realPath(w.at)
	root, err := os.OpenRoot(w.at)
	if err != nil {
		p := problemOf(err)
		s.out.Skips = append(s.out.Skips, run.Skip{
			Path: below(named, "."), Count: 1, Reason: p.Reason, Do: p.Do, Named: true,
		})
		return nil
	}
	defer root.Close()
	return w.enter(root, ".", 0)
}

func (w *walk) skip(rel string, p *evidence.Problem) {
	w.out.Skips = append(w.out.Skips, run.Skip{Path: below(w.named, rel), Count: 1, Reason: p.Reason, Do: p.Do, Named: rel == "."})
}

// enter examines a folder: its files and folders by name, so that a run over
// the same files is the same run. Each level is opened through the one above
// it, so nothing on the way can lead out, and a long path is not walked again
// for each of its files.
func (w *walk) enter(dir *os.Root, rel string, depth int) error {
	if depth > w.opts.MaxDepth {
		w.skip(rel, &evidence.Problem{
			Reason: "more than " + strconv.Itoa(w.opts.MaxDepth) + " folders deep: not looked into",
			Do:     "name this folder itself",
		})
		return nil
	}
	entries, err := w.list(dir)
	if err != nil {
		w.skip(rel, vanishedOr(err))
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if w.full {
			return nil
		}
		if err := w.entry(dir, path.Join(rel, e.Name()), e, depth); err != nil {
			return err
		}
	}
	return nil
}

// list reads a folder; what was read before an error is returned with it.
func (w *walk) list(dir *os.Root) ([]fs.DirEntry, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// One more than the bound is enough to know that it is met.
	entries, err := f.ReadDir(w.opts.MaxFiles + 1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

func (w *walk) entry(dir *os.Root, rel string, e fs.DirEntry, depth int) error {
	switch mode := e.Type(); {
	case mode.IsDir():
		if leftOut(e.Name()) {
			return nil
		}
		below, err := dir.OpenRoot(e.Name())
		if err != nil {
			w.skip(rel, vanishedOr(err))
			return nil
		}
		defer below.Close()
		return w.enter(below, rel, depth+1)
	case mode&fs.ModeSymlink != 0:
		if p := w.link(rel); p != nil {
			w.skip(rel, p)
		}
	case mode.IsRegular():
		w.file(dir, rel, e.Name())
	default:
		w.skip(rel, special(mode))
	}
	return nil
}

func (w *walk) file(dir *os.Root, rel, base string) {
	key := filepath.Join(w.real, filepath.FromSlash(rel))
	if _, twice := w.seen[key]; twice {
		return
	}
	if w.out.Files >= w.opts.MaxFiles {
		w.full = true
		w.skip(".", tooMany(w.opts.MaxFiles))
		return
	}
	open := func() (*os.File, error) {
		return dir.OpenFile(base, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	}
	name := filepath.Join(w.at, filepath.FromSlash(rel))
	if p := w.examine(below(w.named, rel), key, name, open); p != nil {
		if errors.Is(p.Err, fs.ErrNotExist) {
			p = vanishedOr(p.Err)
		}
		w.skip(rel, p)
	}
}

// link says why what a link points to is not examined, or nothing when it is
// examined under its own name. Links are never followed: what they name inside
// of the root is found there, once, and loops cannot arise.
func (w *walk) link(rel string) *evidence.Problem {
	target, err := filepath.EvalSymlinks(filepath.Join(w.real, filepath.FromSlash(rel)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &evidence.Problem{Reason: "a link to something that does not exist", Do: "remove the link or restore its target"}
	case err != nil:
		return &evidence.Problem{Reason: "a link that leads in a circle or cannot be followed", Do: "remove the link or name its target", Err: err}
	}
	inside, err := filepath.Rel(w.real, target)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return &evidence.Problem{Reason: "path outside the root: a link that points out of it", Do: "name its target too if it is evidence"}
	}
	for part := range strings.SplitSeq(inside, string(filepath.Separator)) {
		if leftOut(part) {
			return &evidence.Problem{Reason: "a link into " + part + ", which is left out", Do: "name its target too if it is evidence"}
		}
	}
	return nil
}

// vanishedOr tells what was there a moment ago from other failures.
func vanishedOr(err error) *evidence.Problem {
	if errors.Is(err, fs.ErrNotExist) {
		return &evidence.Problem{Reason: "vanished while it was looked at", Do: "run it again when nothing writes there", Err: err}
	}
	return problemOf(err)
}

// openQuietly opens a file without waiting for the other end of what may have
// become a pipe since it was looked at.
func openQuietly(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}
