package netpol_test

import (
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
)

// FuzzRead: no text makes it fail, every place is in the file, and what breaks a
// policy leaves something of it unknown.
func FuzzRead(f *testing.F) {
	for _, text := range fixtures {
		f.Add(text)
	}
	for _, text := range []string{
		np, anp, banp, cnp2, cnp, ccnp,
		np + "spec: {ingress: [{form: []}], egress: [null], policyTypes: [x]}",
		cnp + "specs: [{endpointSelector: {matchLabels: {'$host': ''}}, ingress: [{fromEntities: [], toPorts: [{}]}]}, null]",
		np + "spec: {ingress: [{from: [{ipBlock: {cidr: '${X}'}}]}]}\n---\n" + np + "spec: {}",
		"apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec: {selector: all(), order: 1, ingress: [{action: Allow, source: {nets: [10.0.0.0/8]}}]}",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<16 {
			return
		}
		file, problem := kubeobj.Parse("f", []byte(text))
		if problem != nil {
			return
		}
		sound(t, netpol.Read(file.Objects), len(text))
	})
}

// sound demands what holds of every set, whatever was read.
func sound(t testing.TB, set *netpol.Set, size int) {
	t.Helper()
	unsure := map[*kubeobj.Object]bool{}
	objects := map[*kubeobj.Object]bool{}
	inside := func(what string, offset uint32) {
		if int(offset) > size {
			t.Errorf("%s at %d of %d", what, offset, size)
		}
	}
	doubt := func(o *kubeobj.Object, list []netpol.Unsure) {
		for _, u := range list {
			unsure[o] = true
			if inside("unsure", u.Offset); u.Why == "" {
				t.Error("unsure of nothing")
			}
		}
	}
	for _, p := range set.Policies {
		objects[p.Object] = true
		inside("subject", p.SubjectAt)
		doubt(p.Object, p.Unsure)
		formed(t, &p.Subject)
		for _, s := range []*netpol.Section{&p.Ingress, &p.Egress} {
			inside("section", s.Offset)
			if !s.Applies && (s.Isolates || len(s.Rules) > 0 && p.Kind != netpol.Network) {
				t.Errorf("a section that does not apply: %+v", s)
			}
			for i := range s.Rules {
				rule := &s.Rules[i]
				inside("rule", rule.Offset)
				doubt(p.Object, rule.Unsure)
				if rule.Pointer == "" || rule.Anyone && rule.Peers != nil || rule.AnyPort && rule.Ports != nil {
					t.Errorf("%+v", rule)
				}
				for j := range rule.Peers {
					q := &rule.Peers[j]
					inside("peer", q.Offset)
					doubt(p.Object, q.Unsure)
					for _, e := range []*netpol.Expr{q.Pods, q.Nodes} {
						if e != nil {
							formed(t, e)
						}
					}
					if q.Block != nil {
						for _, x := range append(q.Block.Prefixes, q.Block.Except...) {
							if !x.IsValid() || x != x.Masked() {
								t.Errorf("prefix %s", x)
							}
						}
					}
				}
				for _, q := range rule.Ports {
					inside("port", q.Offset)
					if q.Low > q.High || q.Name != "" && q.High > 0 || q.Name == "" && q.Low == 0 {
						t.Errorf("port %+v", q)
					}
				}
			}
		}
	}
	for _, n := range set.Notes {
		inside("note", n.Offset)
		if n.Text == "" || n.Do == "" || n.Object == nil {
			t.Errorf("%+v", n)
		}
		if n.Breaks && objects[n.Object] && !unsure[n.Object] {
			t.Errorf("%s: nothing is unsure", n.Text)
		}
	}
}

func formed(t testing.TB, e *netpol.Expr) {
	t.Helper()
	switch e.Op {
	case netpol.All, netpol.None, netpol.Exists, netpol.NotExists:
		return
	case netpol.And, netpol.Or:
		for i := range e.Terms {
			formed(t, &e.Terms[i])
		}
		return
	case netpol.Not:
		if len(e.Terms) != 1 {
			t.Errorf("%+v", e)
			return
		}
		formed(t, &e.Terms[0])
		return
	}
	if len(e.Values) == 0 {
		t.Errorf("%+v", e)
	}
}

func BenchmarkRead(b *testing.B) {
	var objects []*kubeobj.Object
	size := 0
	for _, text := range fixtures {
		f, problem := kubeobj.Parse("f", []byte(text))
		if problem != nil {
			b.Fatal(problem)
		}
		objects = append(objects, f.Objects...)
		size += len(text)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		netpol.Read(objects)
	}
}
