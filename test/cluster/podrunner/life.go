package podrunner

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// shortest is what a process has at least between being asked to end and being killed, as on a kubelet.
const shortest = 2 * time.Second

// life is one process of a container, from its start to its end.
type life struct {
	target   *target
	process  *process
	log      string
	logFrom  int64 // where in the log its output begins
	began    time.Time
	since    metav1.Time     // began, as the API has times: in seconds
	ctx      context.Context // ends with the process; probes and the hook after the start run under it
	cancel   context.CancelFunc
	hooked   bool // the hook after the start is through
	stopping bool
	deadline chan time.Time // an earlier end than was said before
	turn     chan struct{}  // closed when the process may be asked to end
	turned   bool
	probes   map[probeKind]*probing
}

// takeTurn lets a life that is being stopped be asked to end. A sidecar has to wait for it.
func (l *life) takeTurn() {
	if !l.turned {
		l.turned = true
		close(l.turn)
	}
}

// start begins a life, or says in the container's state why there is none.
func (p *pod) start(c *container) {
	variables, err := p.variables(c)
	if err != nil {
		p.retryLater(c, err)
		return
	}
	if c.ended != nil {
		c.previous, c.ended = c.ended, nil
		c.restarts++
	}
	c.again = false
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	c.id = "podrunner://" + hex.EncodeToString(id)
	l, err := p.spawn(c, variables)
	if err != nil {
		now := metav1.Now().Rfc3339Copy()
		p.event(c, corev1.EventTypeWarning, "Failed", "Error: "+err.Error())
		p.over(c, time.Now(), &corev1.ContainerStateTerminated{
			ExitCode: 128, Reason: "StartError", Message: err.Error(), StartedAt: now, FinishedAt: now, ContainerID: c.id,
		})
		return
	}
	c.life, c.waiting = l, corev1.ContainerStateWaiting{}
	p.event(c, corev1.EventTypeNormal, "Started", "Started container "+c.spec.Name)
	p.run(func() {
		<-l.process.done
		l.cancel()
		p.post(func() { p.exited(c, l) })
	})
	p.afterStart(c, l)
}

// retryLater keeps a container waiting whose environment cannot be had now. It may be a moment until the
// API server knows that this node has a pod that refers to a Secret.
func (p *pod) retryLater(c *container, err error) {
	const reason = "CreateContainerConfigError"
	if c.waiting.Reason != reason {
		p.event(c, corev1.EventTypeWarning, "Failed", "Error: "+err.Error())
	}
	c.waiting = corev1.ContainerStateWaiting{Reason: reason, Message: err.Error()}
	c.earliest = time.Now().Add(time.Second)
}

// variables reads what the environment of the container refers to.
func (p *pod) variables(c *container) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(p.runner.api, requestLimit)
	defer cancel()
	client := p.runner.client.CoreV1()
	own, err := environment(p.object, c.spec, sources{
		configMap: func(name string) (*corev1.ConfigMap, error) {
			return recall(ctx, p.configMaps, name, client.ConfigMaps(p.namespace).Get)
		},
		secret: func(name string) (*corev1.Secret, error) {
			return recall(ctx, p.secrets, name, client.Secrets(p.namespace).Get)
		},
	}, p.placement())
	if err != nil {
		return nil, err
	}
	variables := imageVariables(p.name)
	for name, value := range own {
		variables[name] = value
	}
	return variables, nil
}

// recall reads an object, or returns what was read last where the API does not answer: a container is
// restarted without it too.
func recall[T any](ctx context.Context, known map[string]*T, name string, get func(context.Context, string, metav1.GetOptions) (*T, error)) (*T, error) {
	last := known[name]
	if last != nil {
		brief, cancel := context.WithTimeout(ctx, time.Second) // the pod's other containers wait for it
		defer cancel()
		ctx = brief
	}
	object, err := get(ctx, name, metav1.GetOptions{})
	switch {
	case err == nil:
		known[name] = object
		return object, nil
	case last != nil && !apierrors.IsNotFound(err):
		return last, nil
	}
	return nil, err
}

// spawn starts the process with its output going to the log of the container.
func (p *pod) spawn(c *container, variables map[string]string) (*life, error) {
	folder, err := makeFolder(c.spec.WorkingDir, filepath.Join(p.folder(), c.spec.Name))
	if err != nil {
		return nil, err
	}
	at := surroundings{variables: variables, folder: folder}
	args, err := expandAll(slices.Concat(c.spec.Command, c.spec.Args), variables)
	if err != nil {
		return nil, err
	}
	cmd, err := at.command(args)
	if err != nil {
		return nil, err
	}
	path := p.runner.Log(p.namespace, p.name, c.spec.Name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600) // output may hold Secrets
	if err != nil {
		return nil, err
	}
	defer log.Close()
	before, err := log.Stat()
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr = log, log
	l := &life{
		log: path, logFrom: before.Size(), deadline: make(chan time.Time, 1), turn: make(chan struct{}), probes: map[probeKind]*probing{},
		target: &target{container: c.spec, address: p.ip(), surroundings: at, spawner: p.runner.spawner},
	}
	if l.process, err = p.runner.spawner.start(cmd); err != nil {
		return nil, err
	}
	l.began = time.Now()
	l.since = metav1.NewTime(l.began).Rfc3339Copy()
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l, nil
}

// afterStart runs the hook and then the startup probe; the other probes follow when those are through.
func (p *pod) afterStart(c *container, l *life) {
	for kind, spec := range map[probeKind]*corev1.Probe{startup: c.spec.StartupProbe, liveness: c.spec.LivenessProbe, readiness: c.spec.ReadinessProbe} {
		if spec != nil && c.role != initial {
			l.probes[kind] = newProbing(kind, spec)
		}
	}
	if c.spec.Lifecycle == nil || c.spec.Lifecycle.PostStart == nil || c.role == initial {
		p.hooked(c, l)
		return
	}
	p.run(func() {
		err := l.target.hook(l.ctx, c.spec.Lifecycle.PostStart)
		p.post(func() {
			switch {
			case l.stopping || c.life != l:
			case err != nil:
				p.event(c, corev1.EventTypeWarning, "FailedPostStartHook", "PostStartHook failed: "+err.Error())
				p.stop(c, time.Now().Add(p.grace()), "FailedPostStartHook")
				l.takeTurn()
			default:
				p.hooked(c, l)
			}
		})
	})
}

func (p *pod) hooked(c *container, l *life) {
	l.hooked = true
	if l.probes[startup] != nil {
		p.probe(c, l, startup)
		return
	}
	p.probe(c, l, liveness)
	p.probe(c, l, readiness)
}

// probe begins to try; results arrive in the pod's goroutine.
func (p *pod) probe(c *container, l *life, kind probeKind) {
	state := l.probes[kind]
	if state == nil {
		return
	}
	ctx, cancel := context.WithCancel(l.ctx)
	state.cancel = cancel
	p.run(func() {
		defer cancel()
		attempt(ctx, state.spec, l.began, func(ctx context.Context) error { return l.target.try(ctx, state.spec) },
			func(err error) { p.post(func() { p.probed(c, l, state, err) }) })
	})
}

func (p *pod) probed(c *container, l *life, state *probing, err error) {
	if c.life != l || state.decided || l.stopping && state.kind != readiness {
		return
	}
	if err != nil {
		p.event(c, corev1.EventTypeWarning, "Unhealthy", fmt.Sprintf("%s probe failed: %v", state.kind, err))
	}
	if !state.observe(err == nil) || !state.decided {
		return
	}
	state.cancel()
	if state.passed {
		p.probe(c, l, liveness)
		p.probe(c, l, readiness)
		return
	}
	grace := p.grace()
	if own := state.spec.TerminationGracePeriodSeconds; own != nil {
		grace = seconds(*own)
	}
	message := fmt.Sprintf("Container %s failed %s probe", c.spec.Name, strings.ToLower(string(state.kind)))
	if c.again = restartsAlive(&p.object.Spec, c.spec); c.again {
		message += ", will be restarted"
	}
	p.stop(c, time.Now().Add(grace), message)
	l.takeTurn()
}

// exited takes note of the end of a process.
func (p *pod) exited(c *container, l *life) {
	if c.life != l {
		return
	}
	c.life = nil
	end := &corev1.ContainerStateTerminated{
		ExitCode: l.process.code, Reason: "Completed",
		StartedAt: l.since, FinishedAt: metav1.Now().Rfc3339Copy(), ContainerID: c.id,
	}
	if end.ExitCode != 0 {
		end.Reason = "Error"
		if c.spec.TerminationMessagePolicy == corev1.TerminationMessageFallbackToLogsOnError {
			end.Message = logEnd(l.log, l.logFrom)
		}
	}
	p.over(c, l.began, end)
}

// over records an end and decides when the next life may begin.
func (p *pod) over(c *container, began time.Time, end *corev1.ContainerStateTerminated) {
	c.ended = end
	if p.ending || c.stays(&p.object.Spec) {
		return
	}
	wait := c.delay.after(time.Since(began), p.runner.options.Backoff)
	c.earliest = time.Now().Add(wait)
	if wait > 0 && !(c.role == initial && c.completed()) {
		message := fmt.Sprintf("back-off %v restarting failed container=%s pod=%s_%s(%s)", wait, c.spec.Name, p.name, p.namespace, p.uid)
		c.waiting = corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff", Message: message}
		p.event(c, corev1.EventTypeWarning, "BackOff", fmt.Sprintf("Back-off restarting failed container %s in pod %s_%s(%s)", c.spec.Name, p.name, p.namespace, p.uid))
	}
}
