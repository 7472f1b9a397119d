package tfplan

import (
	"bytes"
	"slices"
	"strings"
)

// configuration reads the module tree. Terraform writes no locals into it: a
// reference to a local is a dead end, which Graph reports as such.
func (r *reader) configuration() error {
	return r.object(func(name []byte) error {
		switch string(name) {
		case "root_module":
			return r.module(0)
		case "provider_config":
			return r.object(func(key []byte) error { return r.providerConfig(string(key)) })
		}
		return r.skip()
	})
}

// providerConfig counts the configurations of each provider: with several of
// them the plan does not tell which one an object belonged to.
func (r *reader) providerConfig(key string) error {
	c := ProviderConfig{Key: key}
	err := r.object(func(key []byte) (err error) {
		switch string(key) {
		case "full_name":
			c.Name, err = r.symbol()
		case "module_address":
			if r.kind() != '"' {
				return r.skip()
			}
			c.Module, err = r.str()
		case "expressions":
			err = r.whereabouts(&c)
		default:
			err = r.skip()
		}
		return err
	})
	r.Plan.providers[c.Name]++
	if len(r.ProviderConfigs) < MaxProviderConfigs {
		r.ProviderConfigs = append(r.ProviderConfigs, c)
		r.sym.kept += int64(len(c.Key)+len(c.Module)) + changeCost
	}
	return err
}

func (r *reader) module(id int32) error {
	g := r.Graph
	return r.object(func(name []byte) error {
		switch string(name) {
		case "resources":
			return r.array(func(i int) error { return r.configResource(id, int32(i)) })
		case "outputs":
			return r.object(func(name []byte) error {
				out := r.sym.intern(name)
				refs, err := r.references()
				if g.modules[id].outputs == nil {
					g.modules[id].outputs = map[Sym][]refID{}
				}
				g.modules[id].outputs[out] = refs
				return err
			})
		case "variables":
			if id != 0 {
				return r.skip()
			}
			return r.declarations()
		case "module_calls":
			return r.object(func(name []byte) error {
				return r.call(g.addModule(id, r.sym.intern(name)))
			})
		default:
			return r.skip()
		}
	})
}

func (r *reader) call(id int32) error {
	g := r.Graph
	return r.object(func(name []byte) error {
		switch string(name) {
		case "expressions":
			return r.object(func(name []byte) error {
				v := r.sym.intern(name)
				refs, err := r.references()
				if g.modules[id].vars == nil {
					g.modules[id].vars = map[Sym][]refID{}
				}
				g.modules[id].vars[v] = refs
				return err
			})
		case "for_each_expression", "count_expression":
			refs, err := r.references()
			g.modules[id].each = append(g.modules[id].each, refs...)
			return err
		case "depends_on":
			refs, err := r.referenceList()
			g.modules[id].dependsOn = refs
			return err
		case "module":
			return r.module(id)
		default:
			return r.skip()
		}
	})
}

func (r *reader) configResource(module, position int32) error {
	g := r.Graph
	n := Node{Module: module, position: position, first: int32(len(g.edges))}
	var typ, name Sym
	var data bool
	err := r.object(func(key []byte) error {
		switch string(key) {
		case "mode":
			m, err := r.str()
			data = m == "data"
			return err
		case "type":
			var err error
			typ, err = r.symbol()
			return err
		case "name":
			var err error
			name, err = r.symbol()
			return err
		case "expressions":
			return r.object(func(key []byte) error {
				attr := r.sym.intern(key)
				refs, err := r.references()
				g.addEdges(attr, refs)
				return err
			})
		case "for_each_expression", "count_expression":
			n.counted = string(key) == "count_expression"
			refs, err := r.references()
			g.addEdges(g.each, refs)
			return err
		case "depends_on":
			refs, err := r.referenceList()
			g.addEdges(g.dependsOn, refs)
			return err
		case "provisioners":
			if r.kind() != '[' {
				return r.skip()
			}
			return r.array(func(int) error {
				n.runs = true
				return r.skip()
			})
		default:
			return r.skip()
		}
	})
	if err != nil {
		return err
	}
	n.edges = int32(len(g.edges)) - n.first
	address := r.Name(typ) + "." + r.Name(name)
	if data {
		address = "data." + address
	}
	n.Resource = r.sym.internString(address)
	g.addNode(n)
	return nil
}

// references collects every reference below an expression: blocks nest
// expressions in arrays and objects.
func (r *reader) references() ([]refID, error) {
	var out []refID
	var walk func() error
	walk = func() error {
		switch r.kind() {
		case '{':
			return r.object(func(name []byte) error {
				switch {
				case string(name) == "references" && r.kind() == '[':
					refs, err := r.referenceList()
					out = append(out, refs...)
					return err
				case bytes.Equal(name, []byte("constant_value")):
					return r.skip()
				default:
					return walk()
				}
			})
		case '[':
			return r.array(func(int) error { return walk() })
		default:
			return r.skip()
		}
	}
	err := walk()
	return out, err
}

// referenceList reads ["aws_vpc.main.id","aws_vpc.main"]. Terraform lists each
// reference with its prefixes after it, from long to short; those add nothing.
// The same short form not in such a row is a reference of its own: x[each.key]
// is written as x.
func (r *reader) referenceList() ([]refID, error) {
	var out []refID
	var have map[refID]bool
	before := ""
	err := r.array(func(int) error {
		if r.kind() != '"' {
			return r.skip() // a block that happens to be called "references"
		}
		s, err := r.str()
		if err != nil {
			return err
		}
		prefix := len(s) < len(before) && strings.HasPrefix(before, s)
		before = s
		id, ref := r.Graph.ref(s)
		if prefix || ref.kind == refNone || have[id] || have == nil && slices.Contains(out, id) {
			return nil
		}
		out = append(out, id)
		if have != nil {
			have[id] = true
		} else if len(out) == few {
			have = make(map[refID]bool, 4*few) // from here on a search is too slow
			for _, id := range out {
				have[id] = true
			}
		}
		r.sym.kept += 32
		return nil
	})
	return out, err
}
