package podrunner

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// pod runs one pod. All of it but the news belongs to one goroutine, which is told of everything else
// (ends of processes, results of probes) by functions in its mail.
type pod struct {
	runner     *Runner
	uid        types.UID
	namespace  string
	name       string
	object     *corev1.Pod // the newest that is known
	containers []*container
	address    netip.Addr // not valid for a pod in the host's network
	began      time.Time
	since      metav1.Time // began, as the API has times: in seconds
	refusal    *refusal    // why nothing of it is started
	verdict    *refusal    // why it failed as a whole
	ready      bool        // the init containers are through
	ending     bool        // nothing is started any more
	deadline   time.Time
	done       bool // nothing runs and nothing will
	removed    bool // the API has it no more
	told       *corev1.PodStatus
	changed    bool // somebody has written to it since
	deleting   bool // the writer was asked to delete it
	writer     *writer
	mail       chan func()
	gone       chan struct{} // closed when nobody reads the mail any more
	work       sync.WaitGroup
	configMaps map[string]*corev1.ConfigMap // as they were read last
	secrets    map[string]*corev1.Secret

	news struct {
		sync.Mutex
		object  *corev1.Pod
		removed bool
	}
	bell chan struct{}
}

func newPod(r *Runner, object *corev1.Pod) *pod {
	p := &pod{
		runner: r, uid: object.UID, namespace: object.Namespace, name: object.Name, object: object, containers: containersOf(object), began: time.Now(),
		mail: make(chan func()), gone: make(chan struct{}), bell: make(chan struct{}, 1),
		configMaps: map[string]*corev1.ConfigMap{}, secrets: map[string]*corev1.Secret{},
	}
	if object.Status.StartTime != nil {
		p.began = object.Status.StartTime.Time
	}
	p.since = metav1.NewTime(p.began).Rfc3339Copy()
	p.writer = newWriter(r)
	return p
}

// see hands a newer version to the pod's goroutine and does not wait for it.
func (p *pod) see(object *corev1.Pod, removed bool) {
	p.news.Lock()
	p.news.object, p.news.removed = object, p.news.removed || removed
	p.news.Unlock()
	select {
	case p.bell <- struct{}{}:
	default:
	}
}

// post runs the function in the pod's goroutine, or not at all where that has ended.
func (p *pod) post(f func()) {
	select {
	case p.mail <- f:
	case <-p.gone:
	}
}

// ask is post, and waits until the function has run or never will.
func (p *pod) ask(f func()) {
	ran := make(chan struct{})
	p.post(func() {
		defer close(ran)
		f()
	})
	select {
	case <-ran:
	case <-p.gone:
	}
}

// run starts a goroutine that the end of the pod waits for.
func (p *pod) run(f func()) {
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		f()
	}()
}

// live is the pod's goroutine. It returns when the API has the pod no more, or when the runner ends.
func (p *pod) live(ctx context.Context) {
	p.admit()
	for !p.done || !p.removed {
		wake := p.sync()
		p.publish()
		if p.done && p.removed {
			break
		}
		var timer <-chan time.Time
		if !wake.IsZero() {
			timer = time.After(time.Until(wake))
		}
		select {
		case f := <-p.mail:
			f()
		case <-p.bell:
			p.read()
		case <-timer:
		case <-ctx.Done():
			p.abandon()
			return
		}
	}
	close(p.gone)
	p.work.Wait()
	p.writer.close()
}

func (p *pod) read() {
	p.news.Lock()
	defer p.news.Unlock()
	p.object, p.removed, p.changed = p.news.object, p.news.removed, true
}

// sync brings what runs to what should run, and says when to look again although nothing happened.
func (p *pod) sync() (wake time.Time) {
	switch {
	case p.done:
		return time.Time{}
	case p.object.DeletionTimestamp != nil || p.removed:
		p.end(p.grace())
	case !p.ending && p.object.Spec.ActiveDeadlineSeconds != nil:
		late := p.began.Add(time.Duration(*p.object.Spec.ActiveDeadlineSeconds) * time.Second)
		if time.Now().Before(late) {
			wake = late
			break
		}
		p.verdict = &refusal{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline"}
		p.end(p.grace())
	}
	if !p.ending && p.refusal == nil {
		wake = earlier(wake, p.advance())
	}
	if p.ending {
		p.goOnEnding()
		return time.Time{}
	}
	return wake
}

// advance starts what is due, in the order of the containers.
func (p *pod) advance() (wake time.Time) {
	spec := &p.object.Spec
	over := true
	for _, c := range p.containers {
		if c.role == regular {
			p.ready = true
			over = over && c.stays(spec)
		}
		if c.role == initial && (p.ready || c.completed()) {
			continue
		}
		if c.stays(spec) {
			if c.role == initial {
				p.end(p.grace()) // failed for good
				return time.Time{}
			}
			continue
		}
		if c.life == nil {
			if time.Now().Before(c.earliest) {
				wake = earlier(wake, c.earliest)
			} else {
				p.start(c)
				if c.life == nil {
					wake = earlier(wake, later(c.earliest, time.Now()))
				}
			}
		}
		switch c.role {
		case initial:
			return wake
		case sidecar:
			if !p.ready && !c.started() {
				return wake
			}
		case regular:
			if c.life != nil && !c.life.hooked {
				return wake // the next one starts when the hook after the start is through
			}
		}
	}
	if over {
		p.end(p.grace())
	}
	return wake
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// folder is where the containers have their working folders. It goes with the pod.
func (p *pod) folder() string { return filepath.Join(p.runner.folder, "work", string(p.uid)) }

func (p *pod) event(c *container, kind, reason, message string) {
	field := "spec.containers"
	if c.role != regular {
		field = "spec.initContainers"
	}
	p.eventOf(fmt.Sprintf("%s{%s}", field, c.spec.Name), kind, reason, message)
}

func (p *pod) eventOf(field, kind, reason, message string) {
	p.runner.recorder.Event(&corev1.ObjectReference{
		APIVersion: "v1", Kind: "Pod", Namespace: p.namespace, Name: p.name, UID: p.uid,
		ResourceVersion: p.object.ResourceVersion, FieldPath: field,
	}, kind, reason, message)
}

func (p *pod) report(what string, err error) {
	if err != nil {
		p.runner.log.Error(what, "pod", p.namespace+"/"+p.name, "error", err)
	}
}

func (p *pod) clean() { p.report("removing the working folder", os.RemoveAll(p.folder())) }
