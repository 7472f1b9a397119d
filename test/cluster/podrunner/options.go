package podrunner

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/client-go/rest"
)

// maxPods is the kubelet's default.
const maxPods = 110

// Options say what node to be. Only Node is required.
type Options struct {
	// Node is the name of the Node. With the identity of a kubelet it is the one in system:node:NAME.
	Node string
	// Range is where the pods get their addresses: IPv4, of /29 or more. Its first address is the node's own.
	// The zero value takes a free /24 out of 198.18.0.0/15, which RFC 2544 reserves for tests.
	Range netip.Prefix
	// Folder holds logs and working folders, and is kept. Empty means a temporary one, which Close removes.
	Folder string
	// Labels and Taints are those the Node is registered with, beside those that a kubelet sets.
	Labels map[string]string
	Taints []corev1.Taint
	// Capacity adds to or replaces entries of the default: 64 CPUs, 256Gi, and as many pods as there are
	// addresses, at most 110. Nothing is limited to it; the scheduler reads it.
	Capacity corev1.ResourceList
	// Backoff is the delay before a container that crashed again is restarted.
	Backoff Backoff
	// Bind assigns pods that have no node to this one, for clusters without a scheduler. It looks at node
	// selectors, scheduling gates and the number of pods, and at nothing else. It needs Administrator.
	Bind bool
	// Administrator does what a kubelet may not do. Without it Close tries with the runner's own identity,
	// and a Node it may not remove is left behind, not ready.
	Administrator *rest.Config
	// KeepNode leaves the Node where it is at Close.
	KeepNode bool
}

// Backoff is how long a container that crashes waits for its next start. The first restart comes at once,
// the second after Initial, each further one after twice as long, up to Limit. A container that ran for
// twice the Limit starts anew. The kubelet's are ten seconds and five minutes; the zero value is half a
// second and ten seconds.
type Backoff struct{ Initial, Limit time.Duration }

func (o Options) complete() (Options, error) {
	if o.Node == "" {
		return o, errors.New("podrunner: Options.Node is empty; name the node, with a kubelet's identity as in system:node:NAME")
	}
	if o.Bind && o.Administrator == nil {
		return o, errors.New("podrunner: Options.Bind needs Options.Administrator: a kubelet may not bind pods")
	}
	if o.Backoff.Initial == 0 {
		o.Backoff.Initial = 500 * time.Millisecond
	}
	if o.Backoff.Limit == 0 {
		o.Backoff.Limit = max(10*time.Second, o.Backoff.Initial)
	}
	if o.Range.IsValid() && (!o.Range.Addr().Is4() || o.Range.Bits() > 29) {
		return o, fmt.Errorf("podrunner: Options.Range %v: an IPv4 range of /29 or more is needed", o.Range)
	}
	return o, nil
}

// capacity is what the Node announces.
func (o Options) capacity(addresses int) corev1.ResourceList {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("64"), corev1.ResourceMemory: resource.MustParse("256Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("1Ti"),
		corev1.ResourcePods:             *resource.NewQuantity(int64(min(maxPods, addresses)), resource.DecimalSI),
	}
	maps.Copy(capacity, o.Capacity)
	return capacity
}
