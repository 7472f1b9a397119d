package cluster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// readyLimit is for a machine that is busy with other things; an idle one takes seconds.
const readyLimit = 2 * time.Minute

// Ready waits until each part that runs says that it is ready: after a fault, until the rest has recovered.
// A paused part never is.
func (c *Cluster) Ready(ctx context.Context) error {
	for _, part := range c.options.parts() {
		if c.processes[part].pid() == 0 {
			continue
		}
		if err := c.ready(ctx, part); err != nil {
			return err
		}
	}
	return c.Died()
}

// ready waits until the part says so itself.
func (c *Cluster) ready(ctx context.Context, part Part) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyLimit, fmt.Errorf("%s were not enough", readyLimit))
	defer cancel()
	asking, stop := context.WithCancel(ctx)
	defer stop()
	c.uponDeath(asking, stop)
	for {
		said := c.healthy(asking, part)
		if said == nil {
			return nil
		}
		runs := c.processes[part].pid() != 0
		// The part that is asked can be the one that waits for another, which died.
		if err := c.Died(); err != nil {
			return err
		}
		if !runs {
			return fmt.Errorf("%s was ended while somebody waited for it", part)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w; asked last, it said: %w; the end of its log:\n%s", part, context.Cause(ctx), said, c.processes[part].tail())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// uponDeath calls the function when a part ends by itself, until the context ends. A port that such a part
// did not get may be somebody's who takes the question and never answers.
func (c *Cluster) uponDeath(ctx context.Context, do func()) {
	for _, p := range c.processes {
		life := p.life()
		if life == nil {
			continue
		}
		go func() {
			select {
			case <-life.done:
				if p.died() != nil {
					do()
				}
			case <-ctx.Done():
			}
		}()
	}
}

func (c *Cluster) healthy(ctx context.Context, part Part) error {
	switch part {
	case Etcd:
		return c.get(ctx, local(c.ports.etcd)+"/health", nil)
	case APIServer:
		return c.get(ctx, c.URL()+"/readyz", nil)
	case ControllerManager:
		// It is healthy before it has begun. When it has, it lists its controllers.
		if err := c.get(ctx, local(c.ports.controllerManager)+"/healthz?verbose", controls); err != nil || !c.options.makesServiceAccounts() {
			return err
		}
		// The first thing that controllers do and pods need.
		return c.get(ctx, c.URL()+"/api/v1/namespaces/default/serviceaccounts/default", nil)
	case Scheduler:
		return c.get(ctx, local(c.ports.scheduler)+"/readyz", nil)
	case Kwok:
		return c.get(ctx, local(c.ports.kwok)+"/readyz", nil)
	}
	return fmt.Errorf("nobody knows how to ask %s", part)
}

// controls tells whether the answer lists a check that is a controller's.
func controls(answer []byte) error {
	for line := range bytes.Lines(answer) {
		check, ok := bytes.CutPrefix(line, []byte("[+]"))
		if ok && !bytes.HasPrefix(check, []byte("ping ")) && !bytes.HasPrefix(check, []byte("leaderElection ")) {
			return nil
		}
	}
	return errors.New("no controller runs yet")
}

// failing leaves of an answer what is not well.
func failing(answer []byte) []byte {
	var kept []byte
	for line := range bytes.Lines(answer) {
		if !bytes.HasPrefix(line, []byte("[+]")) {
			kept = append(kept, line...)
		}
	}
	return bytes.TrimSpace(kept)
}

func (c *Cluster) get(ctx context.Context, url string, check func(answer []byte) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "polygraph-cluster")
	answer, err := c.probe.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // to the end, or the connection is not used again
	switch {
	case err != nil:
		return err
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("%s: %s", answer.Status, failing(text))
	case check != nil:
		return check(text)
	}
	return nil
}
