package tfplan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// printed is everything Go can be asked to print of a value.
func printed(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b) + fmt.Sprintf("%v %+v %#v %s %q", v, v, v, v, v)
}

func TestSealing(t *testing.T) {
	for _, c := range []struct{ name, change, secret, open string }{
		{"whole object", `"before":{"a":"SECRET","m":{"SECRET":1}},"before_sensitive":true`, "", "a m"},
		{"attribute", `"before":{"a":"SECRET","b":"open"},"before_sensitive":{"a":true}`, "", "open"},
		{"names of a map", `"before":{"m":{"SECRET":"x"}},"before_sensitive":{"m":true}`, "", "m"},
		{"a key of a map", `"before":{"m":{"k":"SECRET","l":"open"}},"before_sensitive":{"m":{"k":true}}`, "", "open"},
		{"an element", `"before":{"l":["open","SECRET"]},"before_sensitive":{"l":[false,true]}`, "", "open"},
		{"a block", `"before":{"l":[{"p":"SECRET","q":"open"}]},"before_sensitive":{"l":[{"p":true}]}`, "", "open"},
		{"only after is marked", `"before":{"a":"SECRET"},"after":{"a":"SECRET"},"before_sensitive":{},"after_sensitive":{"a":true}`, "", "a"},
		{"only before is marked", `"before":{"a":"SECRET"},"after":{"a":"SECRET2"},"before_sensitive":{"a":true},"after_sensitive":false`, "", "a"},
		{"marked on one side, another place in the set", `"before":{"l":[{"p":"SECRET"},{"p":"x"}]},"after":{"l":[{"p":"new"},{"p":"SECRET"}]},"before_sensitive":{"l":[{"p":true},{}]},"after_sensitive":{"l":[{},{"p":true}]}`, "", "p"},
		{"set, marked on one side", `"before":{"l":[{"p":"x","q":"open"},{"p":"SECRET"}]},"after":{"l":[{"p":"SECRET"}]},"before_sensitive":{},"after_sensitive":{"l":[{"p":true}]}`, "", "open"},
		{"mask of another shape", `"before":{"a":["SECRET"]},"before_sensitive":{"a":{"x":true}}`, "", "a"},
		{"list marked, value is a map", `"before":{"a":{"SECRET":"SECRET"}},"before_sensitive":{"a":[true]}`, "", "a"},
		{"a number", `"before":{"a":74839201},"before_sensitive":{"a":true}`, "74839201", "a"},
		{"a boolean", `"before":{"a":true},"before_sensitive":{"a":true}`, "true", "a"},
		{"id", `"before":{"id":"SECRET"},"before_sensitive":{"id":true}`, "", "id"},
	} {
		p, ch := oneChange(t, "", `"actions":["update"],`+c.change)
		d, err := p.Detail(ch)
		if err != nil {
			t.Fatal(err)
		}
		out := printed(t, d.Before) + printed(t, d.After) + d.Identity
		for _, df := range Diff(d.Before, d.After) {
			out += df.Dotted() + df.Pointer() + Show(df.Old) + Show(df.New)
		}
		if secret := c.secret + strings.Repeat("SECRET", 1-min(1, len(c.secret))); strings.Contains(out, secret) {
			t.Errorf("%s: leaks in %s", c.name, out)
		}
		for word := range strings.FieldsSeq(c.open) {
			if !strings.Contains(out, word) {
				t.Errorf("%s: %q is hidden, and is no secret: %s", c.name, word, out)
			}
		}
	}
}

// TestSealLike: what one entry about an object hides, another must not show.
func TestSealLike(t *testing.T) {
	p, err := readPlan(t, []byte(`{"resource_changes":[
	 {"address":"t.n","type":"t","name":"n","change":{"actions":["update"],"before":{"a":"new","id":"SECRET"},"after":{"a":"SECRET"},"after_sensitive":{"a":true,"id":true}}}],
	 "resource_drift":[{"address":"t.n","type":"t","name":"n","change":{"actions":["update"],"before":{"a":"SECRET","b":"open"},"after":{"a":"new","id":"SECRET"},"before_sensitive":{},"after_sensitive":{}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	drift, err1 := p.Detail(&p.Drift[0])
	plan, err2 := p.Detail(&p.Changes[0])
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	drift.SealLike(plan)
	if out := printed(t, drift.Before) + printed(t, drift.After) + drift.Identity; strings.Contains(out, "SECRET") || !strings.Contains(out, "open") {
		t.Errorf("printed as %s", out)
	}
	if !Equal(drift.Before["a"], plan.After["a"]) || Equal(drift.After["a"], plan.After["a"]) {
		t.Error("sealed values no longer compare by what they hide")
	}
}

// TestForcingPathsEndWhereThePlanHides: the names in replace_paths that lie
// inside a sensitive value are cut off.
func TestForcingPathsEndWhereThePlanHides(t *testing.T) {
	for _, c := range []struct{ masks, path, want string }{
		{`"before_sensitive":{"m":true}`, `["m","SECRET"]`, "m"},
		{`"after_sensitive":{"m":true},"before_sensitive":{}`, `["m","SECRET","x"]`, "m"},
		{`"before_sensitive":true`, `["m","SECRET"]`, "m"},
		{`"before_sensitive":{"m":{"k":true}}`, `["m","k"]`, "m.k"},
		{`"before_sensitive":{"m":{"k":true}}`, `["m","k","SECRET"]`, "m.k"},
		{`"before_sensitive":{"l":[{},{"p":true}]}`, `["l",0,"p","SECRET"]`, "l.0.p"},
		{`"before_sensitive":{"l":[[{"p":true}]]}`, `["l",0,1,"p","SECRET"]`, "l.0.1.p"},
		{`"before_sensitive":{"m":false,"o":true}`, `["m","open"]`, "m.open"},
	} {
		for _, text := range []string{c.masks + `,"replace_paths":[` + c.path + `]`, `"replace_paths":[` + c.path + `],` + c.masks} {
			p, ch := oneChange(t, "", `"actions":["delete","create"],`+text)
			if got := slices.Collect(p.Names(ch.Forces)); !slices.Equal(got, []string{c.want}) {
				t.Errorf("%s: forced by %q, want %q", text, got, c.want)
			}
		}
	}
}
