package tfplan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// resource writes a block of the configuration.
func resource(name, expressions string, more ...string) string {
	typ, n, _ := strings.Cut(name, ".")
	mode := "managed"
	if rest, ok := strings.CutPrefix(name, "data."); ok {
		mode = "data"
		typ, n, _ = strings.Cut(rest, ".")
	}
	out := fmt.Sprintf(`{"mode":%q,"type":%q,"name":%q,"expressions":{%s}`, mode, typ, n, expressions)
	for _, m := range more {
		out += "," + m
	}
	return out + "}"
}

// refs writes an expression with references.
func refs(list ...string) string {
	b, _ := json.Marshal(list)
	return `{"references":` + string(b) + `}`
}

// configured reads a plan that consists of a configuration.
func configured(t testing.TB, root string) (*Plan, string) {
	t.Helper()
	text := `{"format_version":"1.2","resource_changes":[],"configuration":{"root_module":` + root + `}}`
	p, err := readPlan(t, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p, text
}

// node finds a block by its configuration address.
func node(t testing.TB, p *Plan, address string) int32 {
	t.Helper()
	for i := range p.Graph.Nodes() {
		if p.Graph.Address(int32(i)) == address {
			return int32(i)
		}
	}
	t.Fatalf("no block %s", address)
	return -1
}

// sources lists what an attribute is computed from as "address.attribute".
func sources(p *Plan, n int32, attr string) []string {
	s := p.Graph.Inputs(n)[p.Sym(attr)]
	if s == nil {
		return nil
	}
	var out []string
	for _, x := range s.From {
		out = append(out, strings.TrimSuffix(p.Graph.Address(x.Node)+"."+p.Name(x.Attr), "."))
	}
	slices.Sort(out)
	return out
}

const threeDeep = `{
 "resources":[%s],
 "module_calls":{"outer":{
  "expressions":{"given":{"references":["aws_vpc.main.id","aws_vpc.main"]},"each_in":{"references":["each.value"]},"whole":{"references":["aws_vpc.main"]},"const":{"constant_value":1}},
  "for_each_expression":{"references":["aws_set.keys.ids","aws_set.keys"]},
  "depends_on":["aws_iam.first"],
  "module":{
   "outputs":{"id":{"expression":{"references":["module.middle.id","module.middle"]}},"arn":{"expression":{"references":["aws_topic.out.arn","aws_topic.out"]}}},
   "resources":[{"mode":"managed","type":"aws_topic","name":"out","expressions":{
     "name":{"references":["var.given"]},"each":{"references":["var.each_in"]},"all":{"references":["var.whole"]},"const":{"references":["var.const"]},"loc":{"references":["local.x"]},"none":{"references":["var.nowhere"]}}}],
   "module_calls":{"middle":{"expressions":{"given":{"references":["var.given"]}},"module":{
    "outputs":{"id":{"expression":{"references":["module.inner.id","module.inner"]}}},
    "module_calls":{"inner":{"expressions":{"given":{"references":["var.given"]}},"module":{
     "outputs":{"id":{"expression":{"references":["aws_queue.deep.id","aws_queue.deep"]}}},
     "resources":[{"mode":"managed","type":"aws_queue","name":"deep","expressions":{"policy":{"references":["var.given"]}}}]
    }}}
   }}}
  }}}
}`

func TestSourcesThroughModules(t *testing.T) {
	p, _ := configured(t, fmt.Sprintf(threeDeep, strings.Join([]string{
		resource("aws_vpc.main", ""), resource("aws_set.keys", ""), resource("aws_iam.first", ""),
		resource("data.aws_ami.this", `"owner":`+refs("aws_iam.first.id", "aws_iam.first")),
		resource("aws_user.u", strings.Join([]string{
			`"deep":` + refs("module.outer.id", "module.outer"),
			`"keyed":` + refs(`module.outer["a.b"].id`, `module.outer["a.b"]`, "module.outer"),
			`"whole":` + refs("module.outer"),
			`"data":` + refs("data.aws_ami.this.id", "data.aws_ami.this"),
			`"object":` + refs("aws_vpc.main"),
			`"both":` + refs("aws_vpc.main", "aws_vpc.main.id", "aws_vpc.main"),
			`"indexed":` + refs(`aws_vpc.main["x.y"].id`, `aws_vpc.main["x.y"]`, "aws_vpc.main"),
			`"long":` + refs("resource.aws_vpc.main.id"),
			`"block":[{"inner":{"references":["aws_vpc.main.arn","aws_vpc.main"]},"list":[{"x":{"references":["aws_set.keys.ids"]}}]}]`,
			`"unknown":` + refs("aws_gone.x.id", "module.gone.id", "path.module", "count.index", "terraform.workspace", "self.id", "", "x"),
			`"each":` + refs("each.value.id", "each.value", "each.key"),
			`"top":` + refs("var.root"),
			`"loc":` + refs("local.a", "aws_vpc.main.id", "aws_vpc.main"),
		}, ","), `"for_each_expression":`+refs("aws_set.keys.ids", "aws_set.keys"), `"depends_on":["aws_iam.first"]`),
		resource("aws_counted.c", `"n":`+refs("count.index"), `"count_expression":`+refs("aws_set.keys.size", "aws_set.keys")),
	}, ",")))
	root := node(t, p, "aws_user.u")
	for attr, want := range map[string]string{
		"deep":      "module.outer.module.middle.module.inner.aws_queue.deep.id",
		"keyed":     "module.outer.module.middle.module.inner.aws_queue.deep.id",
		"whole":     "module.outer.aws_topic.out.arn module.outer.module.middle.module.inner.aws_queue.deep.id",
		"data":      "data.aws_ami.this.id",
		"object":    "aws_vpc.main",
		"both":      "aws_vpc.main aws_vpc.main.id",
		"indexed":   "aws_vpc.main.id",
		"long":      "aws_vpc.main.id",
		"block":     "aws_set.keys.ids aws_vpc.main.arn",
		"unknown":   "",
		"each":      "aws_set.keys.ids",
		"top":       "",
		"loc":       "aws_vpc.main.id",
		ForEach:     "aws_set.keys.ids",
		DependsOn:   "aws_iam.first",
		"not there": "",
	} {
		if got := strings.Join(sources(p, root, attr), " "); got != want {
			t.Errorf("%s comes from %q, want %q", attr, got, want)
		}
	}
	inner := node(t, p, "module.outer.aws_topic.out")
	for attr, want := range map[string]string{
		"name": "aws_vpc.main.id", "each": "aws_set.keys.ids", "all": "aws_vpc.main", "const": "", "none": "", "loc": "",
		DependsOn: "aws_iam.first",
	} {
		if got := strings.Join(sources(p, inner, attr), " "); got != want {
			t.Errorf("module.outer: %s comes from %q, want %q", attr, got, want)
		}
	}
	deep := node(t, p, "module.outer.module.middle.module.inner.aws_queue.deep")
	if got := sources(p, deep, "policy"); !slices.Equal(got, []string{"aws_vpc.main.id"}) {
		t.Errorf("three modules down the variable comes from %v", got)
	}
	if got := sources(p, deep, DependsOn); !slices.Equal(got, []string{"aws_iam.first"}) {
		t.Errorf("three modules down depends_on of the outer call is %v", got)
	}
	for _, attr := range []string{"loc", "deep"} {
		if got := p.Graph.Inputs(root)[p.Sym(attr)].Locals(); got != (attr == "loc") {
			t.Errorf("%s: Locals() = %v", attr, got)
		}
	}
	if got := sources(p, node(t, p, "aws_counted.c"), ForEach); !slices.Equal(got, []string{"aws_set.keys.size"}) {
		t.Errorf("count comes from %v", got)
	}
}

// at follows a JSON pointer through a decoded document.
func at(doc any, pointer string) (any, bool) {
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		switch d := doc.(type) {
		case map[string]any:
			v, ok := d[token]
			if !ok {
				return nil, false
			}
			doc = v
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(d) {
				return nil, false
			}
			doc = d[i]
		default:
			return nil, false
		}
	}
	return doc, true
}

// TestPointersLeadSomewhere: also where a module call is named "module".
func TestPointersLeadSomewhere(t *testing.T) {
	one := resource("t.n", `"a/b~c":`+refs("t.m.id"), `"for_each_expression":`+refs("t.m.id"), `"depends_on":["t.m"]`)
	two := resource("t.m", `"x":`+refs("t.n.id"), `"count_expression":`+refs("t.n.id"))
	tree := `{"resources":[` + one + "," + two + `]}`
	for _, call := range []string{"module", "module", "a"} {
		tree = `{"resources":[` + two + "," + one + `],"module_calls":{"` + call + `":{"module":` + tree + `}}}`
	}
	p, text := configured(t, tree)
	var doc any
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if p.Graph.Nodes() != 8 {
		t.Fatalf("%d blocks, want 8", p.Graph.Nodes())
	}
	for i := range p.Graph.Nodes() {
		n := int32(i)
		v, ok := at(doc, p.Graph.Pointer(n, ""))
		if !ok {
			t.Fatalf("%s: nothing at %s", p.Graph.Address(n), p.Graph.Pointer(n, ""))
		}
		name := v.(map[string]any)["name"].(string)
		if !strings.HasSuffix(p.Graph.Address(n), "t."+name) {
			t.Errorf("%s: %s is at the pointer", p.Graph.Address(n), name)
		}
		attrs := []string{"x", ForEach}
		if name == "n" {
			attrs = []string{"a/b~c", ForEach, DependsOn}
		}
		for _, attr := range attrs {
			if _, ok := at(doc, p.Graph.Pointer(n, attr)); !ok {
				t.Errorf("%s: nothing at %s", p.Graph.Address(n), p.Graph.Pointer(n, attr))
			}
		}
	}
}

// TestConfigurationBeforeAndAfter: the order of the sections is not promised.
func TestConfigurationBeforeAndAfter(t *testing.T) {
	conf := `"configuration":{"root_module":` + fmt.Sprintf(threeDeep, resource("aws_vpc.main", "")) + `}`
	changes := `"resource_changes":[
	  {"address":"aws_vpc.main","type":"aws_vpc","name":"main","change":{"actions":["update"],"before":{"a":1},"after":{"a":2},"after_unknown":{"id":true}}},
	  {"address":"module.outer[\"k\"].aws_topic.out","module_address":"module.outer[\"k\"]","type":"aws_topic","name":"out","change":{"actions":["update"],"before":{"n":1},"after":{"n":1},"after_unknown":{"name":true}}},
	  {"address":"aws_gone.x","type":"aws_gone","name":"x","change":{"actions":["delete"],"before":{"n":1},"after":null}}]`
	relevant := `"relevant_attributes":[{"resource":"aws_vpc.main","attribute":["id"]},{"resource":"module.outer.aws_topic.out","attribute":["tags",0,"x"]}]`
	var first string
	for _, order := range [][]string{{conf, changes, relevant}, {changes, relevant, conf}, {relevant, conf, changes}} {
		p, err := readPlan(t, []byte(`{"format_version":"1.2",`+strings.Join(order, ",")+`}`))
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for i := range p.Changes {
			c := &p.Changes[i]
			fmt.Fprintf(&b, "%s %s %s %d", c.Address, p.Name(c.Module), p.Name(c.Resource), c.Action)
			if c.Node >= 0 {
				fmt.Fprintf(&b, " is %s %v", p.Graph.Address(c.Node), sources(p, c.Node, "name"))
			}
			fmt.Fprintf(&b, " unknown %v changed %v\n", slices.Collect(p.Names(c.Unknown)), slices.Collect(p.Names(c.Changed)))
		}
		for _, r := range []string{"aws_vpc.main", "module.outer.aws_topic.out"} {
			for _, a := range p.Relevant[r] {
				fmt.Fprintf(&b, "%s %s\n", r, p.Name(a))
			}
		}
		if first == "" {
			first = b.String()
			if !strings.Contains(first, "is module.outer.aws_topic.out [aws_vpc.main.id]") || !strings.Contains(first, "aws_gone.x  aws_gone.x 7 unknown") {
				t.Errorf("not linked:\n%s", first)
			}
		}
		if b.String() != first {
			t.Errorf("another order reads\n%s\nwant\n%s", b.String(), first)
		}
	}
}

// TestLatticeOfOutputs: in a stack of modules whose outputs each use both
// outputs of the next there are 2^40 paths and few steps.
func TestLatticeOfOutputs(t *testing.T) {
	tree := `{"resources":[` + resource("t.end", "") + `],"outputs":{"a":{"expression":` + refs("t.end.id") + `},"b":{"expression":` + refs("t.end.arn") + `}}}`
	for range 40 {
		both := refs("module.m.a", "module.m.b", "module.m")
		tree = `{"module_calls":{"m":{"module":` + tree + `}},"outputs":{"a":{"expression":` + both + `},"b":{"expression":` + both + `}}}`
	}
	p, _ := configured(t, `{"resources":[`+resource("t.user", `"x":`+refs("module.m.a", "module.m"))+`],"module_calls":{"m":{"module":`+tree+`}}}`)
	got := sources(p, node(t, p, "t.user"), "x")
	if len(got) != 2 || !strings.HasSuffix(got[0], "t.end.arn") {
		t.Errorf("it comes from %v", got)
	}
}

// TestManyOutputs: naming a module with many outputs is not quadratic.
func TestManyOutputs(t *testing.T) {
	const n = 20_000
	var resources, outputs []string
	for i := range n {
		resources = append(resources, resource(fmt.Sprintf("t.r%d", i), ""))
		outputs = append(outputs, fmt.Sprintf(`"o%d":{"expression":{"references":["t.r%d.id"]}}`, i, i))
	}
	p, _ := configured(t, `{"resources":[`+resource("t.user", `"x":`+refs("module.m"))+`],"module_calls":{"m":{"module":{"resources":[`+
		strings.Join(resources, ",")+`],"outputs":{`+strings.Join(outputs, ",")+`}}}}}`)
	if got := len(p.Graph.Inputs(node(t, p, "t.user"))[p.Sym("x")].From); got != n {
		t.Errorf("%d sources, want %d", got, n)
	}
}
