//go:build linux

package packets

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
)

// world is hosts on one bridge. The same world serves many policy sets: what is
// drawn anew for each of them are labels, namespaces, port names and rules.
type world struct {
	places []*place // those of pods first
	pods   int
	bridge *host
	ports  []uint16 // all that are tried
	zone   int      // of connection tracking
	// retries counts packets of which nothing was heard at first.
	retries int
}

// place is where a pod lives, or a host outside of the cluster.
type place struct {
	index   int
	host    *host
	name    string
	addrs   []netip.Addr // IPv4 before IPv6
	link    string       // its Ethernet address
	outside bool
}

// families says which addresses the hosts of a world have.
type families struct{ four, six bool }

func (f families) String() string {
	return map[families]string{{true, false}: "IPv4", {false, true}: "IPv6", {true, true}: "dual"}[f]
}

// newWorld builds a world that is taken away when the test ends.
func newWorld(t *testing.T, rng *rand.Rand, has families) *world {
	t.Helper()
	w := &world{pods: 4 + rng.IntN(3), ports: drawPorts(rng)}
	w.bridge = startOrFail(t, "bridge")
	must(t, w.bridge, "ip", "link", "add", "br0", "type", "bridge", "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
	must(t, w.bridge, "ip", "link", "set", "br0", "up")
	used := map[netip.Addr]bool{}
	for i := range w.pods + 2 {
		p := &place{index: i, name: fmt.Sprintf("slot%d", i), outside: i >= w.pods, link: fmt.Sprintf("02:00:00:00:00:%02x", i+1)}
		if p.outside {
			p.name = fmt.Sprintf("outside%d", i-w.pods)
		}
		p.host = startOrFail(t, p.name)
		p.addrs = drawAddresses(rng, has, p.outside, used)
		w.places = append(w.places, p)
	}
	w.each(t, w.connect)
	w.each(t, func(p *place) error {
		_, err := p.host.do(request{Listen: w.ports})
		return err
	})
	return w
}

func startOrFail(t *testing.T, name string) *host {
	t.Helper()
	h, err := start(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.stop)
	return h
}

func must(t *testing.T, h *host, program ...string) {
	t.Helper()
	if _, err := h.run("", program...); err != nil {
		t.Fatal(err)
	}
}

// each does something with all places at once.
func (w *world) each(t *testing.T, do func(*place) error) {
	t.Helper()
	var wait sync.WaitGroup
	failed := make([]error, len(w.places))
	for i, p := range w.places {
		wait.Go(func() { failed[i] = do(p) })
	}
	wait.Wait()
	for _, err := range failed {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// connect plugs a host into the bridge. All of them are on one link, with a route
// to everybody, and know each other's Ethernet address: who may talk is up to the
// rules alone.
func (w *world) connect(p *place) error {
	plug := fmt.Sprintf("link add %[1]s type veth peer name eth0 address %[2]s netns %[3]d\nlink set %[1]s master br0 up\n", p.name, p.link, p.host.cmd.Process.Pid)
	if _, err := w.bridge.run(plug, "ip", "-batch", "-"); err != nil {
		return err
	}
	var b strings.Builder
	for _, a := range p.addrs {
		if a.Is6() {
			fmt.Fprintf(&b, "addr add %s/128 dev eth0 nodad\n", a)
		} else {
			fmt.Fprintf(&b, "addr add %s/32 dev eth0\n", a)
		}
	}
	b.WriteString("link set eth0 up\n")
	for _, a := range p.addrs {
		if a.Is6() {
			b.WriteString("route add ::/0 dev eth0\n")
		} else {
			b.WriteString("route add default dev eth0\n")
		}
	}
	for _, other := range w.places {
		for _, a := range other.addrs {
			if other != p {
				fmt.Fprintf(&b, "neigh add %s lladdr %s dev eth0 nud permanent\n", a, other.link)
			}
		}
	}
	if _, err := p.host.run(b.String(), "ip", "-batch", "-"); err != nil {
		return err
	}
	// A refusal is an ICMP error, and the kernel would send only a few of them: the
	// masks say for which types that holds.
	_, err := p.host.do(request{Write: map[string]string{
		"/proc/sys/net/ipv4/icmp_ratemask": "0",
		"/proc/sys/net/ipv6/icmp/ratemask": "2", // "too big" alone, which is never sent here
	}})
	return err
}

// drawPorts draws ports with their neighbours, so that a range that is wrong by
// one is seen.
func drawPorts(rng *rand.Rand) []uint16 {
	well := []uint16{22, 53, 80, 443, 1433, 3306, 5432, 6379, 8080, 9090, 15000, 32767}
	rng.Shuffle(len(well), func(i, j int) { well[i], well[j] = well[j], well[i] })
	ports := []uint16{1, 65535}
	for _, p := range well[:4] {
		ports = append(ports, p-1, p, p+1)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// drawAddresses draws addresses: pods from a few small ranges, hosts outside from
// the ranges for documentation (RFC 5737, RFC 3849). Nothing leaves the bridge.
func drawAddresses(rng *rand.Rand, has families, outside bool, used map[netip.Addr]bool) (out []netip.Addr) {
	four := []string{"10.244.1.", "10.244.2.", "10.244.130."}
	six := []string{"fd00:10:244:1::", "fd00:10:244:2::", "fd00:10:244:8002::"}
	if outside {
		four, six = []string{"198.51.100.", "203.0.113."}, []string{"2001:db8:a::", "2001:db8:b::"}
	}
	draw := func(prefixes []string, format string) {
		for {
			a := netip.MustParseAddr(prefixes[rng.IntN(len(prefixes))] + fmt.Sprintf(format, 2+rng.IntN(250)))
			if !used[a] {
				used[a] = true
				out = append(out, a)
				return
			}
		}
	}
	if has.four {
		draw(four, "%d")
	}
	if has.six {
		draw(six, "%x")
	}
	return out
}
