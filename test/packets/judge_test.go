//go:build linux

package packets

import (
	"fmt"
	"net/netip"
	"strings"

	"polygraph/internal/kubeobj"
	"polygraph/internal/netpol"
	"polygraph/internal/reach"
)

// judge is what Polygraph says about a cluster.
type judge struct {
	model *reach.Model
	// careful has not been told how an ipBlock meets pods: it may say unknown, and
	// nothing that is wrong.
	careful *reach.Model
	unknown int
}

// newJudge reads the text of a cluster as check does.
func newJudge(c *cluster) (*judge, error) {
	file, problem := kubeobj.Parse("cluster.yaml", []byte(c.text()))
	if problem != nil {
		return nil, fmt.Errorf("not read: %+v", problem)
	}
	if len(file.Unread) > 0 {
		return nil, fmt.Errorf("not read: %+v", file.Unread)
	}
	set := netpol.Read(file.Objects)
	for _, n := range set.Notes {
		if n.Breaks { // what is drawn is valid
			return nil, fmt.Errorf("%s: %s", n.Object.Identity(), n.Text)
		}
	}
	options := reach.Options{Blocks: reach.BlocksMatchPods}
	if c.outsideOnly {
		options.Blocks = reach.BlocksMatchOutsideOnly
	}
	return &judge{
		model:   reach.Build(file.Objects, set, options),
		careful: reach.Build(file.Objects, set, reach.Options{}),
	}, nil
}

// endpoint finds who has an address, and checks that it is who the cluster says.
func endpoint(model *reach.Model, c *cluster, address string) (int, error) {
	a := netip.MustParseAddr(address)
	e, ok := model.Find(a)
	if !ok {
		return 0, fmt.Errorf("%s: no endpoint", address)
	}
	for _, p := range c.pods {
		for _, b := range p.place.addrs {
			if a != b {
				continue
			}
			name := p.name
			if p.owner != "" {
				name = p.owner
			}
			if e.Workload == nil || e.Workload.Name != name || e.Workload.Namespace != p.namespace {
				return 0, fmt.Errorf("%s: endpoint %+v is not %s/%s", address, e, p.namespace, name)
			}
			return e.Index, nil
		}
	}
	if e.Workload != nil {
		return 0, fmt.Errorf("%s: endpoint %+v, and it is outside", address, e)
	}
	return e.Index, nil
}

var protocolOf = map[string]netpol.Protocol{"TCP": netpol.TCP, "UDP": netpol.UDP, "SCTP": netpol.SCTP}

// ask says of each packet in what the verdict differs from what happened to it. The
// verdict is asked for in all ways that there are.
func (j *judge) ask(c *cluster, shots []shot) (differences []string, err error) {
	type question struct {
		src, dst int
		protocol netpol.Protocol
		port     uint16
	}
	happened := map[question]map[fate]bool{}
	for _, s := range shots {
		var ends, carefulEnds [2]int
		for i, a := range []string{s.From, s.To} {
			if ends[i], err = endpoint(j.model, c, a); err != nil {
				return nil, err
			}
			if carefulEnds[i], err = endpoint(j.careful, c, a); err != nil {
				return nil, err
			}
		}
		src, dst := ends[0], ends[1]
		q := question{src, dst, protocolOf[s.Protocol], s.Port}
		if happened[q] == nil {
			happened[q] = map[fate]bool{}
		}
		happened[q][s.Fate] = true
		six := netip.MustParseAddr(s.To).Is6()
		answer := j.model.AskFamily(src, dst, q.protocol, q.port, six)
		cell := j.model.Between(src, dst)
		one := cell.IPv4
		if six {
			one = cell.IPv6
		}
		passes := cell.Allowed.Has(q.protocol, q.port) || one.Has(q.protocol, q.port)
		want := reach.Denied
		if s.Fate == delivered {
			want = reach.Allowed
		}
		careful := j.careful.AskFamily(carefulEnds[0], carefulEnds[1], q.protocol, q.port, six).Outcome
		if careful == reach.Unknown {
			j.unknown++
		}
		what := ""
		switch {
		case s.Fate == silent:
			continue // reported where it was sent
		case answer.Outcome != want:
			what = "AskFamily says " + answer.Outcome.String()
		case cell.Unknown.Has(q.protocol, q.port):
			what = "Between says unknown"
		case passes != (want == reach.Allowed):
			what = fmt.Sprintf("Between says %t", passes)
		case careful != want && careful != reach.Unknown:
			what = "without knowing how ipBlock meets pods AskFamily says " + careful.String()
		default:
			what = wrongWitness(s, answer)
		}
		if what != "" {
			differences = append(differences, fmt.Sprintf("%s -> %s %s %d: the kernel says %s by [%s; %s], %s\n  egress:  %s\n  ingress: %s",
				s.From, s.To, s.Protocol, s.Port, s.Fate, s.Egress, s.Ingress, what, explain(answer.Egress), explain(answer.Ingress)))
		}
	}
	for q, fates := range happened {
		want := reach.Unknown // one family passes
		switch {
		case fates[silent]:
			continue
		case len(fates) == 1 && fates[delivered]:
			want = reach.Allowed
		case len(fates) == 1:
			want = reach.Denied
		}
		if a := j.model.Ask(q.src, q.dst, q.protocol, q.port); a.Outcome != want || a.Families != (want == reach.Unknown) {
			differences = append(differences, fmt.Sprintf("%+v: Ask says %s, families %t; of both families %s is right", q, a.Outcome, a.Families, want))
		}
	}
	return differences, nil
}

// origin names what decided in the words of the rules of the kernel.
func origin(d reach.Decision) string {
	switch {
	case d.Policy == nil:
		return "nobody"
	case d.Rule == nil:
		return "isolation"
	}
	name := d.Policy.Object.Name
	if d.Policy.Kind == netpol.Network {
		name = d.Policy.Namespace + "/" + name
	}
	return name + " " + strings.TrimPrefix(d.Rule.Pointer, "spec.")
}

func explain(d reach.Decision) string {
	return fmt.Sprintf("%s by %s %s", d.Outcome, origin(d), d.Why)
}

// wrongWitness says in what a witness differs from the rule of the kernel that
// decided. A packet that is not let out meets no ingress rule.
func wrongWitness(s shot, a reach.Answer) string {
	if got := origin(a.Egress); s.Egress != "" && got != s.Egress {
		return "the witness for egress is " + got
	}
	if got := origin(a.Ingress); s.Ingress != "" && got != s.Ingress {
		return "the witness for ingress is " + got
	}
	return ""
}
