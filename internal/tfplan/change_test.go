package tfplan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// oneChange reads a plan with one change; entry is what stands beside address
// and type, change what stands in it.
func oneChange(t testing.TB, entry, change string) (*Plan, *Change) {
	t.Helper()
	p, err := readPlan(t, []byte(`{"format_version":"1.2","resource_changes":[{"address":"t.n","type":"t","name":"n"`+entry+`,"change":{`+change+`}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	return p, &p.Changes[0]
}

func TestActions(t *testing.T) {
	for words, want := range map[string]Action{
		`["no-op"]`: NoOp, `["read"]`: DataRead, `["create"]`: Create, `["update"]`: Update, `["delete"]`: Delete,
		`["delete","create"]`: DestroyCreate, `["create","delete"]`: CreateDestroy, `["forget"]`: Forget,
		`["create","forget"]`: CreateThenForget, `["forget","create"]`: CreateThenForget,
		`["open"]`: UnknownAction, `["create","update"]`: UnknownAction, `["delete","delete"]`: UnknownAction,
		`["no-op","no-op"]`: UnknownAction, `[]`: UnknownAction, `[""]`: UnknownAction, `[null]`: UnknownAction, `null`: UnknownAction,
		`["delete+create"]`: UnknownAction, `["Create"]`: UnknownAction,
	} {
		if _, c := oneChange(t, "", `"actions":`+words); c.Action != want {
			t.Errorf("%s is %d, want %d", words, c.Action, want)
		}
	}
	if _, c := oneChange(t, "", `"before":{"a":1}`); c.Action != UnknownAction {
		t.Errorf("no actions at all is %d", c.Action)
	}
	for a := UnknownAction; a <= CreateThenForget; a++ {
		replaces := a == DestroyCreate || a == CreateDestroy || a == CreateThenForget
		destroys := a == Delete || a == DestroyCreate || a == CreateDestroy
		if a.Replaces() != replaces || a.Destroys() != destroys {
			t.Errorf("%d: replaces %v, destroys %v", a, a.Replaces(), a.Destroys())
		}
	}
}

func TestSetsOfAChange(t *testing.T) {
	for _, c := range []struct{ name, change, unknown, changed, forces string }{
		{"update", `"actions":["update"],"before":{"a":1,"b":2},"after":{"a":1,"b":3},"after_unknown":{}`, "", "b", ""},
		{"absent is null", `"actions":["update"],"before":{"a":1},"after":{"a":1,"b":null},"after_unknown":{}`, "", "", ""},
		{"null is absent", `"actions":["update"],"before":{"a":1,"b":[]},"after":{"a":1},"after_unknown":{}`, "", "", ""},
		{"null and empty differ", `"actions":["update"],"before":{"b":null},"after":{"b":""},"after_unknown":{}`, "", "b", ""},
		{"added and gone", `"actions":["update"],"before":{"a":1},"after":{"b":1},"after_unknown":{}`, "", "a b", ""},
		{"unknown is not changed", `"actions":["update"],"before":{"a":1,"b":1},"after":{"b":1},"after_unknown":{"a":true}`, "a", "", ""},
		{"nested unknown", `"actions":["update"],"before":{"a":[{"x":1,"y":1}]},"after":{"a":[{"x":2}]},"after_unknown":{"a":[{"y":true}]}`, "a", "", ""},
		{"known all over", `"actions":["update"],"before":{"a":[1]},"after":{"a":[2]},"after_unknown":{"a":[false,{}],"b":{},"c":false}`, "", "a", ""},
		{"keys called true", `"actions":["update"],"before":{},"after":{},"after_unknown":{"a":{"true":false},"b":["\"true"],"c":{"t\\\"":false,"true":true}}`, "c", "", ""},
		{"replace", `"actions":["delete","create"],"before":{"a":1,"id":"i"},"after":{"a":2},"after_unknown":{"id":true},"replace_paths":[["a"],["b",0,"c.d"],["b",0,"c.d"]]`, "id", "a", "a b.0.c.d"},
		{"escaped name", `"actions":["update"],"before":{"a\u0062":1},"after":{"ab":2},"after_unknown":{"\u0078":true}`, "x", "ab", ""},
		{"create", `"actions":["create"],"before":null,"after":{"a":1},"after_unknown":{"id":true}`, "id", "", ""},
		{"delete", `"actions":["delete"],"before":{"a":1},"after":null,"after_unknown":{}`, "", "", ""},
		{"delete, and unknown all the same", `"actions":["delete"],"before":{"a":1},"after":null,"after_unknown":{"a":true}`, "", "", ""},
		{"no-op", `"actions":["no-op"],"before":{"a":1},"after":{"a":2},"after_unknown":{"b":true}`, "", "", ""},
		{"forget", `"actions":["forget"],"before":{"a":1},"after":null,"after_unknown":{}`, "", "", ""},
		{"empty paths", `"actions":["delete","create"],"before":{},"after":{},"replace_paths":[[],null]`, "", "", ""},
		{"null sides", `"actions":["update"],"before":null,"after":null,"after_unknown":null,"replace_paths":null,"before_sensitive":null`, "", "", ""},
	} {
		// As it stands, and with the actions last and the rest turned round.
		parts := members(c.change)
		turned := slices.Clone(parts)
		slices.Reverse(turned)
		for _, text := range []string{c.change, strings.Join(turned, ",")} {
			p, ch := oneChange(t, "", text)
			for what, sets := range map[string][2]string{
				"unknown": {names(p, ch.Unknown), c.unknown}, "changed": {names(p, ch.Changed), c.changed}, "forces": {names(p, ch.Forces), c.forces},
			} {
				if sets[0] != sets[1] {
					t.Errorf("%s: %s is %q, want %q, of %s", c.name, what, sets[0], sets[1], text)
				}
			}
		}
	}
}

func names(p *Plan, s Set) string {
	return strings.Join(slices.Sorted(p.Names(s)), " ")
}

// members cuts the members of an object apart at its top level.
func members(text string) []string {
	var out []string
	depth, from := 0, 0
	for i, r := range text {
		switch r {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 0 {
				out = append(out, text[from:i])
				from = i + 1
			}
		}
	}
	return append(out, text[from:])
}

func TestNamesOfAChange(t *testing.T) {
	for _, c := range []struct{ entry, address, resource, module string }{
		{`{"address":"module.a[0].data.t.n","mode":"data","type":"t","name":"n"}`, "module.a[0].data.t.n", "data.t.n", "module.a"},
		{`{"address":"module.a[\"x.y\"].t.n[\"k\"]","module_address":"module.a[\"x.y\"]","type":"t","name":"n"}`, `module.a["x.y"].t.n["k"]`, "t.n", "module.a"},
		{`{"address":"module.a.t.n[1]"}`, "module.a.t.n[1]", "t.n", "module.a"},
		{`{"type":"t","name":"n","module_address":"module.a"}`, "module.a.t.n", "t.n", "module.a"},
		{`{"name":"n","type":"t","address":null}`, "t.n", "t.n", ""},
		{`{}`, "/resource_changes/0", ".", ""},
		{`null`, "/resource_changes/0", ".", ""},
	} {
		p, err := readPlan(t, []byte(`{"resource_changes":[`+c.entry+`]}`))
		if err != nil {
			t.Fatal(err)
		}
		ch := p.Changes[0]
		if ch.Address != c.address || p.Name(ch.Resource) != c.resource || p.Name(ch.Module) != c.module || ch.Action != UnknownAction {
			t.Errorf("%s is %q, %q in %q, action %d", c.entry, ch.Address, p.Name(ch.Resource), p.Name(ch.Module), ch.Action)
		}
	}
}

func TestDeposedImportedMoved(t *testing.T) {
	p, c := oneChange(t, `,"deposed":"ab12","previous_address":"t.old","action_reason":"replace_by_request","provider_name":"p"`,
		`"actions":["delete"],"before":{"id":"i"},"after":null,"importing":{"id":"i"}`)
	if c.Deposed != "ab12" || c.Previous != "t.old" || !c.Import || p.Name(c.Reason) != "replace_by_request" || p.Name(c.Provider) != "p" {
		t.Errorf("read as %+v", c)
	}
	d, err := p.Detail(c)
	if err != nil || d.Importing["id"] != "i" || d.Identity != "i" || d.After != nil {
		t.Errorf("in detail %+v, %v", d, err)
	}
	if _, c := oneChange(t, "", `"actions":["no-op"],"importing":null`); c.Import {
		t.Error("importing: null is an import")
	}
}

// TestOrderOfMembersDoesNotMatter reads an entry as OpenTofu's sorted output has it, and one
// with everything turned round: the result is the same.
func TestOrderOfMembersDoesNotMatter(t *testing.T) {
	entry := []string{
		`"address":"module.m[0].t.n"`, `"type":"t"`, `"name":"n"`, `"mode":"managed"`, `"action_reason":"r"`,
		`"change":{"after":{"a":2,"m":{"k":1}},"after_sensitive":{"m":true},"after_unknown":{"id":true},"before":{"a":1,"id":"x","m":{"k":2}},"before_sensitive":{},"replace_paths":[["a"],["m","k"]],"actions":["delete","create"]}`,
	}
	var first string
	for i := range len(entry) {
		turned := append(slices.Clone(entry[i:]), entry[:i]...)
		p, err := readPlan(t, []byte(`{"resource_changes":[{`+strings.Join(turned, ",")+`}]}`))
		if err != nil {
			t.Fatal(err)
		}
		c := &p.Changes[0]
		d, err := p.Detail(c)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(c.Address, p.Name(c.Resource), p.Name(c.Module), c.Action, names(p, c.Unknown), names(p, c.Changed), names(p, c.Forces), d.Before["a"], d.After)
		if first == "" {
			first = got
		}
		if got != first || names(p, c.Changed) != "a m" || names(p, c.Forces) != "a m" {
			t.Errorf("turned by %d: %s, want %s", i, got, first)
		}
	}
}

// TestFilterNeverLosesATwin: a create whose known values are all in the old
// object is always a candidate, also with partly unknown blocks.
func TestFilterNeverLosesATwin(t *testing.T) {
	p, err := readPlan(t, []byte(`{"resource_changes":[
	 {"address":"t.a","type":"t","name":"a","change":{"actions":["delete"],"before":{"id":"i","n":"x","e":null,"disk":[{"size":8,"vol":"v"}]},"after":null}},
	 {"address":"t.b","type":"t","name":"b","change":{"actions":["create"],"before":null,"after":{"n":"x","e":"","disk":[{"size":8}]},"after_unknown":{"id":true,"disk":[{"vol":true}]}}},
	 {"address":"t.c","type":"t","name":"c","change":{"actions":["create"],"before":null,"after":{"n":"other","disk":[{"size":8}]},"after_unknown":{"id":true,"disk":[{"vol":true}]}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Changes[1].Within(&p.Changes[0]) || p.Changes[1].Pairs != 1 {
		t.Errorf("the twin is filtered out: %+v", p.Changes[1])
	}
	if p.Changes[2].Within(&p.Changes[0]) {
		t.Error("another name passes the filter")
	}
}

func TestSections(t *testing.T) {
	p, err := readPlan(t, []byte(`{"format_version":"1.2","errored":true,"complete":false,
	 "checks":[{"status":"pass"},{"status":"fail"},{"status":"unknown"}],
	 "deferred_changes":[{"reason":"x"},{"reason":"instance_count_unknown","resource_change":{"address":"t.d","type":"t","name":"d","change":{"actions":["create"]}}}],
	 "resource_drift":[{"address":"t.n","type":"t","name":"n","change":{"actions":["delete"],"before":{"a":1},"after":null}}],
	 "planned_values":{"root_module":{"child_modules":[]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Errored || p.Complete || p.Checks != 2 || p.HasChanges || !p.HasPlanned || !p.PlansResources || p.HasConfiguration {
		t.Errorf("read as %+v", p)
	}
	if len(p.Deferred) != 1 || p.Deferred[0].Pointer("/type") != "/deferred_changes/1/resource_change/type" {
		t.Errorf("deferred %+v", p.Deferred)
	}
	if len(p.Drift) != 1 || p.Drift[0].Action != Delete || p.Drift[0].Pointer("") != "/resource_drift/0" {
		t.Errorf("drift %+v", p.Drift)
	}
}
