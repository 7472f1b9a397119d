package reach

import "encoding/binary"

// step is a rule of a program that matches a peer. The rule it names is entry of
// stage.
type step struct {
	stage, entry int32
	sure         bool
}

// node is a step and those before it: slots share the steps that they have in
// common.
type node struct {
	before int32 // -1 for none
	step
}

// slot is what a program says about peers that the same of its rules match.
type slot struct {
	last int32 // node
	// decided for each set of named ports of the destination; 0 when no rule that
	// matches has names.
	decided   map[int32]int32
	witnesses map[int32][]witness
}

// row is a program asked about every class of peers.
type row struct {
	nodes []node
	slots []slot
	of    []int32 // of each class
}

// size is what a row takes, in bytes, about.
func (r *row) size() int { return 16*len(r.nodes) + 32*len(r.slots) + 4*len(r.of) }

// steps are those of a slot, in order.
func (r *row) steps(s *slot) []step {
	n := 0
	for at := s.last; at >= 0; at = r.nodes[at].before {
		n++
	}
	out := make([]step, n)
	for at := s.last; at >= 0; at = r.nodes[at].before {
		n--
		out[n] = r.nodes[at].step
	}
	return out
}

// fill asks a program about every class. Rules split the classes: what matches
// the same rules stays together, so the time grows with what rules match and not
// with rules times classes.
func (m *Model) fill(p *program) *row {
	r := &row{of: make([]int32, len(m.classes)), slots: []slot{{last: -1}}}
	used := []int32{int32(len(m.classes))} // classes of each slot
	var free []int32                       // slots without classes, whose used is -1
	moved := map[int64]int32{}             // from slot and certainty to slot
	for s := range p.stages {
		for e := range p.stages[s].rules {
			of := &p.stages[s].rules[e]
			peers := m.peers[of.rule]
			add := func(before int32, sure bool) int32 {
				r.nodes = append(r.nodes, node{before, step{int32(s), int32(e), sure}})
				return int32(len(r.nodes) - 1)
			}
			if peers.anyone {
				for i := range r.slots {
					if used[i] > 0 {
						r.slots[i].last = add(r.slots[i].last, of.sure)
					}
				}
				continue
			}
			clear(moved)
			for _, c := range peers.classes {
				from, sure := r.of[c.class], c.sure && of.sure
				key := int64(from) << 1
				if sure {
					key |= 1
				}
				to, ok := moved[key]
				if !ok {
					n := slot{last: add(r.slots[from].last, sure)}
					if len(free) > 0 {
						to, free = free[len(free)-1], free[:len(free)-1]
						r.slots[to], used[to] = n, 0
					} else {
						to = int32(len(r.slots))
						r.slots, used = append(r.slots, n), append(used, 0)
					}
					moved[key] = to
				}
				used[from]--
				used[to]++
				r.of[c.class] = to
			}
			for key := range moved {
				if from := int32(key >> 1); used[from] == 0 {
					free, used[from] = append(free, from), -1
				}
			}
		}
	}
	return r
}

// decisionOf is the decision of a program about a class of peers, as a number of
// m.decisions. to is the class that is the destination: its named ports count.
func (m *Model) decisionOf(p *program, r *row, peer, to int32) int32 {
	s := &r.slots[r.of[peer]]
	ports := m.portsFor(p, r, s, to)
	if d, ok := s.decided[ports]; ok {
		return d
	}
	d := m.intern(m.decide(p, r.steps(s), ports))
	if s.decided == nil {
		s.decided = map[int32]int32{}
	}
	s.decided[ports] = d
	return d
}

// portsFor is the number of the named ports of a destination, where a rule that
// matches has names; 0 otherwise.
func (m *Model) portsFor(p *program, r *row, s *slot, to int32) int32 {
	if !p.names {
		return 0
	}
	for at := s.last; at >= 0; at = r.nodes[at].before {
		if t := &r.nodes[at]; len(p.stages[t.stage].rules[t.entry].rule.named) > 0 {
			return m.classes[to].ports
		}
	}
	return 0
}

// decision is what may pass, and what may perhaps.
type decision struct{ allowed, unknown Ports }

func (m *Model) intern(d decision) int32 {
	var key []byte
	for _, p := range [2]Ports{d.allowed, d.unknown} {
		for _, ranges := range p.ranges {
			key = binary.AppendUvarint(key, uint64(len(ranges)))
			for _, r := range ranges {
				key = binary.BigEndian.AppendUint16(key, r.Low)
				key = binary.BigEndian.AppendUint16(key, r.High)
			}
		}
	}
	if n, ok := m.decisionKeys[string(key)]; ok {
		return n
	}
	n := int32(len(m.decisions))
	m.decisionKeys[string(key)] = n
	m.decisions = append(m.decisions, d)
	return n
}
