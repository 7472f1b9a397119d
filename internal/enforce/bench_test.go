package enforce

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// BenchmarkHolds is one policy and 5000 workloads on 1000 nodes, of which some are
// tainted and some are on Fargate.
func BenchmarkHolds(b *testing.B) {
	ar, err := txtar.ParseFile("testdata/vpc-cni-on.txtar")
	if err != nil {
		b.Fatal(err)
	}
	var text strings.Builder
	text.Write(ar.Files[0].Data)
	for i := range 1000 {
		labels, spec := "", ""
		switch i % 10 {
		case 8:
			labels = "    eks.amazonaws.com/compute-type: auto\n"
		case 9:
			spec = "spec:\n  taints:\n  - key: gpu\n    effect: NoSchedule\n"
		}
		fmt.Fprintf(&text, "---\napiVersion: v1\nkind: Node\nmetadata:\n  name: node-%d\n  labels:\n    kubernetes.io/os: linux\n    kubernetes.io/hostname: node-%d\n%s%sstatus:\n  nodeInfo:\n    kernelVersion: 6.1.1\n", i, i, labels, spec)
	}
	for i := range 5000 {
		selector := ""
		if i%4 == 0 {
			selector = "      nodeSelector:\n        kubernetes.io/os: linux\n"
		}
		fmt.Fprintf(&text, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: w%d\n  namespace: shop\nspec:\n  template:\n    metadata:\n      labels:\n        app: w%d\n    spec:\n%s      containers:\n      - name: main\n        image: example.com/w:1\n", i, i, selector)
	}
	f, problem := kubeobj.Parse("live.yaml", []byte(text.String()))
	if problem != nil {
		b.Fatal(problem)
	}
	for _, o := range f.Objects {
		o.Live = true
	}
	var all []*reach.Workload
	for _, w := range workloads.Build(f.Objects).Workloads() {
		all = append(all, &reach.Workload{Name: w.Object.Name, Object: w.Object, Template: w.Template, In: w.In, Labels: w.Labels()})
	}
	p := &netpol.Policy{}
	b.ReportAllocs()
	for b.Loop() {
		truth, err := Look(f.Objects, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, w := range all {
			truth.Holds(p, w)
		}
	}
}
