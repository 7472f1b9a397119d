package netmap

import "polygraph/internal/report/words"

// keys explain the matrix of endpoints, with counts of pairs. What the picture
// does not have is left out, but for what is always worth a look.
func (g *graph) keys(rows, columns []stretch, t tally) (out []key) {
	for _, k := range []struct {
		v      verdict
		text   string
		always bool
	}{
		{allowedAll, "allowed, all ports", true},
		{allowedSome, "allowed, some ports", true},
		{notEnforced, "NOT ENFORCED: denied by a policy that nothing enforces", true},
		{unsure, "unknown", true},
		{denied, "denied", true},
		{self, "itself", false},
	} {
		if t[k.v] == 0 && !k.always {
			continue
		}
		text := k.text + " (" + words.Number(t[k.v]) + ")"
		if k.v == self {
			text = k.text
		}
		out = append(out, key{draw: func(p *picture, x, y, size int) { p.square(x, y, size, k.v) }, text: text})
	}
	if n := g.mixed(rows, columns); n > 0 {
		out = append(out, key{draw: func(p *picture, x, y, size int) {
			p.square(x, y, size, denied)
			p.corner(x, y, size, allowedSome)
		}, text: "corner: other ports are allowed; black: unknown (" + words.Number(n) + ")"})
	}
	return append(out, g.markKeys(rows, columns)...)
}

// mixed counts the pairs with two answers.
func (g *graph) mixed(rows, columns []stretch) (n int) {
	for _, r := range rows {
		for _, from := range r.ends {
			for _, c := range columns {
				for _, to := range c.ends {
					if _, next := g.judge(from, to); next != denied {
						n++
					}
				}
			}
		}
	}
	return n
}

// markKeys explain the marks beside the names.
func (g *graph) markKeys(rows, columns []stretch) (out []key) {
	have := map[mark]bool{}
	for _, s := range rows {
		for _, i := range s.ends {
			have[g.ends[i].egress] = true
		}
	}
	for _, s := range columns {
		for _, i := range s.ends {
			have[g.ends[i].ingress] = true
		}
	}
	for _, k := range []struct {
		mark mark
		text string
	}{
		{isolated, "a policy limits it in this direction"},
		{ignored, "a policy does, and nothing enforces it"},
		{doubtful, "a policy does; unknown whether enforced"},
		{open, "no policy: all may pass"},
	} {
		if have[k.mark] {
			out = append(out, key{draw: func(p *picture, x, y, size int) { p.mark(x+size-markSize, y+(size-markSize)/2, markSize, k.mark) }, text: k.text})
		}
	}
	if len(out) > 0 {
		out = append([]key{{text: "Beside a name:", next: true}}, out...)
	}
	return out
}
