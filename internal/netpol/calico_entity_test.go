package netpol

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
)

func calicoObjects(t testing.TB, text string) []*kubeobj.Object {
	t.Helper()
	file, problem := kubeobj.Parse("policies.yaml", []byte(text))
	if problem != nil {
		t.Fatalf("%+v\n%s", problem, text)
	}
	if len(file.Unread) > 0 {
		t.Fatalf("%+v\n%s", file.Unread, text)
	}
	return file.Objects
}

func calicoSet(t testing.TB, text string) *Set {
	t.Helper()
	s := &Set{}
	readCalicoAll(calicoObjects(t, text), s)
	return s
}

// calicoEnd is a pod, or an address that is none's.
type calicoEnd struct {
	thing
	address netip.Addr
}

// matchedBy is what the model says of one side of a rule.
func (e calicoEnd) matchedBy(anyone bool, peers []Peer) truth {
	if anyone {
		return yes
	}
	out := no
	for _, p := range peers {
		m := truthOf(e.thing == nil && p.Outside || e.thing != nil && p.Pods != nil && p.Pods.Match(e.thing))
		if p.Block != nil && !p.Block.has(e.address) {
			m = no
		}
		if len(p.Unsure) > 0 {
			m = min(m, maybe)
		}
		out = max(out, m)
	}
	return out
}

func (b *Block) has(a netip.Addr) bool {
	in := func(list []netip.Prefix) bool {
		for _, p := range list {
			if p.Contains(a) {
				return true
			}
		}
		return false
	}
	return in(b.Prefixes) && !in(b.Except)
}

// calicoLabels are the labels of an endpoint as Felix has them: of the namespace
// and the account too, under their prefixes.
func calicoLabels(e calicoEnd) map[string]string {
	out := map[string]string{}
	for k, v := range e.thing[PodLabel] {
		out[k] = v
	}
	for k, v := range e.thing[NamespaceLabel] {
		out["pcns."+k] = v
	}
	for k, v := range e.thing[AccountLabel] {
		out["pcsa."+k] = v
	}
	out["projectcalico.org/namespace"] = e.thing[Namespace][""]
	out["pcns.projectcalico.org/name"] = e.thing[Namespace][""]
	out["projectcalico.org/serviceaccount"] = e.thing[Account][""]
	out["projectcalico.org/orchestrator"] = "k8s"
	return out
}

func prefixed(t *tree, prefix string) *tree {
	out := *t
	out.key = prefix + t.key
	out.terms = nil
	for _, u := range t.terms {
		out.terms = append(out.terms, prefixed(u, prefix))
	}
	if prefix == "pcns." && t.op == "all" { // all namespaces
		return &tree{op: "has", key: "projectcalico.org/namespace"}
	}
	return &out
}

// TestEntityAgainstFelix compares sides of rules with an oracle that does what
// Felix does: it makes of every selector the set of the addresses of all endpoints
// and network sets that have the labels, and asks of a packet only its address.
func TestEntityAgainstFelix(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 2))
	matched, total := 0, 0
	for n := range 3000 {
		// The cluster: pods with addresses of their own in two namespaces, and sets.
		var ends []calicoEnd
		spaces := map[string]thing{}
		text := "apiVersion: projectcalico.org/v3\nkind: KubeControllersConfiguration\nmetadata: {name: default}\n"
		for _, ns := range []string{"red", "blue"} {
			labels := randomLabels(r)
			spaces[ns] = thing{NamespaceLabel: labels}
			text += "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " + ns + ", labels: " + flow(labels) + "}\n"
			for range 3 {
				p := calicoEnd{thing{
					PodLabel: randomLabels(r), NamespaceLabel: labels, Namespace: {"": ns},
					Account: {"": []string{"default", "sa1"}[r.IntN(2)]}, AccountLabel: randomLabels(r),
				}, netip.Addr{}}
				p.address = netip.MustParseAddr(fmt.Sprintf("10.0.%d.%d", r.IntN(3), len(ends)+1))
				ends = append(ends, p)
			}
		}
		type set struct {
			labels   map[string]string
			prefixes []netip.Prefix
		}
		var sets []set
		for i := range r.IntN(3) {
			s := set{labels: randomLabels(r), prefixes: randomNets(r)}
			kind, meta := "GlobalNetworkSet", ""
			own := flow(s.labels)
			if r.IntN(2) == 0 {
				ns := []string{"red", "blue"}[r.IntN(2)]
				kind, meta = "NetworkSet", ", namespace: "+ns
				s.labels["projectcalico.org/namespace"] = ns
				s.labels["pcns.projectcalico.org/name"] = ns
				for k, v := range spaces[ns][NamespaceLabel] {
					s.labels["pcns."+k] = v
				}
			}
			sets = append(sets, s)
			text += fmt.Sprintf("---\napiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: s%d%s, labels: %s}\nspec: {nets: %s}\n", kind, i, meta, own, flowNets(s.prefixes))
		}
		for range 4 {
			ends = append(ends, calicoEnd{nil, netip.MustParseAddr([]string{"10.0.0.99", "10.0.1.200", "192.0.2.7", "8.8.8.8", "2001:db8::1", "2001:db8:1::9"}[r.IntN(6)])})
		}
		// The side of a rule.
		var fields []string
		var selector, notSelector, space, account *tree
		choose := func(name string, into **tree) {
			if r.IntN(3) == 0 {
				*into = randomTree(r, r.IntN(3))
				fields = append(fields, fmt.Sprintf("%s: %s", name, yamlQuote((*into).print(r, 0))))
			}
		}
		choose("selector", &selector)
		choose("notSelector", &notSelector)
		choose("namespaceSelector", &space)
		global := r.IntN(2) == 0
		isGlobal := space == nil && r.IntN(6) == 0
		if isGlobal {
			fields = append(fields, "namespaceSelector: global()")
			space = &tree{op: "!", terms: []*tree{{op: "has", key: "projectcalico.org/namespace"}}}
		} else if space != nil {
			space = prefixed(space, "pcns.")
		}
		names := r.IntN(5) == 0
		if r.IntN(4) == 0 || names {
			inner := ""
			if names {
				inner = "names: [sa1, other]"
			}
			if r.IntN(2) == 0 {
				account = randomTree(r, 1)
				inner += strings.TrimPrefix(", selector: "+yamlQuote(account.print(r, 0)), map[bool]string{false: ", "}[names])
				account = prefixed(account, "pcsa.")
			}
			fields = append(fields, "serviceAccounts: {"+inner+"}")
		}
		var nets, notNets []netip.Prefix
		if r.IntN(4) == 0 {
			nets = v4(randomNets(r))
			if len(nets) > 0 {
				fields = append(fields, "nets: "+flowNets(nets))
			}
		}
		if r.IntN(4) == 0 {
			notNets = v4(randomNets(r))
			if len(notNets) > 0 {
				fields = append(fields, "notNets: "+flowNets(notNets))
			}
		}
		kind, meta := "GlobalNetworkPolicy", ""
		if !global {
			kind, meta = "NetworkPolicy", ", namespace: red"
		}
		text += fmt.Sprintf("---\napiVersion: projectcalico.org/v3\nkind: %s\nmetadata: {name: p%s}\nspec:\n  ingress:\n  - action: Allow\n    source: {%s}\n", kind, meta, strings.Join(fields, ", "))
		s := calicoSet(t, text)
		if len(s.Notes) > 0 || len(s.Policies) != 1 || len(s.Policies[0].Ingress.Rules) != 1 {
			t.Fatalf("%+v\n%s", s.Notes, text)
		}
		rule := s.Policies[0].Ingress.Rules[0]
		// What Felix makes of it.
		inSet := func(a netip.Addr, of func(labels map[string]string) bool) bool {
			for _, e := range ends {
				if e.thing != nil && e.address == a && of(calicoLabels(e)) {
					return true
				}
			}
			for _, s := range sets {
				if of(s.labels) && (&Block{Prefixes: s.prefixes}).has(a) {
					return true
				}
			}
			return false
		}
		positive := selector != nil || space != nil || account != nil || names || !global && notSelector != nil
		for _, e := range ends {
			want := true
			if positive {
				want = inSet(e.address, func(l map[string]string) bool {
					ok := (selector == nil || selector.eval(l)) && (account == nil || account.eval(l)) && (notSelector == nil || !notSelector.eval(l))
					if names {
						ok = ok && (l["projectcalico.org/serviceaccount"] == "sa1" || l["projectcalico.org/serviceaccount"] == "other")
					}
					if space != nil {
						return ok && space.eval(l)
					}
					return ok && (global || l["projectcalico.org/namespace"] == "red")
				})
			} else if notSelector != nil {
				want = !inSet(e.address, notSelector.eval)
			}
			if len(nets) > 0 {
				want = want && (&Block{Prefixes: nets}).has(e.address)
			}
			if len(notNets) > 0 {
				want = want && e.address.Is4() && !(&Block{Prefixes: notNets}).has(e.address)
			}
			if got := e.matchedBy(rule.Anyone, rule.Peers); got != truthOf(want) {
				t.Fatalf("%d: %v %v: %v, want %v\n%s\n%+v", n, e.thing, e.address, got, want, text, rule.Peers)
			}
			if total++; want {
				matched++
			}
		}
	}
	if matched < total/10 || matched > total*9/10 {
		t.Errorf("%d of %d match: the rules say too little", matched, total)
	}
	t.Logf("%d comparisons, %d matched", total, matched)
}

func randomNets(r *rand.Rand) (out []netip.Prefix) {
	for range r.IntN(3) {
		out = append(out, netip.MustParsePrefix([]string{"10.0.0.0/24", "10.0.1.0/24", "10.0.1.3/32", "10.0.0.0/8", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "2001:db8:1::/48"}[r.IntN(8)]))
	}
	return out
}

func v4(in []netip.Prefix) (out []netip.Prefix) {
	for _, p := range in {
		if p.Addr().Is4() {
			out = append(out, p)
		}
	}
	return out
}

func flow(labels map[string]string) string {
	var out []string
	for k, v := range labels {
		out = append(out, yamlQuote(k)+": "+yamlQuote(v))
	}
	return "{" + strings.Join(out, ", ") + "}"
}

func flowNets(nets []netip.Prefix) string {
	var out []string
	for _, p := range nets {
		out = append(out, yamlQuote(p.String()))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func yamlQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\t", `\t`).Replace(s) + `"`
}
