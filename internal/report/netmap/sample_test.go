package netmap

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

func header() *run.Message {
	return &run.Message{Header: &run.Header{
		Protocol: run.Protocol, Version: "v0.7.0", Command: "net list", Inputs: []string{"cluster.yaml"},
		Started: time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC),
	}}
}

func ended() *run.Message { return &run.Message{Summary: &run.Summary{Verdict: finding.Holds}} }

func row(table string, namesAndValues ...string) *run.Message {
	r := &run.Row{Table: table}
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		r.Cells = append(r.Cells, run.Cell{Name: namesAndValues[i], Value: namesAndValues[i+1]})
	}
	return &run.Message{Row: r}
}

func listed(name, kind, namespace, isolated, enforced string) *run.Message {
	return row("endpoints", "endpoint", name, "kind", kind, "namespace", namespace, "pods", "2", "isolated", isolated, "enforced", enforced)
}

func connection(from, fromKind, to, toKind, ports, verdict, why string) *run.Message {
	return row("connections", "from", from, "from kind", fromKind, "to", to, "to kind", toKind, "ports", ports, "verdict", verdict, "why", why)
}

func written(t testing.TB, ms ...*run.Message) string {
	t.Helper()
	var buf bytes.Buffer
	l := New(&buf)
	for _, m := range ms {
		if err := l.Hear(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

// shop is small enough to know every cell of its picture.
func shop() []*run.Message {
	const dep, set = "Deployment", "StatefulSet"
	world := "0.0.0.0/0, ::/0"
	return []*run.Message{
		header(),
		listed("shop/web", dep, "shop", "ingress", "yes"),
		listed("shop/api", dep, "shop", "ingress, egress", "yes"),
		listed("shop/db", set, "shop", "ingress", "no"),
		listed("tools/runner", dep, "tools", "", "yes"),
		connection(world, addresses, "shop/web", dep, "TCP 443", "allowed", "shop/web-from-anywhere"),
		connection("shop/web", dep, "shop/api", dep, "TCP 8080, 8443", "allowed", "shop/api-from-web"),
		connection("shop/web", dep, "shop/db", set, "all", "not enforced", "shop/db-only-api: nothing enforces policies"),
		connection("shop/api", dep, "shop/db", set, "TCP 5432", "allowed", "shop/db-only-api"),
		connection("shop/api", dep, "shop/db", set, "TCP 1-5431, 5433-65535; UDP all; SCTP all", "not enforced", "shop/db-only-api: nothing enforces policies"),
		connection("tools/runner", dep, "shop/web", dep, "all", "unknown", "shop/web-l7 has HTTP rules"),
		connection("tools/runner", dep, world, addresses, "all", "allowed", "no policy"),
		connection("shop/web", dep, world, addresses, "all", "allowed", "no policy"),
		connection("tools/runner", dep, "shop/db", set, "all", "not enforced", "shop/db-only-api: nothing enforces policies"),
		ended(),
	}
}

// cluster is made up: n workloads in namespaces, with a bit of everything.
func cluster(n, perNamespace, ranges int, seed uint64) []*run.Message {
	r := rand.New(rand.NewPCG(seed, 1))
	roles := []string{"web", "api", "db", "worker", "cache", "queue", "cron", "auth", "search", "mail"}
	spaces := []string{"billing", "checkout", "identity", "ingress-nginx", "kube-system", "monitoring", "payments", "search", "shipping", "warehouse"}
	kinds := []string{"Deployment", "StatefulSet", "DaemonSet", "Pod", "CronJob"}
	type end struct{ name, kind string }
	var ends []end
	ms := []*run.Message{header()}
	for i := range n {
		s := i / perNamespace
		ns := spaces[s%len(spaces)]
		if s >= len(spaces) {
			ns += fmt.Sprintf("-%d", s/len(spaces))
		}
		e := end{ns + "/" + roles[i%perNamespace%len(roles)], kinds[r.IntN(10)*r.IntN(2)%5]}
		if i%perNamespace >= len(roles) {
			e.name += fmt.Sprintf("-%d", i%perNamespace/len(roles))
		}
		ends = append(ends, e)
		ms = append(ms, listed(e.name, e.kind, ns, []string{"ingress", "ingress, egress", "", "ingress"}[s%4], []string{"yes", "yes", "yes", "no", "unknown"}[s%5]))
	}
	for i := range ranges {
		ends = append(ends, end{fmt.Sprintf("10.%d.0.0/16", i), addresses})
	}
	ports := []string{"TCP 443", "TCP 80, 443; UDP 53", "TCP 5432", "TCP 8000-8999", "UDP 53"}
	for i, from := range ends {
		for j, to := range ends {
			if i == j || from.kind == addresses && to.kind == addresses {
				continue
			}
			same := i/perNamespace == j/perNamespace
			switch x := r.IntN(100); {
			case same && x < 45, x < 3:
				ms = append(ms, connection(from.name, from.kind, to.name, to.kind, "all", "allowed", "no policy"))
			case same && x < 70, x < 15:
				ms = append(ms, connection(from.name, from.kind, to.name, to.kind, ports[r.IntN(len(ports))], "allowed", "allow-some"))
			case j/perNamespace%4 == 3 && x < 60:
				ms = append(ms, connection(from.name, from.kind, to.name, to.kind, "all", "not enforced", "default-deny"))
			case x == 90:
				ms = append(ms, connection(from.name, from.kind, to.name, to.kind, "all", "unknown", "the address of a pod is not known"))
			}
		}
	}
	return append(ms, ended())
}

// BenchmarkLarge is a run of 1,000 workloads, from the first row to the picture.
func BenchmarkLarge(b *testing.B) {
	ms := cluster(1_000, 50, 5, 1)
	b.ReportAllocs()
	for b.Loop() {
		written(b, ms...)
	}
}
