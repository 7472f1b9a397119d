package truth

import (
	"fmt"
	"slices"
	"strings"
)

// value writes an expression, in the module of b, for something that another block yields. It travels up
// through outputs and down through variables, now and then by way of a local.
func (g *tree) value(from, b *treeBlock) string {
	e := g.yield(from, b)
	at := from.module
	up, down := paths(from.module, b.module)
	for range up {
		e = g.up(at, g.local(at, e))
		at = at.parent
	}
	for _, m := range down {
		e = g.down(m, g.local(at, e))
		at = m
	}
	return g.local(at, e)
}

// yield is the value where the block stands. Instances are picked the way people do: the one with the
// own key, a certain one, or all of them.
func (g *tree) yield(from, b *treeBlock) string {
	ref := "terraform_data." + from.name
	attribute := func(x string) string {
		if g.chance(60) {
			return x + ".id"
		}
		return "jsonencode(" + x + ".output)"
	}
	switch {
	case !from.keyed:
		return attribute(ref)
	case from.module == b.module && b.keyed && g.chance(50):
		return "try(" + attribute(ref+"[each.key]") + `, "none")`
	case g.chance(50):
		return attribute(ref + `["a"]`)
	default:
		return `join("|", [for x in ` + ref + " : " + attribute("x") + "])"
	}
}

func (g *tree) local(m *treeModule, e string) string {
	if !g.chance(25) || strings.Contains(e, "each.") {
		return e
	}
	name := g.name("l")
	m.locals = append(m.locals, fmt.Sprintf("  %s = %s\n", name, e))
	return "local." + name
}

func (g *tree) up(m *treeModule, e string) string {
	name := g.name("o")
	m.outs = append(m.outs, fmt.Sprintf("output %q {\n  value = %s\n}\n", name, e))
	call := "module." + m.name
	switch {
	case !m.keyed:
		return call + "." + name
	case g.chance(50):
		return call + `["b"].` + name
	default:
		// A splat would refer to the whole module, and that is often a cycle.
		return `join("|", [` + call + `["a"].` + name + ", " + call + `["b"].` + name + "])"
	}
}

func (g *tree) down(m *treeModule, e string) string {
	name := g.name("v")
	m.vars = append(m.vars, fmt.Sprintf("variable %q {}\n", name))
	if m.keyed && g.chance(40) {
		e = `each.key == "a" ? ` + e + ` : "none"`
	}
	m.args = append(m.args, fmt.Sprintf("  %s = %s\n", name, e))
	return "var." + name
}

// paths says how many modules it is up from one to the common ancestor of both, and which way down.
func paths(from, to *treeModule) (up int, down []*treeModule) {
	var above []*treeModule
	for m := from; m != nil; m = m.parent {
		above = append(above, m)
	}
	for m := to; m != nil; m = m.parent {
		if i := slices.Index(above, m); i >= 0 {
			slices.Reverse(down)
			return i, down
		}
		down = append(down, m)
	}
	return 0, nil
}

// edits picks two independent edits: one that matters, and one anywhere else.
func (g *tree) edits() []edit {
	var can []*treeBlock
	for _, b := range g.blocks {
		if len(b.tokens) > 0 {
			can = append(can, b)
		}
	}
	if len(can) < 2 {
		return nil
	}
	first := g.IntN(min(2, len(can)))
	out := []edit{g.edit(can[first])}
	if g.chance(20) {
		if e, ok := g.addition(); ok {
			return append(out, e)
		}
	}
	second := (first + 1 + g.IntN(len(can)-1)) % len(can)
	return append(out, g.edit(can[second]))
}

// edit changes one value of a block, for one instance or for all of them.
func (g *tree) edit(b *treeBlock) edit {
	tokens := []string{b.tokens[g.IntN(len(b.tokens))]}
	if b.keyed && g.chance(50) {
		tokens = b.tokens
	}
	return edit{blocks: []string{b.address()}, tokens: tokens}
}

// addition gives a for_each another key.
func (g *tree) addition() (edit, bool) {
	for _, m := range g.modules {
		if !m.keyed {
			continue
		}
		e := edit{tokens: []string{"/*key " + m.name + "*/"}, adds: true}
		for _, b := range g.blocks {
			if strings.HasPrefix(b.address(), m.path()) {
				e.blocks = append(e.blocks, b.address())
			}
		}
		return e, true
	}
	for _, b := range g.blocks {
		if b.keyed {
			return edit{blocks: []string{b.address()}, tokens: []string{"/*key " + b.name + "*/"}, adds: true}, true
		}
	}
	return edit{}, false
}

// carry writes edits into a configuration.
func carry(config files, edits ...edit) files {
	out := files{}
	for name, text := range config {
		for _, e := range edits {
			for _, token := range e.tokens {
				if strings.HasPrefix(token, "/*key") {
					text = strings.ReplaceAll(text, token, `, "c"`)
				} else {
					text = strings.ReplaceAll(text, token, strings.Replace(token, ".0", ".1", 1))
				}
			}
		}
		out[name] = text
	}
	return out
}
