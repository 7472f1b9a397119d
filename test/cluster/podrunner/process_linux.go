package podrunner

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// spawner starts processes from one thread that lives as long as the runner: a child that asks for a
// signal at its parent's death gets it at the death of the thread that forked it, and Go ends threads.
type spawner struct {
	work chan func()
	done chan struct{}
}

func newSpawner() *spawner {
	s := &spawner{work: make(chan func()), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		runtime.LockOSThread() // never unlocked, so that the thread ends with the goroutine
		for f := range s.work {
			f()
		}
	}()
	return s
}

// close ends the thread. No process may be left, and nobody may start another.
func (s *spawner) close() {
	close(s.work)
	<-s.done
}

// process is a command that runs in a process group of its own. The fields below done are set when it is closed.
type process struct {
	cmd    *exec.Cmd
	mu     sync.Mutex
	reaped bool
	done   chan struct{}
	code   int32
	signal int32
}

// start runs the command with its working folder, environment and outputs as they are set.
func (s *spawner) start(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	// What left the group may hold the output open for ever.
	cmd.WaitDelay = time.Second
	var err error
	started := make(chan struct{})
	s.work <- func() {
		err = cmd.Start()
		close(started)
	}
	<-started
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, done: make(chan struct{})}
	go p.wait()
	return p, nil
}

// wait kills what is left of the group before the leader is reaped: until then the group's number cannot
// be anybody else's.
func (p *process) wait() {
	for {
		err := unix.Waitid(unix.P_PID, p.cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	p.mu.Lock()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	_ = p.cmd.Wait()
	p.reaped = true
	p.mu.Unlock()
	p.code, p.signal = exitCode(p.cmd.ProcessState)
	close(p.done)
}

// exitCode is what a shell and a container runtime say: 128 and the signal for what a signal ended.
func exitCode(state *os.ProcessState) (code, signal int32) {
	if state == nil {
		return 255, 0
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int32(status.Signal()), int32(status.Signal())
	}
	return int32(state.ExitCode()), 0
}

// kill ends the whole group at once.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.reaped {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// stop asks the leader to end, as a container runtime signals the first process of a container only. The
// name of the signal is empty for SIGTERM.
func (p *process) stop(name string) error {
	signal := syscall.SIGTERM
	if name != "" {
		if signal = unix.SignalNum(name); signal == 0 {
			return fmt.Errorf("no signal %s on this system", name)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return nil
	}
	return syscall.Kill(p.cmd.Process.Pid, signal)
}
