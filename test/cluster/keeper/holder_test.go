//go:build unix

package keeper

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHoldInAnotherProcess is no test of its own: the tests below run it in a process of theirs.
func TestHoldInAnotherProcess(t *testing.T) {
	path := os.Getenv("POLYGRAPH_TEST_HOLD")
	if path == "" {
		t.Skip("run by the tests below")
	}
	lock, err := hold(path)
	fmt.Println("held:", err)
	_, _ = os.Stdin.Read(make([]byte, 1)) // until the other side ends
	if lock != nil {
		lock.Close()
	}
}

// another holds the file in a process of its own and says what came of it.
func another(t *testing.T, path string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestHoldInAnotherProcess$")
	cmd.Env = append(os.Environ(), "POLYGRAPH_TEST_HOLD="+path)
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.TrimSpace(line)
}

func TestHolderIsTheProcessThatHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if pid, err := holder(path); pid != 0 || err != nil {
		t.Errorf("without a file: %d, %v", pid, err)
	}
	cmd, said := another(t, path)
	if said != "held: <nil>" {
		t.Fatal(said)
	}
	if pid, err := holder(path); pid != cmd.Process.Pid || err != nil {
		t.Errorf("held by %d: %d, %v", cmd.Process.Pid, pid, err)
	}
	if _, err := hold(path); err == nil {
		t.Error("it is held twice")
	}
	if reached, err := send(path, syscall.SIGKILL); !reached || err != nil {
		t.Errorf("the signal: %t, %v", reached, err)
	}
	_ = cmd.Wait()
	if pid, err := holder(path); pid != 0 || err != nil {
		t.Errorf("after its end: %d, %v", pid, err)
	}
}

// A supervisor that nobody starts any more is about to end. Who starts the cluster then waits for that.
func TestStartWaitsForOneThatEnds(t *testing.T) {
	t.Setenv(Variable, t.TempDir())
	k, err := New("default")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	ending, said := another(t, k.at("lock"))
	if said != "held: <nil>" {
		t.Fatal(said)
	}
	ctx, cancel := context.WithTimeoutCause(t.Context(), 50*time.Millisecond, errors.New("long enough"))
	defer cancel()
	if _, _, err := k.Start(ctx, Settings{}, "false"); err == nil || !strings.Contains(err.Error(), "long enough") {
		t.Errorf("while it ends: %v", err)
	}
	if err := ending.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, ran, err := k.Start(t.Context(), Settings{}, "false"); ran || err == nil || !strings.Contains(err.Error(), "ended without a word") {
		t.Errorf("after it ended: ran %t, %v", ran, err)
	}
}

// The folder of the names is nobody's but ours: what a person has in the one that is named must not be
// taken for a cluster, started over, or removed by `stop --all`.
func TestWhatAPersonHasInTheNamedFolderStays(t *testing.T) {
	named := t.TempDir()
	t.Setenv(Variable, named)
	letter := filepath.Join(named, "letters", "letter")
	if err := errors.Join(os.Mkdir(filepath.Dir(letter), 0o700), os.WriteFile(letter, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	all, err := All()
	if len(all) > 0 || err != nil {
		t.Errorf("clusters: %v, %v", all, err)
	}
	k, err := New("letters")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := k.Start(t.Context(), Settings{}, "false"); err == nil {
		t.Error("it is started")
	}
	if _, err := k.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(letter); err != nil {
		t.Error(err)
	}
}

// What failed is over at once, though its supervisor still removes the parts.
func TestFailedIsNotFound(t *testing.T) {
	t.Setenv(Variable, t.TempDir())
	k, err := New("default")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, said := another(t, k.at("lock")); said != "held: <nil>" {
		t.Fatal(said)
	}
	if err := store(k.at("status.json"), Status{URL: "https://127.0.0.1:1"}); err != nil {
		t.Fatal(err)
	}
	if s, err := k.Find(); s == nil || err != nil {
		t.Errorf("while it runs: %v, %v", s, err)
	}
	if err := os.WriteFile(k.at("failure"), []byte("etcd ended by itself"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := k.Find(); s != nil || err != nil {
		t.Errorf("after a part died: %v, %v", s, err)
	}
}

// A number that is left in files, and belongs to a stranger by now, means nothing.
func TestStrangerIsNotReached(t *testing.T) {
	t.Setenv(Variable, t.TempDir())
	stranger, _ := another(t, filepath.Join(t.TempDir(), "its-own"))
	k, err := New("default")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(k.folder, 0o700); err != nil {
		t.Fatal(err)
	}
	number := []byte(strconv.Itoa(stranger.Process.Pid))
	for _, name := range []string{"lock", "pid"} {
		if err := os.WriteFile(k.at(name), number, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if s, err := k.Find(); s != nil || err != nil {
		t.Errorf("found %v, %v", s, err)
	}
	if ran, err := k.Stop(t.Context()); ran || err != nil {
		t.Errorf("stopped %t, %v", ran, err)
	}
	if err := stranger.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the stranger is gone: %v", err)
	}
	if _, err := os.Stat(k.folder); err == nil {
		t.Error("what is left of the cluster stays")
	}
}
