package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"polygraph/internal/evidence"
)

// Worktree is another revision, checked out beside the repository.
type Worktree struct {
	Dir    string // the folder in it that corresponds to the user's
	Root   string // the top of it
	Commit string // what the revision means, in full

	repo string
	o    Options
}

// Options say how git is run.
type Options struct {
	Dir    string    // in which folder; "" is the current one
	Env    []string  // its environment
	Stderr io.Writer // hears what is run; nil for nobody
}

// Add checks the revision out. The caller has to Remove it.
func Add(ctx context.Context, revision string, o Options) (*Worktree, error) {
	if strings.HasPrefix(revision, "-") {
		return nil, &evidence.Problem{Reason: fmt.Sprintf("%q is no revision", revision), Do: "name a branch, a tag or a commit: --base-ref main"}
	}
	top, err := o.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return nil, &evidence.Problem{Reason: "not in a git repository: " + err.Error(), Do: "go into the repository, or compare two folders or saved runs: polygraph compare BASE HEAD", Err: err}
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
	parent, err := os.MkdirTemp("", "polygraph-base-*")
	if err != nil {
		return nil, err
	}
	w := &Worktree{Root: filepath.Join(parent, "base"), Commit: commit, repo: top, o: o}
	w.Dir = filepath.Join(w.Root, filepath.FromSlash(prefix))
	// Hooks of the repository are code of what is examined; they are not run.
	if _, err := o.git(ctx, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", "--quiet", w.Root, commit); err != nil {
		return nil, errors.Join(fmt.Errorf("git worktree add: %w", err), w.Remove())
	}
	return w, nil
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
