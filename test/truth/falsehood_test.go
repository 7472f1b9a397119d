package truth

import (
	"slices"
	"testing"
)

// TestHarnessObjectsToFalseFates hands the comparison of CHG002 every verdict with every fate.
func TestHarnessObjectsToFalseFates(t *testing.T) {
	for _, verdict := range []string{"refuted", "unproven", ""} {
		for _, f := range []fate{lost, copied, refused, left, empty} {
			truth := (verdict == "refuted") == (f == lost)
			if objects := len(lossAgrees("x", verdict, f)) > 0; objects == truth {
				t.Errorf("%q and %s: objection %v", verdict, f, objects)
			}
		}
	}
}

// TestHarnessObjectsToFalseRows tells every mechanism of an apply that did each one of them in turn:
// only the true pairs may pass.
func TestHarnessObjectsToFalseRows(t *testing.T) {
	old, fresh, none := object{"aws_x", map[string]any{"id": "1"}}, object{"aws_x", map[string]any{"id": "2"}}, object{}
	gone := func(string, string) bool { return false }
	there := func(string, string) bool { return true }
	create, update, remove := call{Call: "create", Type: "aws_x", ID: "2"}, call{Call: "update", Type: "aws_x", ID: "1"}, call{Call: "delete", Type: "aws_x", ID: "1"}
	deeds := []struct {
		words   []string // what may be said of it
		was, is object
		calls   []call
		cloud   func(string, string) bool
	}{
		{[]string{"updated in place", "moved, updated in place"}, old, old, []call{update}, there},
		{[]string{"created", "created again (deleted outside)"}, none, fresh, []call{create}, there},
		{[]string{"replaced, old one destroyed first", "moved, replaced, old one destroyed first"}, old, fresh, []call{remove, create}, there},
		{[]string{"replaced, new one created first"}, old, fresh, []call{create, remove}, there},
		{[]string{"destroyed"}, old, none, []call{remove}, gone},
		{[]string{"forgotten, left running"}, old, none, nil, there},
		{[]string{"moved"}, old, old, nil, there},
		{[]string{"imported"}, none, old, nil, there},
		{[]string{"imported, then updated in place"}, none, old, []call{update}, there},
	}
	for _, d := range deeds {
		for _, said := range deeds {
			for _, words := range said.words {
				objects := rowAgrees(words, "aws_x", d.was, d.is, outcome{calls: d.calls}, d.cloud) != ""
				if truth := slices.Contains(d.words, words); objects == truth {
					t.Errorf("it was %q; told %q, objection %v", d.words[0], words, objects)
				}
			}
		}
	}
	p := plan{Changes: []entry{{Address: "aws_x.a", Mode: "managed", Type: "aws_x"}}}
	o := outcome{before: map[string]object{"aws_x.a": old}, after: map[string]object{"aws_x.a": old}, calls: []call{update}}
	for want, j := range map[int]judgement{
		0: {rows: []row{{"aws_x.a", "updated in place", "", ""}}},
		1: {},                                                                    // a row is missing
		2: {rows: []row{{"aws_x.a", "replaced, new one created first", "", ""}}}, // and no new identity
	} {
		if got := tableAgrees(j, p, o, there); len(got) != want {
			t.Errorf("%v: %q, want %d complaints", j.rows, got, want)
		}
	}
}

// TestHarnessObjectsToFalseTwins: a twin that nobody names, an accusation without a twin, and a twin that
// is the same object all along.
func TestHarnessObjectsToFalseTwins(t *testing.T) {
	old, fresh := object{"x", map[string]any{"id": "1"}}, object{"x", map[string]any{"id": "2"}}
	moves, accused := pairs("x.a", "x.b"), pairs("x.a", "moved {}")
	apart := outcome{before: map[string]object{"x.a": old}, after: map[string]object{"x.b": fresh}}
	same := outcome{before: map[string]object{"x.a": old}, after: map[string]object{"x.b": old}}
	if c := twinsAgree(moves, accused, apart); len(c) != 0 {
		t.Error(c)
	}
	if c := stay(moves, plan{}, same); len(c) != 0 {
		t.Error(c)
	}
	for name, c := range map[string][]string{
		"nobody names it": twinsAgree(moves, nil, apart),
		"no twin":         twinsAgree(nil, accused, apart),
		"no replacement":  twinsAgree(moves, accused, same),
		"not kept":        stay(moves, plan{}, apart),
	} {
		if len(c) != 1 {
			t.Errorf("%s: %q, want one complaint", name, c)
		}
	}
}
