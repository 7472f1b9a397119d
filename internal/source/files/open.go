package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"polygraph/internal/evidence"
)

// File is a single file that a command reads. Close it.
type File struct {
	evidence.Blob
	Path string      // where it can be read, also by another program
	Info os.FileInfo // when it was opened

	close func() error
}

// Close releases the file, and removes it when it was a copy.
func (f *File) Close() error { return f.close() }

// Open opens one named file. A pipe, as `polygraph change <(command)` passes
// one, can be read only once and is copied first.
func Open(ctx context.Context, name string) (*File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, problemOf(err)
	}
	if info.Mode()&fs.ModeNamedPipe != 0 {
		f, err := openPipe(ctx, name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return Spool(ctx, f, 0)
	}
	if !info.Mode().IsRegular() {
		return nil, special(info.Mode())
	}
	pool := NewPool(1)
	b := pool.blob(name, info)
	if _, err := b.ReadAt(make([]byte, 1), 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return &File{Blob: b, Path: name, Info: info, close: pool.Close}, nil
}

// openPipe waits for a writer no longer than ctx lasts: opening a pipe that
// nobody writes to blocks, and no signal ends that.
func openPipe(ctx context.Context, name string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(name)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, problemOf(o.err)
		}
		return o.f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Head returns the start of the file, as detectors want it.
func (f *File) Head() ([]byte, error) {
	buf := make([]byte, min(HeadSize, f.Size()))
	n, err := f.ReadAt(buf, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return buf[:n], err
}

// Spool copies a stream that can be read only once, such as standard input, to
// a temporary file that Close removes. More than limit bytes are refused; 0
// means no limit but the disk's. When ctx ends first the stream is abandoned:
// a read from a terminal cannot be interrupted otherwise.
func Spool(ctx context.Context, r io.Reader, limit int64) (*File, error) {
	tmp, err := os.CreateTemp("", "polygraph-*")
	if err != nil {
		return nil, fmt.Errorf("no place to keep the input: %w; set TMPDIR to a folder with room", err)
	}
	discard := func() error { return errors.Join(tmp.Close(), os.Remove(tmp.Name())) }
	src := r
	if limit > 0 {
		src = io.LimitReader(r, limit+1)
	}
	type result struct {
		n   int64
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := io.Copy(tmp, src)
		done <- result{n, err}
	}()
	var got result
	select {
	case got = <-done:
	case <-ctx.Done():
		_ = discard()
		return nil, ctx.Err()
	}
	if got.err != nil {
		_ = discard()
		return nil, fmt.Errorf("copying the input to %s: %w", os.TempDir(), got.err)
	}
	if limit > 0 && got.n > limit {
		_ = discard()
		return nil, &evidence.Problem{Reason: fmt.Sprintf("more than %s bytes of input", grouped(int(limit))), Do: "save it to a file and name the file"}
	}
	info, err := tmp.Stat()
	if err != nil {
		_ = discard()
		return nil, err
	}
	return &File{Blob: spooled{tmp, info.Size()}, Path: tmp.Name(), Info: info, close: discard}, nil
}

type spooled struct {
	io.ReaderAt
	size int64
}

func (s spooled) Size() int64 { return s.size }
