package change

import (
	"fmt"
	"slices"
	"strings"

	"polygraph/internal/cascade"
	"polygraph/internal/tfplan"
)

// maxTree bounds the lines of a picture.
const maxTree = 120

// tree draws a cascade: each change below the one that it follows from.
func (x *examination) tree(g *cascade.Group, known map[*tfplan.Change]bool) string {
	followers := slices.Concat(g.Reads, g.Drawn)
	below := map[*tfplan.Change][]*cascade.Drawn{}
	through := map[*tfplan.Change]string{}
	for _, d := range followers {
		l := x.decisiveLink(d, known)
		if !known[l.From] {
			// It follows through a change that has edits of its own and so stands
			// outside of this group.
			l.From = g.Roots[0]
		}
		below[l.From] = append(below[l.From], d)
		through[d.Change] = l.Attribute
	}
	t := &treeDrawing{exam: x, below: below, through: through, drawn: map[*tfplan.Change]bool{}}
	for _, r := range g.Roots {
		what := shortMechanism(r)
		if attrs := x.forcing(r); len(attrs) > 0 {
			what += ": " + strings.Join(attrs[:min(3, len(attrs))], ", ")
		}
		t.add(r.Address + "  " + what)
		t.children(r, "")
	}
	if left := len(g.Roots) + len(followers) - len(t.lines); left > 0 && len(t.lines) >= maxTree {
		t.lines = append(t.lines, fmt.Sprintf("... and %d more", left))
	}
	return strings.Join(t.lines, "\n")
}

type treeDrawing struct {
	exam    *examination
	below   map[*tfplan.Change][]*cascade.Drawn
	through map[*tfplan.Change]string
	drawn   map[*tfplan.Change]bool
	lines   []string
}

func (t *treeDrawing) add(line string) {
	if len(t.lines) < maxTree {
		t.lines = append(t.lines, line)
	}
}

func (t *treeDrawing) children(c *tfplan.Change, indent string) {
	// Past the bound nothing is drawn, and a chain may be as long as the plan.
	if t.drawn[c] || len(t.lines) >= maxTree {
		return
	}
	t.drawn[c] = true
	list := t.below[c]
	for i, d := range list {
		branch, deeper := "├─ ", "│  "
		if i == len(list)-1 {
			branch, deeper = "└─ ", "   "
		}
		t.add(indent + branch + d.Change.Address + "  " + shortMechanism(d.Change) + ": " + t.through[d.Change])
		t.children(d.Change, indent+deeper)
	}
}

// shortMechanism is the mechanism in one word.
func shortMechanism(c *tfplan.Change) string {
	switch {
	case c.Action.Replaces():
		return "replaced"
	case c.Data:
		return "read during apply"
	default:
		return "updated"
	}
}
