package net

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// TestCovered: a rule is pointless when a wider one stands beside it, as it is
// written, and only then.
func TestCovered(t *testing.T) {
	const (
		db     = "podSelector: {matchLabels: {app: db}}, ingress: "
		web    = "{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 5432}]}"
		anyPod = "{from: [{namespaceSelector: {}}]}"
	)
	shop := workload("web", "") + workload("api", "") + databaseSet
	rules := func(list ...string) string { return policy("db", db+"["+strings.Join(list, ", ")+"]") }
	from := func(peers, ports string) string { return "{from: [" + peers + "]" + ports + "}" }
	labels := func(text string) string { return "{podSelector: {matchLabels: {" + text + "}}}" }
	expr := func(text string) string { return "{podSelector: {matchExpressions: [{" + text + "}]}}" }
	staged := "---\napiVersion: projectcalico.org/v3\nkind: StagedKubernetesNetworkPolicy\nmetadata: {name: soon, namespace: shop}\nspec: {" + db + "[" + anyPod + "]}\n"
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"every pod of every namespace":            {rules(anyPod, web), true},
		"every pod, written after it":             {rules(web, anyPod), true},
		"every pod, on another port":              {rules(from("{namespaceSelector: {}}", ", ports: [{port: 80}]"), web), false},
		"every pod, on a range":                   {rules(from("{namespaceSelector: {}}", ", ports: [{port: 5000, endPort: 6000}]"), web), true},
		"every pod, on every port of TCP":         {rules(from("{namespaceSelector: {}}", ", ports: [{protocol: TCP}]"), web), true},
		"every pod, on every port of UDP":         {rules(from("{namespaceSelector: {}}", ", ports: [{protocol: UDP}]"), web), false},
		"every pod of its namespace":              {rules(from("{podSelector: {}}", ""), web), true},
		"of its namespace, and of all":            {rules(from("{podSelector: {}}", ""), from("{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}", "")), false},
		"fewer labels":                            {rules(from(labels("app: web"), ""), from(labels("app: web, tier: a"), "")), true},
		"other labels":                            {rules(from(labels("app: web"), ""), from(labels("app: api"), "")), false},
		"more labels are no wider":                {rules(from(labels("app: web, tier: a"), ", ports: [{port: 1}]"), from(labels("app: web"), ", ports: [{port: 1}]")), true}, // the first one is pointless
		"neither has all labels of the other":     {rules(from(labels("app: web, tier: a"), ""), from(labels("app: web, team: b"), "")), false},
		"one of two":                              {rules(from(expr("key: app, operator: In, values: [web, api]"), ""), from(labels("app: web"), "")), true},
		"one of two others":                       {rules(from(expr("key: app, operator: In, values: [cart, api]"), ""), from(labels("app: web"), "")), false},
		"there is such a label":                   {rules(from(expr("key: app, operator: Exists"), ""), from(labels("app: web"), "")), true},
		"there is no such label":                  {rules(from(expr("key: app, operator: DoesNotExist"), ""), from(labels("app: web"), "")), false},
		"another value is not this one":           {rules(from(expr("key: app, operator: NotIn, values: [web]"), ""), from(labels("app: web"), "")), false},
		"a value that is an address":              {rules(anyPod, from("{ipBlock: {cidr: 10.0.0.0/8}}", "")), false},
		"a block, and pods that may stand in it":  {rules(from("{ipBlock: {cidr: 0.0.0.0/0}}", ""), web), false},
		"one of two peers is not covered":         {rules(anyPod, from(labels("app: web")+", {ipBlock: {cidr: 10.0.0.0/8}}", "")), false},
		"two peers, of one each":                  {rules(from(labels("app: web"), ""), from(labels("app: web")+", "+labels("app: api"), "")), true}, // the first one
		"two rules together":                      {rules(from(labels("app: web"), ", ports: [{port: 1}]"), from(labels("app: web"), ", ports: [{port: 2}]")), false},
		"a port by name is in all of TCP":         {rules(from("{namespaceSelector: {}}", ", ports: [{protocol: TCP}]"), from(labels("app: web"), ", ports: [{port: postgres}]")), true},
		"a port by name is not its number":        {rules(from("{namespaceSelector: {}}", ", ports: [{port: 5432}]"), from(labels("app: web"), ", ports: [{port: postgres}]")), false},
		"another policy about every pod":          {policy("all", "podSelector: {}, ingress: ["+anyPod+"]") + rules(web), true},
		"another policy about the same pods":      {policy("other", db+"["+anyPod+"]") + rules(web), true},
		"another policy about fewer pods":         {policy("some", "podSelector: {matchLabels: {app: db, tier: a}}, ingress: ["+anyPod+"]") + rules(web), false},
		"another policy about other pods":         {policy("web", "podSelector: {matchLabels: {app: web}}, ingress: ["+anyPod+"]") + rules(web), false},
		"another policy says the same":            {policy("other", db+"["+web+"]") + rules(web), false},
		"another direction":                       {policy("other", "podSelector: {}, policyTypes: [Egress], egress: [{}]") + rules(web), false},
		"another namespace":                       {policyIn("tools", "all", "podSelector: {}, ingress: ["+anyPod+"]") + workloadIn("tools", "t", "") + rules(web), false},
		"a policy that is only there to be asked": {staged + rules(web), false},
		"the same twice":                          {rules(web, web), true},
		"the same with its peers the other way":   {rules(from(labels("app: web")+", "+labels("app: api"), ""), from(labels("app: api")+", "+labels("app: web"), "")), true},
	} {
		t.Run(name, func(t *testing.T) {
			j := judge(t, &Options{}, one(shop+c.text))
			if j.err != nil {
				t.Fatal(j.err)
			}
			n := 0
			for _, f := range j.of("NET006") {
				if strings.Contains(f.Title, "allows") {
					n++
				}
			}
			if got := n == 1; got != c.want || n > 1 {
				t.Errorf("%d rules are pointless, want %v\n%s", n, c.want, j.text("NET006"))
			}
		})
	}
	// Into which namespaces two files without any are applied nobody says.
	j := judge(t, &Options{}, map[string]string{
		"a/a.yaml": policyIn("", "all", "podSelector: {}, ingress: ["+anyPod+"]") + workloadIn("", "db", ""),
		"b/b.yaml": policyIn("", "db", db+"["+web+"]"),
	})
	if text := j.text("NET006"); strings.Contains(text, "allows more") {
		t.Error(text)
	}
}

// labelSet is what selectors of the property test look at.
type labelSet map[string]string

func (l labelSet) Attribute(_ netpol.Attribute, key string) (string, bool) {
	v, ok := l[key]
	return v, ok
}

// TestAbove: an atom that is above another matches whatever that one does. All
// selectors of two terms over two keys, against all pods.
func TestAbove(t *testing.T) {
	var terms []netpol.Expr
	for _, key := range []string{"a", "b"} {
		for _, values := range [][]string{{"1"}, {"2"}, {"1", "2"}, {"2", "1", "3"}} {
			terms = append(terms, netpol.Expr{Op: netpol.In, Key: key, Values: values}, netpol.Expr{Op: netpol.NotIn, Key: key, Values: values})
		}
		terms = append(terms, netpol.Expr{Op: netpol.Exists, Key: key}, netpol.Expr{Op: netpol.NotExists, Key: key}, netpol.Expr{Op: netpol.In, Key: key})
	}
	all := []*netpol.Expr{{}, {Op: netpol.None}}
	for i := range terms {
		all = append(all, &terms[i], &netpol.Expr{Op: netpol.Not, Terms: terms[i : i+1]})
		for j := range terms {
			all = append(all, &netpol.Expr{Op: netpol.And, Terms: []netpol.Expr{terms[i], {}, terms[j]}})
			if i < j {
				all = append(all, &netpol.Expr{Op: netpol.Or, Terms: []netpol.Expr{terms[i], terms[j]}})
			}
		}
	}
	var pods []labelSet
	for _, a := range []string{"", "1", "2", "3", "4"} {
		for _, b := range []string{"", "1", "2", "3", "4"} {
			p := labelSet{}
			if a != "" {
				p["a"] = a
			}
			if b != "" {
				p["b"] = b
			}
			pods = append(pods, p)
		}
	}
	l := newLattice()
	matches := map[*atom][]bool{}
	for _, e := range all {
		m := make([]bool, len(pods))
		for i, p := range pods {
			m[i] = e.Match(p)
		}
		a := l.add(selectorAtom(e))
		if old := matches[a]; old != nil && fmt.Sprint(old) != fmt.Sprint(m) {
			t.Fatalf("two selectors of key %q are not the same", a.key)
		}
		matches[a] = m
	}
	found := 0
	for _, b := range l.order {
		up := map[*atom]bool{}
		for _, a := range l.above(b) {
			up[a] = true
			for i := range pods {
				if matches[b][i] && !matches[a][i] {
					t.Fatalf("%q is not above %q: %v", a.key, b.key, pods[i])
				}
			}
		}
		for _, a := range l.order { // the index leaves none out
			if a.above(b) != up[a] {
				t.Fatalf("%q above %q: %v, and the index says %v", a.key, b.key, a.above(b), up[a])
			}
		}
		found += len(up) - 1
	}
	if found < 1000 {
		t.Errorf("only %d pairs", found)
	}
}

// TestAbovePeers: what is no pod is not in a selector of pods, and blocks are
// compared as a whole.
func TestAbovePeers(t *testing.T) {
	block := &netpol.Block{Prefixes: prefixes("10.0.0.0/8")}
	every := &netpol.Expr{}
	web := &netpol.Expr{Op: netpol.In, Key: "app", Values: []string{"web"}}
	for name, c := range map[string]struct {
		wide, narrow netpol.Peer
		want         bool
	}{
		"pods":                     {netpol.Peer{Pods: every}, netpol.Peer{Pods: web}, true},
		"no pods":                  {netpol.Peer{Pods: every}, netpol.Peer{Nodes: every}, false},
		"addresses too":            {netpol.Peer{Pods: every}, netpol.Peer{Pods: web, Outside: true}, false},
		"addresses of both":        {netpol.Peer{Pods: every, Outside: true}, netpol.Peer{Pods: web, Outside: true}, true},
		"nodes too":                {netpol.Peer{Pods: every}, netpol.Peer{Pods: web, Nodes: every}, false},
		"nodes of both":            {netpol.Peer{Pods: every, Nodes: every}, netpol.Peer{Pods: web, Nodes: every}, true},
		"other nodes":              {netpol.Peer{Pods: every, Nodes: web}, netpol.Peer{Pods: web, Nodes: every}, false},
		"pods of a block, and all": {netpol.Peer{Pods: every, Block: block}, netpol.Peer{Pods: web}, false},
		"a block":                  {netpol.Peer{Pods: every, Block: block}, netpol.Peer{Pods: every, Block: block}, true},
		"matched in another way":   {netpol.Peer{Pods: every, Block: block}, netpol.Peer{Pods: every, Block: block, Inside: netpol.Always}, false},
	} {
		if got := peerAtom(&c.wide).above(peerAtom(&c.narrow)); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestCoveredWork: what is compared grows with the rules, however they are
// spread over policies, peers and ports.
func TestCoveredWork(t *testing.T) {
	peer := func(i int) string { return fmt.Sprintf("{podSelector: {matchLabels: {k: v%d}}}", i) }
	list := func(n int, item func(int) string) string {
		var out []string
		for i := range n {
			out = append(out, item(i))
		}
		return strings.Join(out, ", ")
	}
	for name, scene := range map[string]func(n int) string{
		"rules of many peers": func(n int) string {
			return policy("p", "podSelector: {}, ingress: ["+list(n, func(i int) string { return fmt.Sprintf("{from: [%s], ports: [{port: %d}]}", peer(i), i+1) })+"]")
		},
		"rules of many ports": func(n int) string {
			return policy("p", "podSelector: {}, ingress: ["+list(n, func(i int) string { return fmt.Sprintf("{ports: [{port: %d}]}", i+1) })+"]")
		},
		"a port and a peer in common": func(n int) string {
			return policy("p", "podSelector: {}, ingress: ["+list(n, func(i int) string {
				return fmt.Sprintf("{from: [%s, %s], ports: [{port: 80}, {port: %d}]}", peer(0), peer(i+1), i+100)
			})+"]")
		},
		"a port in common": func(n int) string {
			return policy("p", "podSelector: {}, ingress: ["+list(n, func(i int) string { return fmt.Sprintf("{ports: [{port: 80}, {port: %d}]}", i+100) })+"]")
		},
		"a label in common": func(n int) string {
			return policy("p", "podSelector: {}, ingress: ["+list(n, func(i int) string {
				return fmt.Sprintf("{from: [{podSelector: {matchLabels: {a: a, k: v%d}}}]}", i)
			})+"]")
		},
		"peers of two rules": func(n int) string {
			return policy("p", "podSelector: {}, ingress: [{from: ["+list(n, peer)+"], ports: [{port: 1}]}, {from: ["+list(n, peer)+"], ports: [{port: 2}]}]")
		},
		"policies of one subject": func(n int) string {
			return strings.ReplaceAll(list(n, func(i int) string {
				return policy(fmt.Sprint("p", i), "podSelector: {}, ingress: [{from: ["+peer(i)+"]}]")
			}), ", ---", "---")
		},
		"policies of many subjects": func(n int) string {
			return strings.ReplaceAll(list(n, func(i int) string {
				return policy(fmt.Sprint("p", i), fmt.Sprintf("podSelector: {matchLabels: {app: a%d}}, ingress: [{from: [%s]}]", i, peer(0)))
			}), ", ---", "---")
		},
	} {
		work := func(n int) (work int) {
			f, problem := kubeobj.Parse("a.yaml", []byte(scene(n)))
			if problem != nil {
				t.Fatal(problem)
			}
			set := netpol.Read(f.Objects)
			c := newCovering(set.Policies)
			for _, p := range set.Policies {
				for i := range p.Ingress.Rules {
					if of, _ := c.covered(p, &p.Ingress.Rules[i], reach.Ingress); of != nil {
						t.Fatalf("%s: %s is covered", name, p.Ingress.Rules[i].Pointer)
					}
				}
			}
			if len(c.groups) != 1 {
				t.Fatalf("%s: %d groups", name, len(c.groups))
			}
			for _, g := range c.groups {
				work += g.looked
				for _, b := range g.books {
					work += b.looked + b.peers.looked
				}
			}
			return work
		}
		if few, many := work(100), work(800); many > 10*few+100 {
			t.Errorf("%s: of 100 %d comparisons, of 800 %d", name, few, many)
		}
	}
}
