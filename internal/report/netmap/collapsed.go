package netmap

import (
	"strconv"

	"polygraph/internal/report/words"
)

// shades of a cell, by the share of the pairs that are open.
var shades = []struct {
	upTo       int // percent
	fill, text string
	says       string
}{
	{0, empty, ink, "none open"},
	{25, pale, ink, "up to 25 % of the pairs open"},
	{50, "#8fc3e6", ink, "up to 50 %"},
	{99, "#2b78ad", "#ffffff", "over 50 %"},
	{100, "#00456e", "#ffffff", "all"},
}

// shade never rounds: one open pair is not "none", one closed pair not "all".
func shade(open, of int) int {
	switch {
	case open == 0:
		return 0
	case open == of:
		return 4
	case open*4 <= of:
		return 1
	case open*2 <= of:
		return 2
	}
	return 3
}

// collapsed is the matrix of namespaces.
func (g *graph) collapsed(rows, columns []stretch) *matrix {
	m := &matrix{rows: groupBands(g, rows), columns: groupBands(g, columns)}
	m.size = groupSize(max(len(rows), len(columns)))
	m.cell = func(p *picture, row, column int32, x, y, size int) {
		groupCell(g, p, &rows[row], &columns[column], x, y, size)
	}
	for i, s := range shades {
		m.legend = append(m.legend, key{draw: func(p *picture, x, y, size int) { p.rect(x, y, size, size, shades[i].fill, hair) }, text: s.says})
	}
	m.legend = append(m.legend,
		key{draw: func(p *picture, x, y, size int) {
			p.rect(x, y, size, size, shades[1].fill, "")
			p.stripe(x, y+size-6, size, 6, m.size >= hatchable)
		}, text: "some of them NOT ENFORCED: denied by a policy that nothing enforces"},
		key{draw: func(p *picture, x, y, size int) {
			p.rect(x, y, size, size, shades[1].fill, "")
			p.doubt(x, y, 8)
		}, text: "some unknown"})
	m.note = "Too many endpoints to draw each (" + words.Number(maxSide) + " on a side): a cell is two namespaces, its number how many pairs of their endpoints are open, that is allowed or not enforced."
	return m
}

// groupSize is larger than that of endpoints, to hold a number.
func groupSize(n int) int {
	switch {
	case n > 25 && n <= 50:
		return 28
	case n > 50 && n <= 80:
		return 20
	}
	return max(sizeOf(n), min(34, 6+28*25/n))
}

// groupBands are the labels of groups: one band without a heading.
func groupBands(g *graph, side []stretch) []band {
	b := band{}
	for i, s := range side {
		full := s.group.String() + "\n" + count(len(s.ends), "endpoint", "endpoints")
		b.tags = append(b.tags, tag{id: int32(i), text: s.group.String(), full: full})
	}
	return []band{b}
}

// groupCell draws the pairs of two groups.
func groupCell(g *graph, p *picture, from, to *stretch, x, y, size int) {
	t := g.count(from.ends, to.ends)
	if t.pairs() == 0 && t[self] == 0 {
		return // both outside
	}
	n, of := t.open(), t.pairs()
	tip := from.group.String() + " → " + to.group.String() + "\n" + words.Number(n) + " of " + count(of, "pair is open", "pairs are open") + " (" + percent(n, of) + ")"
	for _, v := range []verdict{allowedAll, allowedSome, notEnforced, unsure, denied} {
		if t[v] > 0 {
			tip += "\n" + words.Number(t[v]) + " " + v.says()
		}
	}
	p.tip(tip)
	s := shades[shade(n, of)]
	p.rect(x, y, size, size, s.fill, "")
	stripe := 0
	if t[notEnforced] > 0 {
		stripe = max(3, size/5)
		p.stripe(x, y+size-stripe, size, stripe, size >= hatchable)
	}
	if t[unsure] > 0 {
		p.doubt(x, y, max(4, size/4))
	}
	if n > 0 {
		p.amount(x, y, size, stripe, s.text, words.Number(n)+" of "+words.Number(of), words.Number(n), thousands(n))
	}
	p.end()
}

// hatchable is the size of a cell in which a hatch can be seen.
const hatchable = 24

// stripe marks that something is not enforced.
func (p *picture) stripe(x, y, w, h int, hatched bool) {
	if !hatched {
		p.rect(x, y, w, h, danger, "")
		return
	}
	p.rect(x, y, w, h, blush, "")
	p.hatch(x, y, w, h, 4, danger, 2)
}

// doubt marks in the upper left corner that something is unknown.
func (p *picture) doubt(x, y, size int) {
	p.add(`<path d="M%d %dh%dl-%d %dz" fill="%s" stroke="%s"/>`, x, y, size, size, size, ink, paper)
}

// amount writes the first text that fits, if one does, above the stripe.
func (p *picture) amount(x, y, size, stripe int, fill string, texts ...string) {
	for _, f := range []int{12, 10, 8} {
		for _, t := range texts {
			if f+4 <= size && wide(t, f, false) <= size-4 {
				p.text(x+size/2, y+(size-stripe)/2+(f+2)/3, style{size: f, fill: fill, anchor: "middle"}, t)
				return
			}
		}
	}
}

// thousands shortens a number; it rounds down, and only what is large.
func thousands(n int) string {
	switch {
	case n >= 1_000_000:
		return strconv.Itoa(n/1_000_000) + "M"
	case n >= 1_000:
		return strconv.Itoa(n/1_000) + "k"
	}
	return strconv.Itoa(n)
}
