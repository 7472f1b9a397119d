package stateful

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCatalogue(t *testing.T) {
	all := All()
	perProvider := map[string]int{}
	for i, e := range all {
		provider, _, _ := strings.Cut(e.Type, "_")
		perProvider[provider]++
		if i > 0 && all[i-1].Type >= e.Type {
			t.Errorf("%s after %s: not sorted, or there twice", e.Type, all[i-1].Type)
		}
		for what, text := range map[string]string{"Holds": e.Holds, "Class": string(e.Class), "Loss": string(e.Loss), "Source": e.Source} {
			if text == "" {
				t.Errorf("%s: no %s", e.Type, what)
			}
		}
		got, ok := Lookup(e.Type)
		if !ok || got.Type != e.Type || len(got.Guards) != len(e.Guards) {
			t.Errorf("Lookup(%s) = %v, %v", e.Type, got, ok)
		}
		for _, g := range e.Guards {
			checkGuard(t, e, g)
		}
	}
	if len(all) < 75 || perProvider["aws"] < 60 {
		t.Errorf("%d types, %v: fewer than promised", len(all), perProvider)
	}
	t.Logf("%d types: %v", len(all), perProvider)
	for _, typ := range []string{"", "aws_rds_cluster_instance", "aws_vpc", "zzz"} {
		if e, ok := Lookup(typ); ok {
			t.Errorf("Lookup(%q) = %v", typ, e)
		}
	}
}

func checkGuard(t *testing.T, e Entry, g Guard) {
	t.Helper()
	if g.Effect == "" || (g.Needs != "") != (g.Effect == Snapshot && g.Needs != "") {
		t.Errorf("%s: guard %s has effect %q and needs %q", e.Type, g.Attribute, g.Effect, g.Needs)
	}
	for _, c := range append([]Condition{g.Condition}, g.With...) {
		switch {
		case c.Outside:
			if c.Attribute == "" || c.Keeps != "" || c.Default != nil {
				t.Errorf("%s: outside evidence %+v is words only", e.Type, c)
			}
			continue
		case c.Keeps == OneOf && len(c.Values) == 0, c.Keeps != OneOf && len(c.Values) > 0:
			t.Errorf("%s: %s is tested with %q and has values %q", e.Type, c.Attribute, c.Keeps, c.Values)
		case c.Attribute == "" && c.Keeps != Always:
			t.Errorf("%s: a guard without an attribute", e.Type)
		}
		if _, ok := numbers(c.Since); c.Since != "" && !ok {
			t.Errorf("%s: %s since %q", e.Type, c.Attribute, c.Since)
		}
		if _, ok := g.failing(); !ok && c.Keeps != Always && !g.Outside {
			t.Errorf("%s: no value makes %s fail: Otherwise is missing", e.Type, c.Attribute)
		}
		if s, ok := c.Default.(string); ok && c.Keeps == OneOf && slices.Contains(c.Values, s) && slices.Contains(c.Values, c.Otherwise) {
			t.Errorf("%s: Otherwise of %s holds", e.Type, c.Attribute)
		}
	}
}

// A caller that writes into what it got must not reach the next caller.
func TestCopies(t *testing.T) {
	a, _ := Lookup("aws_db_instance")
	a.Guards[0].Attribute, a.DerivedWhen.Attribute = "x", "x"
	a.Guards[2].With[0].Attribute = "x"
	All()[0].Type = "x"
	b, _ := Lookup("aws_db_instance")
	if b.Guards[0].Attribute == "x" || b.DerivedWhen.Attribute == "x" || b.Guards[2].With[0].Attribute == "x" || All()[0].Type == "x" {
		t.Error("Lookup and All share memory with their callers")
	}
}

// Sources are references, not prose of others, and say which version was read.
func TestSources(t *testing.T) {
	version := regexp.MustCompile(`@[0-9a-f]{12}\b|npm @|text index \d+|CHANGELOG|docs\.aws|learn\.microsoft`)
	for _, e := range All() {
		if !version.MatchString(e.Source) {
			t.Errorf("%s: source without a version: %s", e.Type, e.Source)
		}
	}
}
