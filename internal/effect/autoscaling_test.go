package effect

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"polygraph/internal/evidence"
	"polygraph/internal/tfplan"
)

// does is one entry of a small plan: before, after and after_unknown as JSON.
func does(address, action, before, after string, unknown ...string) string {
	actions := `["` + strings.ReplaceAll(action, "+", `","`) + `"]`
	u := "{}"
	if len(unknown) > 0 {
		u = unknown[0]
	}
	typ, name, _ := strings.Cut(local(address), ".")
	name, _, _ = strings.Cut(name, "[")
	return fmt.Sprintf(`{"address":%q,"mode":"managed","type":%q,"name":%q,"change":{"actions":%s,"before":%s,"after":%s,"after_unknown":%s,"before_sensitive":{},"after_sensitive":{}}}`,
		address, typ, name, actions, before, after, u)
}

// keeps is an entry that the plan leaves as it is.
func keeps(address, values string) string { return does(address, "no-op", values, values) }

func worldOf(t *testing.T, changes ...string) *World {
	t.Helper()
	text := `{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{}},"resource_changes":[` +
		strings.Join(changes, ",") + `],"configuration":{"root_module":{}}}`
	p, err := tfplan.Read(context.Background(), &evidence.Item{Kind: tfplan.Kind(), Path: "plan.json", Blob: evidence.Bytes([]byte(text))}, tfplan.Options{})
	if err != nil {
		t.Fatal(err, "\n", text)
	}
	return Over(p)
}

// row is a small plan and what a case says about it: for each outcome "holds",
// "old: " or "unproven: " and a part of its title.
type row struct {
	name string
	c    Case
	plan []string
	want []string
}

func judgeAll(t *testing.T, rows []row) {
	t.Helper()
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.name] {
			t.Fatalf("two rows are called %q", r.name)
		}
		seen[r.name] = true
		t.Run(r.name, func(t *testing.T) {
			w := worldOf(t, r.plan...)
			var got []Outcome
			for _, o := range w.Of(r.c.Types...) {
				for _, out := range r.c.Ask(w, o) {
					sound(t, out)
					got = append(got, out)
				}
			}
			if len(got) != len(r.want) {
				t.Fatalf("got %d outcomes, want %d: %+v", len(got), len(r.want), titles(got))
			}
			cutOff(t, r)
			for i, want := range r.want {
				kind, part, _ := strings.Cut(want, ": ")
				if said(got[i]) != kind || !strings.Contains(got[i].Title, part) {
					t.Errorf("outcome %d is %s: %q, want %s", i, said(got[i]), got[i].Title, want)
				}
			}
		})
	}
}

func titles(list []Outcome) []string {
	var out []string
	for _, o := range list {
		out = append(out, said(o)+": "+o.Title)
	}
	return out
}

func said(o Outcome) string {
	return map[Verdict]string{InEffect: "holds", NotInEffect: "old", Unknown: "unproven"}[o.Verdict]
}

// sound checks what every outcome owes its reader.
func sound(t *testing.T, o Outcome) {
	t.Helper()
	if o.Verdict == InEffect {
		return
	}
	if o.Title == "" || strings.Contains(o.Title, "\n") || len(o.Proof) == 0 {
		t.Errorf("no title or no proof: %+v", o)
	}
	for _, f := range o.Proof {
		if f.Object == nil || f.Path == "" || f.Text == "" {
			t.Errorf("a statement without a place: %+v", f)
			continue
		}
		d, err := f.Object.Detail()
		if err != nil {
			t.Fatal(err)
		}
		if f.Path == "/actions" {
			continue
		}
		root, rest, _ := strings.Cut(strings.TrimPrefix(f.Path, "/"), "/")
		var v any = map[string]any{"before": d.Before, "after": d.After, "after_unknown": d.AfterUnknown}[root]
		if rest != "" {
			parent, name := "", rest
			if i := strings.LastIndexByte(rest, '/'); i >= 0 {
				parent, name = rest[:i], rest[i+1:]
			}
			if parent != "" {
				v = at(v, strings.ReplaceAll(parent, "/", "."))
			}
			if m, ok := v.(map[string]any); ok {
				if _, ok := m[name]; !ok {
					t.Errorf("%q cites %s, which is not there", f.Text, f.Path)
				}
			}
		}
	}
	switch {
	case o.Verdict == Unknown && len(o.Missing) == 0:
		t.Errorf("unproven and nothing is missing: %+v", o)
	case o.Verdict == NotInEffect && (o.Remedy.Text == "" || len(o.Missing) > 0):
		t.Errorf("refuted without a remedy, or with something missing: %+v", o)
	case o.Remedy.Patch != "" && len(o.Remedy.Commands) > 0:
		t.Errorf("a patch and commands: %+v", o.Remedy)
	}
	for _, g := range o.Missing {
		if g.Evidence == "" || g.Get == "" {
			t.Errorf("a gap that says nothing: %+v", g)
		}
	}
	if _, diags := hclsyntax.ParseConfig([]byte(o.Remedy.Patch), "patch.tf", hcl.InitialPos); diags.HasErrors() {
		t.Errorf("the patch does not parse: %v\n%s", diags, o.Remedy.Patch)
	}
}

const (
	template4  = `{"id":"lt-1","name":"w","image_id":"new","default_version":1,"update_default_version":false}`
	spec3      = `"launch_template":[{"id":"lt-1","version":"3"}]`
	specLatest = `"launch_template":[{"id":"lt-1","version":"$Latest"}]`
	rolling    = `"instance_refresh":[{"strategy":"Rolling"}],"suspended_processes":[]`
	noRefresh  = `"instance_refresh":[],"suspended_processes":[]`
)

func newTemplate() string {
	return does("aws_launch_template.w", "update",
		`{"id":"lt-1","name":"w","image_id":"old","latest_version":3,"default_version":1,"update_default_version":false}`, template4, `{"latest_version":true}`)
}

// asgOf is a group that follows the newest version of the template.
func asgOf(before, after string) string {
	return does("aws_autoscaling_group.w", "update", `{"id":"w","name":"w","max_size":4,`+spec3+`,`+before+`}`,
		`{"id":"w","name":"w","max_size":4,"launch_template":[{"id":"lt-1"}],`+after+`}`, `{"launch_template":[{"version":true}]}`)
}

func TestTemplateWithoutRefresh(t *testing.T) {
	c := TemplateWithoutRefresh()
	mixed := func(version, overrides string) string {
		return `"mixed_instances_policy":[{"launch_template":[{"launch_template_specification":[{"launch_template_id":"lt-1","version":"` + version + `"}],"override":[` + overrides + `]}]}]`
	}
	judgeAll(t, []row{
		{"no refresh", c, []string{newTemplate(), asgOf(noRefresh, noRefresh)}, []string{"old: nothing replaces them"}},
		{"no refresh, and a lifetime", c, []string{newTemplate(), asgOf(noRefresh, noRefresh+`,"max_instance_lifetime":604800`)}, []string{"old: until they are 7 days old"}},
		{"a refresh that starts", c, []string{newTemplate(), asgOf(rolling, rolling)}, []string{"holds"}},
		{"a refresh that is added", c, []string{newTemplate(), asgOf(noRefresh, rolling)}, []string{"holds"}},
		{"a refresh is known later", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`,
			`{"id":"w","launch_template":[{"id":"lt-1"}]}`, `{"launch_template":[{"version":true}],"instance_refresh":true}`)}, []string{"unproven: known only after apply"}},
		{"the plan is cut", c, []string{newTemplate(), asgOf(`"x":1`, `"x":1`)}, []string{"unproven: does not show"}},
		{"$Latest leaves the group as it is", c, []string{newTemplate(), keeps("aws_autoscaling_group.w", `{"id":"w",`+specLatest+`,`+rolling+`}`)}, []string{"old: the instance refresh does not start"}},
		{"$Latest and another trigger", c, []string{newTemplate(), does("aws_autoscaling_group.w", "update",
			`{"id":"w",`+specLatest+`,"tag":[],"instance_refresh":[{"triggers":["tag"]}],"suspended_processes":[]}`,
			`{"id":"w",`+specLatest+`,"tag":[{"key":"a","value":"b","propagate_at_launch":true}],"instance_refresh":[{"triggers":["tag"]}],"suspended_processes":[]}`)}, []string{"holds"}},
		{"Launch is suspended", c, []string{newTemplate(), asgOf(rolling, `"instance_refresh":[{"strategy":"Rolling"}],"suspended_processes":["Launch"]`)}, []string{"old: the process Launch is suspended"}},
		{"protected instances", c, []string{newTemplate(), asgOf(rolling+`,"protect_from_scale_in":true`, rolling+`,"protect_from_scale_in":true`)}, []string{"unproven: protected"}},
		{"protected instances are refreshed", c, []string{newTemplate(), asgOf(rolling+`,"protect_from_scale_in":true`,
			`"suspended_processes":[],"protect_from_scale_in":true,"instance_refresh":[{"preferences":[{"scale_in_protected_instances":"Refresh"}]}]`)}, []string{"holds"}},
		{"a refresh that ends half way", c, []string{newTemplate(), asgOf(rolling, `"suspended_processes":[],"instance_refresh":[{"preferences":[{"checkpoint_percentages":[20,50]}]}]`)}, []string{"unproven: at 50 %"}},
		{"a refresh that goes all the way", c, []string{newTemplate(), asgOf(rolling, `"suspended_processes":[],"instance_refresh":[{"preferences":[{"checkpoint_percentages":[20,100]}]}]`)}, []string{"holds"}},
		{"no instances", c, []string{newTemplate(), asgOf(noRefresh+`,"desired_capacity":0`, noRefresh)}, nil},
		{"no instances any more", c, []string{newTemplate(), asgOf(noRefresh+`,"desired_capacity":2`, noRefresh+`,"desired_capacity":0`)}, nil},
		{"a pinned version is CHG011's", c, []string{newTemplate(), keeps("aws_autoscaling_group.w", `{"id":"w",`+spec3+`,`+noRefresh+`}`)}, nil},
		{"another template", c, []string{newTemplate(), keeps("aws_autoscaling_group.w", `{"id":"w","launch_template":[{"id":"lt-2","version":"$Latest"}],`+noRefresh+`}`)}, nil},
		{"a new group", c, []string{newTemplate(), does("aws_autoscaling_group.w", "create", "null", `{"launch_template":[{"id":"lt-1"}],`+noRefresh+`}`)}, nil},
		{"tags of the template only", c, []string{
			does("aws_launch_template.w", "update", `{"id":"lt-1","tags":{}}`, `{"id":"lt-1","tags":{"a":"b"}}`),
			keeps("aws_autoscaling_group.w", `{"id":"w",`+specLatest+`,`+noRefresh+`}`),
		}, nil},
		{"mixed instances", c, []string{newTemplate(), keeps("aws_autoscaling_group.w", `{"id":"w",`+mixed("$Latest", "")+`,`+noRefresh+`}`)}, []string{"old: nothing replaces"}},
		{
			"an override with a template of its own", c,
			[]string{newTemplate(), keeps("aws_autoscaling_group.w",
				`{"id":"w","mixed_instances_policy":[{"launch_template":[{"launch_template_specification":[{"launch_template_id":"lt-9","version":"1"}],"override":[{},{"launch_template_specification":[{"launch_template_name":"w","version":"$Latest"}]}]}]}],`+noRefresh+`}`)},
			[]string{"old: nothing replaces"},
		},
		{"overrides give the instance type", c, []string{
			does("aws_launch_template.w", "update", `{"id":"lt-1","instance_type":"a"}`, `{"id":"lt-1","instance_type":"b"}`),
			keeps("aws_autoscaling_group.w", `{"id":"w",`+mixed("$Latest", `{"instance_type":"c"}`)+`,`+noRefresh+`}`),
		}, nil},
		{"the group goes to another version", c, []string{does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[{"id":"lt-1","version":"5"}],`+noRefresh+`}`)}, []string{"old: nothing replaces"}},
		{"the group goes to another version, with a refresh", c, []string{does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w","launch_template":[{"id":"lt-1","version":"5"}],`+rolling+`}`)}, []string{"holds"}},
		{"the group goes to $Latest", c, []string{does("aws_autoscaling_group.w", "update", `{"id":"w",`+spec3+`}`, `{"id":"w",`+specLatest+`,`+noRefresh+`}`)}, nil},
		{"a launch configuration", c, []string{
			does("aws_launch_configuration.b", "create+delete", `{"id":"b-1","name":"b-1","image_id":"old"}`, `{"image_id":"new"}`, `{"id":true,"name":true,"key_name":true}`),
			does("aws_autoscaling_group.b", "update", `{"id":"b","launch_configuration":"b-1"}`, `{"id":"b",`+noRefresh+`}`, `{"launch_configuration":true}`),
		}, []string{"old: nothing replaces"}},
		{"a launch configuration that gets a name only", c, []string{
			does("aws_launch_configuration.b", "create+delete", `{"id":"b-1","name":"b-1","image_id":"old","key_name":""}`, `{"image_id":"old"}`, `{"id":true,"name":true,"key_name":true}`),
			does("aws_autoscaling_group.b", "update", `{"id":"b","launch_configuration":"b-1"}`, `{"id":"b",`+noRefresh+`}`, `{"launch_configuration":true}`),
		}, nil},
	})
}

func TestTagsAtLaunch(t *testing.T) {
	c := TagsAtLaunch()
	tag := func(v string, propagates bool) string {
		return fmt.Sprintf(`"tag":[{"key":"team","value":%q,"propagate_at_launch":%v}]`, v, propagates)
	}
	g := func(before, after string, unknown ...string) []string {
		return []string{does("aws_autoscaling_group.w", "update", `{"id":"w","name":"w",`+before+`}`, `{"id":"w","name":"w",`+after+`}`, unknown...)}
	}
	judgeAll(t, []row{
		{"a tag", c, g(tag("a", true), tag("b", true)+","+noRefresh), []string{"old: tags they were launched with"}},
		{"tags of an older provider", c, g(`"tags":[{"key":"team","value":"a","propagate_at_launch":"true"}]`, `"tags":[{"key":"team","value":"b","propagate_at_launch":"true"}],`+noRefresh), []string{"old: tags"}},
		{"a tag with a trigger", c, g(tag("a", true), tag("b", true)+`,"suspended_processes":[],"instance_refresh":[{"triggers":["tag"]}]`), []string{"holds"}},
		{"a tag with a refresh that does not start", c, g(tag("a", true)+","+rolling, tag("b", true)+","+rolling), []string{"old: tags"}},
		{"a tag of the group only", c, g(tag("a", false), tag("b", false)+","+noRefresh), nil},
		{"a tag stops propagating", c, g(tag("a", true), tag("a", false)+","+noRefresh), []string{"old: tags"}},
		{"tags are known later", c, g(tag("a", true), noRefresh, `{"tag":true}`), []string{"unproven: not known until apply"}},
		{"the plan is cut", c, g(tag("a", true), tag("b", true)), []string{"unproven: does not show"}},
		{"a placement group", c, g(`"placement_group":""`, `"placement_group":"close",`+noRefresh), []string{"old: placement group"}},
		{"no instances", c, g(tag("a", true)+`,"max_size":0`, tag("b", true)+","+noRefresh), nil},
		{"nothing", c, []string{keeps("aws_autoscaling_group.w", `{"id":"w",`+tag("a", true)+`}`)}, nil},
	})
}

func TestSuspendedCapacity(t *testing.T) {
	c := SuspendedCapacity()
	g := func(before, after string, unknown ...string) []string {
		return []string{does("aws_autoscaling_group.w", "update", `{"id":"w","name":"w",`+before+`}`, `{"id":"w","name":"w",`+after+`}`, unknown...)}
	}
	judgeAll(t, []row{
		{"Launch is suspended", c, g(`"desired_capacity":2,"max_size":9,"suspended_processes":["Launch"]`, `"desired_capacity":6,"max_size":9,"suspended_processes":["Launch"]`), []string{"old: stays at 2 instances"}},
		{"the minimum raises it", c, g(`"desired_capacity":2,"min_size":1,"suspended_processes":["Launch"]`, `"desired_capacity":2,"min_size":4,"suspended_processes":["Launch"]`), []string{"old: process Launch"}},
		{"Terminate is suspended", c, g(`"desired_capacity":6,"max_size":9,"suspended_processes":["Terminate"]`, `"desired_capacity":6,"max_size":3,"suspended_processes":["Terminate"]`), []string{"old: process Terminate"}},
		{"the other process is suspended", c, g(`"desired_capacity":2,"suspended_processes":["Terminate"]`, `"desired_capacity":6,"suspended_processes":["Terminate"]`), []string{"holds"}},
		{"it is resumed", c, g(`"desired_capacity":2,"suspended_processes":["Launch"]`, `"desired_capacity":6,"suspended_processes":[]`), []string{"holds"}},
		{"it is suspended in this apply", c, g(`"desired_capacity":2,"suspended_processes":[]`, `"desired_capacity":6,"suspended_processes":["Launch"]`), []string{"unproven: same apply"}},
		{"the plan is cut", c, g(`"desired_capacity":2`, `"desired_capacity":6`), []string{"unproven: not shown"}},
		{"the capacity is known later", c, g(`"desired_capacity":2,"suspended_processes":["Launch"]`, `"suspended_processes":["Launch"]`, `{"desired_capacity":true}`), []string{"unproven: not known until apply"}},
		{"a bound that does not matter", c, g(`"desired_capacity":2,"max_size":4,"suspended_processes":["Launch"]`, `"desired_capacity":2,"max_size":9,"suspended_processes":["Launch"]`), nil},
		{"nothing is edited", c, []string{keeps("aws_autoscaling_group.w", `{"desired_capacity":2,"suspended_processes":["Launch"]}`)}, nil},
	})
}

// cutOff leaves out one planned value after another: a claim that is false, or
// not proven, does not hold for want of evidence.
func cutOff(t *testing.T, r row) {
	t.Helper()
	holding := func(plan []string) int {
		n := 0
		w := worldOf(t, plan...)
		for _, o := range w.Of(r.c.Types...) {
			for _, out := range r.c.Ask(w, o) {
				if out.Verdict == InEffect {
					n++
				}
			}
		}
		return n
	}
	base := holding(r.plan)
	for i, text := range r.plan {
		var entry map[string]any
		if err := json.Unmarshal([]byte(text), &entry); err != nil {
			t.Fatal(err)
		}
		after, _ := entry["change"].(map[string]any)["after"].(map[string]any)
		for name, v := range after {
			delete(after, name)
			b, err := json.Marshal(entry)
			if err != nil {
				t.Fatal(err)
			}
			after[name] = v
			cut := slices.Clone(r.plan)
			cut[i] = string(b)
			if n := holding(cut); n > base {
				t.Errorf("without `%s` of %v %d claims hold, with it %d", name, entry["address"], n, base)
			}
		}
	}
}
