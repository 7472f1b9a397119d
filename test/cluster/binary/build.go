package binary

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"polygraph/test/cluster/filelock"
)

// Names of stages that are not packages.
const (
	// Waiting is said once where another process builds the same program.
	Waiting = "waiting for another build of it"
	// Modules looks at what has to be compiled and downloads what is missing; it counts the downloads.
	Modules = "modules"
)

// Stage is one step of a build: [Waiting], [Modules], or a package and all that it needs. Packages counts
// those compiled so far in it; Total those that were missing when it began. Took is zero until it is done.
type Stage struct {
	Program  string
	Name     string
	Packages int
	Total    int
	Took     time.Duration
}

// Build returns the path of the program and compiles it where it is missing. Two processes that want the
// same program build it once: the second waits. Progress, if not nil, is never called twice at
// once; a stage that has nothing to compile is left out.
func (p Program) Build(ctx context.Context, progress func(Stage)) (string, error) {
	if path, err := p.Find(); err == nil || !errors.Is(err, ErrNotBuilt) {
		return path, err
	}
	if progress == nil {
		progress = func(Stage) {}
	}
	folder, err := p.folder()
	if err != nil {
		return "", err
	}
	cache := filepath.Dir(folder)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", unwritable(cache, err)
	}
	sweep(cache)
	lock, err := filelock.Acquire(ctx, folder+lockSuffix, func() { progress(Stage{Program: p.String(), Name: Waiting}) })
	if err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("waiting for another build of %s: %w", p, context.Cause(ctx))
		}
		return "", unwritable(cache, err)
	}
	defer lock.Release()
	if path, err := p.Find(); err == nil {
		return path, nil
	}
	if err := p.compile(ctx, folder, progress); err != nil {
		return "", err
	}
	// The program is there; what lies about beside it is no reason to fail.
	_ = p.prune(folder)
	return filepath.Join(folder, p.Name), nil
}

func unwritable(cache string, err error) error {
	return fmt.Errorf("the cache %s cannot be written: %w; name another folder in %s", cache, err, cacheVariable)
}

// compile builds into a folder beside the final one and renames it: what Find sees is complete.
func (p Program) compile(ctx context.Context, folder string, progress func(Stage)) error {
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), unfinishedPrefix+filepath.Base(folder)+"+")
	if err != nil {
		return unwritable(filepath.Dir(folder), err)
	}
	defer os.RemoveAll(unfinished)
	stages, err := p.stages(ctx, unfinished, progress)
	if err != nil {
		return err
	}
	for _, name := range p.Names {
		if err := os.Symlink(p.Name, filepath.Join(unfinished, name)); err != nil {
			return err
		}
	}
	if err := p.record(unfinished, stages); err != nil {
		return err
	}
	if err := os.Chmod(unfinished, 0o755); err != nil {
		return err
	}
	// Something that cleans caches may have taken the program and left the rest.
	if err := os.RemoveAll(folder); err != nil {
		return unwritable(filepath.Dir(folder), err)
	}
	return os.Rename(unfinished, folder)
}

// stages compiles one after the other and links the program into the folder.
func (p Program) stages(ctx context.Context, folder string, progress func(Stage)) ([]Stage, error) {
	root, err := p.root()
	if err != nil {
		return nil, err
	}
	g := gocommand{program: p, module: filepath.Join(root, filepath.FromSlash(p.Folder))}
	if err := g.find(); err != nil {
		return nil, err
	}
	names := append(append([]string{}, p.Stages...), p.Main)
	modules := Stage{Program: p.String(), Name: Modules}
	missing, err := timed(&modules, progress, func(one func()) ([]int, error) { return g.missing(ctx, names, one) })
	if err != nil {
		return nil, err
	}
	done := []Stage{modules}
	for i, name := range names {
		var output []string
		switch last := i == len(names)-1; {
		case last:
			output = []string{"-o", filepath.Join(folder, p.Name)}
		case missing[i] == 0:
			continue
		}
		stage := Stage{Program: p.String(), Name: name, Total: missing[i]}
		_, err := timed(&stage, progress, func(one func()) (struct{}, error) { return struct{}{}, g.build(ctx, name, output, one) })
		if err != nil {
			return nil, err
		}
		done = append(done, stage)
	}
	return done, nil
}

// timed runs a stage, which says of each of its packages when it begins with it.
func timed[T any](stage *Stage, progress func(Stage), run func(one func()) (T, error)) (T, error) {
	begin := time.Now()
	progress(*stage)
	result, err := run(func() {
		stage.Packages++
		progress(*stage)
	})
	if err != nil {
		return result, err
	}
	stage.Took = time.Since(begin)
	progress(*stage)
	return result, nil
}
