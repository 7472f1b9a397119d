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

// The file is removed by each holder, so a waiting one may have opened a file that has no name any more.
func TestNoTwoHoldersWhileTheFileComesAndGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	var inside, entered atomic.Int32
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 200 {
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
