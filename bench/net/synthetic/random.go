package synthetic

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Random is a small cluster with policies that use everything a NetworkPolicy
// can say: all operators, both selectors, blocks of both families with except,
// names of ports that some pods have, ranges, all protocols, types written and
// not. Pods have one address each, of IPv4 or of IPv6, so that a block has all of
// a pod or nothing.
func Random(seed uint64) []byte {
	g := &random{rand: rand.New(rand.NewPCG(seed, 11))}
	for n := range 3 {
		g.doc("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ns-%d\n%s", n, g.labels("  "))
	}
	for n := range 6 + g.rand.IntN(6) {
		g.pod(n)
	}
	for n := range 1 + g.rand.IntN(6) {
		g.policy(n)
	}
	return []byte(g.String())
}

type random struct {
	strings.Builder
	rand *rand.Rand
}

func (g *random) doc(format string, args ...any) { fmt.Fprintf(g, "---\n"+format, args...) }

func (g *random) one(of ...string) string { return of[g.rand.IntN(len(of))] }

func (g *random) some(n int) bool { return g.rand.IntN(n) == 0 }

// labels are two of each object's, of two values, which may be absent.
func (g *random) labels(indent string) string {
	text := ""
	for _, key := range []string{"app", "tier"} {
		if !g.some(3) {
			text += fmt.Sprintf("%s  %s: %s\n", indent, key, g.one("a", "b"))
		}
	}
	if text == "" {
		return ""
	}
	return indent + "labels:\n" + text
}

func (g *random) address() string {
	if g.some(4) {
		return fmt.Sprintf("fd00::%d:%d", g.rand.IntN(2), 1+g.rand.IntN(200))
	}
	return fmt.Sprintf("10.%d.0.%d", g.rand.IntN(3), 1+g.rand.IntN(200))
}

func (g *random) pod(n int) {
	g.doc("apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod-%d\n  namespace: ns-%d\n%sspec:\n  containers:\n  - name: main\n    image: main\n", n, g.rand.IntN(3), g.labels("  "))
	g.WriteString("    ports:\n    - containerPort: 1\n")
	used := map[string]bool{}
	for _, name := range []string{"http", "dns"} {
		if g.some(2) {
			continue
		}
		port := g.one("80", "8080", "53", "5353") + "/" + g.one("TCP", "UDP", "SCTP")
		if used[port] {
			continue
		}
		used[port] = true
		number, protocol, _ := strings.Cut(port, "/")
		fmt.Fprintf(g, "    - name: %s\n      containerPort: %s\n      protocol: %s\n", name, number, protocol)
	}
	fmt.Fprintf(g, "status:\n  podIP: \"%s\"\n", g.address())
}

func (g *random) policy(n int) {
	g.doc("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: policy-%d\n  namespace: ns-%d\nspec:\n  podSelector: %s\n", n, g.rand.IntN(3), g.selector())
	if types := g.one("", "[Ingress]", "[Egress]", "[Ingress, Egress]"); types != "" {
		fmt.Fprintf(g, "  policyTypes: %s\n", types)
	}
	g.section("ingress", "from")
	g.section("egress", "to")
}

func (g *random) section(name, peers string) {
	if g.some(3) {
		return
	}
	if g.some(6) {
		fmt.Fprintf(g, "  %s: []\n", name)
		return
	}
	fmt.Fprintf(g, "  %s:\n", name)
	for range 1 + g.rand.IntN(2) {
		var fields []string
		if !g.some(4) {
			fields = append(fields, peers+": "+g.list(g.peer))
		}
		if !g.some(3) {
			fields = append(fields, "ports: "+g.list(g.port))
		}
		fmt.Fprintf(g, "  - {%s}\n", strings.Join(fields, ", "))
	}
}

// list is up to two items in flow style; rarely none.
func (g *random) list(item func() string) string {
	if g.some(10) {
		return "[]"
	}
	items := []string{item()}
	if g.some(2) {
		items = append(items, item())
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func (g *random) peer() string {
	switch g.rand.IntN(4) {
	case 0:
		return "{podSelector: " + g.selector() + "}"
	case 1:
		return "{namespaceSelector: " + g.selector() + "}"
	case 2:
		return "{namespaceSelector: " + g.selector() + ", podSelector: " + g.selector() + "}"
	}
	if g.some(3) {
		return g.one(`{ipBlock: {cidr: "fd00::/8", except: ["fd00::1:0/112"]}}`, `{ipBlock: {cidr: "::/0"}}`, `{ipBlock: {cidr: "fd00::/112", except: ["fd00::1/128", "fd00::8/125"]}}`)
	}
	return g.one("{ipBlock: {cidr: 0.0.0.0/0}}", "{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}", "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16, 10.2.0.0/25]}}",
		"{ipBlock: {cidr: 10.0.0.0/24}}", "{ipBlock: {cidr: 192.0.2.0/24, except: [192.0.2.0/25, 192.0.2.255/32]}}")
}

func (g *random) selector() string {
	value := func() string { return g.one("a", "b", "c") }
	key := g.one("app", "tier", "none")
	switch g.rand.IntN(7) {
	case 0:
		return "{}"
	case 1:
		return "{matchLabels: {" + key + ": " + value() + "}}"
	case 2:
		return "{matchExpressions: [{key: " + key + ", operator: In, values: [" + value() + ", " + value() + "]}]}"
	case 3:
		return "{matchExpressions: [{key: " + key + ", operator: NotIn, values: [" + value() + "]}]}"
	case 4:
		return "{matchExpressions: [{key: " + key + ", operator: " + g.one("Exists", "DoesNotExist") + "}]}"
	case 5:
		return "{matchLabels: {app: " + value() + "}, matchExpressions: [{key: tier, operator: NotIn, values: [" + value() + "]}]}"
	}
	return "{matchLabels: {kubernetes.io/metadata.name: " + g.one("ns-0", "ns-1") + "}}"
}

func (g *random) port() string {
	protocol := g.one("", "protocol: TCP, ", "protocol: UDP, ", "protocol: SCTP, ")
	switch g.rand.IntN(5) {
	case 0:
		if protocol == "" {
			return "{protocol: SCTP}"
		}
		return "{" + strings.TrimSuffix(protocol, ", ") + "}"
	case 1:
		return "{" + protocol + "port: " + g.one("http", "dns", "nobody") + "}"
	case 2:
		return "{" + protocol + "port: " + g.one("1", "80", "5000") + ", endPort: " + g.one("5000", "8080", "65535") + "}"
	}
	return "{" + protocol + "port: " + g.one("80", "81", "53", "8080") + "}"
}
