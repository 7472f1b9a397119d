package files

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
	"polygraph/internal/run"
)

// HeadSize is how much of a file its detectors see at most.
const HeadSize = 64 << 10

// Detector recognises one kind of evidence by the start of a file. It returns
// nothing when the file is not its business, and a Problem when it is but
// cannot be examined.
type Detector = func(name string, head []byte) (*evidence.Kind, *evidence.Problem)

// Options bound a search. The zero value has the bounds of the product.
type Options struct {
	MaxFiles int // 0: 1,000,000
	MaxDepth int // 0: 64 folders below the root
	// Dir is where roots that are not absolute start; "" is the current
	// folder. It is not shown: the same tree elsewhere has the same paths.
	Dir string
	// Open is where the blobs keep their open files; nil: an own pool of
	// which at most 64 stay open until the process ends.
	Open *Pool
	// Understood is what a user is told when nothing recognises a file that
	// was named: "Terraform plan (JSON), Terraform state".
	Understood []string
	// Progress hears how many files were seen; nil for nobody.
	Progress func(run.Progress)
}

func (o Options) bounded() Options {
	if o.MaxFiles <= 0 {
		o.MaxFiles = 1_000_000
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = 64
	}
	if o.Open == nil {
		o.Open = NewPool(64)
	}
	return o
}

// Find looks for evidence below the roots. A root that fails is a skip marked
// as named, and the others are still looked at; the only error is that of ctx.
// The order of the result depends on names alone.
func Find(ctx context.Context, roots []string, detectors []Detector, o Options) (analysis.Evidence, error) {
	s := &search{ctx: ctx, opts: o.bounded(), detectors: detectors, seen: map[string]*evidence.Item{}, head: make([]byte, HeadSize)}
	// Files first: what the user named stays named when a folder holds it too.
	var folders []string
	for _, root := range roots {
		if info, err := os.Stat(s.at(root)); root != "" && err == nil && info.IsDir() {
			folders = append(folders, root)
			continue
		}
		s.namedFile(root)
	}
	for _, root := range folders {
		if err := s.folder(root); err != nil {
			return analysis.Evidence{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return analysis.Evidence{}, err
	}
	slices.SortStableFunc(s.out.Items, func(a, b *evidence.Item) int { return strings.Compare(a.Path, b.Path) })
	s.out.Skips = rollUp(s.out.Skips)
	return s.out, nil
}

// at is where a root is.
func (s *search) at(root string) string {
	if s.opts.Dir == "" || filepath.IsAbs(root) {
		return root
	}
	return filepath.Join(s.opts.Dir, root)
}

type search struct {
	ctx       context.Context
	opts      Options
	detectors []Detector
	out       analysis.Evidence
	seen      map[string]*evidence.Item // by real path; nil value: no evidence
	head      []byte
}

// named examines a file the user named himself.
func (s *search) namedFile(root string) {
	shown := filepath.ToSlash(filepath.Clean(root))
	fail := func(reason, do string) {
		s.out.Skips = append(s.out.Skips, run.Skip{Path: shown, Count: 1, Reason: reason, Do: do, Named: true})
	}
	if root == "" {
		shown = `""`
		fail("an empty path names nothing", "name a file or a folder; . is the current one")
		return
	}
	at := s.at(root)
	info, err := os.Stat(at)
	if err != nil {
		p := problemOf(err)
		fail(p.Reason, p.Do)
		return
	}
	if !info.Mode().IsRegular() {
		p := special(info.Mode())
		fail(p.Reason, p.Do)
		return
	}
	if s.out.Files >= s.opts.MaxFiles {
		fail(tooMany(s.opts.MaxFiles).Reason, tooMany(s.opts.MaxFiles).Do)
		return
	}
	before, key := len(s.out.Items), realPath(at)
	if _, twice := s.seen[key]; twice {
		return
	}
	open := func() (*os.File, error) { return openQuietly(at) }
	if p := s.examine(shown, key, at, open); p != nil {
		fail(p.Reason, p.Do)
		return
	}
	if len(s.out.Items) == before {
		s.out.NotNeeded--
		if info.Size() == 0 {
			fail("the file is empty", "write it again: what made it may have failed")
			return
		}
		fail("no evidence of a kind that is understood", s.understood())
		return
	}
	s.out.Items[before].Named = true
}

func (s *search) understood() string {
	if len(s.opts.Understood) == 0 {
		return "check that it is the right file"
	}
	return "understood are: " + strings.Join(s.opts.Understood, ", ")
}

// examine recognises one file. A Problem is why it cannot be.
func (s *search) examine(shown, key, name string, open func() (*os.File, error)) *evidence.Problem {
	s.out.Files++
	s.seen[key] = nil
	if s.opts.Progress != nil && s.out.Files%64 == 0 {
		s.opts.Progress(run.Progress{Stage: "looking for evidence", Done: int64(s.out.Files), Unit: "files"})
	}
	f, err := open()
	if err != nil {
		return problemOf(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return problemOf(err)
	}
	if !info.Mode().IsRegular() {
		return special(info.Mode())
	}
	n, err := io.ReadFull(f, s.head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return problemOf(err)
	}
	kind, problem := Classify(shown, s.head[:n], s.detectors)
	switch {
	case problem != nil:
		return problem
	case kind == nil:
		s.out.NotNeeded++
		return nil
	}
	item := &evidence.Item{Kind: kind, Path: shown, Time: info.ModTime(), Blob: s.opts.Open.blob(name, info)}
	s.seen[key] = item
	s.out.Items = append(s.out.Items, item)
	return nil
}

// Classify asks the detectors in order. The first that knows the file decides.
func Classify(name string, head []byte, detectors []Detector) (*evidence.Kind, *evidence.Problem) {
	for _, d := range detectors {
		if kind, problem := d(name, head); kind != nil || problem != nil {
			return kind, problem
		}
	}
	return nil, nil
}

// realPath identifies a file however it was reached.
func realPath(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		name = abs
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		return real
	}
	return name
}

func problemOf(err error) *evidence.Problem {
	p := &evidence.Problem{Reason: "cannot be read", Do: "check the disk and the file system it is on", Err: err}
	var cause *fs.PathError
	if errors.As(err, &cause) {
		p.Reason = "cannot be read: " + cause.Err.Error()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Reason, p.Do = "there is no such file or folder", "check the spelling and the folder you are in"
	case errors.Is(err, fs.ErrPermission):
		p.Reason, p.Do = "no permission to read it", "run as a user who may read it"
	}
	return p
}

func special(m fs.FileMode) *evidence.Problem {
	what := "not a regular file"
	switch {
	case m.IsDir():
		return &evidence.Problem{Reason: "a folder where a file is expected", Do: "name a file"}
	case m&fs.ModeNamedPipe != 0:
		what = "a pipe"
	case m&fs.ModeSocket != 0:
		what = "a socket"
	case m&fs.ModeDevice != 0:
		what = "a device"
	}
	return &evidence.Problem{Reason: what + ", which is never opened in a search", Do: "save what it holds to a file, or pass it in with -"}
}

func tooMany(limit int) *evidence.Problem {
	return &evidence.Problem{
		Reason: "more than " + grouped(limit) + " files: the rest was not looked at",
		Do:     "name the folders that hold the evidence",
	}
}

// below joins what the user named and a path below it.
func below(root, rel string) string { return path.Join(filepath.ToSlash(root), rel) }
