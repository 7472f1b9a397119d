package reach

import "encoding/binary"

// step is a rule of a program that matches a peer. The rule it names is entry of
// stage.
type step struct {
	stage, entry int32
	sure         bool
}

// slot is what a program says about peers that the same of its rules match.
type slot struct {
	steps []step
	// decided for each set of named ports of the destination; 0 when no rule that
	// matches has names.
	decided   map[int32]int32
	witnesses map[int32][]witness
}

// row is a program asked about every class of peers.
type row struct {
	slots []slot
	of    []uint16 // of each class
}

// maxSlots is how many ways a program can meet its peers. More than that no
// cluster has: it takes 65,535 different answers of one pod to its peers.
const maxSlots = 1 << 16

// fill asks a program about every class. Rules split the classes: what matches
// the same rules stays together, so the time grows with what rules match and not
// with rules times classes.
func (m *Model) fill(p *program) *row {
	r := &row{of: make([]uint16, len(m.classes))}
	type trail struct{ steps []step }
	trails := []trail{{}}
	used := []int{len(m.classes)}
	moved := map[uint32]uint16{} // from slot and certainty to slot
	hits := make([]int, 1, 16)
	for s := range p.stages {
		for e := range p.stages[s].rules {
			k := p.stages[s].rules[e].rule
			peers := m.peers[k]
			if peers.anyone {
				for i := range trails {
					if used[i] > 0 {
						trails[i].steps = append(trails[i].steps[:len(trails[i].steps):len(trails[i].steps)], step{int32(s), int32(e), p.stages[s].rules[e].sure})
					}
				}
				continue
			}
			clear(moved)
			hits = append(hits[:0], make([]int, len(trails))...)
			for _, c := range peers.classes {
				from := r.of[c.class]
				sure := c.sure && p.stages[s].rules[e].sure
				key := uint32(from) << 1
				if sure {
					key |= 1
				}
				to, ok := moved[key]
				if !ok {
					if len(trails) == maxSlots {
						m.overflow = true
						continue
					}
					to = uint16(len(trails))
					steps := trails[from].steps
					trails = append(trails, trail{append(steps[:len(steps):len(steps)], step{int32(s), int32(e), sure})})
					used = append(used, 0)
					moved[key] = to
				}
				used[from]--
				used[to]++
				r.of[c.class] = to
			}
		}
	}
	r.slots = make([]slot, len(trails))
	for i := range trails {
		r.slots[i].steps = trails[i].steps
	}
	return r
}

// decisionOf is the decision of a program about a class of peers, as a number of
// m.decisions. to is the class that is the destination: its named ports count.
func (m *Model) decisionOf(p *program, r *row, peer, to int32) int32 {
	s := &r.slots[r.of[peer]]
	ports := m.portsFor(p, s, to)
	if d, ok := s.decided[ports]; ok {
		return d
	}
	d := m.intern(m.decide(p, s.steps, ports))
	if s.decided == nil {
		s.decided = map[int32]int32{}
	}
	s.decided[ports] = d
	return d
}

// portsFor is the number of the named ports of a destination, where a rule that
// matches has names; 0 otherwise.
func (m *Model) portsFor(p *program, s *slot, to int32) int32 {
	for _, t := range s.steps {
		if len(p.stages[t.stage].rules[t.entry].rule.named) > 0 {
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
