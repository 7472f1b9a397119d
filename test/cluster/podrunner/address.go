package podrunner

import (
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// lifetime of an address that is not renewed; it is renewed three times as often.
const lifetime = 60 * time.Second

var (
	errTaken     = errors.New("the address is taken")
	errExhausted = errors.New("no address is left in the range")
)

// device is where addresses live.
type device interface {
	// add makes the address, or returns errTaken where somebody has it.
	add(netip.Addr) error
	// renew starts the lifetime anew, and makes the address where it is gone.
	renew(netip.Addr) error
	remove(netip.Addr) error
}

// addresses hands out those of a range, round about, so that a pod does not get the address that another
// had a moment ago while somebody still dials that one.
type addresses struct {
	device device
	prefix netip.Prefix
	node   netip.Addr
	mu     sync.Mutex
	last   netip.Addr
	held   map[netip.Addr]bool
}

// claim takes the range, or the first free one if none is named. Who holds the first address of a range
// has the range; adding it is atomic, so that two runners never share one.
func claim(d device, wanted netip.Prefix) (*addresses, error) {
	candidates := []netip.Prefix{wanted.Masked()}
	if !wanted.IsValid() {
		candidates = testRanges()
	}
	for _, prefix := range candidates {
		first := prefix.Addr().Next()
		err := d.add(first)
		if err == nil {
			return &addresses{device: d, prefix: prefix, node: first, last: first, held: map[netip.Addr]bool{first: true}}, nil
		}
		if !errors.Is(err, errTaken) {
			return nil, err
		}
	}
	if wanted.IsValid() {
		return nil, fmt.Errorf("podrunner: the range %v is taken: its first address is on the loopback device already; take another, or end the runner that has it", wanted)
	}
	return nil, errors.New("podrunner: all of 198.18.0.0/15 is taken: each /24 has its first address on the loopback device; name an Options.Range")
}

// Prepare tells whether this process may do what a runner needs: it brings the loopback device up where it
// is down and tries to add an address to it. Inside a fresh network namespace nothing listens on 127.0.0.1
// before, so that a test calls it before it starts a cluster.
func Prepare() error {
	device, err := openDevice()
	if err != nil {
		return err
	}
	trial, err := claim(device, netip.Prefix{})
	if err != nil {
		return err
	}
	return trial.close()
}

// testRanges are the networks of 198.18.0.0/15, by RFC 2544.
func testRanges() []netip.Prefix {
	var all []netip.Prefix
	for i := range 512 {
		all = append(all, netip.PrefixFrom(netip.AddrFrom4([4]byte{198, byte(18 + i/256), byte(i % 256), 0}), 24))
	}
	return all
}

// size is how many pods can have an address: all but the network, the node and the broadcast address.
func (a *addresses) size() int { return 1<<(32-a.prefix.Bits()) - 3 }

// take adds the next free address.
func (a *addresses) take() (netip.Addr, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	next := a.last
	for range a.size() + 1 {
		next = next.Next()
		if !a.prefix.Contains(next) || !a.prefix.Contains(next.Next()) { // past the end, or the broadcast address
			next = a.node.Next()
		}
		if a.held[next] {
			continue
		}
		switch err := a.device.add(next); {
		case err == nil:
			a.held[next], a.last = true, next
			return next, nil
		case !errors.Is(err, errTaken):
			return netip.Addr{}, err
		}
	}
	return netip.Addr{}, fmt.Errorf("%w %v", errExhausted, a.prefix)
}

func (a *addresses) release(address netip.Addr) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.held[address] {
		return nil
	}
	delete(a.held, address)
	return a.device.remove(address)
}

func (a *addresses) renew() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []error
	for address := range a.held {
		all = append(all, a.device.renew(address))
	}
	return errors.Join(all...)
}

// close removes what is left, the node's own address too.
func (a *addresses) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []error
	for address := range a.held {
		all = append(all, a.device.remove(address))
	}
	clear(a.held)
	return errors.Join(all...)
}
