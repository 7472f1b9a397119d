package pairwise_test

import (
	"bufio"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"polygraph/bench/net/pairwise"
)

// step is a line of cyclonus.jsonl.
type step struct {
	Case, Step int
	Namespaces map[string]map[string]string
	Pods       []struct {
		Name, Namespace, IP string
		Labels              map[string]string
		Ports               []struct {
			Name     string
			Port     int32
			Protocol corev1.Protocol
		}
	}
	Policies []*networkingv1.NetworkPolicy
	Results  []struct{ From, To, Key, In, Eg, Comb string }
}

func (s *step) cluster(t *testing.T) (*pairwise.Cluster, map[string]pairwise.End) {
	t.Helper()
	c := &pairwise.Cluster{BlocksMatchPods: true}
	for name, labels := range s.Namespaces {
		c.AddNamespace(name, labels)
	}
	pods := map[string]pairwise.End{}
	for _, p := range s.Pods {
		w := &pairwise.Workload{Namespace: p.Namespace, Name: p.Name, Kind: "Pod", Labels: p.Labels, Addresses: []netip.Addr{netip.MustParseAddr(p.IP)}}
		for _, port := range p.Ports {
			w.Ports = append(w.Ports, corev1.ContainerPort{Name: port.Name, ContainerPort: port.Port, Protocol: port.Protocol})
		}
		c.Workloads = append(c.Workloads, w)
		pods[p.Namespace+"/"+p.Name] = pairwise.End{Workload: w}
	}
	for _, p := range s.Policies {
		if err := c.AddPolicy(p); err != nil {
			t.Fatal(err)
		}
	}
	return c, pods
}

// TestTruthTables holds the evaluator against tables that somebody else's
// simulator made: two programs that nobody wrote together say the same.
func TestTruthTables(t *testing.T) {
	f, err := os.Open(shared(t, "netpol", "cyclonus.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	steps, verdicts, denied := 0, 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		c, pods := s.cluster(t)
		for _, r := range s.Results {
			from, to := pods[r.From], pods[r.To]
			name, number, _ := strings.Cut(r.Key, "/")
			n, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			protocol, port := corev1.Protocol(name), int32(n)
			for _, side := range []struct {
				name, want string
				got        pairwise.Ports
			}{
				{"ingress", r.In, c.Ingress(from, to)},
				{"egress", r.Eg, c.Egress(from, to)},
				{"both", r.Comb, c.Passes(from, to)},
			} {
				if side.got.Has(protocol, port) != (side.want == ".") {
					t.Errorf("case %d step %d, %s to %s, %s: %s is %v, the table has %q", s.Case, s.Step, r.From, r.To, r.Key, side.name, side.got, side.want)
				}
			}
			verdicts++
			if r.Comb != "." {
				denied++
			}
		}
		steps++
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d steps, %d verdicts, %d of them denied", steps, verdicts, denied)
	if steps < 83 || verdicts < 40000 || denied < 7000 {
		t.Errorf("only %d steps, %d verdicts, %d denied", steps, verdicts, denied)
	}
}

// shared is a path in the data beside the project.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root, isSet := os.LookupEnv("POLYGRAPH_SHARED")
	if !isSet {
		root = filepath.Join("..", "..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if isSet || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip("shared data is not beside the module; set POLYGRAPH_SHARED: ", err)
	}
	return path
}
