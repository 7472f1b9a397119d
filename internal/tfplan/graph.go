package tfplan

import (
	"strconv"
	"strings"
)

// Graph is the reference graph of the configuration: which attribute of which
// resource is computed from which others, through module variables and outputs.
type Graph struct {
	modules []module
	nodes   []Node
	edges   []edge
	refs    []reference
	refIDs  map[string]refID
	index   map[[2]Sym]int32   // module path, resource -> node
	scopes  map[int32][]Source // what Scope found, per module
	sym     *symbols

	each, dependsOn Sym // pseudo attributes of for_each/count and depends_on
}

// Node is a resource block of the configuration.
type Node struct {
	Module   int32
	Resource Sym   // type.name, "data." before data sources
	position int32 // in its module's resources
	first    int32
	edges    int32
	counted  bool // repeated with count, not for_each
	runs     bool // it has provisioners
}

type module struct {
	path      Sym // module.a.module.b, 0 for the root
	parent    int32
	calls     map[Sym]int32
	outputs   map[Sym][]refID
	vars      map[Sym][]refID // what the parent passes in
	each      []refID         // for_each and count of the call
	dependsOn []refID         // of the call
	nodes     []int32
}

type edge struct {
	attr Sym
	ref  refID
}

type refID int32

type refKind uint8

const (
	refNone     refKind = iota // path.*, terraform.*, count.*, self
	refResource                // target is type.name
	refModule                  // target is the call's name, attr the output
	refVar
	refLocal
	refEach
)

type reference struct {
	kind   refKind
	target Sym
	attr   Sym
	key    Sym // the literal instance key behind the target, as in ["a"]
}

// ForEach and DependsOn are the names under which Sources files references that
// no attribute makes.
const (
	ForEach   = "(for_each)"
	DependsOn = "(depends_on)"
)

func newGraph(s *symbols) *Graph {
	return &Graph{
		modules: []module{{parent: -1}}, refIDs: map[string]refID{}, index: map[[2]Sym]int32{}, scopes: map[int32][]Source{}, sym: s,
		each: s.internString(ForEach), dependsOn: s.internString(DependsOn),
	}
}

func (g *Graph) addModule(parent int32, name Sym) int32 {
	id := int32(len(g.modules))
	path := "module." + g.sym.names[name]
	if p := g.modules[parent].path; p != 0 {
		path = g.sym.names[p] + "." + path
	}
	g.modules = append(g.modules, module{path: g.sym.internString(path), parent: parent})
	if g.modules[parent].calls == nil {
		g.modules[parent].calls = map[Sym]int32{}
	}
	g.modules[parent].calls[name] = id
	g.sym.kept += 3 * nameCost
	return id
}

func (g *Graph) addNode(n Node) {
	id := int32(len(g.nodes))
	g.nodes = append(g.nodes, n)
	m := &g.modules[n.Module]
	m.nodes = append(m.nodes, id)
	g.index[[2]Sym{m.path, n.Resource}] = id
	g.sym.kept += nameCost
}

func (g *Graph) addEdges(attr Sym, refs []refID) {
	for _, r := range refs {
		g.edges = append(g.edges, edge{attr, r})
		g.sym.kept += 20
	}
}

func (g *Graph) find(module, resource Sym) int32 {
	if id, ok := g.index[[2]Sym{module, resource}]; ok {
		return id
	}
	return -1
}

// Nodes is the number of resource blocks.
func (g *Graph) Nodes() int { return len(g.nodes) }

// Address is the configuration address of a node.
func (g *Graph) Address(node int32) string {
	n := g.nodes[node]
	r := g.sym.names[n.Resource]
	if p := g.modules[n.Module].path; p != 0 {
		return g.sym.names[p] + "." + r
	}
	return r
}

// Pointer is the JSON pointer of a node in the configuration, or of one of its
// expressions.
func (g *Graph) Pointer(node int32, attr string) string {
	n := g.nodes[node]
	var b strings.Builder
	b.WriteString("/configuration/root_module")
	if p := g.sym.names[g.modules[n.Module].path]; p != "" {
		for call := range strings.SplitSeq(strings.TrimPrefix(p, "module."), ".module.") {
			b.WriteString("/module_calls/" + EscapePointer(call) + "/module")
		}
	}
	b.WriteString("/resources/" + strconv.Itoa(int(n.position)))
	switch attr {
	case "":
	case ForEach:
		if n.counted {
			b.WriteString("/count_expression")
		} else {
			b.WriteString("/for_each_expression")
		}
	case DependsOn:
		b.WriteString("/depends_on")
	default:
		b.WriteString("/expressions/" + EscapePointer(attr))
	}
	return b.String()
}

// Provisioned tells whether a resource block has provisioners.
func (g *Graph) Provisioned(node int32) bool { return g.nodes[node].runs }

// Module is the module of a node, comparable with another node's.
func (g *Graph) Module(node int32) int32 { return g.nodes[node].Module }

// ref interns a reference as Terraform writes it.
func (g *Graph) ref(s string) (refID, reference) {
	if id, ok := g.refIDs[s]; ok {
		return id, g.refs[id]
	}
	id := refID(len(g.refs))
	r := g.parse(s)
	g.refs = append(g.refs, r)
	g.refIDs[s] = id
	g.sym.kept += int64(len(s)) + nameCost
	return id, r
}

func (g *Graph) parse(s string) reference {
	parts := split(s)
	at := func(i int) Sym {
		if i >= len(parts) {
			return 0
		}
		return g.sym.internString(parts[i])
	}
	switch parts[0] {
	case "var":
		return reference{kind: refVar, target: at(1), attr: at(2)}
	case "local":
		return reference{kind: refLocal, target: at(1), attr: at(2)}
	case "module":
		return reference{refModule, at(1), at(2), g.key(s, parts[:min(2, len(parts))])}
	case "each":
		return reference{kind: refEach}
	case "path", "terraform", "count", "self":
		return reference{}
	case "data", "ephemeral":
		if len(parts) < 3 {
			return reference{}
		}
		return reference{refResource, g.sym.internString(parts[0] + "." + parts[1] + "." + parts[2]), at(3), g.key(s, parts[:3])}
	case "resource": // the long form of a managed resource
		parts, s = parts[1:], strings.TrimPrefix(s, "resource.")
	}
	if len(parts) < 2 {
		return reference{}
	}
	return reference{refResource, g.sym.internString(parts[0] + "." + parts[1]), at(2), g.key(s, parts[:2])}
}

// key is the instance key that a reference has right behind its target.
func (g *Graph) key(s string, target []string) Sym {
	rest, ok := strings.CutPrefix(s, strings.Join(target, "."))
	if !ok || !strings.HasPrefix(rest, "[") {
		return 0
	}
	if keys := Keys(rest); len(keys) > 0 {
		return g.sym.internString(keys[0])
	}
	return 0
}

// split takes a reference apart at its dots and drops index keys, which may
// contain dots themselves.
func split(s string) []string { return strings.Split(StripKeys(s), ".") }
