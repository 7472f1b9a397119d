package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"polygraph/internal/evidence"
)

// Revision is a commit of the repository the user is in.
type Revision struct {
	Name   string // as the user named it
	Commit string // what that means, in full
	Top    string // the top folder of the repository, without links

	prefix string // the user's folder below it
	o      Options
}

// Worktree is a revision, checked out beside the repository.
type Worktree struct {
	Dir  string // the folder in it that corresponds to the user's
	Root string // the top of it
	o    Options
}

// Options say how git is run.
type Options struct {
	Dir    string    // in which folder; "" is the current one
	Env    []string  // its environment
	Stderr io.Writer // hears what is run; nil for nobody
}

// Find looks a revision up.
func Find(ctx context.Context, revision string, o Options) (*Revision, error) {
	top, err := o.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, &evidence.Problem{Reason: "not in a git repository: " + err.Error(), Do: "go into the repository, or compare two folders or saved runs: polygraph compare BASE HEAD", Err: err}
	}
	if top, err = filepath.EvalSymlinks(top); err != nil {
		return nil, err
	}
	prefix, err := o.git(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, err
	}
	commit, err := o.git(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return nil, &evidence.Problem{
			Reason: fmt.Sprintf("git does not know the revision %q here", revision),
			Do:     "fetch it first: git fetch origin " + strings.TrimPrefix(revision, "origin/") + " (in CI, check out with the whole history: fetch-depth: 0)", Err: err,
		}
	}
	return &Revision{Name: revision, Commit: commit, Top: top, prefix: filepath.FromSlash(prefix), o: o}, nil
}

// Within maps a path that the user named to one below his folder that means the
// same in another checkout. A path, or what a link at it leads to, outside of
// the repository has no earlier revision and is a Problem.
func (r *Revision) Within(path string) (string, error) {
	outside := &evidence.Problem{Reason: path + " is outside of the repository, so it has no earlier revision", Do: "name paths in " + r.Top + ", or compare saved runs"}
	here, err := filepath.Abs(r.o.Dir)
	if err != nil {
		return "", err
	}
	if here, err = filepath.EvalSymlinks(here); err != nil {
		return "", err
	}
	at := path
	if !filepath.IsAbs(at) {
		at = filepath.Join(here, at)
	}
	real, err := filepath.EvalSymlinks(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		real = at // it may be in the revision
	case err != nil:
		return "", err
	}
	if !inside(r.Top, real) {
		return "", outside
	}
	if filepath.IsAbs(path) {
		return filepath.Rel(here, real)
	}
	if !inside(r.Top, at) {
		return "", outside
	}
	return filepath.Clean(path), nil
}

func inside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// Checkout puts the revision into a temporary folder. The caller has to Remove
// it.
func (r *Revision) Checkout(ctx context.Context) (*Worktree, error) {
	parent, err := os.MkdirTemp("", "polygraph-base-*")
	if err != nil {
		return nil, err
	}
	if parent, err = filepath.EvalSymlinks(parent); err != nil {
		return nil, err
	}
	w := &Worktree{Root: filepath.Join(parent, "base"), o: r.o}
	w.Dir = filepath.Join(w.Root, r.prefix)
	// Hooks of the repository are code of what is examined; they are not run.
	// Filters of the user's own configuration are: without them files that git
	// keeps elsewhere (LFS) would not be what they were.
	if _, err := r.o.git(ctx, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", "--quiet", w.Root, r.Commit); err != nil {
		return nil, errors.Join(fmt.Errorf("git worktree add: %w", err), w.Remove())
	}
	return w, nil
}

// Holds tells that a path below the user's folder, with links followed, lies in
// the checkout, or is not there at all.
func (w *Worktree) Holds(path string) bool {
	real, err := filepath.EvalSymlinks(filepath.Join(w.Dir, path))
	return errors.Is(err, fs.ErrNotExist) || err == nil && inside(w.Root, real)
}

// HasSubmodules tells that the revision has parts that are not checked out.
func (w *Worktree) HasSubmodules() bool {
	_, err := os.Stat(filepath.Join(w.Root, ".gitmodules"))
	return err == nil
}

// Remove takes the checkout away, also when the run was interrupted.
func (w *Worktree) Remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	_, err := w.o.git(ctx, "worktree", "remove", "--force", w.Root)
	if err := os.RemoveAll(filepath.Dir(w.Root)); err != nil {
		return err
	}
	if err != nil {
		_, err = w.o.git(ctx, "worktree", "prune")
	}
	return err
}

func (o Options) git(ctx context.Context, args ...string) (string, error) {
	if o.Stderr != nil && args[0] != "rev-parse" {
		fmt.Fprintln(o.Stderr, "running: git "+strings.Join(args, " "))
	}
	cmd := exec.CommandContext(ctx, "git", args...)
	var out, talk bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = o.Dir, own(o.Env), &out, &talk
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		if text := strings.TrimSpace(talk.String()); text != "" {
			return "", errors.New(text)
		}
		return "", err
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

// own leaves out what a hook's git says about its own index and folder: it
// would make the new worktree share them.
func own(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		return strings.HasPrefix(v, "GIT_INDEX_FILE=") || strings.HasPrefix(v, "GIT_WORK_TREE=") || strings.HasPrefix(v, "GIT_DIR=")
	})
}
