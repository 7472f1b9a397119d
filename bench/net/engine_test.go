package net_test

import (
	"bytes"
	"fmt"
	"testing"

	"polygraph/bench/net/pairwise"
	"polygraph/bench/net/rows"
	"polygraph/bench/net/synthetic"
	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// engine are the rows of package reach. A cell that says more than what is
// allowed is a row of its own, which no evaluator of pairs has.
func engine(t *testing.T, data []byte, o reach.Options) *rows.Set {
	t.Helper()
	f, problem := kubeobj.Parse("cluster.yaml", data)
	if problem != nil {
		t.Fatal(problem.Reason)
	}
	set := netpol.Read(f.Objects)
	for _, n := range set.Notes {
		if n.Breaks {
			t.Fatalf("%s: %s", n.Object.Identity(), n.Text)
		}
	}
	m := reach.Build(f.Objects, set, o)
	var out rows.Set
	ends := m.Endpoints()
	for _, from := range ends {
		for _, to := range ends {
			if from.Workload == nil && to.Workload == nil {
				continue
			}
			c := m.Between(from.Index, to.Index)
			if c.Allowed.Empty() && c.Unknown.Empty() && c.IPv4.Empty() && c.IPv6.Empty() && c.Open.Empty() {
				continue
			}
			text := c.Allowed.String()
			if !c.Unknown.Empty() || !c.IPv4.Empty() || !c.IPv6.Empty() || !c.Open.Empty() {
				text = fmt.Sprintf("%s and more: unknown %s, IPv4 %s, IPv6 %s, open %s", text, c.Unknown, c.IPv4, c.IPv6, c.Open)
			}
			for _, a := range names(from, to.Workload) {
				for _, b := range names(to, from.Workload) {
					out.Add(a, b, text)
				}
			}
		}
	}
	out.Merge()
	return &out
}

// names are the ends that an endpoint is; addresses without those of a family
// that the workload at the other end has not.
func names(e *reach.Endpoint, other *reach.Workload) (out []rows.End) {
	if w := e.Workload; w != nil {
		return []rows.End{rows.Workload(w.Kind, w.Namespace, w.Name)}
	}
	for _, p := range e.Ranges {
		meets := len(other.Addresses) == 0
		for _, a := range other.Addresses {
			meets = meets || a.Is4() == p.Addr().Is4()
		}
		if meets {
			out = append(out, rows.Addresses(rows.RangeOf(p)))
		}
	}
	return out
}

func pairs(t *testing.T, data []byte, blocksMatchPods bool) *rows.Set {
	t.Helper()
	c, err := pairwise.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	c.BlocksMatchPods = blocksMatchPods
	out := c.Rows()
	out.Merge()
	return &out
}

// TestEngineOnSyntheticClusters compares all rows on the smaller sizes of the
// benchmark, also with pods of a cluster.
func TestEngineOnSyntheticClusters(t *testing.T) {
	for _, o := range []synthetic.Options{
		{Deployments: 100, Namespaces: 5, Seed: 1},
		{Deployments: 300, Namespaces: 10, Seed: 2},
		{Deployments: 50, Namespaces: 5, Pods: 10, Seed: 3},
	} {
		var b bytes.Buffer
		if err := synthetic.Write(&b, o); err != nil {
			t.Fatal(err)
		}
		want := pairs(t, b.Bytes(), false)
		if err := rows.Difference("reach", engine(t, b.Bytes(), reach.Options{}), "pairwise", want); err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		t.Logf("%+v: %d rows", o, want.Len())
	}
}

// TestEngineOnRandomClusters compares all rows on clusters that use everything a
// NetworkPolicy can say.
func TestEngineOnRandomClusters(t *testing.T) {
	clusters := 400
	if testing.Short() {
		clusters = 40
	}
	total := 0
	for seed := range clusters {
		data := synthetic.Random(uint64(seed))
		for _, way := range []struct {
			pods   bool
			blocks reach.BlockMatching
		}{{false, reach.BlocksMatchOutsideOnly}, {true, reach.BlocksMatchPods}} {
			want := pairs(t, data, way.pods)
			if err := rows.Difference("reach", engine(t, data, reach.Options{Blocks: way.blocks}), "pairwise", want); err != nil {
				t.Fatalf("seed %d, blocks match pods: %v: %v\n%s", seed, way.pods, err, data)
			}
			total += want.Len()
		}
	}
	t.Logf("%d clusters, %d rows", clusters, total)
	if total < 50*clusters {
		t.Errorf("only %d rows: the clusters are too small to say anything", total)
	}
}
