package cascade

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// object is one resource of a test plan: how it changes and what it refers to.
type object struct {
	address string
	actions string            // "update", "delete create", "create", "read", "no-op"
	edited  string            // attributes that were edited
	unknown string            // attributes not known before apply
	forces  string            // attributes that force the replacement
	reason  string            // action_reason
	refs    map[string]string // attribute -> references; shared by all instances of a block
	was     map[string]string // old values
}

// planOf writes a plan. calls maps a module path to the rest of its call, such
// as its expressions; outputs maps a module path to its outputs.
func planOf(t testing.TB, objects []object, calls, outputs map[string]string, more string) *tfplan.Plan {
	t.Helper()
	modules := map[string][]string{"": nil}
	var changes []string
	seen := map[string]bool{}
	for _, o := range objects {
		stripped := tfplan.StripKeys(o.address)
		module := tfplan.ModuleInstance(stripped)
		local := strings.TrimPrefix(strings.TrimPrefix(stripped, module), ".")
		mode, rest := "managed", local
		if r, ok := strings.CutPrefix(local, "data."); ok {
			mode, rest = "data", r
		}
		typ, name, _ := strings.Cut(rest, ".")
		before, after, unknown := map[string]any{"id": "id-of-" + o.address}, map[string]any{}, map[string]any{}
		for a := range strings.FieldsSeq(o.edited) {
			before[a], after[a] = "old", "new"
		}
		for a := range strings.FieldsSeq(o.unknown) {
			unknown[a] = true
		}
		for a, v := range o.was {
			before[a] = v
		}
		if _, ok := unknown["id"]; !ok {
			after["id"] = before["id"]
		}
		var paths [][]string
		for a := range strings.FieldsSeq(o.forces) {
			paths = append(paths, []string{a})
		}
		b, err := json.Marshal(map[string]any{
			"address": o.address, "module_address": tfplan.ModuleInstance(o.address), "mode": mode, "type": typ, "name": name, "action_reason": o.reason,
			"change": map[string]any{"actions": strings.Fields(o.actions), "before": before, "after": after, "after_unknown": unknown, "replace_paths": paths},
		})
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, string(b))
		if seen[stripped] {
			continue
		}
		seen[stripped] = true
		expressions := map[string]any{}
		var depends []string
		for a, list := range o.refs {
			if a == "depends_on" {
				depends = strings.Fields(list)
				continue
			}
			expressions[a] = map[string]any{"references": withPrefixes(list)}
		}
		b, err = json.Marshal(map[string]any{"mode": mode, "type": typ, "name": name, "expressions": expressions, "depends_on": depends})
		if err != nil {
			t.Fatal(err)
		}
		modules[module] = append(modules[module], string(b))
	}
	var tree func(path string) string
	tree = func(path string) string {
		var children []string
		all := map[string]bool{}
		for m := range modules {
			for p := m; p != ""; p = p[:max(0, strings.LastIndex(p, ".module."))] {
				all[p] = true
				if !strings.Contains(p, ".module.") {
					break
				}
			}
		}
		for m := range all {
			parent, call, nested := "", strings.TrimPrefix(m, "module."), false
			if i := strings.LastIndex(m, ".module."); i >= 0 {
				parent, call, nested = m[:i], m[i+len(".module."):], true
			}
			_ = nested
			if parent == path {
				rest := calls[m]
				if rest != "" {
					rest += ","
				}
				children = append(children, fmt.Sprintf(`%q:{%s"module":%s}`, call, rest, tree(m)))
			}
		}
		slices.Sort(children)
		out := `{"resources":[` + strings.Join(modules[path], ",") + `],"module_calls":{` + strings.Join(children, ",") + `}`
		if o := outputs[path]; o != "" {
			out += `,"outputs":{` + o + `}`
		}
		return out + "}"
	}
	text := `{"format_version":"1.2","resource_changes":[` + strings.Join(changes, ",") + `],"configuration":{"root_module":` + tree("") + `}` + more + `}`
	p, err := tfplan.Read(context.Background(), &evidence.Item{Path: "plan.json", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
	if err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	return p
}

// withPrefixes lists references as Terraform does, each with its prefixes.
func withPrefixes(list string) []string {
	var out []string
	for r := range strings.FieldsSeq(list) {
		out = append(out, r)
		parts := strings.Split(r, ".")
		least := 2
		if parts[0] == "data" {
			least = 3
		}
		for n := len(parts) - 1; n >= least; n-- {
			out = append(out, strings.Join(parts[:n], "."))
		}
	}
	return out
}

// text writes a result in one line per fact.
func text(res Result) string {
	var out []string
	for _, g := range res.Groups {
		var roots, drawn []string
		for _, r := range g.Roots {
			roots = append(roots, r.Address)
		}
		for _, d := range g.Drawn {
			drawn = append(drawn, d.Change.Address)
		}
		out = append(out, fmt.Sprintf("%s draws %s", strings.Join(roots, "+"), strings.Join(drawn, " ")))
	}
	for _, o := range res.Open {
		out = append(out, fmt.Sprintf("%s open %s", o.Change.Address, strings.Join(o.Attributes, " ")))
	}
	slices.Sort(out)
	return strings.Join(append(out, fmt.Sprint(len(res.Alone), " alone")), "; ")
}

// replaced is an edited and therefore replaced root.
func replaced(address string) object {
	return object{address: address, actions: "delete create", edited: "name", unknown: "id arn", forces: "name"}
}

func drawn(address, attr, from string) object {
	return object{address: address, actions: "update", unknown: attr, refs: map[string]string{attr: from}}
}

func TestCascades(t *testing.T) {
	envs := func(changed ...string) []object {
		var out []object
		for _, e := range []string{"dev", "prod"} {
			m := fmt.Sprintf("module.env[%q].", e)
			root := object{address: m + "t.sg", actions: "no-op"}
			user := drawn(m+"t.app", "sg", "t.sg.id")
			if slices.Contains(changed, e) {
				root = replaced(m + "t.sg")
			} else {
				user.actions, user.unknown = "no-op", ""
			}
			out = append(out, root, user)
		}
		return out
	}
	edited := drawn("t.b", "x", "t.a.id")
	edited.edited = "size"
	forced := edited
	forced.actions, forced.forces, forced.unknown = "delete create", "x", "x id"
	own := forced
	own.forces = "size"
	both := forced
	both.forces = "x size"
	triggered := object{address: "t.b", actions: "delete create", unknown: "id", reason: "replace_by_triggers"}
	for name, c := range map[string]struct {
		objects        []object
		calls, outputs map[string]string
		want           string
	}{
		"one root":             {objects: []object{replaced("t.a"), drawn("t.b", "x", "t.a.id")}, want: "t.a draws t.b; 0 alone"},
		"nothing refers to it": {objects: []object{replaced("t.a"), drawn("t.b", "x", "t.c.id"), {address: "t.c", actions: "no-op"}}, want: "2 alone"},
		"another attribute of it, which is known": {objects: []object{replaced("t.a"), drawn("t.b", "x", "t.a.region")}, want: "2 alone"},
		"two roots":                           {objects: []object{replaced("t.a"), replaced("t.b"), drawn("t.c", "x", "t.a.id"), drawn("t.d", "x", "t.b.id")}, want: "t.a draws t.c; t.b draws t.d; 0 alone"},
		"one drawn by two":                    {objects: []object{replaced("t.a"), replaced("t.b"), drawn("t.c", "x", "t.a.id t.b.id")}, want: "t.a draws t.c; t.b draws t.c; 0 alone"},
		"it has edits of its own":             {objects: []object{replaced("t.a"), edited}, want: "2 alone"},
		"edited, but what forces it is drawn": {objects: []object{replaced("t.a"), forced}, want: "t.a draws t.b; 0 alone"},
		"edited, and that forces it":          {objects: []object{replaced("t.a"), own}, want: "2 alone"},
		"both force it":                       {objects: []object{replaced("t.a"), both}, want: "2 alone"},
		"chain of three":                      {objects: []object{replaced("t.a"), {address: "t.b", actions: "delete create", unknown: "x id", forces: "x", refs: map[string]string{"x": "t.a.id"}}, drawn("t.c", "x", "t.b.id")}, want: "t.a draws t.b t.c; 0 alone"},
		"chain in the other order":            {objects: []object{drawn("t.c", "x", "t.b.id"), {address: "t.b", actions: "delete create", unknown: "x id", forces: "x", refs: map[string]string{"x": "t.a.id"}}, replaced("t.a")}, want: "t.a draws t.c t.b; 0 alone"},
		"a new object draws nothing":          {objects: []object{{address: "t.a", actions: "create", unknown: "id"}, drawn("t.b", "x", "t.a.id")}, want: "1 alone"},
		"read in between":                     {objects: []object{replaced("t.a"), {address: "data.t.d", actions: "read", unknown: "arg out", refs: map[string]string{"arg": "t.a.id"}}, drawn("t.b", "x", "data.t.d.out")}, want: "t.a draws t.b; 0 alone"},
		"read because of depends_on":          {objects: []object{replaced("t.a"), {address: "data.t.d", actions: "read", unknown: "out", reason: "read_because_dependency_pending", refs: map[string]string{"depends_on": "t.a"}}, drawn("t.b", "x", "data.t.d.out")}, want: "t.a draws t.b; 0 alone"},
		"read because of a new object":        {objects: []object{{address: "t.a", actions: "create", unknown: "id"}, {address: "data.t.d", actions: "read", unknown: "arg out", refs: map[string]string{"arg": "t.a.id"}}, drawn("t.b", "x", "data.t.d.out")}, want: "1 alone"},
		"a local, one cause":                  {objects: []object{replaced("t.a"), drawn("t.b", "x", "local.y")}, want: "t.a draws t.b; 0 alone"},
		"a local, two causes":                 {objects: []object{replaced("t.a"), replaced("t.c"), drawn("t.b", "x", "local.y")}, want: "t.b open x; 2 alone"},
		"a local, a new object among them":    {objects: []object{replaced("t.a"), {address: "t.n", actions: "create", unknown: "id"}, drawn("t.b", "x", "local.y")}, want: "t.b open x; 1 alone"},
		"a local, and the old value tells": {objects: []object{
			replaced("t.a"), replaced("t.c"),
			{address: "t.b", actions: "update", unknown: "x", refs: map[string]string{"x": "local.y"}, was: map[string]string{"x": "https://id-of-t.c/"}},
		}, want: "t.c draws t.b; 1 alone"},
		"a reference to itself":                 {objects: []object{replaced("t.a"), {address: "t.b", actions: "update", unknown: "x y", refs: map[string]string{"x": "t.b.y", "y": "t.a.id"}}}, want: "t.a draws t.b; 0 alone"},
		"triggers, one cause":                   {objects: []object{replaced("t.a"), triggered}, want: "t.a draws t.b; 0 alone"},
		"triggers, two causes":                  {objects: []object{replaced("t.a"), replaced("t.c"), triggered}, want: "t.b open replace_triggered_by; 2 alone"},
		"instances by key":                      {objects: []object{replaced("t.a[0]"), replaced("t.a[1]"), drawn("t.b[0]", "x", "t.a.id"), drawn("t.b[1]", "x", "t.a.id")}, want: "t.a[0]+t.a[1] draws t.b[0] t.b[1]; 0 alone"},
		"modules for each: prod changes":        {objects: envs("prod"), want: `module.env["prod"].t.sg draws module.env["prod"].t.app; 0 alone`},
		"modules for each: both change":         {objects: envs("dev", "prod"), want: `module.env["dev"].t.sg draws module.env["dev"].t.app; module.env["prod"].t.sg draws module.env["prod"].t.app; 0 alone`},
		"another environment is no cause":       {objects: append(envs("prod")[:3:3], drawn(`module.env["dev"].t.app`, "sg", "t.sg.id"), drawn(`module.env["prod"].t.app`, "sg", "t.sg.id")), want: `module.env["prod"].t.sg draws module.env["prod"].t.app; 1 alone`},
		"a deposed object is no cause":          {objects: []object{{address: "t.a", actions: "delete", unknown: "id"}, drawn("t.b", "x", "t.a.id")}, want: "1 alone"},
		"unknown, but no input: the provider's": {objects: []object{replaced("t.a"), {address: "t.b", actions: "update", edited: "y", unknown: "etag", refs: map[string]string{"x": "t.a.id"}}}, want: "2 alone"},
		"through an output and a variable": {
			objects: []object{replaced("module.net.t.a"), drawn("module.app.t.b", "x", "var.given"), drawn("t.c", "x", "module.net.out")},
			outputs: map[string]string{"module.net": `"out":{"expression":{"references":["t.a.id","t.a"]}}`},
			calls:   map[string]string{"module.app": `"expressions":{"given":{"references":["module.net.out","module.net"]}}`},
			want:    "module.net.t.a draws module.app.t.b t.c; 0 alone",
		},
		"a whole module object": {
			objects: []object{replaced("module.net.t.a"), drawn("t.c", "x", "module.net")},
			outputs: map[string]string{"module.net": `"out":{"expression":{"references":["t.a.id","t.a"]}}`},
			want:    "module.net.t.a draws t.c; 0 alone",
		},
	} {
		if got := text(Find(planOf(t, c.objects, c.calls, c.outputs, ""))); got != c.want {
			t.Errorf("%s: %s\nwant %s", name, got, c.want)
		}
	}
}

func TestWithoutConfiguration(t *testing.T) {
	read := func(text string) Result {
		p, err := tfplan.Read(context.Background(), &evidence.Item{Path: "p", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return Find(p)
	}
	entry := func(name, unknown string) string {
		return `{"address":"t.` + name + `","type":"t","name":"` + name + `","change":{"actions":["update"],"before":{"a":1},"after":{},"after_unknown":{` + unknown + `}}}`
	}
	two := read(`{"resource_changes":[` + entry("a", `"a":true`) + `,` + entry("b", "") + `]}`)
	if len(two.NoConfiguration) != 1 || len(two.Alone) != 0 {
		t.Errorf("two changes, one unknown: %+v", two)
	}
	one := read(`{"resource_changes":[` + entry("a", `"a":true`) + `]}`)
	if len(one.NoConfiguration) != 0 || len(one.Alone) != 1 {
		t.Errorf("one change alone: %+v", one)
	}
	known := read(`{"resource_changes":[` + entry("a", "") + `,` + entry("b", "") + `]}`)
	if len(known.NoConfiguration) != 0 || len(known.Alone) != 2 {
		t.Errorf("nothing unknown: %+v", known)
	}
}

// TestCyclesTerminate: references are over-approximated, so they can go round.
func TestCyclesTerminate(t *testing.T) {
	var objects []object
	for i := range 30 {
		objects = append(objects, drawn(fmt.Sprintf("t.n%d", i), "x", fmt.Sprintf("t.n%d.x t.n%d.x local.z", (i+1)%30, (i+7)%30)))
	}
	res := Find(planOf(t, objects, nil, nil, ""))
	total := len(res.Alone) + len(res.Open)
	for _, g := range res.Groups {
		total += len(g.Drawn)
	}
	if total == 0 {
		t.Error("thirty changes and nothing is said about any")
	}
}

// TestScale measures shapes that tempt to quadratic work: ten times the
// changes may take about ten times as long.
func TestScale(t *testing.T) {
	for name, shape := range map[string]func(n int) ([]object, string){
		"fan": func(n int) (out []object, more string) {
			out = append(out, replaced("t.root"))
			for i := range n {
				out = append(out, drawn(fmt.Sprintf("t.n%d", i), "x", "t.root.id"))
			}
			return out, ""
		},
		"instances": func(n int) (out []object, more string) {
			out = append(out, replaced("t.root"))
			for i := range n {
				out = append(out, drawn(fmt.Sprintf("t.n[%d]", i), "x", "t.root.id"))
			}
			return out, ""
		},
		"pairs of instances": func(n int) (out []object, more string) {
			for i := range n / 2 {
				out = append(out, replaced(fmt.Sprintf("t.root[%d]", i)), drawn(fmt.Sprintf("t.n[%d]", i), "x", "t.root.id"))
			}
			return out, ""
		},
		"all instances of all": func(n int) (out []object, more string) {
			for i := range n / 2 {
				out = append(out, replaced(fmt.Sprintf("t.root[%d]", i)), drawn(fmt.Sprintf("t.n[\"k%d\"]", i), "x", "t.root.id"))
			}
			return out, ""
		},
		"chain": func(n int) (out []object, more string) {
			out = append(out, replaced("t.n0"))
			for i := 1; i < n; i++ {
				out = append(out, drawn(fmt.Sprintf("t.n%d", i), "x", fmt.Sprintf("t.n%d.%s", i-1, map[bool]string{true: "id", false: "x"}[i == 1])))
			}
			return out, ""
		},
		"through a local": func(n int) (out []object, more string) {
			out = append(out, replaced("t.root"))
			for i := range n {
				out = append(out, drawn(fmt.Sprintf("t.n%d", i), "x", "local.y"))
			}
			return out, ""
		},
		"through a local, narrowed": func(n int) (out []object, more string) {
			out = append(out, replaced("t.root"))
			for i := range n {
				out = append(out, drawn(fmt.Sprintf("t.n%d", i), "x", "local.y"))
			}
			return out, `,"relevant_attributes":[{"resource":"t.root","attribute":["id"]}]`
		},
		"modules": func(n int) (out []object, more string) {
			for i := range n / 2 {
				m := fmt.Sprintf("module.env[\"e%d\"].", i)
				out = append(out, replaced(m+"t.sg"), drawn(m+"t.app", "sg", "t.sg.id"))
			}
			return out, ""
		},
		"triggers": func(n int) (out []object, more string) {
			out = append(out, replaced("t.root"))
			for i := range n {
				out = append(out, object{address: fmt.Sprintf("t.n%d", i), actions: "delete create", unknown: "id", reason: "replace_by_triggers"})
			}
			return out, ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, n := range []int{1000, 10_000} {
				objects, more := shape(n)
				p := planOf(t, objects, nil, nil, more)
				// Work that grows with the square of n would not end within the test's
				// time limit at the larger size.
				if res := Find(p); len(res.Groups)+len(res.Open)+len(res.Alone) == 0 {
					t.Errorf("%d changes: nothing found", n)
				}
			}
		})
	}
}
