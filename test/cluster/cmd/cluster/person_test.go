//go:build unix

package main

import (
	"bytes"
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

	"polygraph/test/cluster/binary"
	"polygraph/test/cluster/keeper"
)

// asCommand is set where the test binary is to be the command: linking that for each test costs seconds.
const asCommand = "POLYGRAPH_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Args[0] == "kubectl" { // as it is called by the command: it says what it is given
		fmt.Println(os.Getenv("KUBECONFIG"), strings.Join(os.Args[1:], " "))
		os.Exit(7)
	}
	if os.Getenv(asCommand) == "1" {
		main()
	}
	os.Exit(m.Run())
}

// person has the command and a state folder that nobody else has.
type person struct {
	program, state string
	env            []string
}

// newPerson skips the test where the programs are not built.
func newPerson(t *testing.T, programs ...binary.Program) *person {
	t.Helper()
	if _, err := exec.LookPath("ps"); err != nil {
		lacking(t, err)
	}
	for _, p := range append(programs, binary.Server(binary.Newest)) {
		if _, err := p.Find(); errors.Is(err, binary.ErrNotBuilt) {
			lacking(t, err)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	p := &person{program: self, state: filepath.Join(folder, "polygraph-clusters")}
	p.env = append(os.Environ(), asCommand+"=1", keeper.Variable+"="+folder)
	// Whatever a test leaves would run for ever.
	t.Cleanup(func() {
		if _, _, code := p.run(t, "stop", "--all"); code != exitDone {
			t.Errorf("stop --all: exit %d", code)
		}
		p.nothingLeft(t)
	})
	return p
}

func lacking(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("POLYGRAPH_STRICT") == "1" {
		t.Fatal(err)
	}
	t.Skip(err)
}

func (p *person) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.program, args...)
	cmd.Env = p.env
	return cmd
}

func (p *person) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := p.command(args...)
	var out, talk bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &talk
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	t.Logf("cluster %s: exit %d\n%s%s", strings.Join(args, " "), cmd.ProcessState.ExitCode(), out.String(), talk.String())
	return out.String(), talk.String(), cmd.ProcessState.ExitCode()
}

// must is run for what has to succeed.
func (p *person) must(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, code := p.run(t, args...)
	if code != exitDone {
		t.Fatalf("cluster %s: exit %d", strings.Join(args, " "), code)
	}
	return stdout, stderr
}

// processes are those that have the state folder in their arguments: supervisors and parts. A zombie has
// no arguments.
func (p *person) processes(t *testing.T, containing string) []int {
	t.Helper()
	list, err := exec.Command("ps", "-ww", "-A", "-o", "pid=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for line := range strings.Lines(string(list)) {
		number, args, _ := strings.Cut(strings.TrimSpace(line), " ")
		if pid, err := strconv.Atoi(number); err == nil && strings.Contains(args, p.state) && strings.Contains(args, containing) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// kill ends the one process that has this in its arguments.
func (p *person) kill(t *testing.T, containing string) {
	t.Helper()
	pids := p.processes(t, containing)
	if len(pids) != 1 {
		t.Fatalf("%d processes of the test have %q in their arguments", len(pids), containing)
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func (p *person) nothingLeft(t *testing.T) {
	t.Helper()
	if pids := p.processes(t, ""); len(pids) > 0 {
		t.Errorf("processes are left: %v", pids)
	}
	if entries, err := os.ReadDir(p.state); len(entries) > 0 || err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left in the state folder: %v, %v", entries, err)
	}
}

// eventually waits for what the other side does by itself.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for range 600 {
		if condition() {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("not so in half a minute: " + what)
}

// cheap is the least that is a cluster.
func cheap(more ...string) []string {
	return append([]string{"start", "--controllers", "none", "--scheduler=false", "--nodes", "0"}, more...)
}
