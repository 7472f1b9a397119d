package change

import (
	"strings"

	"polygraph/internal/finding"
	"polygraph/internal/tfconfig"
)

// user is somebody who launches what a lookup finds.
type user struct {
	address string
	at      finding.Location
	text    string
	steps   []tfconfig.Step
	ignored bool   // it is launched from what was found first
	missing string // what would have to be known
	get     string
}

// users are the resources of the module that launch what the data source finds,
// and those of a module that is handed it.
func (r *configurationReferences) users(m *tfconfig.Module, d tfconfig.Placed) []user {
	var out []user
	for _, b := range m.Resources {
		eachArgument(b.Block, func(top string, a *tfconfig.Attribute) {
			if !imageArgument(a.Name) {
				return
			}
			uses, other, steps := follow(m, a, d.Address())
			if !uses {
				return
			}
			u := user{steps: steps, address: b.Address(), at: configAt(b.File, a.Offset, b.Address()), text: b.Address() + " is launched from it"}
			_, u.ignored = b.Ignores(top)
			if other != "" {
				u.missing, u.get = "whether "+other+" takes the place of the lookup", "write the image ID out, or show a plan of this module"
			}
			out = append(out, u)
		})
	}
	for i := range m.Calls {
		c := &m.Calls[i]
		for j := range c.Attributes {
			a := &c.Attributes[j]
			if uses, other, _ := follow(m, a, d.Address()); uses {
				out = append(out, r.handed(m, c, a, other)...)
			}
		}
	}
	return out
}

// handed are the users inside of a module to which a call hands the image.
func (r *configurationReferences) handed(m *tfconfig.Module, c *tfconfig.Call, a *tfconfig.Attribute, other string) []user {
	source, _ := m.Resolve(c.Source.Attribute).String()
	child := r.byDir[m.Target(source)]
	if source == "" || m.Target(source) == "" || child == nil {
		return []user{{
			address: c.Address(), at: configAt(c.File, a.Offset, c.Address()),
			missing: "what " + c.Address() + " does with " + a.Name, get: "check the folder of the module too, or show a plan",
		}}
	}
	var out []user
	for _, b := range child.Resources {
		eachArgument(b.Block, func(top string, x *tfconfig.Attribute) {
			uses, also, steps := follow(child, x, "var."+a.Name)
			if !uses || !imageArgument(x.Name) {
				return
			}
			address := c.Address() + "." + b.Address()
			u := user{steps: steps, address: address, at: configAt(b.File, x.Offset, address), text: address + " is launched from it"}
			_, u.ignored = b.Ignores(top)
			if also == "" {
				also = other
			}
			if also != "" {
				u.missing, u.get = "whether "+also+" takes the place of the lookup", "write the image ID out, or show a plan of this module"
			}
			out = append(out, u)
		})
	}
	return out
}

// follow tells whether an argument comes from what is called name, through
// which locals, and which variable could take its place in the expression.
func follow(m *tfconfig.Module, a *tfconfig.Attribute, name string) (uses bool, other string, steps []tfconfig.Step) {
	left := 64
	var walk func(refs []string)
	walk = func(refs []string) {
		for _, ref := range refs {
			if left--; left < 0 {
				return
			}
			if l, ok := strings.CutPrefix(ref, "local."); ok {
				l, _, _ = strings.Cut(l, ".")
				to, ok := m.Locals[l]
				if !ok || to.Attribute == a {
					continue
				}
				before := uses
				walk(to.References)
				if uses && !before {
					steps = append(steps, tfconfig.Step{Name: "local." + l, Argument: to})
				}
				continue
			}
			switch {
			case ref == name || strings.HasPrefix(ref, name+"."):
				uses = true
			case ref == "each.key", strings.HasPrefix(ref, "count."): // which one of it
			case strings.HasPrefix(ref, "var."), strings.HasPrefix(ref, "data."), strings.HasPrefix(ref, "each."), strings.HasPrefix(ref, "module."):
				other = ref
			}
		}
	}
	walk(a.References)
	return uses, other, steps
}
