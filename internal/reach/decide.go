package reach

import (
	"fmt"
	"slices"

	"polygraph/internal/netpol"
)

// outcomes are the outcomes that are possible.
type outcomes uint8

const (
	mayAllow outcomes = 1 << iota
	mayDeny
)

// decide makes a decision of the rules that match a peer. ports is the number of
// the destination's named ports.
func (m *Model) decide(p *program, steps []step, ports int32) (out decision) {
	resolved := m.resolveAll(p, steps, ports)
	if allowed, ok := p.sum(steps, resolved); ok {
		return decision{allowed: allowed}
	}
	w := walk{program: p, steps: steps}
	for proto := range netpol.Protocol(netpol.Protocols) {
		borders := bordersOf(resolved, proto)
		var allowed, unknown []Range
		for i := 0; i+1 < len(borders); i++ {
			low, high := uint16(borders[i]), uint16(borders[i+1]-1)
			w.matches = func(n int) bool { return resolved[n].Has(proto, low) }
			switch w.start() {
			case mayAllow:
				allowed = join(allowed, Range{low, high})
			case mayAllow | mayDeny:
				unknown = join(unknown, Range{low, high})
			}
		}
		out.allowed.ranges[proto], out.unknown.ranges[proto] = allowed, unknown
	}
	return out
}

func (m *Model) resolveAll(p *program, steps []step, ports int32) []Ports {
	out := make([]Ports, len(steps))
	for i, t := range steps {
		out[i] = m.resolve(p.stages[t.stage].rules[t.entry].rule, ports)
	}
	return out
}

// bordersOf are the first ports of each range that some rules tell apart, and one
// past the last port.
func bordersOf(rules []Ports, proto netpol.Protocol) []int {
	borders := []int{1, 65536}
	for _, r := range rules {
		for _, x := range r.Ranges(proto) {
			borders = append(borders, int(x.Low), int(x.High)+1)
		}
	}
	slices.Sort(borders)
	return slices.Compact(borders)
}

// sum is the answer where rules only add up: all that match allow for sure, in one
// stage that then refuses the rest.
func (p *program) sum(steps []step, resolved []Ports) (Ports, bool) {
	if len(p.stages) == 0 || len(p.stages[0].isolates) == 0 || p.stages[0].pass {
		return Ports{}, false
	}
	var ranges [netpol.Protocols][]Range
	for i, t := range steps {
		if t.stage > 0 {
			break // it is never asked
		}
		if e := &p.stages[0].rules[t.entry]; !t.sure || e.rule.source.Action != netpol.Allow || e.rule.policy.place.conflict {
			return Ports{}, false
		}
		for proto := range ranges {
			ranges[proto] = append(ranges[proto], resolved[i].ranges[proto]...)
		}
	}
	return joined(ranges), true
}

func join(list []Range, r Range) []Range {
	if n := len(list) - 1; n >= 0 && int(list[n].High)+1 == int(r.Low) {
		list[n].High = r.High
		return list
	}
	return append(list, r)
}

// resolve are the ports of a rule at a destination with these named ports.
func (m *Model) resolve(r *rule, ports int32) Ports {
	out := r.ports
	for _, name := range r.named {
		for _, n := range m.named[ports] {
			if n.name == name.Name && (name.AnyProtocol || n.protocol == name.Protocol) {
				out = out.Union(PortsOf(n.protocol, n.port, n.port))
			}
		}
	}
	return out
}

// walk goes through the rules that match, in order, for one port.
type walk struct {
	program *program
	steps   []step
	matches func(step int) bool
	// told hears of what decides, in the order in which it is met; nil for nobody.
	told func(verdict)
	// seen is what is possible from a step and a stage on: where rules may match and
	// may pass on, the ways through them are many, and their ends are few.
	seen map[[2]int]outcomes
}

// start goes through all rules.
func (w *walk) start() outcomes {
	clear(w.seen)
	return w.from(0, 0)
}

// verdict is a rule, or the end of a stage, that decides.
type verdict struct {
	entry *entry
	stage *stage
	sure  bool
	// against is the other rule of the same priority that disagrees.
	against *entry
}

func (w *walk) tell(v verdict) {
	if w.told != nil {
		w.told(v)
	}
}

// from is what is possible from a step on, of stages from stage on.
func (w *walk) from(n int, stage int32) outcomes {
	key := [2]int{n, int(stage)}
	if out, ok := w.seen[key]; ok {
		return out
	}
	out := w.follow(n, stage)
	if w.seen == nil {
		w.seen = map[[2]int]outcomes{}
	}
	w.seen[key] = out
	return out
}

func (w *walk) follow(n int, stage int32) outcomes {
	for ; ; n++ {
		last := n >= len(w.steps)
		for int(stage) < len(w.program.stages) && (last || w.steps[n].stage > stage) {
			st := &w.program.stages[stage]
			switch {
			case st.pass:
			case len(st.isolates) > 0:
				w.tell(verdict{stage: st, sure: true})
				return mayDeny
			case len(st.perhap) > 0:
				w.tell(verdict{stage: st})
				return mayDeny | w.from(n, stage+1)
			}
			stage++
		}
		if last {
			return mayAllow
		}
		t := w.steps[n]
		if t.stage < stage || !w.matches(n) {
			continue
		}
		e := w.entry(n)
		out := w.act(n, e)
		against := w.disagrees(n, e)
		v := verdict{entry: e, sure: t.sure}
		if len(against) > 0 {
			v.against = w.entry(against[0])
		}
		w.tell(v)
		for _, k := range against {
			out |= w.act(k, w.entry(k))
		}
		if t.sure {
			return out
		}
		return out | w.from(n+1, stage)
	}
}

// act is what follows when a rule decides.
func (w *walk) act(n int, e *entry) outcomes {
	switch e.rule.source.Action {
	case netpol.Allow:
		return mayAllow
	case netpol.Deny:
		return mayDeny
	}
	next := w.steps[n].stage + 1
	for n < len(w.steps) && w.steps[n].stage < next {
		n++
	}
	return w.from(n, next)
}

// disagrees are later rules of other policies with the same priority that do
// something else with the same packet, as steps.
//
// Source: network-policy-api v0.2.0 apis/v1alpha2 ClusterNetworkPolicySpec.Priority
// and v1alpha1 AdminNetworkPolicySpec.Priority: which of two policies with the same
// priority decides is not defined.
func (w *walk) disagrees(n int, e *entry) (out []int) {
	if !e.rule.policy.place.conflict {
		return nil
	}
	seen := e.rule.policy
	for k := n + 1; k < len(w.steps) && w.steps[k].stage == w.steps[n].stage; k++ {
		o := w.entry(k)
		if o.level != e.level {
			break
		}
		if o.rule.policy == seen || !w.matches(k) {
			continue
		}
		if w.steps[k].sure {
			seen = o.rule.policy // its later rules are not asked
		}
		if o.rule.policy != e.rule.policy && o.rule.source.Action != e.rule.source.Action {
			out = append(out, k)
		}
	}
	return out
}

func (w *walk) entry(n int) *entry {
	return &w.program.stages[w.steps[n].stage].rules[w.steps[n].entry]
}

// explain says what decides about one port, given the ports of each step.
func (m *Model) explain(p *program, steps []step, resolved []Ports, proto netpol.Protocol, port uint16) Decision {
	var told []verdict
	w := walk{program: p, steps: steps, told: func(v verdict) { told = append(told, v) }}
	w.matches = func(n int) bool { return resolved[n].Has(proto, port) }
	out := Decision{Outcome: Unknown}
	switch w.start() {
	case mayAllow:
		out.Outcome = Allowed
	case mayDeny:
		out.Outcome = Denied
	}
	for _, v := range told {
		if out.Outcome == Unknown && v.sure && v.against == nil {
			continue // what is sure is not why it is unknown
		}
		if v.entry != nil && v.entry.rule.source.Action == netpol.Pass && out.Outcome != Unknown {
			continue // it decides nothing itself
		}
		if v.entry == nil {
			out.Isolating = policies(append(slices.Clone(v.stage.isolates), v.stage.perhap...))
			out.Policy = out.Isolating[0]
		} else {
			out.Policy, out.Rule = v.entry.rule.policy.source, v.entry.rule.source
		}
		if out.Outcome == Unknown {
			out.Why = m.doubt(v)
		}
		if out.Outcome == Unknown || v.sure {
			break
		}
	}
	return out
}

func policies(list []*policy) []*netpol.Policy {
	out := make([]*netpol.Policy, len(list))
	for i, p := range list {
		out[i] = p.source
	}
	return out
}

// doubt says why a verdict is not sure.
func (m *Model) doubt(v verdict) string {
	if v.against != nil {
		return fmt.Sprintf("%s has the same priority and says otherwise: which of them decides is not defined", v.against.rule.policy.source.Object.Identity())
	}
	p := (*policy)(nil)
	if v.entry != nil {
		p = v.entry.rule.policy
		if v.entry.rule.unsure != "" {
			return v.entry.rule.unsure
		}
	} else if len(v.stage.perhap) > 0 {
		p = v.stage.perhap[0]
	}
	if p != nil && len(p.source.Unsure) > 0 {
		return p.source.Unsure[0].Why
	}
	if v.entry != nil {
		for i := range v.entry.rule.source.Peers {
			peer := &v.entry.rule.source.Peers[i]
			if len(peer.Unsure) > 0 {
				return peer.Unsure[0].Why
			}
			if peer.Block != nil && peer.Inside == netpol.ByEngine && m.matcher.blocks == BlocksUnknown {
				return "whether an ipBlock is compared with the addresses of pods depends on the engine, which is not known"
			}
			if peer.Block != nil {
				return "the address of the pod is not known"
			}
		}
	}
	return "what its selector looks at is not among the objects: the labels of a Namespace, a ServiceAccount or a Node"
}
