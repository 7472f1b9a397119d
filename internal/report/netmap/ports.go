package netmap

import (
	"strconv"
	"strings"
)

// portsOf are the ports of all rows that allow a pair.
func (g *graph) portsOf(from, to int32) string {
	if g.get(from, to)&part != 0 || g.further[pair{from, to}] > 0 {
		return ""
	}
	var out []string
	for _, d := range g.details[pair{from, to}] {
		if stateOf(d) == some {
			out = append(out, d.ports)
		}
	}
	return strings.Join(out, "; ")
}

// ports writes ports into a cell, as far as they fit.
func (p *picture) ports(x, y, size int, list string) {
	if size < 38 { // some would have a text and some not
		return
	}
	for _, f := range []int{12, 10, 9} {
		for _, t := range brief(list) {
			if f*4 <= size+11 && wide(t, f, false) <= size-6 {
				p.text(x+size/2, y+size/2+f/3+1, style{size: f, fill: ink, anchor: "middle"}, t)
				return
			}
		}
	}
}

// brief are short forms of a list such as "TCP 80, 443; UDP 53", the best first.
// None of them leaves out that there are more.
func brief(list string) []string {
	var names []string
	for part := range strings.SplitSeq(list, ";") {
		protocol, ports, ok := strings.Cut(strings.TrimSpace(part), " ")
		if !ok || strings.HasSuffix(ports, ")") { // cut, or a list of another form
			return nil
		}
		for port := range strings.SplitSeq(ports, ",") {
			port = strings.TrimSpace(port)
			_, err := strconv.ParseUint(port, 10, 16)
			switch {
			case err == nil && protocol == "TCP":
				names = append(names, ":"+port)
			case err == nil:
				names = append(names, protocol+" "+port)
			case strings.ContainsAny(list, ",;"): // ranges among others: no number is right
				return []string{"several"}
			case port != "" && port[0] >= '0' && port[0] <= '9':
				return []string{protocol + " " + port, port, "range"}
			default:
				return []string{protocol + " " + port, port}
			}
		}
	}
	switch n := len(names); n {
	case 0:
		return nil
	case 1:
		return names
	default:
		return []string{names[0] + " +" + strconv.Itoa(n-1), strconv.Itoa(n) + " ports"}
	}
}
