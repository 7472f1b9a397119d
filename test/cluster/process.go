package cluster

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
)

// process runs one part. A part that was stopped can be started again.
type process struct {
	part    Part
	path    string
	args    []string
	env     []string // beside what [environment] keeps
	log     string
	mu      sync.Mutex
	running *running
	retired bool
}

// running is one life of a process. What stands below done is set when done is closed.
type running struct {
	cmd   *exec.Cmd
	said  int64 // where in the log this life begins
	asked bool  // somebody ended it on purpose; guarded by the process
	done  chan struct{}
	err   error
}

var errClosed = errors.New("the cluster is closed")

// start runs the program and returns at once.
func (p *process) start() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired {
		return fmt.Errorf("starting %s: %w", p.part, errClosed)
	}
	if p.running != nil && p.running.lives() {
		return fmt.Errorf("%s runs already", p.part)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	said, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	cmd := exec.Command(p.path, p.args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{read} // descriptor 3
	cmd.Env = append(append(environment(os.Environ()), p.env...), "POLYGRAPH_LIFELINE=3")
	apart(cmd)
	if err := cmd.Start(); err != nil {
		write.Close()
		return fmt.Errorf("starting %s: %w", p.part, err)
	}
	life := &running{cmd: cmd, said: said, done: make(chan struct{})}
	p.running = life
	go func() {
		life.err = cmd.Wait()
		write.Close()
		close(life.done)
	}()
	return nil
}

// lives tells whether the process has not ended, or nobody knows yet that it has.
func (r *running) lives() bool {
	select {
	case <-r.done:
		return false
	default:
		return true
	}
}

// life is the present or last life, or nil before the first.
func (p *process) life() *running {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running
}

// pid is zero where the part does not run.
func (p *process) pid() int {
	if life := p.life(); life != nil && life.lives() {
		return life.cmd.Process.Pid
	}
	return 0
}

// retire keeps the part from being started again.
func (p *process) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.retired = true
}

// died reports the end of a process that nobody asked to end.
func (p *process) died() error {
	p.mu.Lock()
	life, asked := p.running, p.running != nil && p.running.asked
	p.mu.Unlock()
	if life == nil || asked || life.lives() {
		return nil
	}
	return fmt.Errorf("%s ended by itself (%s); the end of its log:\n%s", p.part, life.cmd.ProcessState, p.tail())
}

// tail is the end of what the last life has said, where the reason stands.
func (p *process) tail() string {
	var from int64
	if life := p.life(); life != nil {
		from = life.said
	}
	return tail(p.log, from)
}

func tail(path string, from int64) string {
	file, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	const size = 3000
	if info, err := file.Stat(); err == nil {
		from = max(from, info.Size()-size)
	}
	text, err := io.ReadAll(io.NewSectionReader(file, from, size))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
