package netpol_test

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/netpol"
)

// row is a question and its answer: "in mon TCP 80 allow" is asked of the subject.
type row struct {
	name, policy, subject string
	rows                  string
}

// judge asks every row of the only policy of a text, or of all of them: the first
// that has a say answers.
func judge(t *testing.T, tt row) {
	t.Helper()
	set := parsed(t, tt.policy)
	subject := named[tt.subject]
	for _, line := range strings.Split(strings.TrimSpace(tt.rows), ";") {
		var direction, peer, proto, want string
		var port uint16
		if _, err := fmt.Sscan(line, &direction, &peer, &proto, &port, &want); err != nil {
			t.Fatal(line, err)
		}
		got := "-"
		for _, p := range set.Policies {
			if got = ask(p, direction == "in", subject, named[peer], map[string]netpol.Protocol{"TCP": netpol.TCP, "UDP": netpol.UDP, "SCTP": netpol.SCTP}[proto], port); got != "-" {
				break
			}
		}
		if got != want {
			t.Errorf("%s:%s: %s", tt.name, line, got)
		}
	}
}

const np = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\n"

func TestNetworkPolicy(t *testing.T) {
	for _, tt := range []row{
		{"nothing written isolates ingress of the namespace", np, "web", "in db TCP 80 refused; in far TCP 80 refused; out db TCP 80 -"},
		{"other namespaces", np, "mon", "in db TCP 80 -"},
		{"a subject", np + "spec: {podSelector: {matchLabels: {app: db}}}", "web", "in db TCP 80 -"},
		{"expressions", np + "spec: {podSelector: {matchExpressions: [{key: app, operator: NotIn, values: [db]}, {key: tier, operator: Exists}, {key: x, operator: DoesNotExist}]}}", "web", "in db TCP 80 refused"},
		{"null is nothing", np + "spec: {podSelector: null, ingress: null, egress: null, policyTypes: null}", "web", "in db TCP 80 refused; out db TCP 80 -"},
		{"an empty egress says nothing", np + "spec: {egress: []}", "web", "in db TCP 80 refused; out db TCP 80 -"},
		{"egress with rules", np + "spec: {egress: [{}]}", "web", "in db TCP 80 refused; out db TCP 80 allow; out node SCTP 1 allow; out far UDP 65535 allow"},
		{"egress alone", np + "spec: {policyTypes: [Egress]}", "web", "in db TCP 80 -; out db TCP 80 refused"},
		{"rules of a type that is not listed", np + "spec: {policyTypes: [Egress], ingress: [{}]}", "web", "in db TCP 80 -; out db TCP 80 refused"},
		{"from and ports empty", np + "spec: {ingress: [{from: [], ports: []}]}", "web", "in far TCP 80 allow; in node UDP 9 allow"},
		{"a rule of null is everything", np + "spec: {ingress: [null]}", "web", "in far TCP 80 allow"},
		{"pods of the own namespace", np + "spec: {ingress: [{from: [{podSelector: {}}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 refused; in node TCP 80 refused; in far TCP 80 refused"},
		{"namespaces", np + "spec: {ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"all namespaces", np + "spec: {ingress: [{from: [{namespaceSelector: {}}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 allow; in node TCP 80 refused; in far TCP 80 refused"},
		{"the name of a namespace", np + "spec: {ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ops}}}]}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"both selectors", np + "spec: {ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: mon}}}]}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"two items", np + "spec: {ingress: [{from: [{namespaceSelector: {matchLabels: {team: none}}}, {podSelector: {matchLabels: {app: db}}}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 refused"},
		{"a block", np + "spec: {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}", "db", "in near TCP 80 refused; in far TCP 80 refused; in web TCP 80 ?; in node TCP 80 ?"},
		{"a block of six", np + "spec: {policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: '2001:db8::/32'}}]}]}", "web", "out six TCP 80 allow; out far TCP 80 refused"},
		{"bits beyond the prefix", np + "spec: {ingress: [{from: [{ipBlock: {cidr: 10.9.9.9/8}}]}]}", "db", "in near TCP 80 allow"},
		{"a port", np + "spec: {ingress: [{ports: [{port: 80}]}]}", "web", "in far TCP 80 allow; in far UDP 80 refused; in far TCP 81 refused"},
		{"a protocol", np + "spec: {ingress: [{ports: [{protocol: SCTP}]}]}", "web", "in far SCTP 1 allow; in far SCTP 65535 allow; in far TCP 1 refused"},
		{"a range", np + "spec: {ingress: [{ports: [{port: 80, endPort: 90, protocol: UDP}]}]}", "web", "in far UDP 80 allow; in far UDP 90 allow; in far UDP 91 refused; in far TCP 85 refused"},
		{"a name is of the destination", np + "spec: {ingress: [{ports: [{port: http}]}], egress: [{ports: [{port: pg}]}]}", "web", "in db TCP 8080 allow; in db TCP 5432 refused; out db TCP 5432 allow; out db TCP 8080 refused; out mon TCP 5432 refused"},
		{"a name has a protocol", np + "spec: {ingress: [{ports: [{port: dns}]}]}", "web", "in db UDP 53 refused; in db TCP 53 refused"},
		{"a name of UDP", np + "spec: {ingress: [{ports: [{port: dns, protocol: UDP}]}]}", "web", "in db UDP 53 allow"},
		{"no namespace is a namespace of its own", strings.Replace(np, ", namespace: shop", "", 1), "web", "in db TCP 80 -"},
		{"extensions", strings.Replace(np, "networking.k8s.io/v1", "extensions/v1beta1", 1), "web", "in db TCP 80 ?; out db TCP 80 -"},
		{"another version", strings.Replace(np, "networking.k8s.io/v1", "networking.k8s.io/v2", 1), "web", "in db TCP 80 ?; out db TCP 80 ?"},
	} {
		t.Run(tt.name, func(t *testing.T) { judge(t, tt) })
	}
}

// What leaves something unknown has to be said, and to be unknown.
func TestNetworkPolicyUnknown(t *testing.T) {
	for _, spec := range []string{
		"{ingress: [{form: [{podSelector: {}}]}]}",
		"{ingres: []}",
		"{ingress: {}}",
		"{ingress: [7]}",
		"{policyTypes: [ingress]}",
		"{policyTypes: [Ingress, Egress, Ingress]}",
		"{podSelector: {matchLabels: {app: true}}}",
		"{podSelector: {matchLabels: {'a b': c}}}",
		"{podSelector: {matchLabels: {a: 'c d'}}}",
		"{podSelector: {matchExpressions: [{key: a, operator: in, values: [b]}]}}",
		"{podSelector: {matchExpressions: [{key: a, operator: In, values: []}]}}",
		"{podSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}",
		"{podSelector: {matchExpressions: [{operator: Exists}]}}",
		"{podSelector: {app: web}}",
		"{ingress: [{from: [{}]}]}",
		"{ingress: [{from: [null]}]}",
		"{ingress: [{from: {podSelector: {}}}]}",
		"{ingress: [{from: [{podSelector: {}, ipBlock: {cidr: 10.0.0.0/8}}]}]}",
		"{ingress: [{from: [{ipBlock: {}}]}]}",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.300/8}}]}]}",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.1}}]}]}",
		"{ingress: [{from: [{ipBlock: {cidr: '::ffff:10.0.0.0/104'}}]}]}",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]}",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/8]}}]}]}",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: ['2001:db8::/32']}}]}]}",
		"{ingress: [{ports: [{port: 0}]}]}",
		"{ingress: [{ports: [{port: 65536}]}]}",
		"{ingress: [{ports: [{port: '80'}]}]}",
		"{ingress: [{ports: [{port: 80.5}]}]}",
		"{ingress: [{ports: [{port: 80, endPort: 79}]}]}",
		"{ingress: [{ports: [{port: http, endPort: 90}]}]}",
		"{ingress: [{ports: [{endPort: 90}]}]}",
		"{ingress: [{ports: [{port: 80, protocol: tcp}]}]}",
		"{ingress: [{ports: [{port: 80, protocol: ICMP}]}]}",
		"{ingress: [{ports: [80]}]}",
		"{podSelector: {matchLabels: {app: '${APP}'}}}",
		"{ingress: [{from: [{ipBlock: {cidr: '${CIDR}'}}]}]}",
		"{ingress: [{ports: [{port: '${PORT}'}]}]}",
		"{ingress: '${RULES}'}",
		"'${SPEC}'",
		"[]",
	} {
		set := parsed(t, np+"spec: "+spec)
		breaks := 0
		for _, n := range set.Notes {
			if n.Breaks {
				breaks++
			}
			if n.Text == "" || n.Do == "" {
				t.Errorf("%s: %+v", spec, n)
			}
		}
		if breaks == 0 {
			t.Errorf("%s: nothing is said: %+v", spec, set.Notes)
		}
		if got := ask(set.Policies[0], true, web, db, netpol.TCP, 80); got != "?" {
			t.Errorf("%s: %s", spec, got)
		}
	}
}

// A place in one rule leaves the others alone.
func TestUnknownStaysInItsRule(t *testing.T) {
	set := parsed(t, np+"spec: {ingress: [{from: [{podSelector: {matchLabels: {app: db}}}]}, {from: [{ipBlock: {cidr: '${CIDR}'}}]}]}")
	p := set.Policies[0]
	if got := ask(p, true, web, db, netpol.TCP, 80); got != "allow" {
		t.Error(got)
	}
	if got := ask(p, true, web, mon, netpol.TCP, 80); got != "?" {
		t.Error(got)
	}
}

func TestNetworkPolicyNotes(t *testing.T) {
	for spec, want := range map[string]string{
		"{policyTypes: [Egress], ingress: [{}]}":                                                                               "spec.ingress has rules and spec.policyTypes has no Ingress",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 10.1.0.0/16}}]}]}":                                 "10.1.0.0/16 is a part of 10.0.0.0/8",
		"{ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}, {ipBlock: {cidr: 10.1.0.0/16}}]}]}":                                "10.1.0.0/16 stands there twice",
		"{ingress: [{from: [{ipBlock: {cidr: 10.1.0.0/16}}, {ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]}]}":            "10.1.0.0/16 takes in again what 0.0.0.0/0 leaves out",
		"{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}, {ipBlock: {cidr: 10.1.0.0/16}}, {ipBlock: {cidr: 10.2.0.0/16}}]}]}": "10.2.0.0/16 is a part of 10.0.0.0/8",
		"{ingress: [{from: [{ipBlock: {cidr: 10.9.9.9/8}}]}]}":                                                                 "has bits beyond",
		"{ingress: [null]}": "lets everything through",
		"{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}": "10.0.0.0/8 is a part of 0.0.0.0/0",
	} {
		set := parsed(t, np+"spec: "+spec)
		found := false
		for _, n := range set.Notes {
			found = found || strings.Contains(n.Text, want)
			if n.Breaks {
				t.Errorf("%s: %+v", spec, n)
			}
		}
		if !found {
			t.Errorf("%s: %+v", spec, set.Notes)
		}
	}
	if set := parsed(t, np+"spec: {ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/9}}, {ipBlock: {cidr: 10.128.0.0/9}}, {ipBlock: {cidr: '::/0'}}]}]}"); len(set.Notes) > 0 {
		t.Error(set.Notes)
	}
}

func TestDuplicates(t *testing.T) {
	a := np + "spec: {ingress: [{from: [{podSelector: {}}], ports: [{port: 80}]}]}\n"
	same := "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {namespace: shop, name: p}, spec: {policyTypes: [Ingress], ingress: [{ports: [{protocol: TCP, port: 80}], from: [{podSelector: {}}]}]}}\n"
	set := parsed(t, a+"---\n"+same)
	if len(set.Policies) != 1 || len(set.Notes) != 1 || set.Notes[0].Breaks || set.Notes[0].Object == set.Policies[0].Object {
		t.Errorf("%+v", set)
	}
	set = parsed(t, a+"---\n"+strings.Replace(same, "80", "81", 1))
	if len(set.Policies) != 2 || len(set.Notes) != 2 || !set.Notes[0].Breaks {
		t.Errorf("%+v", set)
	}
	for _, p := range set.Policies {
		if got := ask(p, true, web, db, netpol.TCP, 80); got != "?" {
			t.Error(got)
		}
	}
	if set = parsed(t, a+"---\n"+strings.Replace(same, "shop", "ops", 1)); len(set.Notes) != 0 || len(set.Policies) != 2 {
		t.Errorf("%+v", set)
	}
}
