package synthetic_test

import (
	"bytes"
	"testing"

	"polygraph/bench/net/pairwise"
	"polygraph/bench/net/synthetic"
)

func cluster(t *testing.T, o synthetic.Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := synthetic.Write(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAsManyRowsAsRecorded: other tools were measured on clusters of this shape
// that had 702 and 2,402 rows. A benchmark with fewer rows would flatter.
func TestAsManyRowsAsRecorded(t *testing.T) {
	for _, size := range []struct{ deployments, namespaces, policies, rows int }{
		{100, 5, 60, 700},
		{300, 10, 120, 2400},
	} {
		o := synthetic.Options{Deployments: size.deployments, Namespaces: size.namespaces, Seed: 1}
		c, err := pairwise.Read(cluster(t, o))
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Workloads) != size.deployments || o.Policies() != size.policies {
			t.Errorf("%d workloads and %d policies, want %d and %d", len(c.Workloads), o.Policies(), size.deployments, size.policies)
		}
		all := c.Rows()
		if n := all.Plain(); n != size.rows {
			t.Errorf("%d Deployments have %d rows, want %d", size.deployments, n, size.rows)
		}
	}
}

func TestPodsOfACluster(t *testing.T) {
	data := cluster(t, synthetic.Options{Deployments: 50, Namespaces: 5, Pods: 10, Seed: 1})
	c, err := pairwise.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, w := range c.Workloads {
		if w.Kind != "Deployment" || len(w.Addresses) != 10 {
			t.Errorf("%s %s has %d addresses", w.Kind, w.Name, len(w.Addresses))
		}
		for _, a := range w.Addresses {
			if seen[a.String()] {
				t.Errorf("%s twice", a)
			}
			seen[a.String()] = true
		}
	}
	if len(c.Workloads) != 50 || bytes.Count(data, []byte("\nkind: Pod\n")) != 500 {
		t.Errorf("%d workloads, %d pods", len(c.Workloads), bytes.Count(data, []byte("\nkind: Pod\n")))
	}
}

func TestSeeds(t *testing.T) {
	o := synthetic.Options{Deployments: 50, Namespaces: 5, Seed: 1}
	one := cluster(t, o)
	if !bytes.Equal(one, cluster(t, o)) {
		t.Error("the same options give other bytes")
	}
	o.Seed = 2
	if bytes.Equal(one, cluster(t, o)) {
		t.Error("another seed gives the same bytes")
	}
	if synthetic.Write(&bytes.Buffer{}, synthetic.Options{Deployments: 55, Namespaces: 5}) == nil {
		t.Error("55 Deployments were spread evenly over 50 applications")
	}
}
