package podrunner

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// grace is how long the pod has to end: what a deletion says, else what the pod says.
func (p *pod) grace() time.Duration {
	n := int64(30)
	switch {
	case p.removed:
		n = 0 // it was deleted without grace
	case p.object.DeletionGracePeriodSeconds != nil:
		n = *p.object.DeletionGracePeriodSeconds
	case p.object.Spec.TerminationGracePeriodSeconds != nil:
		n = *p.object.Spec.TerminationGracePeriodSeconds
	}
	return seconds(n)
}

// end begins to end the pod, or shortens the time it has.
func (p *pod) end(grace time.Duration) {
	deadline := time.Now().Add(grace)
	if p.ending && !deadline.Before(p.deadline) {
		return
	}
	p.ending, p.deadline = true, deadline
}

// goOnEnding asks all to end but the sidecars, and those, the last one first, when nothing else runs. The
// hooks before the end of all of them begin at once.
func (p *pod) goOnEnding() {
	running := false
	for _, c := range p.containers {
		if c.role != sidecar && c.life != nil {
			running = true
			p.stop(c, p.deadline, "Stopping container "+c.spec.Name)
			c.life.takeTurn()
		}
	}
	for i := len(p.containers) - 1; i >= 0; i-- {
		if c := p.containers[i]; c.role == sidecar && c.life != nil {
			p.stop(c, p.deadline, "Stopping container "+c.spec.Name)
			if !running {
				c.life.takeTurn()
			}
			running = true
		}
	}
	if !running {
		p.finish()
	}
}

// stop ends a life by the deadline: the hook, the signal when its turn has come, and then by force. Another
// call can only bring the deadline forward.
func (p *pod) stop(c *container, deadline time.Time, message string) {
	l := c.life
	if l.stopping {
		select {
		case <-l.deadline: // an earlier one, not read yet
		default:
		}
		l.deadline <- deadline
		return
	}
	l.stopping = true
	for kind, state := range l.probes {
		if kind != readiness && state.cancel != nil {
			state.cancel()
		}
	}
	p.event(c, corev1.EventTypeNormal, "Killing", message)
	var hook *corev1.LifecycleHandler
	signal := ""
	if c.spec.Lifecycle != nil {
		hook = c.spec.Lifecycle.PreStop
		if c.spec.Lifecycle.StopSignal != nil {
			signal = string(*c.spec.Lifecycle.StopSignal)
		}
	}
	ctx, cancel := context.WithCancel(l.ctx)
	var hooked chan error
	if hook != nil && time.Now().Before(deadline) { // without grace there is no hook either
		hooked = make(chan error, 1)
		p.run(func() { hooked <- l.target.hook(ctx, hook) })
	}
	p.run(func() {
		defer cancel()
		if err := p.orderly(l, deadline, hooked, cancel, signal); err != nil {
			p.post(func() { p.event(c, corev1.EventTypeWarning, "FailedPreStopHook", "PreStopHook failed: "+err.Error()) })
		}
	})
}

// orderly waits for the hook and the turn, asks the process to end, and kills it at the deadline, but not before it
// had the shortest time that everybody gets. It returns how the hook failed.
func (p *pod) orderly(l *life, deadline time.Time, hooked <-chan error, cancel context.CancelFunc, signal string) (failed error) {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	var least time.Time // before which it is not killed; set when the process was asked to end
	until := func(wanted time.Time) {
		deadline = later(wanted, least)
		timer.Reset(time.Until(deadline))
	}
	ask := func() {
		if err := l.process.stop(signal); err != nil {
			p.runner.log.Error("asking a container to end", "error", err)
		}
		least = time.Now().Add(shortest)
		until(deadline)
	}
	turn := l.turn
	for {
		if hooked == nil && turn == nil && least.IsZero() {
			ask()
		}
		select {
		case <-l.process.done:
			return failed
		case failed = <-hooked:
			hooked = nil
		case <-turn:
			turn = nil
		case sooner := <-l.deadline:
			if sooner.Before(deadline) {
				until(sooner)
			}
		case <-timer.C:
			if !least.IsZero() {
				l.process.kill()
				<-l.process.done
				return failed
			}
			if hooked != nil {
				cancel()
				failed = errors.New("it took longer than the pod's grace period")
			}
			hooked, turn = nil, nil
		}
	}
}

// kill ends the process of a container at once, as nobody who asks the API can.
func (p *pod) kill(name string) error {
	for _, c := range p.containers {
		if c.spec.Name != name {
			continue
		}
		if c.life == nil {
			return fmt.Errorf("podrunner: container %s of pod %s/%s does not run", name, p.namespace, p.name)
		}
		c.life.process.kill()
		return nil
	}
	return fmt.Errorf("podrunner: pod %s/%s has no container %s", p.namespace, p.name, name)
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// finish lets go of everything when nothing runs any more.
func (p *pod) finish() {
	p.ending, p.done = true, true
	if p.address.IsValid() {
		p.report("removing its address", p.runner.addresses.release(p.address))
	}
	p.clean()
	p.runner.leave(p)
}

// abandon is the end of the pod with its node: nobody is asked, all processes are killed. What the API is
// told then is what a kubelet tells that its machine shuts down; a node that lost its power tells nothing,
// because its writers do not reach the API any more.
func (p *pod) abandon() {
	close(p.gone)
	for _, c := range p.containers {
		if c.life != nil {
			c.life.cancel()
			c.life.process.kill()
		}
	}
	p.ending = true
	for _, c := range p.containers {
		if l := c.life; l != nil {
			<-l.process.done
			c.life = nil
			c.ended = &corev1.ContainerStateTerminated{
				ExitCode: l.process.code, Reason: "Error", StartedAt: l.since, FinishedAt: metav1.Now().Rfc3339Copy(), ContainerID: c.id,
			}
		}
	}
	p.work.Wait()
	if !p.done {
		p.verdict = &refusal{"Terminated", "Pod was terminated in response to imminent node shutdown."}
		p.finish()
	}
	p.publish()
	p.writer.close()
}
