package netpol_test

import (
	"strings"
	"testing"

	"polygraph/internal/netpol"
)

const (
	cnp  = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p, namespace: shop}\n"
	ccnp = "apiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: p}\n"
	each = "spec: {endpointSelector: {}, "
)

func TestCilium(t *testing.T) {
	for _, tt := range []row{
		{"subject of the own namespace", cnp + each + "ingress: [{}]}", "mon", "in db TCP 80 -"},
		{"an empty rule selects nobody and isolates", cnp + each + "ingress: [{}]}", "web", "in db TCP 80 refused; in far TCP 80 refused; out db TCP 80 -"},
		{"an empty section is none", cnp + each + "ingress: [], egress: [{}]}", "web", "in db TCP 80 -; out db TCP 80 refused"},
		{"an empty list selects nobody", cnp + each + "ingress: [{fromEndpoints: [], toPorts: [{ports: [{port: '80'}]}]}]}", "web", "in db TCP 80 refused"},
		{"no peers and ports are everybody", cnp + each + "ingress: [{toPorts: [{ports: [{port: '80', protocol: TCP}]}]}]}", "web", "in db TCP 80 allow; in far TCP 80 allow; in node TCP 80 allow; in db UDP 80 refused"},
		{"endpoints of the own namespace", cnp + each + "ingress: [{fromEndpoints: [{}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 refused; in node TCP 80 refused; in far TCP 80 refused"},
		{"a namespace that is named", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {k8s:io.kubernetes.pod.namespace: ops}}]}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"without the source", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {io.kubernetes.pod.namespace: ops, any:app: mon}}]}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"labels of the namespace", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.namespace.labels.team: ops}}]}]}", "web", "in db TCP 80 refused; in mon TCP 80 allow"},
		{"every namespace", cnp + each + "ingress: [{fromEndpoints: [{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: Exists}]}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 allow; in far TCP 80 refused"},
		{"only excluded: more than pods", cnp + each + "ingress: [{fromEndpoints: [{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: NotIn, values: [ops]}]}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 refused; in far TCP 80 ?; in node TCP 80 ?"},
		{"a service account", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: mon, io.kubernetes.pod.namespace: ops}}]}]}", "web", "in mon TCP 80 allow; in db TCP 80 refused"},
		{"the name of the cluster", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: c1, app: db}}]}]}", "web", "in db TCP 80 ?; in mon TCP 80 refused"},
		{"a label that is in no identity", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {pod-template-hash: x}}]}]}", "web", "in db TCP 80 ?; in mon TCP 80 refused"},
		{"k8s. is a part of the key", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {k8s.app: db}}]}]}", "web", "in db TCP 80 refused"},
		{"clusterwide", ccnp + each + "ingress: [{fromEndpoints: [{}]}]}", "mon", "in db TCP 80 allow; in web TCP 80 allow; in node TCP 80 refused; in far TCP 80 refused"},
		{"clusterwide subject", ccnp + "spec: {endpointSelector: {matchLabels: {k8s:io.kubernetes.pod.namespace: ops}}, ingress: [{}]}", "web", "in db TCP 80 -"},
		{"nodes as subject", ccnp + "spec: {nodeSelector: {matchLabels: {role: edge}}, ingress: [{fromEntities: [cluster]}]}", "node", "in db TCP 22 allow; in far TCP 22 refused"},
		{"nodes are no pods", ccnp + "spec: {nodeSelector: {}, ingress: [{}]}", "web", "in db TCP 22 -"},
		{
			"denials first", cnp + each + "ingress: [{fromEntities: [all]}], ingressDeny: [{fromEndpoints: [{matchLabels: {app: db}}], toPorts: [{ports: [{port: '80'}]}]}]}", "web",
			"in db TCP 80 deny; in db SCTP 80 deny; in db TCP 81 allow; in far TCP 80 allow",
		},
		{"an empty denial isolates too", cnp + each + "egressDeny: [{}]}", "web", "out db TCP 80 refused; in db TCP 80 -"},
		{"no default deny", cnp + each + "enableDefaultDeny: {ingress: false}, ingress: [{fromEndpoints: [{}]}], egress: [{}]}", "web", "in db TCP 80 allow; in mon TCP 80 -; out db TCP 80 refused"},
		{"default deny without rules", cnp + each + "enableDefaultDeny: {egress: true}, ingress: [{fromEndpoints: [{}]}]}", "web", "in db TCP 80 allow; out db TCP 80 ?"},
		{"CIDR is of the world", cnp + each + "egress: [{toCIDR: [10.0.0.0/8]}, {toCIDRSet: [{cidr: 192.0.0.0/8, except: [192.0.2.0/24]}]}]}", "db", "out near TCP 80 allow; out web TCP 80 refused; out node TCP 80 refused; out far TCP 80 refused"},
		{"entities", cnp + each + "ingress: [{fromEntities: [world]}]}", "web", "in far TCP 80 allow; in six TCP 80 allow; in db TCP 80 refused; in node TCP 80 refused"},
		{"cluster", cnp + each + "ingress: [{fromEntities: [cluster]}]}", "web", "in far TCP 80 refused; in mon TCP 80 allow; in node TCP 80 allow"},
		{"mesh", cnp + each + "ingress: [{fromEntities: [cluster-mesh]}]}", "web", "in far TCP 80 ?; in mon TCP 80 allow; in node TCP 80 allow"},
		{"host", cnp + each + "ingress: [{fromEntities: [host]}]}", "web", "in node TCP 80 ?; in far TCP 80 refused; in db TCP 80 refused"},
		{"host and the others", cnp + each + "ingress: [{fromEntities: [host, remote-node]}]}", "web", "in node TCP 80 allow"},
		{"the API server", cnp + each + "egress: [{toEntities: [kube-apiserver]}]}", "web", "out node TCP 443 ?; out far TCP 443 ?; out db TCP 443 refused"},
		{"what is no pod", cnp + each + "ingress: [{fromEntities: [health, none, init, ingress]}]}", "web", "in node TCP 80 refused; in far TCP 80 refused; in db TCP 80 refused"},
		{"a reserved label", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {reserved:world: ''}}]}]}", "web", "in far TCP 80 allow; in db TCP 80 refused"},
		{"a reserved label that must not be", cnp + each + "ingress: [{fromEndpoints: [{matchExpressions: [{key: reserved:world, operator: DoesNotExist}]}]}]}", "web", "in db TCP 80 allow; in mon TCP 80 allow; in far TCP 80 ?"},
		{
			"ports: ANY, 0, ranges, names", cnp + each + "ingress: [{toPorts: [{ports: [{port: '53', protocol: ANY}, {port: '0', protocol: SCTP}, {port: '80', endPort: 90, protocol: TCP}, {port: HTTP}]}]}]}", "web",
			"in db TCP 53 allow; in db UDP 53 allow; in db SCTP 9 allow; in db TCP 85 allow; in db UDP 85 refused; in db TCP 8080 allow; in db UDP 8080 refused",
		},
		{"an item without ports matches nothing", cnp + each + "ingress: [{fromEndpoints: [{}], toPorts: [{}]}]}", "web", "in db TCP 80 refused"},
		{"protocols without ports", cnp + each + "ingress: [{toPorts: [{ports: [{protocol: VRRP}]}]}]}", "web", "in db TCP 80 refused"},
		{"ICMP only", cnp + each + "ingress: [{icmps: [{fields: [{type: 8}]}]}]}", "web", "in db TCP 80 refused"},
		{
			"HTTP", cnp + each + "ingress: [{fromEndpoints: [{}], toPorts: [{ports: [{port: '80', protocol: TCP}], rules: {http: [{path: /}]}}, {ports: [{port: '81'}]}]}]}", "web",
			"in db TCP 80 ?; in db TCP 81 allow; in mon TCP 80 refused; in db TCP 82 refused",
		},
		{"no HTTP after all", cnp + each + "ingress: [{toPorts: [{ports: [{port: '80'}], rules: {http: []}}]}]}", "web", "in db TCP 80 allow"},
		{"DNS that only listens", cnp + each + "egress: [{toEndpoints: [{}], toPorts: [{ports: [{port: '53'}], rules: {dns: [{matchPattern: '*'}]}}]}, {toFQDNs: [{matchName: example.com}]}]}", "web", "out db UDP 53 allow; out far TCP 443 ?; out db TCP 443 refused; out node TCP 443 refused"},
		{"DNS of some names", cnp + each + "egress: [{toPorts: [{ports: [{port: '53'}], rules: {dns: [{matchName: a.example}]}}]}]}", "web", "out db UDP 53 ?"},
		{"TLS", cnp + each + "egress: [{toPorts: [{ports: [{port: '443'}], serverNames: [a.example]}]}]}", "web", "out far TCP 443 ?"},
		{"authentication", cnp + each + "ingress: [{fromEndpoints: [{}], authentication: {mode: required}}]}", "web", "in db TCP 80 ?; in mon TCP 80 refused"},
		{"no authentication", cnp + each + "ingress: [{fromEndpoints: [{}], authentication: {mode: disabled}}]}", "web", "in db TCP 80 allow"},
		{"groups", cnp + each + "egress: [{toGroups: [{aws: {securityGroupsIds: [sg-1]}}]}]}", "web", "out far TCP 80 ?; out db TCP 80 refused"},
		{"nodes by label", cnp + each + "ingress: [{fromNodes: [{matchLabels: {role: edge}}]}]}", "web", "in node TCP 80 ?"},
		{"a group of CIDRs", "apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: g}\nspec: {externalCIDRs: [192.0.2.0/24]}\n---\n" + cnp + each + "egress: [{toCIDRSet: [{cidrGroupRef: g}]}]}", "web", "out far TCP 80 allow; out near TCP 80 refused"},
		{"a group that is not there", cnp + each + "egress: [{toCIDRSet: [{cidrGroupRef: g}]}]}", "web", "out far TCP 80 ?; out db TCP 80 refused"},
		{"a group with more", "apiVersion: cilium.io/v2\nkind: CiliumCIDRGroup\nmetadata: {name: g}\nspec: {externalCIDRs: [192.0.2.0/24, nonsense]}\n---\n" + cnp + each + "egress: [{toCIDRSet: [{cidrGroupRef: g, except: [192.0.2.0/25]}]}]}", "web", "out far TCP 80 ?; out near TCP 80 refused"},
		{"groups by label", cnp + each + "egress: [{toCIDRSet: [{cidrGroupSelector: {matchLabels: {a: b}}}]}]}", "web", "out far TCP 80 ?; out db TCP 80 refused"},
		{"Services by label", cnp + each + "egress: [{toServices: [{k8sServiceSelector: {selector: {matchLabels: {a: b}}}}]}]}", "web", "out db TCP 80 ?"},
		{"a Service without a selector", "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ops}\nspec: {}\n---\n" + cnp + each + "egress: [{toServices: [{k8sService: {serviceName: s, namespace: ops}}]}]}", "web", "out mon TCP 80 ?; out far TCP 80 ?"},
		{"unmanaged", cnp + each + "ingress: [{fromEntities: [unmanaged]}]}", "web", "in db TCP 80 ?; in far TCP 80 refused"},
		{"a reserved label with others", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {reserved:world: '', app: x}}]}]}", "web", "in far TCP 80 ?; in db TCP 80 refused"},
		{"a reserved label with a value", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {reserved:world: x}}]}]}", "web", "in far TCP 80 refused"},
		{"a reserved label that is not known", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {reserved:new: ''}}]}]}", "web", "in far TCP 80 ?; in db TCP 80 ?"},
		{"a label of another source", cnp + each + "ingress: [{fromEndpoints: [{matchLabels: {container:app: x}}]}]}", "web", "in db TCP 80 ?; in mon TCP 80 refused"},
		{"a Service", "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: ops}\nspec: {selector: {app: mon}}\n---\n" + cnp + each + "egress: [{toServices: [{k8sService: {serviceName: s, namespace: ops}}]}]}", "web", "out mon TCP 80 allow; out db TCP 80 refused"},
		{"a Service that is not there", cnp + each + "egress: [{toServices: [{k8sService: {serviceName: s, namespace: ops}}]}]}", "web", "out mon TCP 80 ?"},
		{"the subject names another namespace", cnp + "spec: {endpointSelector: {matchLabels: {k8s:io.kubernetes.pod.namespace: ops}}, ingress: [{}]}", "web", "in db TCP 80 refused"},
		{"specs", cnp + "specs: [{endpointSelector: {matchLabels: {app: db}}, ingress: [{}]}, {endpointSelector: {matchLabels: {app: web}}, egress: [{}]}]", "web", "in db TCP 80 -; out db TCP 80 refused"},
		{"another version", strings.Replace(cnp, "/v2", "/v3", 1), "web", "in db TCP 80 ?; out far TCP 80 ?"},
	} {
		t.Run(tt.name, func(t *testing.T) { judge(t, tt) })
	}
}

func TestCiliumUnknown(t *testing.T) {
	for _, text := range []string{
		cnp,
		cnp + "spec: []",
		cnp + "specs: {}",
		cnp + "spec: {ingress: [{}]}",
		cnp + "spec: {endpointSelector: null, ingress: [{}]}",
		cnp + "spec: {endpointSelector: {}, nodeSelector: {}, ingress: [{}]}",
		cnp + each + "ingress: {}}",
		cnp + each + "ingress: [null]}",
		cnp + each + "ingress: [{fromEndpoint: [{}]}]}",
		cnp + each + "ingress: [{fromEndpoints: [{app: x}]}]}",
		cnp + each + "ingress: [{fromEndpoints: [{}], fromEntities: [world]}]}",
		cnp + each + "ingress: [{fromCIDR: [10.0.0.0]}]}",
		cnp + each + "ingress: [{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/8]}]}]}",
		cnp + each + "ingress: [{fromCIDRSet: [{}]}]}",
		cnp + each + "ingress: [{fromCIDRSet: [{cidr: 10.0.0.0/8, cidrGroupRef: a}]}]}",
		cnp + each + "ingress: [{fromEntities: [internet]}]}",
		cnp + each + "ingress: [{fromEntities: [world-ipv4]}]}",
		cnp + each + "ingress: [{fromEntities: world}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: 80}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: '80', protocol: tcp}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: '65536'}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: '80', endPort: 79}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: http, endPort: 79}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{port: '80'}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: '${P}'}]}]}]}",
		cnp + each + "ingress: [{toPorts: [{ports: [{port: '1'}]}], icmps: [{fields: [{type: 8}]}]}]}",
		cnp + each + "ingress: [{authentication: {mode: perhaps}}]}",
		cnp + each + "ingress: [{authentication: {}}]}",
		cnp + each + "ingress: [{fromEndpoints: [{}], fromRequires: [{matchLabels: {a: b}}]}]}",
		cnp + each + "ingressDeny: [{authentication: {mode: required}}]}",
		cnp + each + "ingress: [{toServices: [{}]}]}",
		cnp + each + "enableDefaultDeny: {ingress: 'no'}, ingress: [{}]}",
		cnp + each + "enableDefaultDeny: {ingres: false}, ingress: [{}]}",
		cnp + "specs: [{endpointSelector: {}, ingress: [{}]}, {endpointSelector: {}, ingres: [{}]}]",
		cnp + "spec: {endpointSelector: {matchLabels: {app: '${A}'}}, ingress: [{}]}",
	} {
		unknown(t, text, true)
	}
}

// The order of the rules is that in which they are asked, and each names its place.
func TestCiliumPointers(t *testing.T) {
	set := parsed(t, cnp+"specs: [{endpointSelector: {}, ingress: [{}, {toPorts: [{ports: [{port: '1'}]}, {ports: [{port: '2'}], rules: {http: [{}]}}]}], ingressDeny: [{}]}]")
	var got []string
	for _, rule := range set.Policies[0].Ingress.Rules {
		got = append(got, rule.Pointer)
	}
	if want := "specs[0].ingressDeny[0] specs[0].ingress[0] specs[0].ingress[1] specs[0].ingress[1].toPorts[1]"; strings.Join(got, " ") != want {
		t.Error(got)
	}
	if p := set.Policies[0]; p.Kind != netpol.Cilium || p.Namespace != "shop" || len(set.Notes) != 0 {
		t.Errorf("%+v", set)
	}
}

func TestCiliumNotes(t *testing.T) {
	for text, want := range map[string]string{
		cnp + "spec: {endpointSelector: {}}": "has no rules and does nothing",
		cnp + "spec: {endpointSelector: {matchLabels: {k8s:io.kubernetes.pod.namespace: ops}}, ingress: [{}]}":       "names the namespace \"ops\"",
		cnp + "spec: {endpointSelector: {matchLabels: {reserved:host: ''}}, ingress: [{}]}":                          "a reserved label is on no pod",
		cnp + each + "egress: [{toCIDR: [10.0.0.0/8, 10.0.0.0/9]}]}":                                                 "10.0.0.0/9 is a part of 10.0.0.0/8",
		cnp + each + "egress: [{toCIDRSet: [{cidrGroupRef: g}]}]}":                                                   "is not among the objects",
		strings.Replace(ccnp, "name: p", "name: p, namespace: x", 1) + "spec: {endpointSelector: {}, ingress: [{}]}": "metadata.namespace is not used",
	} {
		set := parsed(t, text)
		if len(set.Notes) != 1 || set.Notes[0].Breaks || !strings.Contains(set.Notes[0].Text, want) {
			t.Errorf("%s\n%+v", text, set.Notes)
		}
	}
}
