package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

const (
	calicoNP  = "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
	calicoGNP = "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\n"
	// Calico makes no host endpoints of its own.
	noHosts  = "---\napiVersion: projectcalico.org/v3\nkind: KubeControllersConfiguration\nmetadata: {name: default}\nspec: {controllers: {node: {hostEndpoint: {autoCreate: Disabled}}}}\n"
	outside  = "---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: partners, labels: {who: partner}}\nspec: {nets: [192.0.2.0/24]}\n"
	sharedNS = "---\napiVersion: projectcalico.org/v3\nkind: NetworkSet\nmetadata: {name: partners, namespace: shop, labels: {who: partner}}\nspec: {nets: [192.0.2.0/24]}\n"
)

// askCalico is ask, and minds what a rule demands of the pod of the policy.
func askCalico(p *netpol.Policy, ingress bool, subject, peer *end, proto netpol.Protocol, port uint16) string {
	copied := *p
	for _, s := range []*netpol.Section{&copied.Ingress, &copied.Egress} {
		var rules []netpol.Rule
		for _, r := range s.Rules {
			if r.Subject != nil {
				switch reaches(&netpol.Rule{Peers: []netpol.Peer{*r.Subject}}, subject) {
				case no:
					continue
				case maybe:
					r.Unsure = append(r.Unsure, netpol.Unsure{})
				}
			}
			rules = append(rules, r)
		}
		s.Rules = rules
	}
	return ask(&copied, ingress, subject, peer, proto, port)
}

func TestCalico(t *testing.T) {
	for _, tt := range []row{
		// Directions.
		{"nothing written is ingress", calicoNP, "web", "in db TCP 80 refused; out db TCP 80 -"},
		{"other namespaces", calicoNP, "mon", "in db TCP 80 -"},
		{"of all namespaces", calicoGNP, "mon", "in db TCP 80 refused; out db TCP 80 -"},
		{"only egress rules are egress", calicoNP + "spec: {egress: [{action: Allow}]}", "web", "in db TCP 80 -; out db TCP 80 allow; out far UDP 1 allow"},
		{"both rules are both", calicoNP + "spec: {ingress: [{action: Deny}], egress: [{action: Allow}]}", "web", "in db TCP 80 deny; out db TCP 80 allow"},
		{"empty egress", calicoNP + "spec: {egress: []}", "web", "in db TCP 80 refused; out db TCP 80 -"},
		{"types", calicoNP + "spec: {types: [Egress], ingress: [{action: Allow}]}", "web", "in db TCP 80 -; out db TCP 80 refused"},
		{"null is nothing", calicoNP + "spec: {types: null, selector: null, ingress: null, order: null}", "web", "in db TCP 80 refused; out db TCP 80 -"},
		{"stored without types", strings.Replace(calicoNP, "projectcalico.org/v3", "crd.projectcalico.org/v1", 1) + "spec: {egress: [{action: Allow}]}", "web", "in db TCP 80 refused; out db TCP 80 allow"},
		// Subjects.
		{"selector", calicoNP + "spec: {selector: app == 'db'}", "web", "in db TCP 80 -"},
		{"selector of all", calicoNP + "spec: {selector: all()}", "web", "in db TCP 80 refused"},
		{"account", calicoNP + "spec: {serviceAccountSelector: projectcalico.org/name == 'web'}", "web", "in db TCP 80 refused"},
		{"another account", calicoNP + "spec: {serviceAccountSelector: projectcalico.org/name == 'web'}", "db", "in web TCP 80 -"},
		{"namespaces", calicoGNP + "spec: {namespaceSelector: team == 'shop'}", "web", "in db TCP 80 refused"},
		{"other labels", calicoGNP + "spec: {namespaceSelector: team == 'ops'}", "web", "in db TCP 80 -"},
		{"namespace by label", calicoGNP + "spec: {selector: \"projectcalico.org/namespace in {'kube-system', 'ops'}\"}", "mon", "in db TCP 80 refused"},
		{"all but a namespace", calicoGNP + "spec: {selector: \"projectcalico.org/namespace not in {'shop'}\"}", "web", "in mon TCP 80 -"},
		{"hosts only", calicoGNP + "spec: {selector: all(), applyOnForward: true, preDNAT: true}", "web", "in db TCP 80 -"},
		// Actions, in order.
		{
			"the first that matches", calicoNP + "spec: {ingress: [{action: Log}, {action: Pass, source: {selector: app == 'db'}}, {action: Deny, source: {nets: [192.0.2.0/24]}}, {action: Allow}]}", "web",
			"in db TCP 80 pass; in far TCP 80 deny; in mon TCP 80 allow; in near TCP 80 allow",
		},
		{"an unknown action", calicoNP + "spec: {ingress: [{action: allow}]}", "web", "in db TCP 80 ?"},
		// Peers.
		{"a selector is of the own namespace", calicoNP + "spec: {ingress: [{action: Allow, source: {selector: all()}}]}", "web", "in db TCP 80 allow; in mon TCP 80 refused; in far TCP 80 refused; in node TCP 80 refused"},
		{"a selector in all namespaces", calicoGNP + "spec: {ingress: [{action: Allow, source: {selector: all()}}]}\n" + noHosts, "web", "in db TCP 80 allow; in mon TCP 80 allow; in far TCP 80 refused; in node TCP 80 refused"},
		{"it may match host endpoints", calicoGNP + "spec: {ingress: [{action: Allow, source: {selector: role == 'edge'}}]}", "web", "in node TCP 80 ?; in db TCP 80 refused"},
		{"and may not", calicoGNP + "spec: {ingress: [{action: Allow, source: {selector: role == 'core'}}]}", "web", "in node TCP 80 refused"},
		{"namespaceSelector", calicoNP + "spec: {ingress: [{action: Allow, source: {namespaceSelector: team == 'ops', selector: has(app)}}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"all namespaces", calicoNP + "spec: {ingress: [{action: Allow, source: {namespaceSelector: all()}}]}\n" + outside, "web", "in db TCP 80 allow; in mon TCP 80 allow; in far TCP 80 refused; in node TCP 80 refused"},
		{"global", calicoNP + "spec: {ingress: [{action: Allow, source: {namespaceSelector: global(), selector: who == 'partner'}}]}\n" + outside, "web", "in db TCP 80 refused; in far TCP 80 allow; in near TCP 80 refused"},
		{"a set of no namespace is not of the own", calicoNP + "spec: {ingress: [{action: Allow, source: {selector: who == 'partner'}}]}\n" + outside, "web", "in far TCP 80 refused"},
		{"a set of the own", calicoNP + "spec: {ingress: [{action: Allow, source: {selector: who == 'partner'}}]}\n" + sharedNS, "web", "in far TCP 80 allow; in near TCP 80 refused; in db TCP 80 refused"},
		{"a set and labels of a namespace that is not here", calicoNP + "spec: {ingress: [{action: Allow, source: {namespaceSelector: team == 'shop', selector: who == 'partner'}}]}\n" + sharedNS, "web", "in far TCP 80 ?"},
		{"and of one that is", calicoNP + "spec: {ingress: [{action: Allow, source: {namespaceSelector: team == 'shop', selector: who == 'partner'}}]}\n" + sharedNS + "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: shop}}", "web", "in far TCP 80 allow"},
		{"notSelector in all namespaces", calicoGNP + "spec: {ingress: [{action: Allow, source: {notSelector: app == 'db' || who == 'partner'}}]}\n" + noHosts + outside, "web", "in db TCP 80 refused; in web TCP 80 allow; in near TCP 80 allow; in far TCP 80 refused; in node TCP 80 allow"},
		{"notSelector in one", calicoNP + "spec: {ingress: [{action: Allow, source: {notSelector: app == 'db'}}]}", "web", "in db TCP 80 refused; in web TCP 80 allow; in mon TCP 80 refused; in near TCP 80 refused"},
		{"nets", calicoNP + "spec: {egress: [{action: Allow, destination: {nets: [10.0.0.0/8, '2001:db8::1'], notNets: [10.1.2.3]}}]}", "db", "out web TCP 80 ?"},
		{"nets of a family", calicoNP + "spec: {egress: [{action: Allow, destination: {nets: [10.0.0.0/8], notNets: [10.1.2.3]}}]}", "db", "out web TCP 80 allow; out near TCP 80 refused; out far TCP 80 refused; out node TCP 1 allow"},
		{"nets and a selector", calicoNP + "spec: {egress: [{action: Allow, destination: {nets: [10.0.0.0/8], selector: app == 'web'}}]}", "db", "out web TCP 80 allow; out near TCP 80 refused; out mon TCP 80 refused"},
		{"notNets limit to the family", calicoNP + "spec: {egress: [{action: Allow, destination: {notNets: [10.0.0.0/8]}}]}", "db", "out far TCP 80 allow; out near TCP 80 refused; out six TCP 80 refused"},
		{"ipVersion", calicoNP + "spec: {egress: [{action: Allow, ipVersion: 6}]}", "db", "out far TCP 80 refused; out six TCP 80 allow"},
		{"accounts", calicoGNP + "spec: {egress: [{action: Allow, destination: {serviceAccounts: {names: [web, other]}}}]}", "db", "out web TCP 80 allow; out mon TCP 80 refused; out far TCP 80 refused"},
		{"accounts without a word", calicoGNP + "spec: {egress: [{action: Allow, destination: {serviceAccounts: {}}}]}", "db", "out far TCP 80 allow"},
		// What the rule demands of the pod itself.
		{"the destination of ingress", calicoGNP + "spec: {ingress: [{action: Allow, destination: {selector: app == 'web', ports: [80]}, protocol: TCP}]}", "web", "in far TCP 80 allow; in far TCP 81 refused"},
		{"is another pod", calicoGNP + "spec: {ingress: [{action: Allow, destination: {selector: app == 'web'}}]}", "db", "in far TCP 80 refused"},
		{"the source of egress", calicoGNP + "spec: {egress: [{action: Allow, source: {selector: app == 'web'}}]}", "db", "out far TCP 80 refused"},
		{"the address of the pod", calicoGNP + "spec: {ingress: [{action: Allow, destination: {nets: [10.0.0.0/24]}}]}", "web", "in far TCP 80 allow"},
		{"another address", calicoGNP + "spec: {ingress: [{action: Allow, destination: {nets: [10.0.1.0/24]}}]}", "web", "in far TCP 80 refused"},
		{"the pod by a set of addresses", calicoGNP + "spec: {ingress: [{action: Allow, destination: {selector: who == 'us'}}]}\n" + strings.NewReplacer("partner}", "us}", "192.0.2.0/24", "10.0.0.0/24").Replace(outside), "web", "in far TCP 80 allow"},
		// Protocols and ports.
		{"ports", calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {ports: [80, '8000:8001', '0']}}]}", "web", "in db TCP 80 allow; in db TCP 8001 allow; in db TCP 8002 refused; in db UDP 80 refused"},
		{"a number of a protocol", calicoNP + "spec: {ingress: [{action: Allow, protocol: 17, destination: {ports: [53]}}]}", "web", "in db UDP 53 allow; in db TCP 53 refused"},
		{"sctp", calicoNP + "spec: {ingress: [{action: Allow, protocol: SCTP}]}", "web", "in db SCTP 9 allow; in db TCP 9 refused"},
		{"names", calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {ports: [http]}}]}", "web", "in db TCP 8080 allow; in db TCP 80 refused"},
		{"names of UDP", calicoNP + "spec: {ingress: [{action: Allow, protocol: UDP, destination: {ports: [dns, http]}}]}", "web", "in db UDP 53 allow; in db TCP 8080 refused"},
		{"names without a protocol are of TCP", calicoNP + "spec: {ingress: [{action: Allow, destination: {ports: [dns, http]}}]}", "web", "in db UDP 53 refused; in db TCP 8080 allow"},
		{"notPorts", calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {notPorts: [80, '70:90', 65535, 1]}}]}", "web", "in db TCP 69 allow; in db TCP 70 refused; in db TCP 90 refused; in db TCP 91 allow; in db TCP 65535 refused; in db TCP 1 refused; in db UDP 5 refused"},
		{"ports without notPorts", calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {ports: ['1:100'], notPorts: ['20:30']}}]}", "web", "in db TCP 19 allow; in db TCP 25 refused; in db TCP 31 allow; in db TCP 101 refused"},
		{"names in notPorts", calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {notPorts: [http]}}]}", "web", "in db TCP 19 ?"},
		{"source ports", calicoNP + "spec: {ingress: [{action: Allow, protocol: UDP, source: {ports: [53]}}]}", "web", "in db UDP 9 ?; in db TCP 9 refused"},
		{"names of source ports are of TCP", calicoNP + "spec: {ingress: [{action: Allow, source: {ports: [http]}}]}", "web", "in db UDP 9 refused; in db TCP 9 ?"},
		{"protocol and notProtocol", calicoNP + "spec: {ingress: [{action: Allow, protocol: UDP, notProtocol: ICMP}, {action: Deny, protocol: TCP, notProtocol: 6}]}", "web", "in db UDP 9 allow; in db TCP 9 refused"},
		{"notProtocol", calicoNP + "spec: {ingress: [{action: Allow, notProtocol: TCP}]}", "web", "in db TCP 9 refused; in db UDP 9 allow; in db SCTP 9 allow"},
		{"notProtocol ICMP", calicoNP + "spec: {ingress: [{action: Allow, notProtocol: ICMP}]}", "web", "in db TCP 9 allow"},
		{"ICMP", calicoNP + "spec: {ingress: [{action: Allow, protocol: ICMP, icmp: {type: 8}}, {action: Deny, protocol: 47}, {action: Deny, protocol: UDPLite}]}", "web", "in db TCP 9 refused; in db UDP 9 refused"},
		{"ports without a protocol", calicoNP + "spec: {ingress: [{action: Allow, destination: {ports: [80]}}]}", "web", "in db TCP 80 ?"},
		{"HTTP", calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, http: {methods: [GET]}, destination: {ports: [80]}}]}", "web", "in db TCP 80 ?; in db TCP 81 refused"},
		// Services.
		{
			"a service", calicoNP + "spec: {egress: [{action: Allow, protocol: TCP, destination: {services: {name: pg}}}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: pg, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: 5432}, {port: 53, protocol: UDP}, {port: 7, targetPort: pg}]}", "web",
			"out db TCP 5432 allow; out db TCP 80 refused; out db UDP 53 refused; out mon TCP 5432 refused; out far TCP 5432 refused; out node TCP 5432 ?",
		},
		{
			"a service as a source", calicoNP + "spec: {ingress: [{action: Allow, source: {services: {name: pg}}}]}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: pg, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: 5432}]}", "web",
			"in db TCP 1 allow; in mon TCP 1 refused",
		},
		{"a service that is not here", calicoNP + "spec: {egress: [{action: Allow, destination: {services: {name: api, namespace: default}}}]}", "web", "out far TCP 443 ?; out db TCP 443 ?"},
	} {
		judgeCalico(t, tt)
	}
}

func judgeCalico(t *testing.T, tt row) {
	t.Helper()
	set := parsed(t, tt.policy)
	if len(set.Policies) != 1 {
		t.Errorf("%s: %d policies", tt.name, len(set.Policies))
		return
	}
	for _, line := range strings.Split(strings.TrimSpace(tt.rows), ";") {
		var direction, peer, proto, want string
		var port uint16
		if _, err := fmt.Sscan(line, &direction, &peer, &proto, &port, &want); err != nil {
			t.Fatal(line, err)
		}
		protocol := map[string]netpol.Protocol{"TCP": netpol.TCP, "UDP": netpol.UDP, "SCTP": netpol.SCTP}[proto]
		if got := askCalico(set.Policies[0], direction == "in", named[tt.subject], named[peer], protocol, port); got != want {
			t.Errorf("%s:%s: %s\n%+v", tt.name, line, got, set.Notes)
		}
	}
}

// What nobody understands breaks the policy, and stands where it was written.
func TestCalicoBroken(t *testing.T) {
	for _, tt := range []struct{ policy, at string }{
		{calicoNP + "spec: {selector: app = 'web'}", "app = "},
		{calicoNP + "spec:\n  selector: >\n    has(app)\n", ">"},
		{calicoNP + "spec: {selector: global()}", "global"},
		{calicoNP + "spec: {selector: [a]}", "[a]"},
		{calicoNP + "spec: {namespaceSelector: all()}", "all()"},
		{calicoGNP + "spec: {namespaceSelector: global()}", "global()"},
		{calicoNP + "spec: {tier: security}", "security"},
		{calicoNP + "spec: {order: first}", "first"},
		{calicoNP + "spec: {types: [ingress]}", "ingress"},
		{calicoNP + "spec: {types: Ingress}", "Ingress"},
		{calicoNP + "spec: {ingress: {action: Allow}}", "{action: Allow}}"},
		{calicoNP + "spec: {ingress: [{acton: Allow}]}", "Allow"},
		{calicoNP + "spec: {ingress: [{action: Reject}]}", "Reject"},
		{calicoNP + "spec: {ingress: [null]}", "null"},
		{calicoNP + "spec: {ingress: [7]}", "7"},
		{calicoNP + "spec: {ingress: [{action: Allow, protocol: QUIC}]}", "QUIC"},
		{calicoNP + "spec: {ingress: [{action: Allow, protocol: 300}]}", "300"},
		{calicoNP + "spec: {ingress: [{action: Allow, protocol: ICMP, destination: {ports: [1]}}]}", "{ports: [1]}"},
		{calicoNP + "spec: {ingress: [{action: Allow, icmp: {type: 8}}]}", "{type: 8}"},
		{calicoNP + "spec: {ingress: [{action: Allow, ipVersion: 5}]}", "5"},
		{calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {ports: ['90:80']}}]}", "'90:80'"},
		{calicoNP + "spec: {ingress: [{action: Allow, protocol: TCP, destination: {ports: [70000]}}]}", "70000"},
		{calicoNP + "spec: {ingress: [{action: Allow, source: {nets: [10.0.0.0/33]}}]}", "10.0.0.0/33"},
		{calicoNP + "spec: {ingress: [{action: Allow, source: {nets: [10.0.0.0/8, '::/0']}}]}", "{action: Allow, source"},
		{calicoNP + "spec: {ingress: [{action: Allow, source: {selector: 'a =='}}]}", "'a =='"},
		{calicoNP + "spec: {ingress: [{action: Allow, source: {domains: [a.example]}}]}", "[a.example]"},
		{calicoNP + "spec: {ingress: [{action: Allow, destination: {services: {name: x}}}]}", "{name: x}"},
		{calicoNP + "spec: {egress: [{action: Allow, http: {methods: [GET]}}]}", "{methods"},
		{calicoNP + "spec: {selector: '${SELECTOR}'}", "'${SELECTOR}'"},
		{strings.Replace(calicoNP, "v3", "v9", 1), "projectcalico.org/v9"},
		{calicoNP + "spec: {tier: low}\n---\napiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: low}\nspec: {defaultAction: Allow}", "low"},
	} {
		set := parsed(t, tt.policy)
		if len(set.Policies) != 1 {
			t.Fatalf("%d policies\n%s", len(set.Policies), tt.policy)
		}
		p := set.Policies[0]
		found := false
		for _, n := range set.Notes {
			found = found || n.Breaks && n.Text != "" && n.Do != "" && (strings.HasPrefix(tt.policy[n.Offset:], tt.at) || strings.Contains(n.Text, "tier"))
		}
		if !found {
			t.Errorf("no note at %s:\n%s\n%+v", tt.at, tt.policy, set.Notes)
		}
		rules := append(p.Ingress.Rules, p.Egress.Rules...)
		unsure := len(p.Unsure) > 0
		for _, r := range rules {
			unsure = unsure && len(r.Unsure) > 0
		}
		if !unsure {
			t.Errorf("nothing is unsure:\n%s", tt.policy)
		}
	}
}

func TestCalicoOrders(t *testing.T) {
	set := parsed(t, calicoNP+"spec: {order: 12.5, tier: low}\n---\n"+
		strings.Replace(calicoGNP, "kind: ", "kind: Staged", 1)+"spec: {order: -1, stagedAction: Set}\n---\n"+
		"apiVersion: projectcalico.org/v3\nkind: StagedKubernetesNetworkPolicy\nmetadata: {name: k, namespace: shop}\nspec: {stagedAction: Set, podSelector: {matchLabels: {app: web}}, ingress: [{}]}\n---\n"+
		"apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: low}\nspec: {order: 100, defaultAction: Pass}\n---\n"+
		"apiVersion: crd.projectcalico.org/v1\nkind: Tier\nmetadata: {name: high}\nspec: {}\n---\n"+
		"apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: pool}\n")
	if len(set.Notes) > 0 {
		t.Errorf("%+v", set.Notes)
	}
	if len(set.Policies) != 3 || len(set.Tiers) != 2 {
		t.Fatalf("%+v", set)
	}
	a, b, k := set.Policies[0], set.Policies[1], set.Policies[2]
	if a.Tier != "low" || *a.Order != 12.5 || a.Staged || a.Kind != netpol.Calico || a.Namespace != "shop" || len(a.Unsure) > 0 {
		t.Errorf("%+v", a)
	}
	if b.Tier != "default" || *b.Order != -1 || !b.Staged || b.Kind != netpol.CalicoGlobal || b.Namespace != "" {
		t.Errorf("%+v", b)
	}
	if k.Kind != netpol.Network || !k.Staged || k.Object.Kind != "StagedKubernetesNetworkPolicy" || !k.Subject.Match(web) || k.Subject.Match(db) || len(k.Ingress.Rules) != 1 || len(k.Unsure) > 0 {
		t.Errorf("%+v", k)
	}
	low, high := set.Tiers[0], set.Tiers[1]
	if low.Name != "low" || *low.Order != 100 || !low.Pass || high.Order != nil || high.Pass {
		t.Errorf("%+v", set.Tiers)
	}
}

// Calico's API shows the policies of Kubernetes too.
func TestCalicoMirrors(t *testing.T) {
	kube := "---\n" + np
	mirror := strings.Replace(calicoNP, "name: p", "name: knp.default.p", 1)
	if set := parsed(t, mirror+kube); len(set.Policies) != 1 || set.Policies[0].Kind != netpol.Network || len(set.Notes) != 1 || set.Notes[0].Breaks {
		t.Errorf("%+v", set)
	}
	if set := parsed(t, mirror); len(set.Policies) != 1 || set.Policies[0].Kind != netpol.Calico {
		t.Errorf("%+v", set)
	}
}

func FuzzCalico(f *testing.F) {
	f.Add(calicoNP + "spec: {selector: has(a), ingress: [{action: Allow, protocol: TCP, source: {nets: [10.0.0.0/8], selector: all()}, destination: {ports: [80, 'a:b', http]}}]}")
	f.Add(calicoGNP + "spec: {tier: x, egress: [{action: Pass, notProtocol: 6, destination: {notSelector: a == 'b', notNets: ['::/0'], notPorts: [1], services: {name: a}}}]}\n" + outside + sharedNS + noHosts)
	f.Add(calicoNP + "spec: {types: [x, null], ingress: [null, 1, {action: Allow, source: [], icmp: 1}]}")
	f.Add("apiVersion: projectcalico.org/v3\nkind: StagedKubernetesNetworkPolicy\nspec: {ingress: [{from: [1]}]}\n---\napiVersion: projectcalico.org/v3\nkind: HostEndpoint\nspec: {expectedIPs: [1]}\n---\napiVersion: projectcalico.org/v3\nkind: Tier\nspec: 1")
	f.Fuzz(func(t *testing.T, text string) {
		file, problem := kubeobj.Parse("fuzz.yaml", []byte(text))
		if problem != nil {
			return
		}
		set := netpol.Read(file.Objects)
		for _, n := range set.Notes {
			if n.Object == nil || n.Text == "" || int(n.Offset) > len(text) {
				t.Fatalf("%+v", n)
			}
		}
		for _, p := range set.Policies {
			for _, r := range append(p.Ingress.Rules, p.Egress.Rules...) {
				if r.Anyone && r.Peers != nil || r.AnyPort && r.Ports != nil {
					t.Fatalf("%+v", r)
				}
				for _, port := range r.Ports {
					if port.Low > port.High || port.Name != "" && port.High > 0 {
						t.Fatalf("%+v", port)
					}
				}
			}
			if p.Object.Group == "projectcalico.org" {
				askCalico(p, true, web, mon, netpol.TCP, 80)
				askCalico(p, false, web, far, netpol.UDP, 53)
			}
		}
	})
}

// TestCalicoMutants replaces every value of whole objects by something of another
// kind, or takes it away: nothing panics, and what is refused makes the policy or a
// rule unsure.
func TestCalicoMutants(t *testing.T) {
	text := calicoNP + `spec:
  tier: low
  order: 3
  types: [Ingress, Egress]
  selector: has(app)
  serviceAccountSelector: all()
  ingress:
  - {action: Allow, protocol: TCP, ipVersion: 4, http: {methods: [GET]}, metadata: {annotations: {a: b}}, source: {nets: [10.0.0.0/8], notNets: [10.1.0.0/16], selector: has(app), notSelector: x == 'y', namespaceSelector: all(), serviceAccounts: {names: [a], selector: all()}, ports: [1]}, destination: {ports: [80, '1:2'], notPorts: [http]}}
  - {action: Deny, protocol: ICMP, icmp: {type: 8}, notICMP: {code: 1}, notProtocol: 47}
  egress:
  - {action: Pass, destination: {services: {name: pg, namespace: shop}}}
` + "---\napiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: low}\nspec: {order: 1, defaultAction: Pass}\n" + sharedNS + outside + noHosts +
		"---\napiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: {name: h, labels: {app: h}}\nspec: {node: n1, expectedIPs: [10.0.0.9]}\n" +
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: pg, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: pg, protocol: TCP}]}\n" +
		"---\napiVersion: projectcalico.org/v3\nkind: StagedKubernetesNetworkPolicy\nmetadata: {name: k, namespace: shop}\nspec: {stagedAction: Set, podSelector: {}, ingress: [{from: [{podSelector: {}}], ports: [{port: 1}]}]}\n"
	file, problem := kubeobj.Parse("mutants.yaml", []byte(text))
	if problem != nil {
		t.Fatal(problem)
	}
	if notes := netpol.Read(file.Objects).Notes; len(notes) > 0 {
		t.Fatalf("%+v", notes)
	}
	garbage := []kubeobj.Value{
		{Kind: kubeobj.Null},
		{Kind: kubeobj.Bool, Text: "true"},
		{Kind: kubeobj.Number, Text: "-1.5"},
		{Kind: kubeobj.String, Text: "~ no"},
		{Kind: kubeobj.List, Items: []kubeobj.Value{{Kind: kubeobj.Null}, {Kind: kubeobj.Map}}},
		{Kind: kubeobj.Map, Items: []kubeobj.Value{{Name: "~", Kind: kubeobj.Number, Text: "7"}}},
	}
	mutants, refused := 0, 0
	var walk func(v *kubeobj.Value)
	walk = func(v *kubeobj.Value) {
		was := *v
		for _, g := range garbage {
			*v = g
			v.Name, v.Offset = was.Name, was.Offset
			mutants++
			set := netpol.Read(file.Objects)
			breaks := false
			for _, n := range set.Notes {
				breaks = breaks || n.Breaks && n.Object.Kind == "NetworkPolicy"
			}
			for _, p := range set.Policies {
				askCalico(p, true, web, db, netpol.TCP, 80)
				askCalico(p, false, web, db, netpol.TCP, 80)
				if p.Object.Kind != "NetworkPolicy" || !breaks {
					continue
				}
				refused++
				if len(p.Unsure) == 0 {
					t.Errorf("%s as %v: %+v and still sure", was.Name, g, set.Notes)
				}
			}
		}
		*v = was
		for i := range v.Items {
			walk(&v.Items[i])
		}
	}
	for _, o := range file.Objects {
		for i := range o.Root.Items {
			if v := &o.Root.Items[i]; v.Name == "spec" {
				walk(v)
			}
		}
	}
	t.Logf("%d mutants, %d refused", mutants, refused)
	if refused < mutants/4 {
		t.Error("too little is refused")
	}
}
