package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"polygraph/internal/evidence"
)

func readAll(b evidence.Blob) (string, error) {
	text, err := io.ReadAll(io.NewSectionReader(b, 0, b.Size()))
	return string(text), err
}

func TestPoolBoundsOpenFiles(t *testing.T) {
	files := map[string]string{}
	for i := range 100 {
		files[fmt.Sprintf("d/%03d", i)] = fmt.Sprintf("PLAN%03d", i)
	}
	tree(t, files)
	pool := NewPool(8)
	got := find(t, Options{Open: pool}, "d")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, item := range got.Items {
				text, err := readAll(item.Blob)
				if err != nil || text != fmt.Sprintf("PLAN%03d", i) {
					t.Errorf("%s: %q, %v", item.Path, text, err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(pool.open); n == 0 || n > 8 {
		t.Errorf("%d files are open, want some and at most 8", n)
	}
	if err := pool.Close(); err != nil || len(pool.open) != 0 {
		t.Errorf("%d open after Close, %v", len(pool.open), err)
	}
	// A blob outlives its pool's Close: it opens, reads and closes.
	if text, err := readAll(got.Items[0].Blob); err != nil || text != "PLAN000" || len(pool.open) != 0 {
		t.Errorf("%q, %v, %d open", text, err, len(pool.open))
	}
}

func TestAChangedFileIsAnError(t *testing.T) {
	change := map[string]func(name string) error{
		"grown": func(name string) error { return os.WriteFile(name, []byte("PLAN and more"), 0o644) },
		"rewritten": func(name string) error {
			if err := os.WriteFile(name, []byte("PLAM"), 0o644); err != nil {
				return err
			}
			return os.Chtimes(name, time.Time{}, time.Unix(1, 0))
		},
		"replaced": func(name string) error {
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			if err := errors.Join(os.WriteFile(name+"2", []byte("PLAN"), 0o644), os.Rename(name+"2", name)); err != nil {
				return err
			}
			return os.Chtimes(name, time.Time{}, info.ModTime())
		},
		"removed": os.Remove,
	}
	for name, fn := range change {
		for _, open := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/open=%t", name, open), func(t *testing.T) {
				tree(t, map[string]string{"p": "PLAN"})
				pool := NewPool(4)
				defer pool.Close()
				item := find(t, Options{Open: pool}, "p").Items[0]
				if open {
					if _, err := readAll(item.Blob); err != nil {
						t.Fatal(err)
					}
				}
				if err := fn("p"); err != nil {
					t.Fatal(err)
				}
				text, err := readAll(item.Blob)
				if open && (name == "removed" || name == "replaced") {
					// The open descriptor still is the file that was found.
					if err != nil || text != "PLAN" {
						t.Errorf("%q, %v", text, err)
					}
					return
				}
				var p *evidence.Problem
				if !errors.As(err, &p) || p.Do == "" {
					t.Errorf("read %q, error %v; want a problem with advice", text, err)
				}
			})
		}
	}
}

func TestOpen(t *testing.T) {
	tree(t, map[string]string{"p": "PLAN of some length"})
	f, err := Open(context.Background(), "p")
	if err != nil {
		t.Fatal(err)
	}
	if head, err := f.Head(); err != nil || string(head) != "PLAN of some length" {
		t.Errorf("%q, %v", head, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"gone", "."} {
		var p *evidence.Problem
		if _, err := Open(context.Background(), name); !errors.As(err, &p) || p.Do == "" {
			t.Errorf("Open(%q) = %v", name, err)
		}
	}
}

func TestOpenCopiesAPipe(t *testing.T) {
	tree(t, nil)
	if err := syscall.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	go func() { _ = os.WriteFile("pipe", []byte("PLAN from a pipe"), 0) }()
	f, err := Open(context.Background(), "pipe")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 2 {
		if text, err := readAll(f); err != nil || text != "PLAN from a pipe" {
			t.Errorf("%q, %v", text, err)
		}
	}
}

func TestSpool(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	left := func() int {
		m, _ := filepath.Glob(filepath.Join(os.TempDir(), "*"))
		return len(m)
	}
	f, err := Spool(context.Background(), strings.NewReader("PLAN"), 4)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := readAll(f); err != nil || text != "PLAN" || left() != 1 {
		t.Errorf("%q, %v, %d files", text, err, left())
	}
	if info, err := os.Stat(f.Path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a plan holds secrets, others may read its copy: %v, %v", info.Mode(), err)
	}
	if err := f.Close(); err != nil || left() != 0 {
		t.Errorf("%v, %d files left", err, left())
	}
	if _, err := Spool(context.Background(), strings.NewReader("PLANS"), 4); err == nil || left() != 0 {
		t.Errorf("five bytes passed a limit of four (%v), %d files left", err, left())
	}
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Spool(ctx, r, 0); !errors.Is(err, context.Canceled) || left() != 0 {
		t.Errorf("%v, %d files left", err, left())
	}
}
