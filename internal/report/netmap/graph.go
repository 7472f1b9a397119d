package netmap

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"polygraph/internal/report/words"
	"polygraph/internal/run"
)

// addresses is the kind of endpoints outside of the cluster.
const addresses = "addresses"

// state is what the rows say about a pair, one bit for each answer.
type state uint8

const (
	all        state = 1 << iota // allowed on all ports
	some                         // allowed on some ports
	unenforced                   // denied by a policy that nothing enforces
	unknown
	part // only of a part of the addresses
)

// endpoint is a workload, or a list of ranges of addresses.
type endpoint struct {
	name, kind, namespace string
	pods                  string
	ingress, egress       mark // whether a policy isolates it in this direction
	listed                bool // in the table of endpoints
	source, target        bool // of a connection
	ranges                []span
}

func (e *endpoint) outside() bool { return e.kind == addresses }

// full names it without doubt.
func (e *endpoint) full() string {
	if e.kind == "" {
		return e.name
	}
	return e.name + " (" + e.kind + ")"
}

// detail is one row about a pair.
type detail struct{ verdict, ports, why string }

type pair struct{ from, to int32 }

type graph struct {
	index       map[[2]string]int32 // kind and name
	ends        []endpoint
	grid        [][]state // by source, then destination; lines are as long as needed
	details     map[pair][]detail
	further     map[pair]int // rows about a pair that are not kept
	more        int          // endpoints, and rows about them, that are not kept
	endpoints   int          // rows
	connections int
	whole       bool // the run came to its end
}

func newGraph() *graph {
	return &graph{index: map[[2]string]int32{}, details: map[pair][]detail{}, further: map[pair]int{}}
}

func (g *graph) hear(r *run.Row) {
	cell := func(name string) string {
		for _, c := range r.Cells {
			if c.Name == name {
				return strings.TrimSpace(c.Value)
			}
		}
		return ""
	}
	switch r.Table {
	case "endpoints":
		g.endpoints++
		i, ok := g.at(cell("endpoint"), cell("kind"))
		if !ok {
			return
		}
		e := &g.ends[i]
		e.listed = true
		e.pods = words.Cut(cell("pods"), maxText)
		if ns := cell("namespace"); ns != "" && !e.outside() {
			e.namespace = bounded(ns)
		}
		if !e.outside() {
			e.ingress, e.egress = marksOf(cell("isolated"), cell("enforced"))
		}
	case "connections":
		g.connections++
		from, ok := g.at(cell("from"), cell("from kind"))
		to, ok2 := g.at(cell("to"), cell("to kind"))
		if ok && ok2 {
			g.connect(from, to, detail{cell("verdict"), cell("ports"), cell("why")})
		}
	}
}

// at is the endpoint of a name and a kind; false when there are too many.
func (g *graph) at(name, kind string) (int32, bool) {
	full := name
	name, kind = bounded(words.First(name, "(no name)")), bounded(kind)
	key := [2]string{kind, name}
	if i, ok := g.index[key]; ok {
		return i, true
	}
	if len(g.ends) == maxEndpoints {
		g.more++
		return 0, false
	}
	e := endpoint{name: name, kind: kind}
	if e.outside() {
		e.ranges = spans(full)
	} else if ns, _, ok := strings.Cut(name, "/"); ok {
		e.namespace = ns
	}
	i := int32(len(g.ends))
	g.index[key] = i
	g.ends = append(g.ends, e)
	g.grid = append(g.grid, nil)
	if len(g.ends) > 2*maxSide { // each will not be drawn: no need for texts
		g.details, g.further = nil, nil
	}
	return i, true
}

// bounded keeps long names apart when it cuts them.
func bounded(s string) string {
	if len(s) <= maxName {
		return strings.Clone(s)
	}
	sum := sha256.Sum256([]byte(s))
	return words.Cut(s, maxName) + " #" + hex.EncodeToString(sum[:6])
}

func (g *graph) connect(from, to int32, d detail) {
	g.ends[from].source, g.ends[to].target = true, true
	g.add(from, to, stateOf(d))
	if g.details == nil {
		return
	}
	p := pair{from, to}
	if len(g.details[p]) == maxRows {
		g.further[p]++
		return
	}
	d.verdict, d.ports, d.why = words.Cut(d.verdict, maxText/2), words.Cut(d.ports, maxText), words.Cut(d.why, maxText)
	g.details[p] = append(g.details[p], d)
}

// stateOf turns a row into its bit. A word that is not known here must not turn
// green, and not red.
func stateOf(d detail) state {
	switch d.verdict {
	case "allowed":
		if d.ports == "all" {
			return all
		}
		return some
	case "not enforced":
		return unenforced
	case "denied":
		return 0
	}
	return unknown
}

func (g *graph) add(from, to int32, s state) {
	line := g.grid[from]
	if n := int(to) + 1; n > len(line) {
		line = append(line, make([]state, n-len(line))...)
		g.grid[from] = line
	}
	line[to] |= s
}

func (g *graph) get(from, to int32) state {
	if line := g.grid[from]; int(to) < len(line) {
		return line[to]
	}
	return 0
}
