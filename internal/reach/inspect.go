package reach

import (
	"slices"

	"polygraph/internal/netpol"
)

// Direction is a direction of a policy.
type Direction int

// The directions.
const (
	Ingress Direction = ingress
	Egress  Direction = egress
)

func (d Direction) String() string { return [...]string{"ingress", "egress"}[d] }

// Section is what a policy says about a direction.
func (d Direction) Section(p *netpol.Policy) *netpol.Section {
	if d == Ingress {
		return &p.Ingress
	}
	return &p.Egress
}

// Selected are the workloads that a policy is about; perhaps are those of which
// the objects do not tell.
func (m *Model) Selected(p *netpol.Policy) (sure, perhaps []*Workload) {
	c := m.compiled[p]
	if c == nil {
		return nil, nil
	}
	for i, e := range m.endpoints {
		if e.Workload == nil {
			continue
		}
		must, may := true, false
		for _, f := range m.faces[i] {
			member := int(m.classes[f].member)
			must = must && c.subject.must.has(member)
			may = may || c.subject.may.has(member)
		}
		switch {
		case must:
			sure = append(sure, e.Workload)
		case may:
			perhaps = append(perhaps, e.Workload)
		}
	}
	return sure, perhaps
}

// Isolation is who guards the pods of an endpoint in one direction.
type Isolation struct {
	// Isolated: what no rule lets through is refused. Perhaps: only if a policy is
	// about these pods of which that is not known.
	Isolated, Perhaps bool
	Policies          []*netpol.Policy // that have a say
}

// Isolation of an endpoint, by all policies that were accepted.
func (m *Model) Isolation(endpoint int, d Direction) (out Isolation) {
	for _, f := range m.faces[endpoint] {
		n := m.classes[f].programs[accepted][d]
		if n < 0 {
			continue
		}
		for _, s := range m.programs[d][n].stages {
			out.Isolated = out.Isolated || len(s.isolates) > 0 && !s.pass
			out.Perhaps = out.Perhaps || len(s.perhap) > 0 && !s.pass
			for _, p := range append(slices.Clone(s.isolates), s.perhap...) {
				if !slices.Contains(out.Policies, p.source) {
					out.Policies = append(out.Policies, p.source)
				}
			}
			for _, r := range s.rules {
				if !slices.Contains(out.Policies, r.rule.policy.source) {
					out.Policies = append(out.Policies, r.rule.policy.source)
				}
			}
		}
	}
	return out
}

// Use is whom a rule matches.
type Use struct {
	Workloads, Outside int
	// Perhaps: it may match others, of which the objects do not tell.
	Perhaps bool
	// Ports is false where none of the ports that it names exists at any pod that it
	// could concern.
	Ports bool
	// Absent are the named ports that no pod has that it could concern.
	Absent []netpol.Port
}

// Use of a rule of a policy in one direction.
func (m *Model) Use(p *netpol.Policy, r *netpol.Rule, d Direction) (out Use) {
	c := m.compiled[p]
	if c == nil || c.sections[d] == nil {
		return Use{Perhaps: true, Ports: true}
	}
	i := slices.IndexFunc(c.sections[d].rules, func(k *rule) bool { return k.source == r })
	if i < 0 {
		return Use{Perhaps: true, Ports: true}
	}
	k := c.sections[d].rules[i]
	faces := len(m.matcher.faces)
	last := -1
	k.peers.may.each(func(i int) {
		switch {
		case !k.peers.must.has(i):
			out.Perhaps = true
		case i >= faces:
			out.Outside++
		case m.matcher.faces[i].unit != last:
			last = m.matcher.faces[i].unit
			out.Workloads++
		}
	})
	out.Ports = !k.ports.Empty() || len(k.named) == 0
	destinations := c.subject.may
	if d == Egress {
		destinations = k.peers.may
	}
	for _, name := range k.named {
		found := false
		destinations.each(func(i int) {
			if i >= faces || found {
				return
			}
			found = slices.ContainsFunc(m.matcher.units[m.matcher.faces[i].unit].ports, func(n namedPort) bool {
				return n.name == name.Name && (name.AnyProtocol || n.protocol == name.Protocol)
			})
		})
		if out.Ports = out.Ports || found; !found {
			out.Absent = append(out.Absent, name)
		}
	}
	return out
}

// Conflict is two policies of one priority that disagree about the same packets:
// which of them decides is not defined.
type Conflict struct {
	Policies  [2]*netpol.Policy
	Rules     [2]*netpol.Rule
	Direction Direction
	Ports     Ports
}

// Conflicts are all of them, each pair of rules once.
func (m *Model) Conflicts() (out []Conflict) {
	type pair struct {
		a, b *netpol.Rule
	}
	seen := map[pair]int{}
	for d := range m.programs {
		for n, p := range m.programs[d] {
			if !slices.ContainsFunc(p.stages, stage.ambiguous) {
				continue
			}
			r := m.row(d, int32(n))
			for i := range r.slots {
				m.conflictsIn(p, r.steps(&r.slots[i]), func(a, b *entry, ports Ports) {
					k := pair{a.rule.source, b.rule.source}
					at, ok := seen[k]
					if !ok {
						at = len(out)
						seen[k] = at
						out = append(out, Conflict{
							Policies: [2]*netpol.Policy{a.rule.policy.source, b.rule.policy.source}, Rules: [2]*netpol.Rule{k.a, k.b}, Direction: Direction(d),
						})
					}
					out[at].Ports = out[at].Ports.Union(ports)
				})
			}
		}
	}
	return out
}

// ambiguous tells that rules of two policies stand on one level.
func (s stage) ambiguous() bool {
	for i := 1; i < len(s.rules); i++ {
		if s.rules[i].level == s.rules[i-1].level && s.rules[i].rule.policy != s.rules[i-1].rule.policy {
			return true
		}
	}
	return false
}

// conflictsIn tells of the disagreements that decide something, with the named
// ports of each sort of destination.
func (m *Model) conflictsIn(p *program, steps []step, tell func(a, b *entry, ports Ports)) {
	sorts := 1
	if p.names {
		sorts = len(m.named)
	}
	for sort := range sorts {
		resolved := make([]Ports, len(steps))
		for i, t := range steps {
			resolved[i] = m.resolve(p.stages[t.stage].rules[t.entry].rule, int32(sort))
		}
		for proto := range netpol.Protocol(netpol.Protocols) {
			borders := bordersOf(resolved, proto)
			for i := 0; i+1 < len(borders); i++ {
				low, high := uint16(borders[i]), uint16(borders[i+1]-1)
				w := walk{program: p, steps: steps}
				w.matches = func(n int) bool { return resolved[n].Has(proto, low) }
				w.told = func(v verdict) {
					if v.against != nil && v.sure {
						tell(v.entry, v.against, PortsOf(proto, low, high))
					}
				}
				w.start()
			}
		}
	}
}

// SameExpr tells whether two selectors are written alike.
func SameExpr(a, b *netpol.Expr) bool { return exprKey(a) == exprKey(b) }

// Emptied tells that nothing is left of a block.
func Emptied(b *netpol.Block) bool { return len(rangesOf(b)) == 0 }
