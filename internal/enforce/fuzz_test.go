package enforce

import (
	"testing"

	"golang.org/x/tools/txtar"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// FuzzLook: whatever the objects are, nothing panics and each ruling is complete.
func FuzzLook(f *testing.F) {
	for _, name := range []string{"vpc-cni-on", "mixed-auto", "cilium-node-config", "k3s", "antrea", "nodes", "two-calicos", "service"} {
		ar, err := txtar.ParseFile("testdata/" + name + ".txtar")
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			f.Add(file.Data, true, "")
			f.Add(file.Data, false, "vpc-cni")
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, live bool, cni string) {
		if len(data) > 64<<10 {
			return
		}
		parsed, problem := kubeobj.Parse("x.yaml", data)
		if problem != nil {
			return
		}
		for _, o := range parsed.Objects {
			o.Live = live
		}
		truth, err := Look(parsed.Objects, Options{CNI: cni})
		if err != nil {
			return
		}
		check := func(r Ruling) {
			if err := complete(r); err != nil {
				t.Error(err)
			}
		}
		ws := workloads.Build(parsed.Objects).Workloads()
		for k := range kinds {
			p := &netpol.Policy{Kind: netpol.Kind(k)}
			check(truth.Policy(p))
			for _, w := range ws[:min(len(ws), 3)] {
				check(truth.Holds(p, &reach.Workload{Object: w.Object, Template: w.Template, In: w.In}))
			}
		}
		for _, w := range ws {
			rw := &reach.Workload{Object: w.Object, Template: w.Template, In: w.In, Host: len(ws)%2 == 0}
			check(truth.Holds(&netpol.Policy{}, rw))
			for _, o := range parsed.Objects {
				if r, ok := truth.Service(o, rw); ok {
					check(r)
				}
			}
		}
		truth.Blocks()
		for _, e := range truth.Engines() {
			if e.Why == "" {
				t.Errorf("%s: no reason", e.Name)
			}
		}
	})
}

func FuzzVersion(f *testing.F) {
	f.Add("v1.20.4-eksbuild.1")
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		if yes, known := atLeast(s, 0, 0); known && !yes {
			t.Errorf("%q is below 0.0", s)
		}
	})
}
