package repository

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"polygraph/internal/doctor"
	"polygraph/internal/evidence"
)

// most is how many things of one sort are listed.
const most = 10_000

// Limits bound a survey. The zero value has the bounds of the product.
type Limits struct {
	Files int   // 0: 200,000
	Depth int   // 0: 64 folders below the root
	Bytes int64 // of one file of configuration; 0: 1 MiB
	Total int64 // of all that is read; 0: 1 GiB
}

func (l Limits) bounded() Limits {
	if l.Files <= 0 {
		l.Files = 200_000
	}
	if l.Depth <= 0 {
		l.Depth = 64
	}
	if l.Bytes <= 0 {
		l.Bytes = 1 << 20
	}
	if l.Total <= 0 {
		l.Total = 1 << 30
	}
	return l
}

// Survey looks at the folder root. A folder below it that cannot be read is one
// of the limits of the survey; root itself is an *evidence.Problem.
func Survey(ctx context.Context, root string, limits Limits) (*doctor.Survey, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, problem(root, err)
	}
	defer dir.Close()
	s := &survey{
		ctx: ctx, root: dir, limits: limits.bounded(), named: filepath.ToSlash(root), folders: map[string]*folder{},
		out: &doctor.Survey{Folder: path.Clean(filepath.ToSlash(root))},
	}
	s.buf = make([]byte, s.limits.Bytes+1)
	if err := s.enter(".", 0); err != nil {
		return nil, err
	}
	s.git(root)
	s.classify()
	return s.out, nil
}

func problem(root string, err error) error {
	p := &evidence.Problem{Reason: root + ": " + cause(err).Error(), Do: "name a folder that exists and that you may read", Err: err}
	if info, statErr := os.Stat(root); statErr == nil && !info.IsDir() {
		p.Reason = root + " is not a folder"
	}
	return p
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

type survey struct {
	ctx     context.Context
	root    *os.Root
	named   string
	limits  Limits
	out     *doctor.Survey
	buf     []byte
	read    int64
	full    bool
	folders map[string]*folder // of Terraform, by path below the root
	charts  []string           // folders of Helm charts, as met
}

// limit notes a bound that was met, each text once.
func (s *survey) limit(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if len(s.out.Limits) < 100 && !slices.Contains(s.out.Limits, text) {
		s.out.Limits = append(s.out.Limits, text)
	}
}

// at is a path as the user would type it.
func (s *survey) at(rel string) string { return path.Join(s.named, rel) }

// leftOut are folders that hold copies of other people's files.
func leftOut(name string) bool {
	return slices.Contains([]string{".git", ".terraform", ".terragrunt-cache", "node_modules"}, name)
}

func (s *survey) enter(rel string, depth int) error {
	if depth > s.limits.Depth {
		s.limit("%s is more than %d folders deep", s.at(rel), s.limits.Depth)
		return nil
	}
	entries, err := s.list(rel)
	if err != nil {
		s.limit("%s: %v", s.at(rel), cause(err))
	}
	for _, e := range entries {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		if s.full {
			return nil
		}
		name := path.Join(rel, e.Name())
		switch mode := e.Type(); {
		case mode.IsDir() && e.Name() == ".terraform":
			s.terraform(rel).initiated = true
		case mode.IsDir() && leftOut(e.Name()):
		case mode.IsDir():
			if err := s.enter(name, depth+1); err != nil {
				return err
			}
		case mode.IsRegular(), mode&fs.ModeSymlink != 0 && configuration(e.Name()):
			// Terraform reads linked files, so these are opened; the root
			// refuses the links that lead out of it.
			s.file(rel, name, e.Name())
		}
	}
	return nil
}

// list reads the names in a folder; what was read before an error is kept.
func (s *survey) list(rel string) ([]fs.DirEntry, error) {
	f, err := s.root.Open(rel)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	entries, err := f.ReadDir(s.limits.Files + 1)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// file counts a file and looks into it when its name is one of interest.
func (s *survey) file(dir, rel, base string) {
	if s.out.Files >= s.limits.Files {
		s.full = true
		s.limit("there are more than %d files; the rest was not looked at", s.limits.Files)
		return
	}
	s.out.Files++
	if r := interest(rel, base); r != nil {
		r(s, found{dir: dir, rel: rel, base: base})
	}
}

// found is a file that may matter.
type found struct{ dir, rel, base string }

// open reads the start of a file, at most limit bytes, into the buffer, which
// the next call overwrites. whole tells whether that is all of it.
func (s *survey) open(rel string, limit int64) (text []byte, info fs.FileInfo, whole bool) {
	if s.read >= s.limits.Total {
		s.limit("more than %d MiB of configuration; the rest was not read", s.limits.Total>>20)
		return nil, nil, false
	}
	f, err := s.root.OpenFile(filepath.FromSlash(rel), os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, false // a link out of the root, or gone
	}
	defer f.Close()
	info, err = f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil, false
	}
	limit = min(limit, s.limits.Bytes)
	n, err := io.ReadFull(f, s.buf[:limit+1])
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, nil, false
	}
	s.read += int64(n)
	return s.buf[:min(int64(n), limit)], info, int64(n) <= limit
}
