package environment

import (
	"slices"
	"strings"

	"polygraph/internal/evidence"
)

// Graph joins the names of one thing. What it says does not depend on the order
// in which things were added.
//
// Two guards keep a name from joining what is not one: a name that two objects
// of the same evidence carry identifies neither of them, and names of ARNs in
// two accounts are never joined: whatever led there is dropped.
type Graph struct {
	edges []edge
	seen  map[string]bool              // addresses that were added
	carry map[string]map[string]string // name -> evidence -> address, Twice when there are two

	parent map[string]string // nil until asked
	class  map[string][]string
}

// edge is a thing and one of its names.
type edge struct{ address, path, name string }

const twice = "\x00twice"

// NewGraph is an empty graph.
func NewGraph() *Graph {
	return &Graph{seen: map[string]bool{}, carry: map[string]map[string]string{}}
}

// Add notes a thing of some evidence with all its names.
func (g *Graph) Add(path string, t *evidence.Thing) {
	g.parent = nil
	address := Address(path, t)
	g.seen[address] = true
	for _, alias := range t.Subject.Aliases {
		name := unique(path, t, alias)
		if name == "" {
			continue
		}
		by := g.carry[name]
		if by == nil {
			by = map[string]string{}
			g.carry[name] = by
		}
		switch before, have := by[path]; {
		case !have:
			by[path] = address
		case before != address:
			by[path] = twice
		}
		g.edges = append(g.edges, edge{address, path, name})
	}
}

// Same tells whether two names are of one thing. Names are those of Address and
// of Names.
func (g *Graph) Same(a, b string) bool {
	g.settle()
	return a == b || g.parent[a] != "" && g.parent[a] == g.parent[b]
}

// Names lists all names of the thing that has this one, sorted, itself included.
func (g *Graph) Names(of string) []string {
	g.settle()
	if root := g.parent[of]; root != "" {
		return slices.Clone(g.class[root])
	}
	return []string{of}
}

// settle joins what the edges say, then takes apart what cannot be one thing.
func (g *Graph) settle() {
	if g.parent != nil {
		return
	}
	up := map[string]string{}
	find := func(n string) string {
		root := n
		for up[root] != "" && up[root] != root {
			root = up[root]
		}
		for up[n] != "" && up[n] != root {
			n, up[n] = up[n], root
		}
		return root
	}
	for a := range g.seen {
		up[a] = a
	}
	for _, e := range g.edges {
		if g.carry[e.name][e.path] == twice {
			continue
		}
		a, b := find(e.address), find(e.name)
		up[a], up[b] = a, a
	}
	g.parent, g.class = map[string]string{}, map[string][]string{}
	members := map[string][]string{}
	for n := range up {
		root := find(n)
		members[root] = append(members[root], n)
	}
	for _, list := range members {
		slices.Sort(list)
		if accounts(list) > 1 {
			for _, n := range list {
				g.parent[n], g.class[n] = n, []string{n}
			}
			continue
		}
		for _, n := range list {
			g.parent[n] = list[0] // the least: not by chance of the walk
		}
		g.class[list[0]] = list
	}
}

// accounts counts the accounts that the ARNs among some names lie in.
func accounts(names []string) int {
	var seen []string
	for _, n := range names {
		arn, ok := strings.CutPrefix(n, "arn:arn:")
		if !ok {
			continue
		}
		if parts := strings.SplitN(arn, ":", 5); len(parts) == 5 && accountNumber(parts[3]) && !slices.Contains(seen, parts[3]) {
			seen = append(seen, parts[3])
		}
	}
	return len(seen)
}
