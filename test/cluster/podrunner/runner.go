package podrunner

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
)

// Runner is a running node. Its methods may be called from several goroutines.
type Runner struct {
	options   Options
	client    kubernetes.Interface
	admin     kubernetes.Interface // nil without an administrator
	transport []*http.Client
	addresses *addresses
	spawner   *spawner
	folder    string
	temporary bool
	logFile   *os.File
	log       *slog.Logger
	capacity  corev1.ResourceList
	events    record.EventBroadcaster
	recorder  record.EventRecorder

	api        context.Context // of all calls; its end is the end of the network
	cutOff     context.CancelFunc
	intake     context.Context // of all that listens to the API and of the heartbeat
	stopIntake context.CancelFunc
	life       context.Context // of the pods
	end        context.CancelFunc
	loops      sync.WaitGroup
	living     sync.WaitGroup
	factories  []informers.SharedInformerFactory
	ending     sync.Mutex
	ended      bool // no pod lives any more
	closed     bool
	registered bool

	mu     sync.Mutex
	pods   map[types.UID]*pod
	active map[types.UID]bool // have a place on the node
	bound  map[types.UID]bool // were bound here and not seen yet
}

// Start registers the node and runs pods from then on. It returns when the node is ready and listens. The
// context bounds the start, not the life of the runner: end that with Close.
func Start(ctx context.Context, config *rest.Config, options Options) (*Runner, error) {
	options, err := options.complete()
	if err != nil {
		return nil, err
	}
	device, err := openDevice()
	if err != nil {
		return nil, err
	}
	r := &Runner{
		options: options, pods: map[types.UID]*pod{}, active: map[types.UID]bool{}, bound: map[types.UID]bool{},
		spawner: newSpawner(), log: slog.New(slog.DiscardHandler),
	}
	r.api, r.cutOff = context.WithCancel(context.Background())
	r.intake, r.stopIntake = context.WithCancel(r.api)
	r.life, r.end = context.WithCancel(context.Background())
	if err := r.start(ctx, config, device); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Runner) start(ctx context.Context, config *rest.Config, device device) (err error) {
	if r.addresses, err = claim(device, r.options.Range); err != nil {
		return err
	}
	if err := r.openFolder(); err != nil {
		return err
	}
	r.capacity = r.options.capacity(r.addresses.size())
	if r.client, err = r.connect(config); err != nil {
		return err
	}
	if r.options.Administrator != nil {
		if r.admin, err = r.connect(r.options.Administrator); err != nil {
			return err
		}
	}
	if err := r.register(ctx); err != nil {
		return err
	}
	r.registered = true
	r.events = record.NewBroadcaster(record.WithContext(r.api))
	r.events.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: r.client.CoreV1().Events("")})
	r.recorder = r.events.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "podrunner", Host: r.options.Node})
	r.every(lifetime/3, r.renewAddresses)
	r.loops.Go(r.beat)
	if err := r.listen(ctx, r.client, 0, fields.OneTermEqualSelector("spec.nodeName", r.options.Node), r.handler()); err != nil {
		return err
	}
	if r.options.Bind {
		// What could not be bound is seen again after each period.
		return r.listen(ctx, r.admin, time.Second, fields.OneTermEqualSelector("spec.nodeName", ""), r.binder())
	}
	return nil
}

// openFolder makes the place of logs and working folders.
func (r *Runner) openFolder() (err error) {
	r.folder = r.options.Folder
	if r.folder == "" {
		if r.folder, err = os.MkdirTemp("", "polygraph-podrunner-"); err != nil {
			return err
		}
		r.temporary = true
	}
	if r.folder, err = filepath.Abs(r.folder); err != nil {
		return err
	}
	if err := os.MkdirAll(r.folder, 0o700); err != nil {
		return err
	}
	if r.logFile, err = os.OpenFile(filepath.Join(r.folder, "podrunner.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
		return err
	}
	r.log = slog.New(slog.NewTextHandler(r.logFile, nil))
	return nil
}

// connect makes a client whose connections are its own, so that Close can close them.
func (r *Runner) connect(config *rest.Config) (kubernetes.Interface, error) {
	config = rest.CopyConfig(config)
	// A dialer of its own keeps client-go from sharing the connections of others with this configuration.
	config.Dial = newDialer().DialContext
	if config.UserAgent == "" {
		config.UserAgent = "podrunner"
	}
	if config.QPS == 0 && config.RateLimiter == nil {
		config.QPS, config.Burst = 50, 100 // the kubelet's; those of client-go make a node of many pods late
	}
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	r.transport = append(r.transport, transport)
	return kubernetes.NewForConfigAndClient(config, transport)
}

// listen starts an informer on pods and waits until it has seen all there are.
func (r *Runner) listen(ctx context.Context, client kubernetes.Interface, again time.Duration, which fields.Selector, handler cache.ResourceEventHandler) error {
	factory := informers.NewSharedInformerFactoryWithOptions(client, again,
		informers.WithTweakListOptions(func(o *metav1.ListOptions) { o.FieldSelector = which.String() }))
	informer := factory.Core().V1().Pods().Informer()
	seen, err := informer.AddEventHandler(handler)
	if err != nil {
		return err
	}
	r.factories = append(r.factories, factory)
	factory.Start(r.intake.Done())
	if !cache.WaitForCacheSync(ctx.Done(), seen.HasSynced) {
		return fmt.Errorf("podrunner: listing the pods with %s: %w", which, context.Cause(ctx))
	}
	return nil
}

// handler hands each version of a pod to its goroutine.
func (r *Runner) handler() cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: func(o any) { r.see(o.(*corev1.Pod)) },
		UpdateFunc: func(before, o any) {
			// After a gap in the watch one pod can stand where another of its name was.
			if was := before.(*corev1.Pod); was.UID != o.(*corev1.Pod).UID {
				r.lose(was)
			}
			r.see(o.(*corev1.Pod))
		},
		DeleteFunc: func(o any) {
			if unknown, ok := o.(cache.DeletedFinalStateUnknown); ok {
				o = unknown.Obj
			}
			if object, ok := o.(*corev1.Pod); ok {
				r.lose(object)
			}
		},
	}
}

func (r *Runner) see(object *corev1.Pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.pods[object.UID]; p != nil {
		p.see(object, false)
		return
	}
	if r.life.Err() != nil {
		return
	}
	p := newPod(r, object)
	r.pods[object.UID] = p
	r.living.Go(func() {
		p.live(r.life)
		r.leave(p)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.pods, object.UID)
	})
}

func (r *Runner) lose(object *corev1.Pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.pods[object.UID]; p != nil {
		p.see(object, true)
	}
}

// admitted gives the pod a place on the node where there is one, and tells how many were taken before.
func (r *Runner) admitted(p *pod) (used, capacity int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.bound, p.uid) // not before it counts here: another would be bound to its place
	used, capacity = len(r.active), r.places()
	if used < capacity {
		r.active[p.uid] = true
	}
	return used, capacity
}

func (r *Runner) places() int {
	pods := r.capacity[corev1.ResourcePods]
	return int(pods.Value())
}

func (r *Runner) leave(p *pod) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.active, p.uid)
	delete(r.bound, p.uid)
}

// every calls the function periodically until the pods end.
func (r *Runner) every(period time.Duration, f func()) {
	r.loops.Go(func() {
		ticker := time.NewTicker(period)
		defer ticker.Stop()
		for {
			select {
			case <-r.life.Done():
				return
			case <-ticker.C:
				f()
			}
		}
	})
}

func (r *Runner) renewAddresses() {
	if err := r.addresses.renew(); err != nil {
		r.log.Error("renewing addresses", "error", err)
	}
}

// Kill ends the process of a container, and all that it started, at once. The container is then restarted
// or not, as its restart policy says.
func (r *Runner) Kill(namespace, name, container string) error {
	r.mu.Lock()
	var found *pod
	for _, p := range r.pods {
		if p.namespace == namespace && p.name == name && (found == nil || r.active[p.uid]) {
			found = p
		}
	}
	r.mu.Unlock()
	err := fmt.Errorf("podrunner: node %s has no pod %s/%s", r.options.Node, namespace, name)
	if found != nil {
		found.ask(func() { err = found.kill(container) })
	}
	return err
}

// Log is where the output of a container is, that of all its lives and of all pods of the name.
func (r *Runner) Log(namespace, pod, container string) string {
	return filepath.Join(r.folder, "logs", namespace, pod, container+".log")
}

// Range is where the pods have their addresses; its first address is the node's own.
func (r *Runner) Range() netip.Prefix { return r.addresses.prefix }
