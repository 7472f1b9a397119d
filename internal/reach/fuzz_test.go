package reach_test

import (
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// FuzzBuild: whatever the objects say, a model can be asked everything, and
// Between, Explain and Ask say the same.
func FuzzBuild(f *testing.F) {
	f.Add([]byte(`{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: n, labels: {app: a}}, spec: {containers: [{name: c, image: i, ports: [{name: web, containerPort: 80}]}]}, status: {podIPs: [{ip: 10.0.0.1}, {ip: 'fd00::1'}]}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: b, namespace: n}, spec: {template: {metadata: {labels: {app: b}}, spec: {hostNetwork: true, containers: [{name: c, image: i}]}}}}
---
{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: p, namespace: n}, spec: {podSelector: {matchExpressions: [{key: app, operator: In, values: [a]}]}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}, {namespaceSelector: {matchLabels: {x: y}}}], ports: [{port: web}, {port: 1, endPort: 65535, protocol: UDP}]}], egress: [{}]}}
---
{apiVersion: policy.networking.k8s.io/v1alpha1, kind: AdminNetworkPolicy, metadata: {name: q}, spec: {priority: 1, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}], ports: [{portRange: {start: 5, end: 9}}]}]}}
---
{apiVersion: projectcalico.org/v3, kind: GlobalNetworkPolicy, metadata: {name: g}, spec: {selector: app == 'a', order: 5, ingress: [{action: Deny, protocol: TCP, source: {notSelector: has(x), notNets: [10.0.0.0/24]}, destination: {ports: ['1:5', web]}}]}}
---
{apiVersion: cilium.io/v2, kind: CiliumNetworkPolicy, metadata: {name: c, namespace: n}, spec: {endpointSelector: {}, egressDeny: [{toEntities: [world]}], egress: [{toCIDR: [0.0.0.0/0]}]}}
`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 20_000 {
			return
		}
		file, problem := kubeobj.Parse("f", data)
		if problem != nil {
			return
		}
		for _, blocks := range []reach.BlockMatching{reach.BlocksUnknown, reach.BlocksMatchPods} {
			m := reach.Build(file.Objects, netpol.Read(file.Objects), reach.Options{Blocks: blocks, In: func(p *netpol.Policy, w *reach.Workload) bool { return len(p.Object.Name)%2 == 0 }})
			ends := m.Endpoints()
			if len(ends) > 40 {
				return
			}
			m.Conflicts()
			for i := range ends {
				for j := range ends {
					if ends[i].Workload == nil && ends[j].Workload == nil {
						continue
					}
					agree(t, m, i, j)
				}
			}
		}
	})
}

func agree(t *testing.T, m *reach.Model, i, j int) {
	cell := m.Between(i, j)
	segments := m.Explain(i, j, true)
	for proto := range netpol.Protocol(netpol.Protocols) {
		for _, port := range []uint16{1, 80, 65535} {
			a := m.Ask(i, j, proto, port)
			if got := cell.Unknown.Has(proto, port) || cell.IPv4.Has(proto, port) || cell.IPv6.Has(proto, port); got != (a.Outcome == reach.Unknown) && cell.Open.Empty() && a.InForce == nil {
				t.Fatalf("%d to %d, %s %d: %v, and the cell is %+v", i, j, proto, port, a.Outcome, cell)
			}
			if a.Outcome == reach.Allowed != cell.Allowed.Has(proto, port) && !a.Families {
				t.Fatalf("%d to %d, %s %d: %v, and the cell is %+v", i, j, proto, port, a.Outcome, cell)
			}
			n := 0
			for _, s := range segments {
				if s.Ports.Has(proto, port) {
					n++
				}
			}
			if n == 0 && !a.NoFamily || n > 2 {
				t.Fatalf("%d to %d, %s %d is in %d segments", i, j, proto, port, n)
			}
		}
	}
}
