package reach

import (
	"cmp"
	"encoding/binary"
	"slices"

	"polygraph/internal/netpol"
)

// The order in which Calico asks its tiers, and where those of Kubernetes stand
// among them; a NetworkPolicy has order 1000 in the tier "default".
//
// Source: projectcalico/calico v3.32 libcalico-go/lib/apis/v3 (tier.go:
// DefaultTierOrder 1,000,000, AdminNetworkPolicyTierOrder 1,000,
// BaselineAdminNetworkPolicyTierOrder 10,000,000) and
// libcalico-go/lib/backend/k8s/conversion (order of a NetworkPolicy).
const (
	adminOrder    = 1_000
	defaultOrder  = 1_000_000
	baselineOrder = 10_000_000
	networkOrder  = 1_000
	defaultTier   = "default"
)

// rule is a rule of a policy, compiled.
type rule struct {
	policy *policy
	source *netpol.Rule
	peers  match
	// subject restricts the pods that the rule is about; nil for all of the policy.
	subject *match
	unsure  string // why it may match and may not
	ports   Ports  // of those with numbers
	named   []netpol.Port
}

// section is a policy in one direction.
type section struct {
	isolates bool
	rules    []*rule
}

// policy is a policy, compiled.
type policy struct {
	source   *netpol.Policy
	number   int
	subject  match // over faces
	inForce  match // those of subject for which it is in force
	place    place
	sections [2]*section // nil where the policy has no say
}

// The directions of a section.
const (
	ingress = iota
	egress
)

// place is where a policy stands in the order of all.
type place struct {
	stage float64 // tiers by their order
	tier  string
	// within a stage
	order float64
	name  string
	// conflict: policies of one order that disagree are undefined.
	conflict bool
	pass     bool // what the stage isolates goes on to the next all the same
}

func (m *matcher) compile(p *netpol.Policy, number int, tiers map[string]netpol.Tier) *policy {
	c := &policy{source: p, number: number, place: placeOf(p, tiers)}
	subject := m.expr(&p.Subject).clone()
	for i := range subject.may {
		subject.must[i] &^= m.host[i]
		subject.may[i] &^= m.host[i]
	}
	if p.Nodes || p.Staged {
		subject = m.none()
	}
	if len(p.Unsure) > 0 {
		subject = subject.unsure()
	}
	c.subject, c.inForce = subject, subject
	for d, s := range [2]*netpol.Section{&p.Ingress, &p.Egress} {
		if !s.Applies || subject.may.empty() {
			continue
		}
		c.sections[d] = m.section(c, s)
	}
	return c
}

func (m *matcher) section(c *policy, s *netpol.Section) *section {
	out := &section{isolates: s.Isolates}
	for i := range s.Rules {
		r := &s.Rules[i]
		k := &rule{policy: c, source: r, peers: m.peers(r)}
		if r.Subject != nil {
			subject := m.peer(r.Subject)
			k.subject = &subject
		}
		for _, u := range r.Unsure {
			k.unsure = u.Why
			break
		}
		if r.AnyPort {
			k.ports = AllPorts()
		}
		var ranges [netpol.Protocols][]Range
		for _, p := range r.Ports {
			switch {
			case p.Name != "":
				k.named = append(k.named, p)
			case p.Low == 0:
				ranges[p.Protocol] = append(ranges[p.Protocol], whole[0])
			case p.Low <= p.High:
				ranges[p.Protocol] = append(ranges[p.Protocol], Range{p.Low, p.High})
			}
		}
		if !r.AnyPort {
			k.ports = joined(ranges)
		}
		out.rules = append(out.rules, k)
	}
	return out
}

func placeOf(p *netpol.Policy, tiers map[string]netpol.Tier) place {
	switch p.Kind {
	case netpol.Admin, netpol.ClusterAdmin:
		return place{stage: adminOrder, order: float64(p.Priority), name: p.Object.Name, conflict: true}
	case netpol.BaselineAdmin, netpol.ClusterBaseline:
		return place{stage: baselineOrder, order: float64(p.Priority), name: p.Object.Name, conflict: true}
	case netpol.Foreign:
		return place{stage: -1, name: p.Object.Name} // it may be asked first
	case netpol.Calico, netpol.CalicoGlobal:
		out := place{stage: defaultOrder, tier: p.Tier, order: 1e18, name: "default." + p.Object.Name}
		if p.Order != nil {
			out.order = *p.Order
		}
		if p.Tier == "" || p.Tier == defaultTier {
			out.tier = defaultTier
			return out
		}
		t, ok := tiers[p.Tier]
		switch {
		case !ok:
			out.stage = -1 // not known where: its policies are unsure, and may come first
		case t.Order == nil:
			out.stage = 1e19 // asked last
		default:
			out.stage = *t.Order
		}
		out.pass = t.Pass
		return out
	}
	return place{stage: defaultOrder, tier: defaultTier, order: networkOrder, name: "knp.default." + p.Object.Name}
}

func comparePlaces(a, b *policy) int {
	return cmp.Or(
		cmp.Compare(a.place.stage, b.place.stage), cmp.Compare(a.place.tier, b.place.tier),
		cmp.Compare(a.place.order, b.place.order), cmp.Compare(a.place.name, b.place.name),
		cmp.Compare(a.source.Namespace, b.source.Namespace), cmp.Compare(a.number, b.number),
	)
}

// entry is a rule of a program; sure is false where it may not be about the pods.
type entry struct {
	rule *rule
	sure bool
	// level is equal for rules whose order among each other is not defined.
	level int
}

// stage is rules that are asked one after the other, and who refuses the rest.
type stage struct {
	rules            []entry
	isolates, perhap []*policy
	pass             bool
}

// program is all that one class is asked in one direction.
type program struct {
	stages []stage
	names  bool // some rule has named ports
}

// mode is by which policies a program is made.
type mode int

const (
	accepted mode = iota // all
	inForce              // those that something enforces
	modes
)

func (p *policy) pods(by mode) match {
	if by == inForce {
		return p.inForce
	}
	return p.subject
}

// compiler makes the programs of one direction, each once.
type compiler struct {
	all       []*policy
	direction int
	seen      map[string]int32
	list      []*program
}

// programs are those of every face, as numbers of list.
func (c *compiler) programs(faces int, by mode) []int32 {
	keys := make([][]byte, faces)
	for n, p := range c.all {
		s := p.sections[c.direction]
		if s == nil {
			continue
		}
		pods := p.pods(by)
		pods.may.each(func(i int) {
			if i >= faces {
				return
			}
			keys[i] = binary.AppendUvarint(keys[i], uint64(n))
			keys[i] = append(keys[i], certainty(pods, i))
			for _, r := range s.rules {
				if r.subject != nil {
					keys[i] = append(keys[i], certainty(*r.subject, i))
				}
			}
		})
	}
	of := make([]int32, faces)
	for i, k := range keys {
		n, ok := c.seen[string(k)]
		if !ok {
			n = int32(len(c.list))
			c.seen[string(k)] = n
			c.list = append(c.list, newProgram(c.all, i, c.direction, by))
		}
		of[i] = n
	}
	return of
}

func certainty(m match, i int) byte {
	switch {
	case m.must.has(i):
		return 2
	case m.may.has(i):
		return 1
	}
	return 0
}

func newProgram(all []*policy, face, direction int, by mode) *program {
	out := &program{}
	var last *policy
	level := 0
	for _, p := range all {
		s := p.sections[direction]
		pods := p.pods(by)
		if s == nil || !pods.may.has(face) {
			continue
		}
		if last == nil || last.place.stage != p.place.stage || last.place.tier != p.place.tier {
			out.stages = append(out.stages, stage{pass: p.place.pass})
		}
		if last == nil || !p.place.conflict || last.place.stage != p.place.stage || last.place.order != p.place.order {
			level++
		}
		last = p
		st := &out.stages[len(out.stages)-1]
		sure := pods.must.has(face)
		if s.isolates {
			if sure {
				st.isolates = append(st.isolates, p)
			} else {
				st.perhap = append(st.perhap, p)
			}
		}
		for _, r := range s.rules {
			e := entry{r, sure && r.unsure == "", level}
			if r.subject != nil {
				switch certainty(*r.subject, face) {
				case 0:
					continue
				case 1:
					e.sure = false
				}
			}
			st.rules = append(st.rules, e)
			out.names = out.names || len(r.named) > 0
		}
	}
	for i := range out.stages {
		st := &out.stages[i]
		slices.SortStableFunc(st.rules, func(a, b entry) int { return cmp.Compare(ciliumRank(a), ciliumRank(b)) })
	}
	return out
}

// ciliumRank puts Cilium's denials before everything of their stage.
//
// Source: docs.cilium.io, "Deny Policies": deny policies take precedence over allow
// policies, regardless of whether they are Cilium's or Kubernetes'.
func ciliumRank(e entry) int {
	k := e.rule.policy.source.Kind
	if (k == netpol.Cilium || k == netpol.CiliumCluster) && e.rule.source.Action == netpol.Deny {
		return 0
	}
	return 1
}
