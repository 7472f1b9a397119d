package repository

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// git reads what git wrote into .git; it is not run. In a worktree .git is a
// file that points out of the folder, and nothing is known.
func (s *survey) git() {
	const remote = ".git/refs/remotes/origin/"
	s.out.Branch = s.branch(remote+"HEAD", "ref: refs/remotes/origin/")
	if s.out.Branch == "" {
		s.out.Branch = s.branch(".git/HEAD", "ref: refs/heads/")
	}
	s.checkouts()
}

func (s *survey) branch(file, prefix string) string {
	text, _, _ := s.open(file, 4<<10)
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
func (s *survey) checkouts() {
	for line := range bytes.Lines(s.tail(".git/logs/HEAD")) {
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

// tail reads the end of a file: a log grows there.
func (s *survey) tail(rel string) []byte {
	f, err := s.root.OpenFile(rel, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	n, err := f.ReadAt(s.buf, max(0, info.Size()-int64(len(s.buf))))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil
	}
	return s.buf[:n]
}
