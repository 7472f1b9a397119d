package netpol

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/reach"
	"polygraph/internal/workloads"
)

// comparison is one folder.
type comparison struct {
	*model
	name                string
	found               differences
	groups              map[string][]int // our endpoints by the name that the rows have
	order               []string
	rows, pairs, ranges int
}

// nameThere is the name of a workload in the rows: that of the controller of a
// pod, as the pod has it, or the pod's own.
func nameThere(w *reach.Workload) string {
	o := w.In
	namespace, name, kind := cmp.Or(o.Namespace, "default"), o.Name, o.Kind
	if owner := workloads.ControllerOf(o); owner != nil && o.Kind == "Pod" && owner.Get("kind").Str() != "Node" {
		name, kind = owner.Get("name").Str(), cmp.Or(owner.Get("kind").Str(), "Pod")
	}
	return namespace + "/" + name + "[" + kind + "]"
}

func (c *comparison) run(rows []connection) {
	c.groups = map[string][]int{}
	for _, e := range c.ends {
		if e.Workload == nil {
			continue
		}
		name := nameThere(e.Workload)
		if c.groups[name] == nil {
			c.order = append(c.order, name)
		}
		c.groups[name] = append(c.groups[name], e.Index)
	}
	slices.Sort(c.order)
	between := map[[2]string]connection{}
	var outside []connection
	for _, r := range rows {
		known := true
		for _, end := range []string{r.from, r.to} {
			if c.groups[end] == nil && !strings.HasSuffix(end, externalSuffix) {
				known = false
				what := end + " is no workload here"
				if end == ingressController {
					what = "a row from " + ingressController
				}
				c.found.add(c.name, what)
				break
			}
		}
		switch {
		case !known:
		case r.fromIPs.valid() || r.toIPs.valid():
			outside = append(outside, r)
		default:
			between[[2]string{r.from, r.to}] = r
		}
	}
	for _, from := range c.order {
		for _, to := range c.order {
			if from != to { // no workload is beside itself there
				c.compare(from, to, between[[2]string{from, to}].ports)
			}
		}
		c.compareOutside(from, outside, true)
		c.compareOutside(from, outside, false)
	}
}

func (c *comparison) compare(from, to string, theirs reach.Ports) {
	c.pairs++
	said := map[string]bool{}
	for _, a := range c.groups[from] {
		for _, b := range c.groups[to] {
			ours := c.Between(a, b)
			if ours.Allowed.Equal(theirs) && certain(ours) {
				continue
			}
			x, y := from, to
			if c.ends[a].Workload.Host || c.ends[b].Workload.Host {
				x, y = c.class(a), c.class(b)
			}
			said[fmt.Sprintf("%s to %s is %s, the table has %s", x, y, cellText(ours), theirs)] = true
		}
	}
	for sentence := range said {
		c.found.add(c.name, sentence)
	}
}

// class is how a difference names the ends of a pair of which one is on the
// network of its node: those differences have one reason, whatever the names.
func (c *comparison) class(i int) string {
	if c.ends[i].Workload.Host {
		return "a pod on its node's network"
	}
	return "a pod"
}

// compareOutside compares what a workload may say to IPv4 addresses, or they to
// it, address by address: both sides cut the space where they like.
func (c *comparison) compareOutside(name string, rows []connection, egress bool) {
	type piece struct {
		span
		ports reach.Ports
	}
	var theirs []piece
	borders := []netip.Addr{netip.IPv4Unspecified()}
	cut := func(s span) {
		borders = append(borders, s.first)
		if next := s.last.Next(); next.IsValid() {
			borders = append(borders, next)
		}
	}
	for _, r := range rows {
		switch {
		case egress && r.from == name:
			theirs = append(theirs, piece{r.toIPs, r.ports})
			cut(r.toIPs)
		case !egress && r.to == name:
			theirs = append(theirs, piece{r.fromIPs, r.ports})
			cut(r.fromIPs)
		}
	}
	type known struct {
		span
		end int
	}
	var ours []known
	for _, e := range c.ends {
		for _, p := range e.Ranges {
			if p.Addr().Is4() {
				s := span{p.Masked().Addr(), lastOf(p)}
				ours = append(ours, known{s, e.Index})
				cut(s)
			}
		}
	}
	slices.SortFunc(theirs, func(a, b piece) int { return a.first.Compare(b.first) })
	slices.SortFunc(ours, func(a, b known) int { return a.first.Compare(b.first) })
	slices.SortFunc(borders, netip.Addr.Compare)
	for i, n, first := 0, 0, netip.Addr(netip.Addr{}); len(borders) > 0; borders = borders[1:] {
		if borders[0] == first {
			continue
		}
		first = borders[0]
		c.ranges++
		for i < len(theirs) && theirs[i].last.Less(first) {
			i++
		}
		for n < len(ours) && ours[n].last.Less(first) {
			n++
		}
		var want reach.Ports
		if i < len(theirs) && !first.Less(theirs[i].first) {
			want = theirs[i].ports
		}
		if n == len(ours) || first.Less(ours[n].first) {
			c.found.add(c.name, "addresses that are no endpoint")
			continue
		}
		said := map[string]bool{}
		for _, w := range c.groups[name] {
			from, to, text := w, ours[n].end, "%s to addresses"
			if !egress {
				from, to, text = to, from, "addresses to %s"
			}
			cell := c.Between(from, to)
			if !cell.Allowed.Equal(want) || !certain(cell) {
				who := name
				if c.ends[w].Workload.Host {
					who = c.class(w)
				}
				said[fmt.Sprintf(text+" is %s, the table has %s", who, cellText(cell), want)] = true
			}
		}
		for sentence := range said {
			c.found.add(c.name, sentence)
		}
	}
}

// lastOf is the last address of an IPv4 prefix.
func lastOf(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 0x80 >> (bit % 8)
	}
	return netip.AddrFrom4(a)
}

const compared = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: main, image: main}]}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: db-x
  namespace: shop
  labels: {app: db}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: db, uid: u, controller: true}]
spec: {containers: [{name: main, image: main}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec:
  podSelector: {matchLabels: {app: db}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{port: 5432}]
  - from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]
    ports: [{port: 5432}]
`

// TestComparison: the comparison finds a row too many, one too few, and other
// ports; otherwise equal tables would prove nothing.
func TestComparison(t *testing.T) {
	rows := [][3]string{
		{"shop/web[Deployment]", "shop/db[ReplicaSet]", "TCP 5432"},
		{"shop/web[Deployment]", "0.0.0.0-255.255.255.255[External]", "All Connections"},
		{"0.0.0.0-127.255.255.255[External]", "shop/web[Deployment]", "All Connections"},
		{"128.0.0.0-255.255.255.255[External]", "shop/web[Deployment]", "All Connections"},
		{"10.0.0.0-10.0.255.255[External]", "shop/db[ReplicaSet]", "TCP 5432"},
		{"10.2.0.0-10.255.255.255[External]", "shop/db[ReplicaSet]", "TCP 5432"},
	}
	differ := func(rows [][3]string) []string {
		t.Helper()
		c := &comparison{name: "case", found: differences{}}
		c.model = build(t, parse(t, "objects.yaml", []byte(compared)), reach.Options{Blocks: reach.BlocksMatchOutsideOnly})
		var read []connection
		for _, r := range rows {
			one, err := newConnection(r[0], r[1], r[2])
			if err != nil {
				t.Fatal(err)
			}
			read = append(read, one)
		}
		c.run(read)
		return c.found.lines()
	}
	if found := differ(rows); len(found) > 0 {
		t.Fatalf("%q", found)
	}
	for i := range rows {
		if len(differ(slices.Delete(slices.Clone(rows), i, i+1))) == 0 {
			t.Errorf("nobody misses %q", rows[i])
		}
		other := slices.Clone(rows)
		other[i][2] = "TCP 5432,UDP 53"
		if len(differ(other)) == 0 {
			t.Errorf("nobody sees the ports of %q", other[i])
		}
	}
	for _, more := range [][3]string{
		{"shop/db[ReplicaSet]", "shop/web[Deployment]", "TCP 1"},
		{"shop/db[ReplicaSet]", "10.0.0.0-10.0.0.0[External]", "TCP 1"},
		{"10.1.0.0-10.1.0.0[External]", "shop/db[ReplicaSet]", "TCP 1"},
		{"{ingress-controller}", "shop/web[Deployment]", "TCP 1"},
		{"shop/db-x[Pod]", "shop/web[Deployment]", "TCP 1"},
	} {
		if len(differ(append(slices.Clone(rows), more))) == 0 {
			t.Errorf("nobody sees %q", more)
		}
	}
}
