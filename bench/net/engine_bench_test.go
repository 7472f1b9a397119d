package net_test

import (
	"bytes"
	"fmt"
	"testing"

	"polygraph/bench/net/synthetic"
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// BenchmarkEngine is what package reach takes for all cells, without the reading
// of the file and the printing of rows, which netbench measures too.
func BenchmarkEngine(b *testing.B) {
	for _, o := range []synthetic.Options{
		{Deployments: 1000, Namespaces: 20, Seed: 1},
		{Deployments: 5000, Namespaces: 50, Seed: 1},
		{Deployments: 5000, Namespaces: 50, Pods: 10, Seed: 1},
	} {
		b.Run(fmt.Sprintf("%d-%d-%d", o.Deployments, o.Policies(), o.Deployments*o.Pods), func(b *testing.B) {
			var text bytes.Buffer
			if err := synthetic.Write(&text, o); err != nil {
				b.Fatal(err)
			}
			f, problem := kubeobj.Parse("cluster.yaml", text.Bytes())
			if problem != nil {
				b.Fatal(problem.Reason)
			}
			for b.Loop() {
				m := reach.Build(f.Objects, netpol.Read(f.Objects), reach.Options{})
				ends := m.Endpoints()
				n := 0
				for _, from := range ends {
					for _, to := range ends {
						if c := m.Between(from.Index, to.Index); !c.Allowed.Empty() {
							n++
						}
					}
				}
				b.ReportMetric(float64(n), "rows")
			}
		})
	}
}
