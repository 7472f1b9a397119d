package truth

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// tree is a generated configuration: blocks of terraform_data in nested modules that refer to each
// other through variables, outputs, locals and for_each. Blocks refer to earlier ones only, so there is
// no cycle. Every value that an edit may change is written as a token of its own.
type tree struct {
	*rand.Rand
	modules []*treeModule
	blocks  []*treeBlock
	names   int
}

type treeModule struct {
	name   string
	parent *treeModule
	keyed  bool
	vars   []string // declarations
	args   []string // of the call
	locals []string
	outs   []string
	blocks []string
}

type treeBlock struct {
	name   string
	module *treeModule
	keyed  bool
	tokens []string // values that an edit may change
}

// edit replaces tokens; block is what is edited by it, an address without keys.
type edit struct {
	blocks []string
	tokens []string
	adds   bool // makes new objects instead of changing one
}

// grow makes a tree from a seed.
func grow(seed uint64) *tree {
	g := &tree{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.modules = []*treeModule{{}}
	for i := range 1 + g.IntN(3) {
		g.modules = append(g.modules, &treeModule{
			name: fmt.Sprintf("m%d", i), parent: g.modules[g.IntN(len(g.modules))], keyed: g.chance(40),
		})
	}
	for range 5 + g.IntN(6) {
		g.block()
	}
	return g
}

func (g *tree) chance(percent int) bool { return g.IntN(100) < percent }

func (g *tree) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (b *treeBlock) address() string { return b.module.path() + "terraform_data." + b.name }

func (m *treeModule) path() string {
	if m.parent == nil {
		return ""
	}
	return m.parent.path() + "module." + m.name + "."
}

func (g *tree) block() {
	b := &treeBlock{name: g.name("b"), module: g.modules[g.IntN(len(g.modules))], keyed: g.chance(25)}
	var text strings.Builder
	fmt.Fprintf(&text, "resource \"terraform_data\" %q {\n", b.name)
	if b.keyed {
		fmt.Fprintf(&text, "  for_each = toset([\"a\", \"b\" /*key %s*/])\n", b.name)
	}
	for _, attribute := range []string{"triggers_replace", "input"} {
		var refs []string
		for range g.IntN(3) {
			if from := g.earlier(); from != nil {
				refs = append(refs, g.value(from, b))
			}
		}
		fmt.Fprintf(&text, "  %s = %s\n", attribute, g.expression(b, attribute, refs))
	}
	if t := g.trigger(b); t != "" {
		fmt.Fprintf(&text, "  lifecycle {\n    replace_triggered_by = [%s]\n  }\n", t)
	}
	text.WriteString("}\n")
	b.module.blocks = append(b.module.blocks, text.String())
	g.blocks = append(g.blocks, b)
}

// earlier picks a block to refer to, mostly a near one so that chains get long.
func (g *tree) earlier() *treeBlock {
	n := len(g.blocks)
	if n == 0 {
		return nil
	}
	return g.blocks[max(g.IntN(n), g.IntN(n))]
}

// expression writes an argument in one of the forms that people use.
func (g *tree) expression(b *treeBlock, attribute string, refs []string) string {
	own := g.constant(b, attribute)
	switch g.IntN(4) {
	case 0:
		if len(refs) > 0 {
			return strings.Join(refs[:1], "")
		}
	case 1:
		if len(refs) > 0 {
			return `"${` + strings.Join(refs, "}/${") + `}"`
		}
	case 2:
		b.tokens = append(b.tokens, own...)
		return "{ own = " + g.pick(b, own) + ", refs = [" + strings.Join(refs, ", ") + "] }"
	}
	b.tokens = append(b.tokens, own...)
	return "[" + strings.Join(append([]string{g.pick(b, own)}, refs...), ", ") + "]"
}

// constant makes the tokens of one argument, one per instance of a keyed block.
func (g *tree) constant(b *treeBlock, attribute string) []string {
	token := fmt.Sprintf("%q", b.name+attribute[:1]+".0")
	if !b.keyed {
		return []string{token}
	}
	return []string{strings.Replace(token, ".", "a.", 1), strings.Replace(token, ".", "b.", 1)}
}

func (g *tree) pick(b *treeBlock, tokens []string) string {
	if !b.keyed {
		return tokens[0]
	}
	return fmt.Sprintf(`lookup({ a = %s, b = %s }, each.key, "none")`, tokens[0], tokens[1])
}

// trigger is what replace_triggered_by refers to: it stays within the module.
func (g *tree) trigger(b *treeBlock) string {
	if !g.chance(15) {
		return ""
	}
	for i := len(g.blocks) - 1; i >= 0; i-- {
		from := g.blocks[i]
		if from.module != b.module || g.chance(30) {
			continue
		}
		ref := "terraform_data." + from.name
		switch {
		case from.keyed && b.keyed && g.chance(50):
			ref += "[each.key]"
		case from.keyed:
			return ref
		}
		return ref + []string{"", ".id", ".output"}[g.IntN(3)]
	}
	return ""
}

// configuration writes the tree as files.
func (g *tree) configuration() files {
	out := files{}
	for _, m := range g.modules {
		var text strings.Builder
		for _, list := range [][]string{m.vars, m.outs, m.blocks} {
			text.WriteString(strings.Join(list, ""))
		}
		if len(m.locals) > 0 {
			text.WriteString("locals {\n" + strings.Join(m.locals, "") + "}\n")
		}
		for _, c := range g.modules {
			if c.parent == m {
				each := ""
				if c.keyed {
					each = fmt.Sprintf("  for_each = toset([\"a\", \"b\" /*key %s*/])\n", c.name)
				}
				fmt.Fprintf(&text, "module %q {\n  source = \"./%s\"\n%s%s}\n", c.name, c.name, each, strings.Join(c.args, ""))
			}
		}
		out[m.file()] = text.String()
	}
	return out
}

func (m *treeModule) file() string {
	if m.parent == nil {
		return "main.tf"
	}
	return strings.TrimSuffix(m.parent.file(), "main.tf") + m.name + "/main.tf"
}
