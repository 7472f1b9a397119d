//go:build unix

package filelock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := Try(path)
	if err != nil || first == nil {
		t.Fatal(first, err)
	}
	if second, err := Try(path); second != nil || err != nil {
		t.Fatalf("a second holder: %v, %v", second, err)
	}
	first.Release()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is left behind: %v", err)
	}
}

// The file is removed by each holder, so one that opened it before may get the lock of a file that has no
// name any more, which keeps nobody out.
func TestLockOfARemovedFileDoesNotCount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		return file
	}
	file := open()
	if !named(file, path) {
		t.Error("the file has its name")
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if named(file, path) {
		t.Error("the file is removed")
	}
	open()
	if named(file, path) {
		t.Error("another file has the name")
	}
}

// Somebody else may have put a link there, in a temporary folder that all share: following it would make a
// file wherever they like.
func TestALinkIsNotFollowed(t *testing.T) {
	folder := t.TempDir()
	path, target := filepath.Join(folder, "lock"), filepath.Join(folder, "target")
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
	if lock, err := Try(path); lock != nil || err == nil {
		t.Errorf("got %v, %v", lock, err)
	}
	if _, err := os.Stat(target); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the target of the link: %v", err)
	}
}

func TestNoTwoHoldersWhileTheFileComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var inside, entered atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 400 {
				lock, err := Try(path)
				if err != nil {
					t.Error(err)
					return
				}
				if lock == nil {
					continue
				}
				if inside.Add(1) != 1 {
					t.Error("two holders at once")
				}
				for range 20 { // long enough for others to come in
					_, _ = os.Stat(path)
				}
				entered.Add(1)
				inside.Add(-1)
				lock.Release()
			}
		})
	}
	wait.Wait()
	if entered.Load() < 2 {
		t.Errorf("%d holders, nothing was tested", entered.Load())
	}
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	held, err := Try(path)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Release()
	ctx, cancel := context.WithCancel(t.Context())
	said := 0
	if _, err := Acquire(ctx, path, func() { said++; cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if said != 1 {
		t.Errorf("waiting was said %d times", said)
	}
}
