package podrunner

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// memory is a device that remembers what it has.
type memory map[netip.Addr]bool

func (m memory) add(a netip.Addr) error {
	if m[a] {
		return errTaken
	}
	m[a] = true
	return nil
}

func (m memory) renew(a netip.Addr) error {
	m[a] = true
	return nil
}

func (m memory) remove(a netip.Addr) error {
	delete(m, a)
	return nil
}

func TestAddresses(t *testing.T) {
	taken := netip.MustParseAddr("198.18.0.3")
	device := memory{taken: true}
	a, err := claim(device, netip.MustParsePrefix("198.18.0.0/29"))
	if err != nil {
		t.Fatal(err)
	}
	if a.node.String() != "198.18.0.1" || a.size() != 5 {
		t.Errorf("the node has %v and %d pods can have an address; want .1 and 5", a.node, a.size())
	}
	take := func(want string) {
		t.Helper()
		got, err := a.take()
		if err != nil || got.String() != want {
			t.Errorf("took %v, %v; want %s", got, err, want)
		}
	}
	take("198.18.0.2")
	take("198.18.0.4") // somebody else has .3
	if err := a.release(netip.MustParseAddr("198.18.0.2")); err != nil {
		t.Fatal(err)
	}
	take("198.18.0.5") // not the one that was used a moment ago
	take("198.18.0.6")
	take("198.18.0.2") // .7 is the broadcast address
	if _, err := a.take(); !errors.Is(err, errExhausted) {
		t.Errorf("a full range: %v", err)
	}
	if err := a.close(); err != nil || len(device) != 1 || !device[taken] {
		t.Errorf("after the end: %v, %v; only what was there before should be left", device, err)
	}
}

func TestClaim(t *testing.T) {
	device := memory{}
	first, err := claim(device, netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := claim(device, netip.Prefix{})
	if err != nil {
		t.Fatal(err)
	}
	if first.prefix == second.prefix || !netip.MustParsePrefix("198.18.0.0/15").Contains(second.node) {
		t.Errorf("two runners have %v and %v", first.prefix, second.prefix)
	}
	if _, err := claim(device, first.prefix); err == nil || !strings.Contains(err.Error(), "is taken") {
		t.Errorf("a range that is taken: %v", err)
	}
	if n := len(testRanges()); n != 512 || testRanges()[511].String() != "198.19.255.0/24" {
		t.Errorf("%d ranges, the last is %v", n, testRanges()[n-1])
	}
}

func TestOptions(t *testing.T) {
	for says, o := range map[string]Options{
		"Node is empty":       {},
		"needs Options.Admin": {Node: "n", Bind: true},
		"/29 or more":         {Node: "n", Range: netip.MustParsePrefix("198.18.0.0/30")},
		"an IPv4 range":       {Node: "n", Range: netip.MustParsePrefix("2001:db8::/64")},
	} {
		if _, err := o.complete(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want an error that says %q", o, err, says)
		}
	}
	o, err := Options{Node: "n", Capacity: corev1.ResourceList{"example.com/gpu": *intQuantity(2)}}.complete()
	if err != nil {
		t.Fatal(err)
	}
	capacity := o.capacity(253)
	if pods, own := capacity["pods"], capacity["example.com/gpu"]; pods.Value() != 110 || own.Value() != 2 {
		t.Errorf("the capacity is %v", capacity)
	}
	small := o.capacity(5)
	if pods := small["pods"]; pods.Value() != 5 {
		t.Errorf("with five addresses there is room for %v pods", pods.Value())
	}
}

func TestRefuse(t *testing.T) {
	good := corev1.Container{Name: "c", Command: []string{"true"}, VolumeMounts: []corev1.VolumeMount{{Name: "kube-api-access-abcde"}}}
	mounts, devices, asks := good, good, good
	mounts.VolumeMounts = []corev1.VolumeMount{{Name: "data"}}
	devices.VolumeDevices = []corev1.VolumeDevice{{Name: "disk"}}
	asks.StartupProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{GRPC: &corev1.GRPCAction{}}}
	for reason, bad := range map[string]corev1.Container{"NoCommand": {Name: "c"}, "MountsNotSupported": mounts, "ProbeNotSupported": asks} {
		for place, spec := range map[string]corev1.PodSpec{
			"container":      {Containers: []corev1.Container{good, bad}},
			"init container": {InitContainers: []corev1.Container{bad}, Containers: []corev1.Container{good}},
		} {
			if r := refuse(&spec); r == nil || r.reason != reason {
				t.Errorf("%s in an %s: %+v", reason, place, r)
			}
		}
	}
	if r := refuse(&corev1.PodSpec{Containers: []corev1.Container{devices}}); r == nil || r.reason != "MountsNotSupported" {
		t.Errorf("a device: %+v", r)
	}
	if r := refuse(&corev1.PodSpec{Containers: []corev1.Container{good}}); r != nil {
		t.Errorf("a pod that can be run: %+v", r)
	}
}

func TestBinds(t *testing.T) {
	r := &Runner{options: Options{Node: "n", Labels: map[string]string{"zone": "a"}}, addresses: &addresses{}}
	now := metav1.Now()
	for name, c := range map[string]struct {
		pod  corev1.Pod
		want bool
	}{
		"free":          {corev1.Pod{}, true},
		"assigned":      {corev1.Pod{Spec: corev1.PodSpec{NodeName: "m"}}, false},
		"deleted":       {corev1.Pod{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: &now}}, false},
		"gated":         {corev1.Pod{Spec: corev1.PodSpec{SchedulingGates: []corev1.PodSchedulingGate{{Name: "g"}}}}, false},
		"for this zone": {corev1.Pod{Spec: corev1.PodSpec{NodeSelector: map[string]string{"zone": "a", "kubernetes.io/hostname": "n"}}}, true},
		"for another":   {corev1.Pod{Spec: corev1.PodSpec{NodeSelector: map[string]string{"zone": "b"}}}, false},
	} {
		if got := r.binds(&c.pod); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// A pod that was bound here has its place until it is admitted: no other is bound to it in between.
func TestPlaceOfABoundPod(t *testing.T) {
	pods := map[types.UID]*pod{"bound": {uid: "bound"}}
	r := &Runner{
		capacity: corev1.ResourceList{corev1.ResourcePods: *intQuantity(2)}, pods: pods,
		active: map[types.UID]bool{}, bound: map[types.UID]bool{"bound": true},
	}
	other := func(uid types.UID) *corev1.Pod { return &corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: uid}} }
	if used, _ := r.admitted(pods["bound"]); used != 0 || !r.reserve(other("second")) || r.reserve(other("third")) {
		t.Errorf("of two places %d were used before the first pod; then %v are reserved", used, r.bound)
	}
	r.leave(&pod{uid: "second"}) // deleted before it was admitted
	if !r.reserve(other("fourth")) {
		t.Errorf("a pod that left keeps its place: %v", r.bound)
	}
}

func TestConnectionIsAsFastAsAKubelets(t *testing.T) {
	for said, want := range map[float32]float32{0: 50, 7: 7} {
		client, err := new(Runner).connect(&rest.Config{Host: "127.0.0.1:1", QPS: said, Burst: int(said)})
		if err != nil {
			t.Fatal(err)
		}
		if got := client.CoreV1().RESTClient().GetRateLimiter().QPS(); got != want {
			t.Errorf("a configuration with QPS %v gives %v, not %v", said, got, want)
		}
	}
}
