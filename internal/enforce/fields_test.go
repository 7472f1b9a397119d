package enforce

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// engines of one case, without its expectations.
func caseTruth(t *testing.T, name string) *Truth {
	t.Helper()
	k := readCase(t, "testdata/"+name+".txtar")
	return look(t, k.objects(t, nil), k.cni)
}

func block(cidr string, at uint32) netpol.Peer {
	return netpol.Peer{Offset: at, Outside: true, Block: &netpol.Block{Prefixes: []netip.Prefix{netip.MustParsePrefix(cidr)}}}
}

func TestFields(t *testing.T) {
	pods := netpol.Peer{Offset: 20, Pods: &netpol.Expr{}}
	http := netpol.Port{Protocol: netpol.TCP, Name: "http", Offset: 30}
	many := func(n int) (out []netpol.Port) {
		for i := range n {
			out = append(out, netpol.Port{Protocol: netpol.TCP, Low: uint16(1000 + 2*i), High: uint16(1000 + 2*i), Offset: uint32(100 + i)})
		}
		return out
	}
	span := netpol.Port{Protocol: netpol.TCP, Low: 8000, High: 8080, Offset: 31}
	for _, c := range []struct {
		name, truth string
		rule        netpol.Rule
		want        string // statuses at offsets
	}{
		{"pods", "vpc-cni-on", netpol.Rule{Peers: []netpol.Peer{pods}, Ports: []netpol.Port{http, span}}, ""},
		{"named with block", "vpc-cni-on", netpol.Rule{Peers: []netpol.Peer{block("10.0.0.0/8", 21)}, Ports: []netpol.Port{http}}, "unknown@30"},
		{"named for everybody", "vpc-cni-on", netpol.Rule{Anyone: true, Ports: []netpol.Port{http}}, "unknown@30"},
		{"number with block", "vpc-cni-on", netpol.Rule{Peers: []netpol.Peer{block("10.0.0.0/8", 21)}, Ports: []netpol.Port{span}}, ""},
		{"other family", "vpc-cni-on", netpol.Rule{Peers: []netpol.Peer{block("10.0.0.0/8", 21), block("fd00::/8", 22)}, AnyPort: true}, "not enforced@22"},
		{"24 ports", "vpc-cni-on", netpol.Rule{Peers: []netpol.Peer{pods}, Ports: many(24)}, ""},
		{"25 ports", "vpc-cni-on", netpol.Rule{Peers: []netpol.Peer{pods}, Ports: many(25)}, "unknown@124"},
		{"auto mode", "auto-mode-on", netpol.Rule{Anyone: true, Ports: []netpol.Port{http}}, "unknown@30"},
		{"both of EKS", "mixed-auto", netpol.Rule{Anyone: true, Ports: []netpol.Port{http}}, "unknown@30"},
		{"Cilium", "cilium-on", netpol.Rule{Anyone: true, Ports: []netpol.Port{http, span}}, ""},
		{"Weave", "weave", netpol.Rule{Anyone: true, Ports: []netpol.Port{http, span, {Protocol: netpol.TCP, Low: 1, High: 65535}}}, "unknown@31"},
		{"nobody reads it", "flannel", netpol.Rule{Anyone: true, Ports: []netpol.Port{http}}, ""},
		{"two engines", "calico-beside", netpol.Rule{Anyone: true, Ports: []netpol.Port{http}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			truth := caseTruth(t, c.truth)
			o := &kubeobj.Object{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy", Name: "x"}
			for i := range 2 {
				p := &netpol.Policy{Kind: netpol.Network, Object: o}
				section := []*netpol.Section{&p.Ingress, &p.Egress}[i]
				section.Rules = []netpol.Rule{c.rule}
				var got []string
				for _, r := range truth.Fields(p) {
					if err := complete(r); err != nil {
						t.Error(err)
					}
					got = append(got, r.Status.String()+"@"+strconv.Itoa(int(r.At)))
				}
				if g := strings.Join(got, " "); g != c.want {
					t.Errorf("direction %d: %q, want %q", i, g, c.want)
				}
			}
		})
	}
}

func TestServiceOfOthers(t *testing.T) {
	svc := &kubeobj.Object{Kind: "Service", Version: "v1", Name: "x"}
	for _, name := range []string{"cilium-on", "nothing", "vpc-cni-off"} {
		if r, ok := caseTruth(t, name).Service(svc, &reach.Workload{}); ok {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
