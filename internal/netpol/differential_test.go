package netpol_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	networking "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/yaml"

	"polygraph/internal/netpol"
)

// TestNetworkPolicyAgainstKubernetes writes random policies, has them decoded into
// the types of Kubernetes, and asks both.
func TestNetworkPolicyAgainstKubernetes(t *testing.T) {
	asked := map[string]int{}
	for seed := range uint64(1500) {
		w := &writer{rand.New(rand.NewPCG(seed, 7))}
		text := "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: " + w.of("a", "b") + "}\n" + w.spec()
		var typed networking.NetworkPolicy
		if err := yaml.Unmarshal([]byte(text), &typed); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		set := parsed(t, text)
		for _, n := range set.Notes {
			if n.Breaks {
				t.Fatalf("%+v\n%s", n, text)
			}
		}
		for range 40 {
			subject, peer := w.pod(), w.pod()
			if w.IntN(4) == 0 {
				peer = &end{isOutside: true, address: w.address()}
			}
			ingress, proto, port := w.IntN(2) == 0, netpol.Protocol(w.IntN(3)), uint16(78+w.IntN(6))
			got, want := ask(set.Policies[0], ingress, subject, peer, proto, port), oracle(t, &typed, ingress, subject, peer, proto, port)
			asked[want]++
			if got != want {
				t.Fatalf("seed %d: %s, and Kubernetes says %s\ningress %v %v %d\n%+v\n%+v\n%s", seed, got, want, ingress, proto, port, subject, peer, text)
			}
		}
	}
	for _, answer := range []string{"-", "allow", "refused", "?"} {
		if asked[answer] < 500 {
			t.Errorf("only %d times %s: %v", asked[answer], answer, asked)
		}
	}
}

// writer writes what a person might: null, nothing and empty lists too.
type writer struct{ *rand.Rand }

func (w *writer) of(s ...string) string { return s[w.IntN(len(s))] }

func (w *writer) spec() string {
	fields := []string{}
	add := func(name string, values ...string) {
		if v := w.of(values...); v != "" {
			fields = append(fields, name+": "+v)
		}
	}
	add("podSelector", w.selector(), "{}", "null", "")
	add("policyTypes", "", "", "[]", "null", "[Ingress]", "[Egress]", "[Ingress, Egress]", "[Egress, Ingress]")
	add("ingress", w.rules("from"), w.rules("from"), w.rules("from"), "[]", "null", "")
	add("egress", w.rules("to"), w.rules("to"), "[]", "null", "")
	w.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return "spec: {" + strings.Join(fields, ", ") + "}\n"
}

func (w *writer) selector() string {
	pair := func() string { return w.of("k", "l", "example.com/m") + ": " + w.of("x", "z", "'1'", "''") }
	values := func() string { return "[" + w.of("x", "z", "x, z", "'1'") + "]" }
	term := func() string {
		key := "key: " + w.of("k", "l", "example.com/m")
		return w.of("{"+key+", operator: In, values: "+values()+"}", "{operator: NotIn, "+key+", values: "+values()+"}",
			"{"+key+", operator: Exists}", "{"+key+", operator: DoesNotExist, values: []}")
	}
	return w.of("{}", "{matchLabels: {"+pair()+"}}", "{matchLabels: {}}", "{matchLabels: null, matchExpressions: ["+term()+"]}",
		"{matchExpressions: ["+term()+", "+term()+"]}", "{matchLabels: {"+pair()+"}, matchExpressions: ["+term()+"]}", "{matchExpressions: []}")
}

func (w *writer) rules(peers string) string {
	var rules []string
	for range 1 + w.IntN(3) {
		var fields []string
		if f := w.of(w.list(w.peer), w.list(w.peer), w.list(w.peer), "[]", "null", ""); f != "" {
			fields = append(fields, peers+": "+f)
		}
		if f := w.of(w.list(w.port), w.list(w.port), "[]", "null", ""); f != "" {
			fields = append(fields, "ports: "+f)
		}
		rules = append(rules, "{"+strings.Join(fields, ", ")+"}")
	}
	return "[" + strings.Join(rules, ", ") + "]"
}

func (w *writer) list(one func() string) string {
	out := one()
	for w.IntN(2) == 0 {
		out += ", " + one()
	}
	return "[" + out + "]"
}

func (w *writer) peer() string {
	namespaces := w.of(w.selector(), "{matchLabels: {kubernetes.io/metadata.name: "+w.of("a", "b")+"}}")
	return w.of("{podSelector: "+w.selector()+"}", "{namespaceSelector: "+namespaces+"}", "{namespaceSelector: "+namespaces+", podSelector: "+w.selector()+"}",
		"{podSelector: "+w.selector()+", namespaceSelector: null}",
		"{ipBlock: {cidr: "+w.of("10.0.0.0/30", "0.0.0.0/0", "'2001:db8::/126'", "10.0.0.1/32")+"}}",
		"{ipBlock: {cidr: 10.0.0.0/29, except: ["+w.of("10.0.0.0/31", "10.0.0.2/31, 10.0.0.4/32", "")+"]}}")
}

func (w *writer) port() string {
	protocol := w.of("", "protocol: null", "protocol: TCP", "protocol: UDP", "protocol: SCTP")
	port := w.of("", "port: null", "port: 79", "port: 80", "port: 79, endPort: 81", "port: 80, endPort: 80", "port: http", "port: other")
	both := strings.Trim(protocol+", "+port, ", ")
	return "{" + both + "}"
}

func (w *writer) pod() *end {
	e := &end{isPod: true, namespace: w.of("a", "b"), labels: map[string]string{}, address: w.address(), ports: map[string]netpol.Port{}}
	e.namespaceLabels = map[string]string{"k": e.namespace, "l": "x"}
	if e.namespace == "b" {
		e.namespaceLabels = map[string]string{"k": "x"}
	}
	for _, key := range []string{"k", "l", "example.com/m"} {
		if w.IntN(2) == 0 {
			e.labels[key] = w.of("x", "z", "1", "")
		}
	}
	if w.IntN(2) == 0 {
		n := uint16(78 + w.IntN(6))
		e.ports["http"] = netpol.Port{Protocol: netpol.Protocol(w.IntN(2)), Low: n}
	}
	return e
}

func (w *writer) address() netip.Addr {
	if w.IntN(4) == 0 {
		return netip.MustParseAddr(fmt.Sprintf("2001:db8::%d", w.IntN(6)))
	}
	return netip.MustParseAddr(fmt.Sprintf("10.0.0.%d", w.IntN(10)))
}

// oracle judges the decoded policy by the words of its types.
func oracle(t *testing.T, p *networking.NetworkPolicy, ingress bool, subject, peer *end, proto netpol.Protocol, port uint16) string {
	selects := func(s *metav1.LabelSelector, of map[string]string) bool {
		selector, err := metav1.LabelSelectorAsSelector(s)
		if err != nil {
			t.Fatal(err)
		}
		return selector.Matches(labels.Set(of))
	}
	if p.Namespace != subject.namespace || !selects(&p.Spec.PodSelector, subject.labels) {
		return "-"
	}
	want := networking.PolicyTypeEgress
	if ingress {
		want = networking.PolicyTypeIngress
	}
	types := p.Spec.PolicyTypes
	if len(types) == 0 {
		types = []networking.PolicyType{networking.PolicyTypeIngress}
		if len(p.Spec.Egress) > 0 {
			types = append(types, networking.PolicyTypeEgress)
		}
	}
	applies := false
	for _, has := range types {
		applies = applies || has == want
	}
	if !applies {
		return "-"
	}
	from := func(peers []networking.NetworkPolicyPeer) match {
		best := no
		for _, q := range peers {
			m := no
			switch {
			case q.IPBlock != nil:
				in := netip.MustParsePrefix(q.IPBlock.CIDR).Contains(peer.address)
				for _, e := range q.IPBlock.Except {
					in = in && !netip.MustParsePrefix(e).Contains(peer.address)
				}
				if in && peer.isOutside {
					m = yes
				} else if in {
					m = maybe
				}
			case peer.isPod:
				of := map[string]string{"kubernetes.io/metadata.name": peer.namespace}
				for k, v := range peer.namespaceLabels {
					of[k] = v
				}
				here := q.NamespaceSelector == nil && peer.namespace == p.Namespace || q.NamespaceSelector != nil && selects(q.NamespaceSelector, of)
				if here && (q.PodSelector == nil || selects(q.PodSelector, peer.labels)) {
					m = yes
				}
			}
			best = max(best, m)
		}
		if len(peers) == 0 {
			return yes
		}
		return best
	}
	to := func(ports []networking.NetworkPolicyPort, destination *end) match {
		for _, q := range ports {
			if has := "TCP"; q.Protocol != nil && string(*q.Protocol) != proto.String() || q.Protocol == nil && has != proto.String() {
				continue
			}
			switch {
			case q.Port == nil:
				return yes
			case q.Port.Type == intstr.String:
				if n, ok := destination.ports[q.Port.StrVal]; ok && n.Low == port && n.Protocol == proto {
					return yes
				}
			case q.EndPort != nil:
				if int32(port) >= q.Port.IntVal && int32(port) <= *q.EndPort {
					return yes
				}
			case int32(port) == q.Port.IntVal:
				return yes
			}
		}
		if len(ports) == 0 {
			return yes
		}
		return no
	}
	best := no
	if ingress {
		for _, rule := range p.Spec.Ingress {
			m := min(from(rule.From), to(rule.Ports, subject))
			if m != no {
				best = m
				break
			}
		}
	} else {
		for _, rule := range p.Spec.Egress {
			m := min(from(rule.To), to(rule.Ports, peer))
			if m != no {
				best = m
				break
			}
		}
	}
	return [...]string{"refused", "?", "allow"}[best]
}
