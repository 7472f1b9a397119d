package reach

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// chance makes random clusters and policies.
type chance struct{ *rand.Rand }

func (c chance) pick(words ...string) string { return words[c.IntN(len(words))] }
func (c chance) of(n int) bool               { return c.IntN(n) == 0 }

// cluster writes pods with addresses; without some of the Namespaces when
// missing is set.
func (c chance) cluster(t *testing.T, missing bool) []*kubeobj.Object {
	var b strings.Builder
	for _, ns := range []string{"nx", "ny", "nz"} {
		if missing && c.of(2) {
			continue
		}
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {team: %s}}\n", ns, c.pick("a", "b"))
	}
	for i := range 3 + c.IntN(6) {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p%d, namespace: %s, labels: {app: %s, tier: %s}}\nspec:\n  containers:\n  - name: c\n    image: i\n    ports:\n",
			i, c.pick("nx", "ny", "nz"), c.pick("a", "b", "c"), c.pick("a", "b"))
		fmt.Fprintf(&b, "    - {name: web, containerPort: %s}\n    - {name: dns, protocol: UDP, containerPort: 53}\n", c.pick("80", "81", "8080"))
		ips := fmt.Sprintf("{ip: 10.0.%d.%d}", c.IntN(3), i+1)
		switch c.IntN(4) {
		case 0:
			ips += fmt.Sprintf(", {ip: 'fd00::%d'}", i+1)
		case 1:
			ips = fmt.Sprintf("{ip: 'fd00::%d'}", i+1)
		}
		if !missing || !c.of(3) {
			fmt.Fprintf(&b, "status: {podIPs: [%s]}\n", ips)
		}
	}
	f, problem := kubeobj.Parse("cluster.yaml", []byte(b.String()))
	if problem != nil {
		t.Fatal(problem, b.String())
	}
	return f.Objects
}

func (c chance) selector() netpol.Expr {
	var terms []netpol.Expr
	for range c.IntN(3) {
		e := netpol.Expr{Op: netpol.Op(int(netpol.In) + c.IntN(4)), Key: c.pick("app", "tier", "none")}
		if e.Op == netpol.In || e.Op == netpol.NotIn {
			e.Values = []string{c.pick("a", "b"), c.pick("b", "c")}
		}
		terms = append(terms, e)
	}
	switch c.IntN(4) {
	case 0:
		terms = append(terms, netpol.Expr{Op: netpol.In, On: netpol.Namespace, Values: []string{c.pick("nx", "ny")}})
	case 1:
		terms = append(terms, netpol.Expr{Op: netpol.Op(int(netpol.In) + c.IntN(2)), On: netpol.NamespaceLabel, Key: "team", Values: []string{"a"}})
	case 2:
		terms = append(terms, netpol.Expr{Op: netpol.Not, Terms: []netpol.Expr{{Op: netpol.In, Key: "app", Values: []string{"a"}}}})
	}
	return netpol.Expr{Op: netpol.And, Terms: terms}
}

func (c chance) rule(ordered, pass bool) netpol.Rule {
	r := netpol.Rule{Anyone: c.of(6), AnyPort: c.of(3)}
	if ordered {
		r.Action = netpol.Action(c.IntN(2))
		if pass {
			r.Action = netpol.Action(c.IntN(3))
		}
	}
	if !r.Anyone {
		for range 1 + c.IntN(2) {
			s := c.selector()
			p := netpol.Peer{Pods: &s}
			if c.of(3) {
				all := netpol.Expr{}
				p = netpol.Peer{Pods: &all, Outside: true, Nodes: &all, Inside: netpol.Addresses(c.IntN(3)), Block: &netpol.Block{}}
				for range 1 + c.IntN(2) {
					p.Block.Prefixes = append(p.Block.Prefixes, netip.MustParsePrefix(c.pick("0.0.0.0/0", "10.0.0.0/23", "8.8.0.0/16", "fd00::/16", "::/0", "10.0.1.0/24")))
				}
				if c.of(2) {
					p.Block.Except = append(p.Block.Except, netip.MustParsePrefix(c.pick("10.0.1.0/24", "8.8.8.0/24", "fd00::4/126")))
				}
			}
			r.Peers = append(r.Peers, p)
		}
	}
	if !r.AnyPort {
		for range 1 + c.IntN(2) {
			p := netpol.Port{Protocol: netpol.Protocol(c.IntN(3))}
			switch c.IntN(4) {
			case 0:
				p.Name, p.AnyProtocol = c.pick("web", "dns", "nope"), c.of(2)
			case 1:
				p.Low, p.High = 80, 81
			case 2:
				p.Low, p.High = 53, 53
			}
			r.Ports = append(r.Ports, p)
		}
	}
	return r
}

func (c chance) policies(t *testing.T) *netpol.Set {
	set := &netpol.Set{}
	for i := range 1 + c.IntN(6) {
		f, problem := kubeobj.Parse("p", []byte(fmt.Sprintf("apiVersion: v1\nkind: NetworkPolicy\nmetadata: {name: n%d}\n", i)))
		if problem != nil {
			t.Fatal(problem)
		}
		p := &netpol.Policy{Object: f.Objects[0], Subject: c.selector(), Priority: c.IntN(2)}
		p.Kind = []netpol.Kind{netpol.Network, netpol.Network, netpol.Network, netpol.Admin, netpol.ClusterAdmin, netpol.BaselineAdmin, netpol.ClusterBaseline}[c.IntN(7)]
		ordered := p.Kind != netpol.Network
		pass := p.Kind == netpol.Admin || p.Kind == netpol.ClusterAdmin
		for _, s := range []*netpol.Section{&p.Ingress, &p.Egress} {
			if s.Applies = !c.of(3); !s.Applies {
				continue
			}
			s.Isolates = !ordered
			for range c.IntN(4) {
				s.Rules = append(s.Rules, c.rule(ordered, pass))
			}
		}
		set.Policies = append(set.Policies, p)
	}
	return set
}

// ends are both ends of every packet that is tried: each address of each pod, and
// addresses outside.
func ends(objects []*kubeobj.Object) []end {
	var out []end
	for _, u := range gather(objects, newSpace(nil, nil)) {
		for _, a := range u.workload.Addresses {
			out = append(out, end{u, a})
		}
	}
	for _, a := range []string{"8.8.8.8", "8.8.4.4", "10.0.1.200", "1.1.1.1", "fd00::4444", "2600::1"} {
		out = append(out, end{nil, netip.MustParseAddr(a)})
	}
	return out
}

var tried = []uint16{1, 52, 53, 54, 79, 80, 81, 82, 8080, 65535}

// TestEveryPacket: the model gives each packet what the naive evaluator gives it,
// and Cell and Answer never disagree.
func TestEveryPacket(t *testing.T) {
	n, outcomes := 0, [3]int{}
	for seed := range uint64(250) {
		c := chance{rand.New(rand.NewPCG(seed, 7))}
		objects, set := c.cluster(t, false), c.policies(t)
		o := Options{Blocks: BlockMatching(1 + c.IntN(2))}
		m := Build(objects, set, o)
		oracle := naive{set.Policies, o.Blocks, nil}
		fromAgrees(t, m)
		all := ends(objects)
		for _, s := range all {
			for _, d := range all {
				if s.address.Is4() != d.address.Is4() || s.unit == nil && d.unit == nil {
					continue
				}
				src, dst := endpoint(t, m, s), endpoint(t, m, d)
				cell := m.Between(src.Index, dst.Index)
				segments := m.Explain(src.Index, dst.Index, true)
				for proto := range netpol.Protocol(netpol.Protocols) {
					for _, port := range tried {
						want := oracle.packet(s, d, proto, port)
						if d.unit != nil && s.unit != nil {
							// Both directions: an unknown half cannot save a refused one.
							in := oracle.direction(true, d, s, d, proto, port)
							if want == Unknown && in == Denied {
								want = Denied
							}
						}
						a := m.AskFamily(src.Index, dst.Index, proto, port, s.address.Is6())
						if a.Outcome != want {
							t.Fatalf("seed %d: %v -> %v %s/%d: %v, want %v (%+v)", seed, s.address, d.address, proto, port, a.Outcome, want, a)
						}
						if !witnessed(a) {
							t.Fatalf("seed %d: no witness: %+v", seed, a)
						}
						found := 0
						for _, g := range segments {
							if g.Ports.Has(proto, port) && (g.Family == 0 || (g.Family == 6) == s.address.Is6()) {
								found++
								if g.Outcome != want || g.Egress.Rule != a.Egress.Rule || g.Ingress.Policy != a.Ingress.Policy {
									t.Fatalf("seed %d: the segment says %+v, want %v, %+v", seed, g, want, a)
								}
							}
						}
						if found != 1 {
							t.Fatalf("seed %d: %v -> %v %s/%d is in %d segments", seed, s.address, d.address, proto, port, found)
						}
						if got := cellOutcome(cell, proto, port, s.address.Is6()); got != want {
							both := m.Ask(src.Index, dst.Index, proto, port)
							if got != Unknown || both.Outcome != Unknown {
								t.Fatalf("seed %d: %v -> %v %s/%d: the cell says %v, want %v", seed, s.address, d.address, proto, port, got, want)
							}
						}
						n++
						outcomes[want]++
					}
				}
			}
		}
	}
	t.Logf("%d packets: %d allowed, %d denied, %d undefined", n, outcomes[0], outcomes[1], outcomes[2])
	if outcomes[0]*10 < n || outcomes[1]*10 < n || outcomes[2] == 0 {
		t.Error("the packets are of one sort: nothing was tested")
	}
}

// fromAgrees: what From lists is what Between has.
func fromAgrees(t *testing.T, m *Model) {
	for i := range m.Endpoints() {
		listed := map[int]*Cell{}
		last := -1
		for j, c := range m.From(i) {
			if j <= last {
				t.Fatal("the order is not that of the endpoints")
			}
			listed[j], last = c, j
		}
		for j := range m.Endpoints() {
			cell := m.Between(i, j)
			if c := listed[j]; (c == nil) != cell.empty() || c != nil && !reflect.DeepEqual(*c, cell) {
				t.Fatalf("%d to %d: %+v, and From lists %+v", i, j, cell, c)
			}
		}
	}
}

func cellOutcome(c Cell, proto netpol.Protocol, port uint16, six bool) Outcome {
	one := c.IPv4
	if six {
		one = c.IPv6
	}
	switch {
	case c.Allowed.Has(proto, port), one.Has(proto, port):
		return Allowed
	case c.Unknown.Has(proto, port):
		return Unknown
	}
	return Denied
}

// witnessed tells that every refusal names a policy, and every doubt a reason.
func witnessed(a Answer) bool {
	for _, d := range []Decision{a.Egress, a.Ingress} {
		if d.Outcome == Denied && (d.Policy == nil || d.Rule == nil && len(d.Isolating) == 0) || d.Outcome == Unknown && d.Why == "" {
			return false
		}
	}
	return true
}

func endpoint(t *testing.T, m *Model, e end) *Endpoint {
	found, ok := m.Find(e.address)
	if !ok || (found.Workload == nil) != (e.unit == nil) {
		t.Fatalf("no endpoint for %v", e.address)
	}
	return found
}

// TestNotInForce: what is refused by a policy that nothing enforces is Open.
func TestNotInForce(t *testing.T) {
	outcomes := [4]int{}
	for seed := range uint64(100) {
		c := chance{rand.New(rand.NewPCG(seed, 13))}
		objects, set := c.cluster(t, false), c.policies(t)
		in := func(p *netpol.Policy, w *Workload) bool {
			return (len(p.Object.Name)+int(p.Object.Name[1])+int(w.Name[1]))%3 > 0
		}
		m := Build(objects, set, Options{Blocks: BlocksMatchPods, In: in})
		all, real := naive{set.Policies, BlocksMatchPods, nil}, naive{set.Policies, BlocksMatchPods, in}
		every := ends(objects)
		for _, s := range every {
			for _, d := range every {
				if s.address.Is4() != d.address.Is4() || s.unit == nil && d.unit == nil {
					continue
				}
				src, dst := endpoint(t, m, s), endpoint(t, m, d)
				for _, port := range tried {
					said, does := all.packet(s, d, netpol.TCP, port), real.packet(s, d, netpol.TCP, port)
					got := m.AskFamily(src.Index, dst.Index, netpol.TCP, port, s.address.Is6())
					want := does
					if said == Denied && does == Allowed {
						want = Open
					}
					if said == Unknown || does == Unknown {
						continue // TestEveryPacket has those
					}
					if got.Outcome != want {
						t.Fatalf("seed %d: %v -> %v %d: %v, want %v", seed, s.address, d.address, port, got.Outcome, want)
					}
					cell := m.Between(src.Index, dst.Index)
					if len(m.faces[src.Index]) == 1 && cell.Open.Has(netpol.TCP, port) != (want == Open) {
						t.Fatalf("seed %d: the cell disagrees: %+v, want %v", seed, cell, want)
					}
					outcomes[want]++
				}
			}
		}
	}
	t.Logf("%v", outcomes)
	if outcomes[Open] < 50 {
		t.Error("nothing was tested")
	}
}

// TestUnknownIsSound: what is decided while evidence is missing is decided in the
// same way by every completion of it.
func TestUnknownIsSound(t *testing.T) {
	decided, open := 0, 0
	for seed := range uint64(120) {
		c := chance{rand.New(rand.NewPCG(seed, 11))}
		objects, set := c.cluster(t, true), c.policies(t)
		m := Build(objects, set, Options{})
		for range 6 {
			full := c.complete(t, objects)
			o := Options{Blocks: BlockMatching(1 + c.IntN(2))}
			whole := Build(full, set, o)
			for _, a := range m.Endpoints() {
				for _, b := range m.Endpoints() {
					if a.Workload == nil || b.Workload == nil {
						continue
					}
					x, y := byName(whole, a.Workload.Name), byName(whole, b.Workload.Name)
					for proto := range netpol.Protocol(netpol.Protocols) {
						for _, port := range tried {
							before := m.Ask(a.Index, b.Index, proto, port).Outcome
							if before == Unknown {
								open++
								continue
							}
							decided++
							after := whole.Ask(x.Index, y.Index, proto, port)
							if after.Outcome != before && !after.NoFamily {
								t.Fatalf("seed %d: %s -> %s %s/%d: %v, and %v once everything is known", seed, a.Workload.Name, b.Workload.Name, proto, port, before, after.Outcome)
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d decided, %d open", decided, open)
	if open*50 < decided || decided*2 < open {
		t.Error("nothing was tested")
	}
}

func byName(m *Model, name string) *Endpoint {
	for _, e := range m.Endpoints() {
		if e.Workload != nil && e.Workload.Name == name {
			return e
		}
	}
	return nil
}

// complete puts in what is missing: addresses and Namespaces.
func (c chance) complete(t *testing.T, objects []*kubeobj.Object) []*kubeobj.Object {
	var b strings.Builder
	have := map[string]bool{}
	var out []*kubeobj.Object
	for i, o := range objects {
		if o.Kind == "Namespace" {
			have[o.Name] = true
		}
		if o.Kind == "Pod" && o.Get("status") == nil {
			p := o.Get("spec", "containers").Items[0].Get("ports").Items
			fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s, namespace: %s, labels: {app: %s, tier: %s}}\nspec:\n  containers:\n  - {name: c, image: i, ports: [{name: web, containerPort: %s}, {name: dns, protocol: UDP, containerPort: 53}]}\nstatus: {podIP: %s}\n",
				o.Name, o.Namespace, o.Label("app"), o.Label("tier"), p[0].Get("containerPort").Text, fmt.Sprintf(c.pick("10.0.%d.%d", "192.168.%d.%d"), c.IntN(3), i+1))
			continue
		}
		out = append(out, o)
	}
	for _, ns := range []string{"nx", "ny", "nz"} {
		if !have[ns] {
			fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: %s, labels: {team: %s}}\n", ns, c.pick("a", "b"))
		}
	}
	if b.Len() == 0 {
		return out
	}
	f, problem := kubeobj.Parse("more.yaml", []byte(b.String()))
	if problem != nil {
		t.Fatal(problem)
	}
	return append(out, f.Objects...)
}
