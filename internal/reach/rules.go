package reach

// Defaults tells whether an endpoint may talk in one direction with one of the
// endpoints that are asked about because no policy that was accepted says
// anything of it. Peers that nothing tells apart are looked at once.
func (m *Model) Defaults(endpoint int, d Direction, about func(*Endpoint) bool) bool {
	for _, s := range m.faces[endpoint] {
		looked := make([]bool, len(m.classes))
		for i, e := range m.endpoints {
			if !about(e) {
				continue
			}
			for _, c := range m.faces[i] {
				if looked[c] || !m.classes[s].family.meets(m.classes[c].family) {
					continue
				}
				looked[c] = true
				to := s
				if d == Egress {
					to = c
				}
				for _, w := range m.witnesses(int(d), s, c, to) {
					if w.decision.Outcome == Allowed && w.decision.Policy == nil {
						return true
					}
				}
			}
		}
	}
	return false
}
