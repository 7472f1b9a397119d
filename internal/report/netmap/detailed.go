package netmap

import "polygraph/internal/report/words"

// detailed is the matrix of endpoints.
func (g *graph) detailed(rows, columns []stretch, t tally) *matrix {
	m := &matrix{rows: g.bands(rows, "egress"), columns: g.bands(columns, "ingress")}
	n := 0
	for _, side := range [][]stretch{rows, columns} {
		k := 0
		for _, s := range side {
			k += len(s.ends)
		}
		n = max(n, k)
	}
	m.size = sizeOf(n)
	m.legend = g.keys(rows, columns, t)
	m.cell = g.cell
	return m
}

// bands are the labels of one side.
func (g *graph) bands(side []stretch, direction string) (out []band) {
	for _, s := range side {
		b := band{heading: s.group.String()}
		for _, i := range s.ends {
			e := &g.ends[i]
			t := tag{id: i, text: e.label(), full: e.full(), mark: e.egress}
			if direction == "ingress" {
				t.mark = e.ingress
			}
			t.marked = t.mark != unsaid
			if e.pods != "" {
				t.full += "\npods: " + e.pods
			}
			if t.marked {
				t.full += "\n" + t.mark.says(direction)
			}
			b.tags = append(b.tags, t)
		}
		distinguish(g, &b)
		out = append(out, b)
	}
	return out
}

// distinguish adds the kind to names that are there more than once.
func distinguish(g *graph, b *band) {
	n := map[string]int{}
	for _, t := range b.tags {
		n[t.text]++
	}
	for i, t := range b.tags {
		if n[t.text] > 1 {
			b.tags[i].text += " (" + g.ends[t.id].kind + ")"
		}
	}
}

// cell draws one pair.
func (g *graph) cell(p *picture, from, to int32, x, y, size int) {
	v, next := g.judge(from, to)
	if v == notAsked {
		return
	}
	p.tip(g.tip(from, to, v))
	p.square(x, y, size, v)
	p.corner(x, y, size, next)
	if v == allowedSome {
		p.ports(x, y, size, g.portsOf(from, to))
	}
	p.end()
}

// tip is all that the rows say about a pair.
func (g *graph) tip(from, to int32, v verdict) string {
	s := g.ends[from].full() + " → " + g.ends[to].full()
	rows := g.details[pair{from, to}]
	for _, d := range rows {
		s += "\n" + words.First(d.verdict, "no verdict") + ": " + words.First(d.ports, "ports not said")
		if d.why != "" {
			s += " (" + d.why + ")"
		}
	}
	if n := g.further[pair{from, to}]; n > 0 {
		s += "\n... and " + count(n, "more row", "more rows")
	}
	switch {
	case g.get(from, to)&part != 0:
		s += "\n" + v.says() + ", for a part of these addresses; see the ranges that lie in them"
	case len(rows) > 0:
	case g.get(from, to) != 0:
		s += "\n" + v.says() + ", as the range of addresses that holds this one"
	case v == unsure:
		s += "\nunknown: the run was cut off before it said"
	default:
		s += "\n" + v.says()
	}
	return s
}

func (v verdict) says() string {
	return [verdicts]string{
		denied: "denied", allowedAll: "allowed on all ports", allowedSome: "allowed on some ports",
		notEnforced: "not enforced: a policy denies it, and nothing enforces that policy",
		unsure:      "unknown", self: "itself; no row says whether its pods may talk to each other",
		notAsked: "both outside",
	}[v]
}
