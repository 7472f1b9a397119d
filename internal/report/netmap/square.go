package netmap

// square draws the answer about a pair.
func (p *picture) square(x, y, size int, v verdict) {
	switch v {
	case allowedAll:
		p.rect(x, y, size, size, strong, "")
	case allowedSome:
		p.rect(x, y, size, size, pale, strong)
	case notEnforced:
		p.rect(x, y, size, size, blush, danger)
		p.hatch(x+1, y+1, size-2, size-2, max(4, size/5), danger, max(1.5, float64(size)/14))
	case unsure:
		p.rect(x, y, size, size, grey, "")
		f := min(16, size-2)
		p.text(x+size/2, y+size/2+f*36/100, style{size: f, fill: ink, anchor: "middle", bold: true}, "?")
	case self:
		p.rect(x, y, size, size, empty, "")
		p.line(x+size/4, y+size/4, x+size-size/4, y+size-size/4, "#9aa3ad")
	default:
		p.rect(x, y, size, size, empty, "")
	}
}

// corner marks that other ports of a pair have another answer.
func (p *picture) corner(x, y, size int, v verdict) {
	fill := ""
	switch v {
	case allowedAll, allowedSome:
		fill = strong
	case unsure:
		fill = ink
	default:
		return
	}
	n := max(5, size*2/5)
	p.add(`<path d="M%d %dh%dv%dz" fill="%s" stroke="%s"/>`, x+size-n, y, n, n, fill, paper)
}

// mark draws whether a policy isolates an endpoint.
func (p *picture) mark(x, y, size int, m mark) {
	switch m {
	case open:
		p.rect(x, y, size, size, paper, faint)
	case isolated:
		p.rect(x, y, size, size, faint, "")
	case ignored:
		p.rect(x, y, size, size, blush, danger)
		p.add(`<path d="M%d %dL%d %d" stroke="%s" stroke-width="2" fill="none"/>`, x+1, y+size-1, x+size-1, y+1, danger)
	case doubtful:
		p.rect(x, y, size, size, grey, "")
		p.text(x+size/2, y+size-1, style{size: size + 1, fill: ink, anchor: "middle", bold: true}, "?")
	}
}
