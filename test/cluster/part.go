package cluster

import (
	"context"
	"fmt"
	"syscall"
)

// Stop ends a part in an orderly way and waits for it. The others stay. A part that takes long is killed,
// and the error says so.
func (c *Cluster) Stop(ctx context.Context, part Part) error {
	return c.with(part, func(p *process) error { return p.end(ctx, syscall.SIGTERM) })
}

// Kill ends a part at once, as a machine does that loses power.
func (c *Cluster) Kill(part Part) error {
	return c.with(part, func(p *process) error { return p.end(context.Background(), syscall.SIGKILL) })
}

// Pause stops a part in the middle of what it does, and returns when it stands still; its connections stay
// open and answer nothing.
func (c *Cluster) Pause(part Part) error {
	return c.with(part, (*process).pause)
}

// Resume lets a paused part go on.
func (c *Cluster) Resume(part Part) error {
	return c.with(part, func(p *process) error { return p.signal(resume) })
}

// Run starts a part that was stopped or killed, on its old address and with its old data, and waits until
// it is ready. What depends on it may take longer: [Cluster.Ready].
func (c *Cluster) Run(ctx context.Context, part Part) error {
	return c.with(part, func(p *process) error {
		if err := p.start(); err != nil {
			return err
		}
		return c.ready(ctx, part)
	})
}

// Parts are those that this cluster has, in the order in which they start.
func (c *Cluster) Parts() []Part { return c.options.parts() }

// Log is the path of the log of a part. All its lives write to the same one.
func (c *Cluster) Log(part Part) string { return c.files.log(part) }

func (c *Cluster) with(part Part, do func(*process) error) error {
	p := c.processes[part]
	if p == nil {
		return fmt.Errorf("this cluster has no part %q; its parts are %q", part, c.options.parts())
	}
	return do(p)
}
