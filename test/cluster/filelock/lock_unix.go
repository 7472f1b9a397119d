//go:build unix

package filelock

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// Lock is held until it is released or its process dies.
type Lock struct{ file *os.File }

// Acquire waits until this process alone holds the file. Waiting, if not nil, is called once where somebody
// else holds it.
func Acquire(ctx context.Context, path string, waiting func()) (*Lock, error) {
	for {
		lock, err := Try(path)
		if lock != nil || err != nil {
			return lock, err
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Try returns nil without an error where somebody else holds the file. It follows no link: in a folder that
// all may write to, somebody else may have put one there.
func Try(path string) (*Lock, error) {
	for {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o644)
		if err != nil {
			return nil, err
		}
		switch err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EINTR):
			file.Close()
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			file.Close()
			return nil, nil
		case err != nil:
			file.Close()
			return nil, err
		}
		// Its last holder may have removed the file between the two calls. A lock on a file without a name
		// keeps nobody out.
		if named(file, path) {
			return &Lock{file: file}, nil
		}
		file.Close()
	}
}

func named(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

// Release removes the file and lets the next one in.
func (l *Lock) Release() {
	_ = os.Remove(l.file.Name())
	l.file.Close()
}
