package netpol_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"sigs.k8s.io/yaml"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// fixtures have every field that is read.
var fixtures = []string{
	np + `spec:
  podSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [front]}]}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: db}}, namespaceSelector: {matchLabels: {team: ops}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{port: 80, endPort: 90, protocol: UDP}, {port: http}]
  egress:
  - to: [{namespaceSelector: {}}]
    ports: [{protocol: TCP, port: 53}]
`,
	anp + `spec:
  priority: 5
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}
  ingress: [{name: one, action: Allow, from: [{namespaces: {matchLabels: {team: ops}}}], ports: [{portNumber: {protocol: UDP, port: 1}}, {portRange: {start: 1, end: 2, protocol: TCP}}, {namedPort: http}]}]
  egress: [{action: Deny, to: [{nodes: {matchLabels: {a: b}}}, {networks: [10.0.0.0/8]}]}, {action: Allow, to: [{domainNames: [example.com]}]}]
`,
	banp + `spec:
  subject: {namespaces: {matchLabels: {team: ops}}}
  egress: [{action: Deny, to: [{pods: {namespaceSelector: {}, podSelector: {}}}], ports: [{portNumber: {port: 1}}]}]
`,
	cnp2 + `spec:
  tier: Baseline
  priority: 5
  subject: {namespaces: {}}
  ingress: [{action: Accept, from: [{pods: {podSelector: {}}}], protocols: [{tcp: {destinationPort: {number: 1}}}, {udp: {destinationPort: {range: {start: 1, end: 2}}}}, {destinationNamedPort: http}]}]
  egress: [{action: Pass, to: [{networks: [10.0.0.0/8]}]}]
`,
	cnp + `spec:
  endpointSelector: {matchLabels: {app: web}, matchExpressions: [{key: tier, operator: Exists}]}
  enableDefaultDeny: {ingress: true, egress: false}
  ingress:
  - fromEndpoints: [{matchLabels: {app: db}}]
    toPorts: [{ports: [{port: "80", endPort: 90, protocol: TCP}]}]
  - fromCIDR: [10.0.0.0/8]
  - fromCIDRSet: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]
    authentication: {mode: disabled}
  ingressDeny:
  - fromEntities: [world]
    toPorts: [{ports: [{port: http}]}]
  egress:
  - toServices: [{k8sService: {serviceName: s, namespace: ops}}]
  - toFQDNs: [{matchName: example.com}]
  - toNodes: [{matchLabels: {a: b}}]
  - icmps: [{fields: [{type: 8}]}]
  egressDeny:
  - toCIDRSet: [{cidrGroupRef: g}]
`,
	ccnp + `specs:
- nodeSelector: {matchLabels: {role: edge}}
  ingress: [{fromEndpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [db]}]}]}]
`,
}

// TestMistakes makes one mistake after another in each field of each fixture: a
// wrong name, a value of another sort, a value to be filled in. Each has to be
// named, and to leave something unknown.
func TestMistakes(t *testing.T) {
	total := 0
	for _, text := range fixtures {
		var tree map[string]any
		if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
			t.Fatal(err)
		}
		if notes := broken(t, tree); len(notes) > 0 {
			t.Fatalf("%+v\n%s", notes, text)
		}
		try := func(what string) {
			total++
			if len(broken(t, tree)) == 0 {
				t.Errorf("%s of %v: %s is not named", tree["kind"], tree["apiVersion"], what)
			}
		}
		var walk func(v any, path string)
		walk = func(v any, path string) {
			switch v := v.(type) {
			case map[string]any:
				for name, old := range v {
					path := path + "." + name
					if name == "fields" { // of icmps, which nothing depends on
						continue
					}
					for _, bad := range []any{wrong(old), "${LATER}"} {
						v[name] = bad
						if name != "namespace" && name != "serviceName" {
							try(fmt.Sprintf("%s: %v", path, bad))
						}
					}
					v[name] = old
					if parent := last(path, 1); parent != "matchLabels" {
						delete(v, name)
						v[name+"x"] = old
						try(path + " by another name")
						delete(v, name+"x")
						v[name] = old
					}
					walk(old, path)
				}
			case []any:
				for i, old := range v {
					path := fmt.Sprintf("%s.%d", path, i)
					v[i] = wrong(old)
					try(fmt.Sprintf("%s: %v", path, v[i]))
					v[i] = old
					walk(old, path)
				}
			}
		}
		for _, name := range []string{"spec", "specs"} {
			if tree[name] != nil {
				walk(tree[name], name)
			}
		}
	}
	t.Logf("%d mistakes", total)
}

// last is a name of a path, from its end.
func last(path string, n int) string {
	end := len(path)
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '.' {
			if n == 0 {
				return path[i+1 : end]
			}
			n, end = n-1, i
		}
	}
	return ""
}

// wrong is a value of another sort.
func wrong(v any) any {
	switch v.(type) {
	case map[string]any:
		return []any{}
	case []any:
		return map[string]any{}
	}
	return map[string]any{"x": 1}
}

func broken(t *testing.T, tree map[string]any) (out []netpol.Note) {
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	f, problem := kubeobj.Parse("policy.json", data)
	if problem != nil {
		t.Fatal(problem, string(data))
	}
	set := netpol.Read(f.Objects)
	sound(t, set, len(data))
	for _, n := range set.Notes {
		if n.Breaks {
			out = append(out, n)
		}
	}
	return out
}
