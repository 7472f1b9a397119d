package repository

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// git reads what git wrote into .git, of the folder or of the one above it that
// is the repository; git is not run. In a worktree .git is a file that points
// elsewhere, and nothing is known.
func (s *survey) git(root string) {
	dir := repositoryOf(root)
	if dir == nil {
		return
	}
	defer dir.Close()
	s.out.Branch = s.branch(dir, "refs/remotes/origin/HEAD", "ref: refs/remotes/origin/")
	if s.out.Branch == "" {
		s.out.Branch = s.branch(dir, "HEAD", "ref: refs/heads/")
	}
	s.checkouts(dir)
}

// repositoryOf opens the .git of the repository that a folder is in.
func repositoryOf(root string) *os.Root {
	at, err := filepath.Abs(root)
	for err == nil {
		name := filepath.Join(at, ".git")
		if info, lerr := os.Lstat(name); lerr == nil {
			if !info.IsDir() {
				return nil
			}
			dir, err := os.OpenRoot(name)
			if err != nil {
				return nil
			}
			return dir
		}
		up := filepath.Dir(at)
		if up == at {
			return nil
		}
		at = up
	}
	return nil
}

func (s *survey) branch(dir *os.Root, file, prefix string) string {
	text, _ := s.end(dir, file)
	line, _, _ := strings.Cut(string(text), "\n")
	name, ok := strings.CutPrefix(line, prefix)
	if !ok || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return ""
	}
	return name
}

// checkouts reads from the log of HEAD when git set the times of files without
// anybody editing them: by a clone, or by switching there and back. What a pull
// brings is new, and its time as good as an edit's.
func (s *survey) checkouts(dir *os.Root) {
	text, err := s.end(dir, "logs/HEAD")
	if err != nil {
		return
	}
	for line := range bytes.Lines(text) {
		head, message, ok := bytes.Cut(bytes.TrimSpace(line), []byte("\t"))
		if !ok || !bytes.HasPrefix(message, []byte("clone:")) && !bytes.HasPrefix(message, []byte("checkout:")) {
			continue
		}
		fields := bytes.Fields(head)
		if len(fields) < 4 {
			continue
		}
		sec, err := strconv.ParseInt(string(fields[len(fields)-2]), 10, 64)
		if err != nil || sec <= 0 {
			continue
		}
		s.out.Checkouts = append(s.out.Checkouts, time.Unix(sec, 0).UTC())
	}
	const kept = 64
	if n := len(s.out.Checkouts); n > kept {
		s.out.Checkouts = s.out.Checkouts[n-kept:]
	}
}

// end reads the end of a file, as much as the buffer takes: a log grows there.
func (s *survey) end(dir *os.Root, name string) ([]byte, error) {
	f, err := dir.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fs.ErrInvalid
	}
	n, err := f.ReadAt(s.buf, max(0, info.Size()-int64(len(s.buf))))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return s.buf[:n], nil
}
