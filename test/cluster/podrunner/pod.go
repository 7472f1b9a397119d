package podrunner

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
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
	deleting   bool // the writer was asked to delete it
	writer     *writer
	mail       chan func()
	gone       chan struct{} // closed when nobody reads the mail any more
	work       sync.WaitGroup

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
	p.object, p.removed = p.news.object, p.news.removed
}

// admit decides whether the pod is run at all and gives it its address.
func (p *pod) admit() {
	switch {
	case final(p.object.Status.Phase):
		p.ending, p.done = true, true
		p.told = p.object.Status.DeepCopy() // somebody has said all there is to say
		p.runner.leave(p)
		return
	case p.object.DeletionTimestamp != nil:
		return
	}
	if used, capacity := p.runner.admitted(p); used >= capacity {
		p.reject(fmt.Sprintf("Node didn't have enough resource: pods, requested: 1, used: %d, capacity: %d", used, capacity))
		return
	}
	if p.refusal = refuse(&p.object.Spec); p.refusal != nil {
		p.eventOf("", corev1.EventTypeWarning, p.refusal.reason, p.refusal.message)
		for _, c := range p.containers {
			c.waiting = corev1.ContainerStateWaiting{Reason: p.refusal.reason, Message: p.refusal.message}
		}
		return
	}
	if p.object.Spec.HostNetwork {
		return
	}
	address, err := p.runner.addresses.take()
	if err != nil {
		p.reject("Node has no address for the pod: " + err.Error())
		return
	}
	p.address = address
}

// reject fails the pod as the kubelet fails one that came when the node was full.
func (p *pod) reject(message string) {
	p.eventOf("", corev1.EventTypeWarning, "OutOfpods", message)
	p.verdict = &refusal{"OutOfpods", "Pod was rejected: " + message}
	p.containers = nil
	p.finish()
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

// publish hands the status to the writer where it is another than the last.
func (p *pod) publish() {
	status := p.status()
	remove := p.done && p.object.DeletionTimestamp != nil
	if p.removed || p.told != nil && equality.Semantic.DeepEqual(*p.told, status) && remove == p.deleting {
		return
	}
	p.told, p.deleting = &status, remove
	p.writer.submit(write{base: p.object, status: status, remove: remove})
}

// status is what the kubelet's part of the status is now.
func (p *pod) status() corev1.PodStatus {
	if p.told != nil && p.done && final(p.told.Phase) {
		return *p.told.DeepCopy() // a pod that is through does not change any more
	}
	s := corev1.PodStatus{
		ObservedGeneration: p.object.Generation, StartTime: &p.since,
		HostIP: p.runner.addresses.node.String(), HostIPs: []corev1.HostIP{{IP: p.runner.addresses.node.String()}},
	}
	if ip := p.ip(); ip != "" {
		s.PodIP, s.PodIPs = ip, []corev1.PodIP{{IP: ip}}
	}
	begun := false
	for _, c := range p.containers {
		status := c.status(&p.object.Spec, p.ending)
		if c.role == regular {
			begun = begun || c.id != ""
			s.ContainerStatuses = append(s.ContainerStatuses, status)
		} else {
			s.InitContainerStatuses = append(s.InitContainerStatuses, status)
		}
	}
	s.Phase = phase(&p.object.Spec, s.InitContainerStatuses, s.ContainerStatuses, p.done, begun)
	if p.done && !final(s.Phase) || p.done && p.verdict != nil {
		s.Phase = corev1.PodFailed
	}
	if p.verdict != nil {
		s.Reason, s.Message = p.verdict.reason, p.verdict.message
	}
	s.Conditions = conditions(p.object, &s, p.known(), metav1.Now().Rfc3339Copy())
	return s
}

// known are the conditions as they are: those of others by the API, our own by what the API was last told.
func (p *pod) known() []corev1.PodCondition {
	if p.told == nil {
		return p.object.Status.Conditions
	}
	var known []corev1.PodCondition
	for _, c := range p.object.Status.Conditions {
		if !own(c.Type) {
			known = append(known, c)
		}
	}
	return append(known, p.told.Conditions...)
}

// ip is the address that the pod has or had.
func (p *pod) ip() string {
	switch {
	case p.object.Spec.HostNetwork && p.refusal == nil && p.verdict == nil:
		return p.runner.addresses.node.String()
	case p.address.IsValid():
		return p.address.String()
	}
	return ""
}

func (p *pod) placement() placement {
	return placement{podIP: p.ip(), hostIP: p.runner.addresses.node.String(), allocatable: p.runner.capacity}
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

func lower(kind probeKind) string { return strings.ToLower(string(kind)) }
