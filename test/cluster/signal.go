package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// grace is how long a part may take to end by itself. etcd and the API server take five seconds.
const grace = 30 * time.Second

// end sends the signal and waits. After the grace it kills. Ending what does not run is no error, and does
// not hide that it had ended by itself.
func (p *process) end(ctx context.Context, signal syscall.Signal) error {
	p.mu.Lock()
	life := p.running
	if life == nil || !life.lives() {
		p.mu.Unlock()
		return nil
	}
	life.asked = true
	p.mu.Unlock()
	if err := life.signal(signal); err != nil {
		return fmt.Errorf("%s: %w", p.part, err)
	}
	// A paused process does not take a signal before it goes on.
	_ = life.signal(resume)
	late := time.NewTimer(grace)
	defer late.Stop()
	var problem error
	select {
	case <-life.done:
		return nil
	case <-late.C:
		problem = fmt.Errorf("%s did not end within %s of %s, and was killed", p.part, grace, signal)
	case <-ctx.Done():
		problem = fmt.Errorf("%s had not ended and was killed: %w", p.part, context.Cause(ctx))
	}
	_ = life.signal(syscall.SIGKILL)
	<-life.done
	return problem
}

// pause gives up when somebody else lets the part go on, or ends it, before it stood still.
func (p *process) pause() error {
	if err := p.signal(pause); err != nil {
		return err
	}
	for range 1000 {
		still, err := paused(p.pid())
		if still || err != nil {
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return fmt.Errorf("%s did not pause; did somebody resume it?", p.part)
}

func (p *process) signal(s syscall.Signal) error {
	life := p.life()
	if life == nil || !life.lives() {
		return fmt.Errorf("%s does not run", p.part)
	}
	return life.signal(s)
}

func (r *running) signal(s syscall.Signal) error {
	if err := r.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}
