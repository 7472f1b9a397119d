package netpol_test

import (
	"strings"
	"testing"

	"polygraph/internal/netpol"
)

const (
	anp  = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\n"
	banp = "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n"
	cnp2 = "apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\n"
)

// everybody begins a spec about all pods.
const everybody = "spec: {priority: 5, subject: {namespaces: {}}, "

func TestAdminNetworkPolicy(t *testing.T) {
	for _, tt := range []row{
		{"no rules, no say", anp + "spec: {priority: 5, subject: {namespaces: {}}}", "web", "in db TCP 80 -; out db TCP 80 -"},
		{
			"in order, and no isolation", anp + everybody + "ingress: [{action: Pass, from: [{namespaces: {matchLabels: {team: ops}}}]}, {name: first, action: Deny, from: [{namespaces: {}}]}]}", "web",
			"in mon TCP 80 pass; in db TCP 80 deny; in far TCP 80 -; in node TCP 80 -; out db TCP 80 -",
		},
		{"subject of pods", anp + "spec: {priority: 0, subject: {pods: {namespaceSelector: {matchLabels: {team: shop}}, podSelector: {matchLabels: {app: db}}}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]}", "web", "in db TCP 80 -"},
		{"peers of pods", anp + everybody + "ingress: [{action: Allow, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 -"},
		{
			"ports", anp + everybody + "ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 80}}, {portRange: {protocol: UDP, start: 10, end: 20}}, {namedPort: dns}]}]}", "web",
			"in db TCP 80 deny; in db UDP 80 -; in db UDP 15 deny; in db UDP 53 deny; in db TCP 53 -",
		},
		{"nodes", anp + everybody + "egress: [{action: Deny, to: [{nodes: {matchExpressions: [{key: role, operator: In, values: [edge]}]}}]}]}", "web", "out node TCP 80 deny; out far TCP 80 -; out db TCP 80 -"},
		{"networks are compared with everything", anp + everybody + "egress: [{action: Deny, to: [{networks: [10.0.0.0/16, 192.0.2.0/24]}]}]}", "db", "out far TCP 80 deny; out web TCP 80 deny; out near TCP 80 -; out node TCP 80 -"},
		{"domain names", anp + everybody + "egress: [{action: Allow, to: [{domainNames: ['*.example.com']}]}, {action: Deny, to: [{networks: [0.0.0.0/0]}]}]}", "db", "out far TCP 80 ?; out web TCP 80 deny"},
		{"baseline", banp + "spec: {subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}", "web", "in db TCP 80 deny"},
		{"another version", strings.Replace(anp, "v1alpha1", "v1beta1", 1), "web", "in db TCP 80 ?; out far UDP 1 ?"},
		{
			"cluster", cnp2 + everybody + "tier: Admin, ingress: [{action: Accept, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 80}}}, {udp: {destinationPort: {range: {start: 1, end: 9}}}}, {destinationNamedPort: dns}]}, {action: Pass, from: [{pods: {podSelector: {matchLabels: {app: mon}}}}]}]}", "web",
			"in db TCP 80 allow; in db UDP 9 allow; in db UDP 53 allow; in db SCTP 80 -; in mon SCTP 80 pass; in far TCP 80 -",
		},
		{"cluster, egress", cnp2 + everybody + "tier: Baseline, egress: [{action: Deny, to: [{networks: ['0.0.0.0/0']}], protocols: [{sctp: {destinationPort: {number: 7}}}]}]}", "db", "out far SCTP 7 deny; out web SCTP 7 deny; out far TCP 7 -; out six SCTP 7 -"},
	} {
		t.Run(tt.name, func(t *testing.T) { judge(t, tt) })
	}
}

func TestAdminKinds(t *testing.T) {
	set := parsed(t, anp+"spec: {priority: 7, subject: {namespaces: {}}}\n---\n"+banp+"spec: {subject: {namespaces: {}}}\n---\n"+
		cnp2+"spec: {tier: Admin, priority: 1000, subject: {namespaces: {}}}\n---\n"+strings.Replace(cnp2, "name: p", "name: q", 1)+"spec: {tier: Baseline, priority: 0, subject: {namespaces: {}}}")
	want := []netpol.Policy{{Kind: netpol.Admin, Priority: 7}, {Kind: netpol.BaselineAdmin}, {Kind: netpol.ClusterAdmin, Priority: 1000}, {Kind: netpol.ClusterBaseline}}
	if len(set.Policies) != 4 || len(set.Notes) != 0 {
		t.Fatalf("%+v", set)
	}
	for i, p := range set.Policies {
		if p.Kind != want[i].Kind || p.Priority != want[i].Priority || p.Namespace != "" || p.Ingress.Applies || len(p.Unsure) > 0 {
			t.Errorf("%d: %+v", i, p)
		}
	}
}

func TestAdminUnknown(t *testing.T) {
	rules := func(head, rule string, n int) string {
		return head + "ingress: [" + strings.TrimSuffix(strings.Repeat(rule+", ", n), ", ") + "]}"
	}
	allow := "{action: Allow, from: [{namespaces: {}}]}"
	accept := "{action: Accept, from: [{namespaces: {}}]}"
	for _, text := range []string{
		anp,
		anp + "spec: []",
		anp + "spec: {subject: {namespaces: {}}, ingress: [" + allow + "]}",
		anp + "spec: {priority: 1001, subject: {namespaces: {}}, ingress: [" + allow + "]}",
		anp + "spec: {priority: -1, subject: {namespaces: {}}, ingress: [" + allow + "]}",
		anp + "spec: {priority: '5', subject: {namespaces: {}}, ingress: [" + allow + "]}",
		anp + "spec: {priority: '${P}', subject: {namespaces: {}}, ingress: [" + allow + "]}",
		anp + "spec: {priority: 5, ingress: [" + allow + "]}",
		anp + "spec: {priority: 5, subject: {}, ingress: [" + allow + "]}",
		anp + "spec: {priority: 5, subject: {namespaces: {}, pods: {}}, ingress: [" + allow + "]}",
		anp + "spec: {priority: 5, subject: {pods: {podSelector: {}}}, ingress: [" + allow + "]}",
		anp + everybody + "ingress: [{action: Drop, from: [{namespaces: {}}]}]}",
		anp + everybody + "ingress: [{action: Accept, from: [{namespaces: {}}]}]}",
		anp + everybody + "ingress: [{from: [{namespaces: {}}]}]}",
		anp + everybody + "ingress: [{action: Allow}]}",
		anp + everybody + "ingress: [{action: Allow, from: []}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{}]}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{networks: [10.0.0.0/8]}]}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{namespaces: {}}], ports: []}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{}]}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{port: 80}]}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{portNumber: {protocol: TCP}}]}]}",
		anp + everybody + "ingress: [{action: Allow, from: [{namespaces: {}}], ports: [{portRange: {start: 9, end: 8}}]}]}",
		anp + everybody + "ingress: {}}",
		rules(anp+everybody, allow, 101),
		banp + "spec: {subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}]}",
		banp + "spec: {priority: 5, subject: {namespaces: {}}, ingress: [" + allow + "]}",
		strings.Replace(banp, "name: default", "name: other", 1) + "spec: {subject: {namespaces: {}}, ingress: [" + allow + "]}",
		cnp2 + everybody + "ingress: [" + accept + "]}",
		cnp2 + everybody + "tier: admin, ingress: [" + accept + "]}",
		cnp2 + everybody + "tier: Admin, ingress: [" + allow + "]}",
		cnp2 + everybody + "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{portNumber: {port: 1}}]}]}",
		cnp2 + everybody + "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {}}]}]}",
		cnp2 + everybody + "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 1, range: {start: 1, end: 2}}}}]}]}",
		cnp2 + everybody + "tier: Admin, ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 2, end: 2}}}}]}]}",
		cnp2 + everybody + "tier: Admin, ingress: [{action: Deny, from: [{pods: {namespaceSelector: {}}}]}]}",
		rules(cnp2+everybody+"tier: Admin, ", accept, 26),
	} {
		unknown(t, text, true)
	}
	for _, text := range []string{
		anp + everybody + "egress: [{action: Deny, to: [{networks: []}]}]}",
		anp + everybody + "egress: [{action: Deny, to: [{networks: [10.0.0.0]}]}]}",
		anp + everybody + "egress: [{action: Deny, to: [{domainNames: [example.com]}]}]}",
		anp + everybody + "egress: [{action: Allow, to: [{networks: [10.0.0.0/8]}], ports: [{namedPort: http}]}]}",
		banp + "spec: {subject: {namespaces: {}}, egress: [{action: Allow, to: [{domainNames: [example.com]}]}]}",
	} {
		unknown(t, text, false)
	}
	// A rule whose action is not known may do anything.
	actions := map[netpol.Action]bool{}
	for _, rule := range parsed(t, anp+everybody+"ingress: [{action: '${ACTION}', from: [{namespaces: {}}]}]}").Policies[0].Ingress.Rules {
		actions[rule.Action] = len(rule.Unsure) > 0
	}
	if len(actions) != 3 || !actions[netpol.Allow] || !actions[netpol.Deny] || !actions[netpol.Pass] {
		t.Error(actions)
	}
	// At the limit nothing is said.
	if set := parsed(t, rules(cnp2+everybody+"tier: Admin, ", accept, 25)); len(set.Notes) != 0 {
		t.Error(set.Notes)
	}
}

// unknown demands a note that breaks, and an answer that is not known.
func unknown(t *testing.T, text string, ingress bool) {
	t.Helper()
	set := parsed(t, text)
	breaks := false
	for _, n := range set.Notes {
		breaks = breaks || n.Breaks
		if n.Text == "" || n.Do == "" {
			t.Errorf("%s\n%+v", text, n)
		}
	}
	if !breaks {
		t.Errorf("nothing is said of\n%s", text)
	}
	if got := ask(set.Policies[0], ingress, web, db, netpol.TCP, 80); got != "?" {
		t.Errorf("%s\n%s", text, got)
	}
}
