package netmap

import (
	"fmt"
	"strings"

	"polygraph/internal/report/words"
)

const (
	margin     = 32
	leastWidth = 860 // of a picture: its words need room
)

// draw puts the picture together: title, one line of summary, what is wrong with
// it, the legend, the matrix, and where it comes from.
func (l *listener) draw() *picture {
	g := l.graph
	rows, columns := g.sides()
	t := g.count(rows, columns)
	m := l.matrix(rows, columns, t)
	p := &picture{title: "Who may talk to whom", width: leastWidth}
	inner := p.width - 2*margin
	if m != nil {
		p.width = max(p.width, m.width()+2*margin)
		inner = p.width - 2*margin
	}
	y := margin + 20
	p.text(margin, y, style{size: 24, fill: ink, bold: true}, p.title)
	refused := l.refusal(len(rows), max(len(g.stretches(rows)), len(g.stretches(columns))))
	if len(rows) > 0 && g.more == 0 {
		p.description = g.sentence(t)
		y += 28
		y = p.paragraph(y, inner, style{size: 14, fill: ink}, p.description)
	}
	for _, n := range l.notes() {
		y = p.note(y, inner, n)
	}
	for i, n := range refused {
		y += 30
		y = p.paragraph(y, inner, style{size: 16, fill: ink, bold: i == 0}, n)
		p.description = strings.TrimSpace(p.description + " " + n)
	}
	if m != nil {
		y = p.legend(y+24, inner, m.legend)
		if m.note != "" {
			y = p.paragraph(y+24, inner, style{size: 12, fill: faint}, m.note)
		}
		y = m.draw(p, margin, y+20)
	}
	y += 32
	p.text(margin, y, style{size: 11, fill: faint}, shortened(l.origin(), inner, 11, false))
	p.height = y + margin - 8
	return p
}

// matrix is what is drawn of a run; nil when that is refused.
func (l *listener) matrix(rows, columns []int32, t tally) *matrix {
	g := l.graph
	rg, cg := g.stretches(rows), g.stretches(columns)
	switch {
	case l.refusal(len(rows), max(len(rg), len(cg))) != nil:
		return nil
	case max(len(rows), len(columns)) <= maxSide:
		return g.detailed(rg, cg, t)
	}
	return g.collapsed(rg, cg)
}

// sentence is the summary of the picture.
func (g *graph) sentence(t tally) string {
	namespaces, workloads, outside := map[string]bool{}, 0, 0
	for i := range g.ends {
		if e := &g.ends[i]; e.outside() {
			outside++
		} else {
			workloads++
			namespaces[e.namespace] = true
		}
	}
	s := count(workloads, "workload", "workloads") + " in " + count(len(namespaces), "namespace", "namespaces")
	if outside > 0 {
		s += " and " + count(outside, "group of outside addresses", "groups of outside addresses")
	}
	if t.pairs() == 0 {
		return s + "."
	}
	parts := []string{count(t[allowedAll]+t[allowedSome], "is allowed", "are allowed")}
	if n := t[notEnforced]; n > 0 {
		parts = append(parts, count(n, "is denied by a policy that nothing enforces", "are denied by policies that nothing enforces"))
	}
	if n := t[unsure]; n > 0 {
		parts = append(parts, count(n, "is unknown", "are unknown"))
	}
	parts = append(parts, count(t[denied], "is denied", "are denied"))
	last := len(parts) - 1
	return s + ". Of " + count(t.pairs(), "pair, ", "pairs, ") + strings.Join(parts[:last], ", ") + " and " + parts[last] + "."
}

// origin is where the picture comes from.
func (l *listener) origin() string {
	h := &l.header
	s := "polygraph"
	if h.Version != "" {
		s += " " + h.Version
	}
	if h.Command != "" {
		s += " · " + h.Command
	}
	if len(h.Inputs) > 0 {
		s += " " + words.Some(h.Inputs, 3, "paths")
	}
	if t := h.Started.UTC(); !t.IsZero() && t.Year() > 0 && t.Year() <= 9999 {
		s += " · " + t.Format("2006-01-02 15:04 MST")
	}
	return s
}

// paragraph writes a text in lines, the first at y, and returns the last y.
func (p *picture) paragraph(y, width int, s style, text string) int {
	for i, line := range lines(text, width, s.size, s.bold) {
		if i > 0 {
			y += s.size + 6
		}
		p.text(margin, y, s, line)
	}
	return y
}

// note writes what must not be overlooked, on a ground of its own.
func (p *picture) note(y, width int, text string) int {
	const size, high = 13, 19
	all := lines(text, width-46, size, false)
	if most := 4; len(all) > most {
		all = append(all[:most-1:most-1], all[most-1]+" …")
	}
	y += 14
	h := len(all)*high + 12
	p.rect(margin, y, width, h, blush, "")
	p.rect(margin, y, 5, h, danger, "")
	p.text(margin+18, y+high+1, style{size: 15, fill: danger, bold: true}, "!")
	for i, line := range all {
		p.text(margin+34, y+high+i*high, style{size: size, fill: ink}, line)
	}
	return y + h
}

// key is an entry of the legend.
type key struct {
	draw func(p *picture, x, y, size int)
	text string
	next bool // begins a line
}

// legend writes the entries in lines and returns the lower edge.
func (p *picture) legend(y, width int, keys []key) int {
	const box, high, size = 18, 26, 12
	x := 0
	for _, k := range keys {
		w := box + 7 + wide(k.text, size, false) + 18
		if x > 0 && (x+w-18 > width || k.next) {
			x, y = 0, y+high
		}
		if k.draw == nil {
			p.text(margin+x, y+13, style{size: size, fill: faint}, k.text)
			x += w - box - 7
			continue
		}
		k.draw(p, margin+x, y, box)
		p.text(margin+x+box+7, y+13, style{size: size, fill: ink}, k.text)
		x += w
	}
	return y + box
}

func percent(part, of int) string {
	if of == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(of))
}
