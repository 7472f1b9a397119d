package netpol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// step is a line of cyclonus.jsonl: a cluster and what its simulator says about
// every pair of pods. The tables know nothing of kernels: In is the decision of
// the ingress policies alone, Eg of the egress policies, Comb of both.
type step struct {
	Case, Step int
	Desc       string
	Namespaces map[string]map[string]string
	Pods       []struct {
		Name, Namespace, IP string
		Labels              map[string]string
		Ports               []map[string]any
	}
	Policies []map[string]any
	Results  []struct{ From, To, Key, In, Eg, Comb string }
}

// objects are the step as a cluster has it.
func (s *step) objects(t *testing.T) []*kubeobj.Object {
	t.Helper()
	var items []any
	for name, labels := range s.Namespaces {
		items = append(items, map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name, "labels": labels}})
	}
	for _, p := range s.Pods {
		var open []any
		for _, port := range p.Ports {
			open = append(open, map[string]any{"name": port["name"], "containerPort": port["port"], "protocol": port["protocol"]})
		}
		items = append(items, map[string]any{
			"apiVersion": "v1", "kind": "Pod",
			"metadata": map[string]any{"name": p.Name, "namespace": p.Namespace, "labels": p.Labels},
			"spec":     map[string]any{"containers": []any{map[string]any{"name": "main", "image": "agnhost", "ports": open}}},
			"status":   map[string]any{"podIP": p.IP, "podIPs": []any{map[string]any{"ip": p.IP}}},
		})
	}
	for _, p := range s.Policies {
		p["apiVersion"], p["kind"] = "networking.k8s.io/v1", "NetworkPolicy" // some lines leave both away
		items = append(items, p)
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, "step.json", text)
}

// TestTruthTables asks the engine every question of the tables, three answers
// each.
func TestTruthTables(t *testing.T) {
	f, err := os.Open(shared(t, "cyclonus.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := differences{}
	steps, verdicts, denied, cells := 0, 0, 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var s step
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		steps++
		name := fmt.Sprintf("case %d step %d", s.Case, s.Step)
		m := build(t, s.objects(t), reach.Options{Blocks: reach.BlocksMatchPods})
		if len(m.names) != len(s.Pods) {
			t.Fatalf("%s: %d workloads of %d pods", name, len(m.names), len(s.Pods))
		}
		for _, r := range s.Results {
			from, to := m.end(t, r.From), m.end(t, r.To)
			protocol, port := key(t, r.Key)
			a := m.Ask(from, to, protocol, port)
			for _, side := range []struct {
				name, want string
				got        reach.Outcome
			}{{"ingress", r.In, a.Ingress.Outcome}, {"egress", r.Eg, a.Egress.Outcome}, {"both", r.Comb, a.Outcome}} {
				verdicts++
				if side.want == "X" {
					denied++
				}
				if want := outcome(side.want); side.got != want {
					found.add(name, fmt.Sprintf("%s is %v, the table has %v", side.name, side.got, want))
				}
			}
			// The cell of the pair must say the same as the question.
			cells++
			c := m.Between(from, to)
			if c.Allowed.Has(protocol, port) != (a.Outcome == reach.Allowed) || c.Unknown.Has(protocol, port) != (a.Outcome == reach.Unknown) {
				t.Errorf("%s, %s to %s %s: Ask says %v, Between %s", name, r.From, r.To, r.Key, a.Outcome, cellText(c))
			}
			m.witness(t, name+" "+r.From+" to "+r.To+" "+r.Key, a)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	explained, failed := found.hold(t, "cyclonus")
	count(t, "cyclonus", fmt.Sprintf("steps %d: equal %d, explained %d, failed %d; verdicts compared %d (denied %d), cells %d",
		steps, steps-len(found), explained, failed, verdicts, denied, cells))
}

// end is the number of a workload.
func (m *model) end(t *testing.T, name string) int {
	t.Helper()
	i, ok := m.names[name]
	if !ok {
		t.Fatalf("no workload %s", name)
	}
	return i
}

// witness checks that a decision names who decided: a policy wherever one was
// asked, and all that isolate where nobody let it through.
func (m *model) witness(t *testing.T, at string, a reach.Answer) {
	t.Helper()
	for side, d := range map[string]reach.Decision{"egress": a.Egress, "ingress": a.Ingress} {
		switch {
		case d.Outcome == reach.Denied && d.Policy == nil:
			t.Errorf("%s: %s is denied by nobody", at, side)
		case d.Outcome == reach.Denied && d.Rule == nil && len(d.Isolating) == 0:
			t.Errorf("%s: %s is denied by isolation, and nobody isolates", at, side)
		case d.Outcome == reach.Unknown && d.Why == "":
			t.Errorf("%s: %s is unknown without a reason", at, side)
		case d.Outcome == reach.Denied && d.Rule != nil && d.Rule.Action != netpol.Deny:
			t.Errorf("%s: %s is denied by a rule that does not deny: %s", at, side, d.Rule.Pointer)
		case d.Outcome == reach.Allowed && d.Rule != nil && d.Rule.Action != netpol.Allow:
			t.Errorf("%s: %s is allowed by a rule that does not allow: %s", at, side, d.Rule.Pointer)
		}
	}
}

func outcome(mark string) reach.Outcome {
	if mark == "." {
		return reach.Allowed
	}
	return reach.Denied
}

// key takes "TCP/80" apart.
func key(t *testing.T, text string) (netpol.Protocol, uint16) {
	t.Helper()
	name, number, _ := strings.Cut(text, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	for p := range netpol.Protocol(netpol.Protocols) {
		if p.String() == name {
			return p, uint16(n)
		}
	}
	t.Fatalf("no protocol in %q", text)
	return 0, 0
}
