package files

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// Tests often run as root, who may read everything. On Linux one thread can
// look at files as somebody else; it is thrown away afterwards.
func asNobody(t *testing.T, fn func()) {
	t.Helper()
	if os.Geteuid() != 0 {
		fn()
		return
	}
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the goroutine
		err := syscall.Setfsuid(65534)
		if err == nil {
			fn()
		}
		done <- err
	}()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestUnreadableIsASkip(t *testing.T) {
	tree(t, map[string]string{"d/a": "PLAN", "d/sub/b": "PLAN", "d/ok": "PLAN"})
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{filepath.Dir(here): 0o755, here: 0o755, "d/a": 0, "d/sub": 0} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod("d/sub", 0o755) })
	asNobody(t, func() {
		got := find(t, Options{}, "d", "d/sub")
		want(t, "items", paths(got), []string{"d/ok"})
		want(t, "skips", skips(got), []string{
			"d/a: no permission to read it",
			"d/sub: no permission to read it",
			"d/sub: no permission to read it (named)",
		})
	})
}
