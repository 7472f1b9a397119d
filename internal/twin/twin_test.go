package twin

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// thing is one entry of a test plan: destroyed when it has a before, created
// when it has an after.
type thing struct {
	address, provider      string
	before, after, unknown string // members of the JSON objects
	more                   string // more members of change
}

func (d thing) json() string {
	stripped := tfplan.StripKeys(d.address)
	local := strings.TrimPrefix(strings.TrimPrefix(stripped, tfplan.ModuleInstance(stripped)), ".")
	typ, name, _ := strings.Cut(local, ".")
	actions, before, after := `"delete"`, "{"+d.before+"}", "null"
	if d.after != "" {
		actions, before, after = `"create"`, "null", "{"+d.after+"}"
	}
	return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":%q,"provider_name":%q,"change":{"actions":[%s],"before":%s,"after":%s,"after_unknown":{%s}%s}}`,
		d.address, typ, name, d.provider, actions, before, after, d.unknown, d.more)
}

func read(t testing.TB, things []thing, configuration string) *tfplan.Plan {
	t.Helper()
	var entries []string
	for _, d := range things {
		entries = append(entries, d.json())
	}
	text := `{"format_version":"1.2","resource_changes":[` + strings.Join(entries, ",") + `]` + configuration + `}`
	p, err := tfplan.Read(context.Background(), &evidence.Item{Path: "p", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// text writes pairs as "old=new", with "?" where there is a doubt.
func text(res Result) string {
	var out []string
	for _, p := range res.Pairs {
		s := p.Old.Address + "=" + p.New.Address
		if p.Doubt != "" {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(append(out, fmt.Sprint(len(res.Single))), " ")
}

const named = `"name":"shop","size":3,"tags":{"a":"b"}`

func TestTwins(t *testing.T) {
	old := thing{address: "t.a", before: `"id":"i",` + named}
	fresh := thing{address: "t.b", after: named, unknown: `"id":true`}
	with := func(d thing, f func(*thing)) thing { f(&d); return d }
	conf := func(name, expressions string) string {
		return `{"mode":"managed","type":"t","name":"` + name + `","expressions":{` + expressions + `}}`
	}
	ref := func(attr, to string) string { return `"` + attr + `":{"references":["` + to + `.id","` + to + `"]}` }
	root := func(blocks ...string) string {
		return `,"configuration":{"root_module":{"resources":[` + strings.Join(blocks, ",") + `]}}`
	}
	for name, c := range map[string]struct {
		things []thing
		conf   string
		want   string
	}{
		"equal":                        {[]thing{old, fresh}, "", "t.a=t.b 0"},
		"created first in the plan":    {[]thing{fresh, old}, "", "t.a=t.b 0"},
		"one attribute differs":        {[]thing{old, with(fresh, func(d *thing) { d.after = strings.Replace(named, "3", "4", 1) })}, "", "1"},
		"a nested one differs":         {[]thing{old, with(fresh, func(d *thing) { d.after = strings.Replace(named, `"b"`, `"c"`, 1) })}, "", "1"},
		"null and absent are alike":    {[]thing{old, with(fresh, func(d *thing) { d.after += `,"x":null,"y":[],"z":""` })}, "", "t.a=t.b 0"},
		"another type":                 {[]thing{old, with(fresh, func(d *thing) { d.address = "u.b" })}, "", "0"},
		"another provider":             {[]thing{old, with(fresh, func(d *thing) { d.provider = "p" })}, "", "1"},
		"imported":                     {[]thing{old, with(fresh, func(d *thing) { d.more = `,"importing":{"id":"i"}` })}, "", "0"},
		"into a module":                {[]thing{old, with(fresh, func(d *thing) { d.address = "module.m.t.a" })}, "", "t.a=module.m.t.a 0"},
		"nothing but unknown":          {[]thing{old, with(fresh, func(d *thing) { d.after = `"x":null`; d.unknown = `"id":true,"name":true` })}, "", "1"},
		"partly unknown block":         {[]thing{with(old, func(d *thing) { d.before += `,"disk":[{"size":8,"vol":"v"}]` }), with(fresh, func(d *thing) { d.after += `,"disk":[{"size":8}]`; d.unknown += `,"disk":[{"vol":true}]` })}, "", "t.a=t.b 0"},
		"partly unknown, and differs":  {[]thing{with(old, func(d *thing) { d.before += `,"disk":[{"size":9,"vol":"v"}]` }), with(fresh, func(d *thing) { d.after += `,"disk":[{"size":8}]`; d.unknown += `,"disk":[{"vol":true}]` })}, "", "1"},
		"weak: no name, another label": {[]thing{with(old, func(d *thing) { d.before = `"size":3` }), with(fresh, func(d *thing) { d.after = `"size":3` })}, "", "t.a=t.b? 0"},
		"no name, but the same label":  {[]thing{with(old, func(d *thing) { d.before = `"size":3` }), with(fresh, func(d *thing) { d.after, d.address = `"size":3`, "module.m.t.a" })}, "", "t.a=module.m.t.a 0"},
		"sensitive and equal":          {[]thing{with(old, func(d *thing) { d.more = `,"before_sensitive":{"name":true}` }), with(fresh, func(d *thing) { d.address, d.more = "module.m.t.a", `,"after_sensitive":{"name":true}` })}, "", "t.a=module.m.t.a 0"},
		"sensitive and different": {[]thing{with(old, func(d *thing) { d.more = `,"before_sensitive":{"name":true}` }), with(fresh, func(d *thing) {
			d.after, d.more = strings.Replace(named, "shop", "shot", 1), `,"after_sensitive":{"name":true}`
		})}, "", "1"},
		"equal ones pair by key": {[]thing{with(old, func(d *thing) { d.address = `t.a["x"]` }), with(old, func(d *thing) { d.address = `t.a["y"]` }), with(fresh, func(d *thing) { d.address = `t.b["y"]` }), with(fresh, func(d *thing) { d.address = `t.b["x"]` })}, "", `t.a["x"]=t.b["x"] t.a["y"]=t.b["y"] 0`},
		"more old than new":      {[]thing{old, with(old, func(d *thing) { d.address = "t.c" }), fresh}, "", "t.a=t.b 1"},
		"a deposed object":       {[]thing{{address: "t.z", before: `"id":"i"`}, fresh}, "", "1"},
		"it refers to a twin": {
			[]thing{
				{address: "t.net", before: `"id":"n1","name":"net"`},
				{address: "t.net2", after: `"name":"net"`, unknown: `"id":true`},
				with(old, func(d *thing) { d.before += `,"net":"n1"` }), with(fresh, func(d *thing) { d.unknown += `,"net":true` }),
			},
			root(conf("net2", ""), conf("b", ref("net", "t.net2"))), "t.net=t.net2 t.a=t.b 0",
		},
		"it belonged to another object": {
			[]thing{
				{address: "t.net", before: `"id":"n1","name":"net"`},
				{address: "t.net2", after: `"name":"net"`, unknown: `"id":true`},
				with(old, func(d *thing) { d.before += `,"net":"n9"` }), with(fresh, func(d *thing) { d.unknown += `,"net":true` }),
			},
			root(conf("net2", ""), conf("b", ref("net", "t.net2"))), "t.net=t.net2 t.a=t.b? 0",
		},
		"it belonged to it, by an ARN in a list": {
			[]thing{
				{address: "t.net", before: `"id":"n1","name":"net"`},
				{address: "t.net2", after: `"name":"net"`, unknown: `"id":true`},
				with(old, func(d *thing) { d.before += `,"net":["arn:n1:x"]` }), with(fresh, func(d *thing) { d.unknown += `,"net":true` }),
			},
			root(conf("net2", ""), conf("b", ref("net", "t.net2"))), "t.net=t.net2 t.a=t.b 0",
		},
		"it refers to a new object": {
			[]thing{
				{address: "t.net2", after: `"name":"net"`, unknown: `"id":true`},
				with(old, func(d *thing) { d.before += `,"net":"n1"` }), with(fresh, func(d *thing) { d.unknown += `,"net":true` }),
			},
			root(conf("net2", ""), conf("b", ref("net", "t.net2"))), "t.a=t.b? 0",
		},
		"it refers to a doubtful twin": {
			[]thing{
				{address: "t.net", before: `"id":"n1","cidr":"x"`},
				{address: "t.net2", after: `"cidr":"x"`, unknown: `"id":true`},
				with(old, func(d *thing) { d.before += `,"net":"n1"` }), with(fresh, func(d *thing) { d.unknown += `,"net":true` }),
			},
			root(conf("net2", ""), conf("b", ref("net", "t.net2"))), "t.net=t.net2? t.a=t.b? 0",
		},
		"through a local": {
			[]thing{
				with(old, func(d *thing) { d.before += `,"net":"n1"` }), with(fresh, func(d *thing) { d.unknown += `,"net":true` }),
			},
			root(conf("b", `"net":{"references":["local.net"]}`)), "t.a=t.b? 0",
		},
	} {
		res := Find(read(t, c.things, c.conf))
		if got := text(res); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		for _, p := range res.Pairs {
			if len(p.Equal) == 0 || !slices.IsSorted(p.Equal) {
				t.Errorf("%s: equal are %v", name, p.Equal)
			}
		}
	}
}

// randomThing makes an object with few values, so that many are alike; some of
// its attributes are not known yet when it is new.
func randomThing(r *rand.Rand, i int, fresh bool) (thing, map[string]any, map[string]bool) {
	values, unknown := map[string]any{}, map[string]bool{}
	for _, a := range []string{"name", "size", "tags", "list"} {
		switch r.Intn(5) {
		case 0:
			values[a] = nil
		case 1:
			values[a] = []any{"x"}
		default:
			values[a] = r.Intn(2)
		}
		if fresh && r.Intn(5) == 0 {
			unknown[a] = true
			delete(values, a)
		}
	}
	members := func(v any) string {
		b, _ := json.Marshal(v)
		return strings.Trim(string(b), "{}")
	}
	d := thing{address: fmt.Sprintf("t.n%d", i), unknown: members(unknown)}
	if fresh {
		d.after = members(values)
	} else {
		d.before = members(values)
	}
	return d, values, unknown
}

// TestFilterDecidesNothing compares with a search that has no filter: an old
// object has a twin exactly when some new one agrees in all that is known.
func TestFilterDecidesNothing(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	paired := 0
	for range 2000 {
		old, was, _ := randomThing(r, 0, false)
		things := []thing{old}
		want := false
		for i := range 1 + r.Intn(3) {
			d, will, unknown := randomThing(r, i+1, true)
			if d.after == "" {
				d.after = `"none":null`
			}
			things = append(things, d)
			agree, known := true, 0
			for a, v := range will {
				if unknown[a] || v == nil && was[a] == nil {
					continue
				}
				known++
				agree = agree && fmt.Sprint(v) == fmt.Sprint(was[a])
			}
			want = want || agree && known > 0
		}
		res := Find(read(t, things, ""))
		if got := len(res.Pairs) == 1; got != want || len(res.Unread) > 0 || len(res.Pairs)+len(res.Single) != 1 {
			t.Fatalf("%s: found %v, want %v: %+v", text(res), got, want, things)
		}
		if want {
			paired++
		}
	}
	if paired < 50 || paired > 1800 {
		t.Errorf("%d of 2000 had a twin: the test tests little", paired)
	}
}

// TestScaleOfReferences: each instance refers to the one with its own key, or
// all to all.
func TestScaleOfReferences(t *testing.T) {
	for _, key := range []string{"", "k"} {
		const n = 3000
		var things []thing
		for i := range n {
			things = append(things,
				thing{address: fmt.Sprintf("t.net[%d]", i), before: fmt.Sprintf(`"id":"net-%d-","name":"n%d"`, i, i)},
				thing{address: fmt.Sprintf("t.net2[%d]", i), after: fmt.Sprintf(`"name":"n%d"`, i), unknown: `"id":true`},
				thing{address: fmt.Sprintf("t.a[%d]", i), before: fmt.Sprintf(`"name":"a%d","net":"net-%d-"`, i, i)},
				thing{address: fmt.Sprintf("t.b[%q]", fmt.Sprint(key, i)), after: fmt.Sprintf(`"name":"a%d"`, i), unknown: `"net":true`})
			if key == "" {
				things[len(things)-1].address = fmt.Sprintf("t.b[%d]", i)
			}
		}
		p := read(t, things, `,"configuration":{"root_module":{"resources":[{"mode":"managed","type":"t","name":"net2"},{"mode":"managed","type":"t","name":"b","expressions":{"net":{"references":["t.net2.id","t.net2"]}}}]}}`)
		res := Find(p)
		for _, pair := range res.Pairs {
			if pair.Doubt != "" {
				t.Fatalf("key %q: %s: %s", key, pair.Old.Address, pair.Doubt)
			}
		}
		if len(res.Pairs) != 2*n {
			t.Errorf("key %q: %d pairs", key, len(res.Pairs))
		}
	}
}

// TestScale: many equal objects, and many of one type that all differ.
func TestScale(t *testing.T) {
	for name, attrs := range map[string]func(i int) string{
		"all equal":       func(int) string { return named },
		"all different":   func(i int) string { return fmt.Sprintf(`"name":"n%d","size":3`, i) },
		"differ in depth": func(i int) string { return fmt.Sprintf(`"size":3,"tags":{"i":%d}`, i) },
	} {
		const n = 4000
		var things []thing
		for i := range n {
			things = append(things, thing{address: fmt.Sprintf("t.a[%d]", i), before: attrs(i)}, thing{address: fmt.Sprintf("module.m.t.a[%d]", n-1-i), after: attrs(n - 1 - i)})
		}
		p := read(t, things, "")
		res := Find(p)
		if len(res.Pairs) != n || res.Pairs[7].New.Address != "module.m.t.a[7]" {
			t.Errorf("%s: %d pairs, %d unread", name, len(res.Pairs), len(res.Unread))
		}
	}
}
