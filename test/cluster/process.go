package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// grace is how long a part may take to end by itself.
const grace = 15 * time.Second

// process runs one part. A part that was stopped can be started again.
type process struct {
	part    Part
	path    string
	args    []string
	log     string
	mu      sync.Mutex
	running *running
}

// running is one life of a process. The fields below done are set when done is closed.
type running struct {
	cmd      *exec.Cmd
	lifeline io.Closer
	asked    bool // somebody ended it on purpose; guarded by the process
	done     chan struct{}
	err      error
}

// start runs the program and returns at once.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		select {
		case <-p.running.done:
		default:
			return fmt.Errorf("%s runs already", p.part)
		}
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	cmd := exec.Command(p.path, append([]string{string(p.part)}, p.args...)...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{read} // descriptor 3
	cmd.Env = append(withoutKubernetes(os.Environ()), "POLYGRAPH_LIFELINE=3")
	if err := cmd.Start(); err != nil {
		write.Close()
		return fmt.Errorf("starting %s: %w", p.part, err)
	}
	life := &running{cmd: cmd, lifeline: write, done: make(chan struct{})}
	p.running = life
	go func() {
		err := cmd.Wait()
		write.Close()
		life.err = err
		close(life.done)
	}()
	return nil
}

// withoutKubernetes drops settings of the person who runs a test that would change how a part behaves.
func withoutKubernetes(environment []string) []string {
	var kept []string
	for _, line := range environment {
		name, _, _ := strings.Cut(line, "=")
		if strings.HasPrefix(name, "KUBE") || strings.HasPrefix(name, "ETCD_") || strings.HasPrefix(name, "KWOK") || strings.HasSuffix(strings.ToLower(name), "_proxy") {
			continue
		}
		kept = append(kept, line)
	}
	return kept
}

// life is the present or last life, or nil before the first.
func (p *process) life() *running {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running
}

// died reports the end of a process that nobody asked to end.
func (p *process) died() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil || p.running.asked {
		return nil
	}
	select {
	case <-p.running.done:
		return fmt.Errorf("%s ended by itself (%v); the end of %s:\n%s", p.part, p.running.err, p.log, tail(p.log))
	default:
		return nil
	}
}

// end sends the signal and waits. After the grace it kills. Ending what does not run is no error.
func (p *process) end(ctx context.Context, signal syscall.Signal) error {
	p.mu.Lock()
	life := p.running
	if life != nil {
		life.asked = true
	}
	p.mu.Unlock()
	if life == nil {
		return nil
	}
	if err := life.signal(signal); err != nil {
		return fmt.Errorf("%s: %w", p.part, err)
	}
	// A paused process does not take a signal before it goes on.
	_ = life.signal(syscall.SIGCONT)
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-life.done:
		return nil
	case <-late.C:
	case <-ctx.Done():
	}
	_ = life.signal(syscall.SIGKILL)
	<-life.done
	return ctx.Err()
}

func (p *process) signal(s syscall.Signal) error {
	life := p.life()
	if life == nil {
		return fmt.Errorf("%s does not run", p.part)
	}
	select {
	case <-life.done:
		return fmt.Errorf("%s does not run", p.part)
	default:
	}
	return life.signal(s)
}

func (r *running) signal(s syscall.Signal) error {
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// tail is the end of a log, where the reason stands.
func tail(path string) string {
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	const size = 3000
	if info, err := file.Stat(); err == nil && info.Size() > size {
		_, _ = file.Seek(-size, io.SeekEnd)
	}
	text, _ := io.ReadAll(io.LimitReader(file, size))
	return string(text)
}
