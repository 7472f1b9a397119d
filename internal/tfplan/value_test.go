package tfplan

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"polygraph/internal/evidence"
)

// randomValue makes a JSON value; leaves are sometimes sealed.
func randomValue(r *rand.Rand, depth int) any {
	n := 6
	if depth > 0 {
		n = 8
	}
	switch r.Intn(n) {
	case 0:
		return nil
	case 1:
		return r.Intn(2) == 0
	case 2:
		return json.Number([]string{"0", "1", "1.0", "1e0", "-3", "9007199254740993", "1e999999999"}[r.Intn(7)])
	case 3, 4:
		return []string{"", "a", "b", "äöü", "\x00", "</script>"}[r.Intn(6)]
	case 5:
		return evidence.Seal([]string{"a", "b"}[r.Intn(2)])
	case 6:
		out := make([]any, r.Intn(4))
		for i := range out {
			out[i] = randomValue(r, depth-1)
		}
		return out
	default:
		return randomObject(r, depth-1)
	}
}

func randomObject(r *rand.Rand, depth int) map[string]any {
	out := map[string]any{}
	for range r.Intn(5) {
		out[[]string{"a", "b", "c/d", "e~f", "true"}[r.Intn(5)]] = randomValue(r, depth)
	}
	return out
}

func TestEqualIsAnEquivalence(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	equal := 0
	for range 20_000 {
		a, b, c := randomValue(r, 2), randomValue(r, 2), randomValue(r, 2)
		if !Equal(a, a) {
			t.Fatalf("%v is not equal to itself", a)
		}
		if Equal(a, b) != Equal(b, a) {
			t.Fatalf("%v and %v: not symmetric", a, b)
		}
		if Equal(a, b) {
			equal++
			if Equal(b, c) && !Equal(a, c) {
				t.Fatalf("%v, %v, %v: not transitive", a, b, c)
			}
		}
		if !Equal(evidence.Seal(a), a) || !Equal(evidence.Seal(a), evidence.Seal(a)) || Equal(evidence.Seal(a), b) != Equal(a, b) {
			t.Fatalf("%v: sealing it changes what it equals", a)
		}
	}
	if equal < 500 {
		t.Errorf("only %d pairs were equal: the test tests nothing", equal)
	}
}

func TestNumbersCompareByValueAndCheaply(t *testing.T) {
	long := "1" + strings.Repeat("0", 1_000_000)
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1", "1.0", true},
		{"1", "1e0", true},
		{"10", "1E+1", true},
		{"-0", "0", true},
		{"0.1", "1e-1", true},
		{"9007199254740993", "9007199254740992", false},
		{"1", "2", false},
		{"1e999999999", "1e999999999", true},
		{"1e999999999", "2e999999999", false},
		{"1e-999999999", "0", false},
		{"1e99999999999999999999", "1", false},
		{long, long, true},
		{long, "1e1000000", false},
	} {
		if got := Equal(json.Number(c.a), json.Number(c.b)); got != c.want {
			t.Errorf("%.30s and %.30s: %v", c.a, c.b, got)
		}
	}
	if Equal(json.Number("1"), "1") || Equal(json.Number("1"), true) || Equal(nil, "") || Equal(nil, []any{}) {
		t.Error("values of different types are equal")
	}
}

func TestDiffFindsExactlyTheMutatedLeaves(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	found := 0
	for range 5000 {
		old := randomObject(r, 3)
		if d := Diff(old, old); len(d) != 0 {
			t.Fatalf("an object differs from itself at %v", d)
		}
		var want []string
		new := mutate(r, old, nil, &want)
		slices.Sort(want)
		var got []string
		for _, d := range Diff(old, new) {
			got = append(got, strings.Join(d.Path, "\x00"))
			a, _ := Lookup(old, d.Path)
			b, _ := Lookup(new, d.Path)
			if !Equal(a, d.Old) || !Equal(b, d.New) {
				t.Fatalf("at %v: %v to %v, want %v to %v", d.Path, d.Old, d.New, a, b)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v\nto\n%v\ndiffers at %q, want %q", old, new, got, want)
		}
		found += len(got)
	}
	if found < 1000 {
		t.Errorf("only %d differences: the test tests nothing", found)
	}
}

// mutate copies an object and gives some of its leaves another value.
func mutate(r *rand.Rand, v map[string]any, path []string, done *[]string) map[string]any {
	out := maps.Clone(v)
	note := func(k string) { *done = append(*done, strings.Join(append(slices.Clone(path), k), "\x00")) }
	for _, k := range slices.Sorted(maps.Keys(v)) {
		x := v[k]
		if m, ok := x.(map[string]any); ok {
			out[k] = mutate(r, m, append(slices.Clone(path), k), done)
			continue
		}
		switch r.Intn(6) {
		case 0:
			out[k] = "another value"
			note(k)
		case 1:
			delete(out, k)
			if !IsEmpty(x) {
				note(k)
			}
		}
	}
	if r.Intn(3) == 0 {
		out["new"] = json.Number("7")
		note("new")
	}
	return out
}

func TestDifferencePaths(t *testing.T) {
	d := Difference{Path: []string{"a", "b/c", "d~e"}}
	if d.Dotted() != "a.b/c.d~e" || d.Pointer() != "/a/b~1c/d~0e" {
		t.Errorf("%s, %s", d.Dotted(), d.Pointer())
	}
	if _, ok := Lookup(map[string]any{"a": []any{1}}, []string{"a", "0"}); ok {
		t.Error("a path leads into a list")
	}
}

func TestShowIsBoundedAndWellFormed(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	values := []any{
		strings.Repeat("ä", 500), strings.Repeat("😀", 500), "a" + strings.Repeat("日本", 100), "\xff\xfe" + strings.Repeat("\xff", 200),
		[]any{strings.Repeat("é", 300)},
		map[string]any{strings.Repeat("k", 300): evidence.Seal("x")},
		json.Number(strings.Repeat("1", 300)),
		"line\nbreak\x1b[31m",
		[]any{"\x1b[31m\u202e"},
	}
	for range 2000 {
		values = append(values, randomValue(r, 3))
	}
	for _, v := range values {
		s := Show(v)
		if len(s) > maxShown+len("...") || !utf8.ValidString(s) || s == "" || strings.ContainsAny(s, "\n\x1b") {
			t.Errorf("%.40q is shown as %q", fmt.Sprint(v), s)
		}
	}
	for want, v := range map[string]any{"null": nil, "(sensitive)": evidence.Seal("x"), `"a"`: "a", "true": true, "1.50": json.Number("1.50"), "[]": []any{}} {
		if got := Show(v); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestUnsettledAndEmpty(t *testing.T) {
	for text, want := range map[string]bool{
		`true`: true, `false`: false, `null`: false, `{}`: false, `[]`: false, `"true"`: false, `{"true":false}`: false,
		`[false,{"a":[true]}]`: true, `{"a":{"b":[false,false]},"c":true}`: true,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if Unsettled(v) != want || hasTrue([]byte(text)) != want && text != `"true"` {
			t.Errorf("%s: Unsettled %v, hasTrue %v", text, Unsettled(v), hasTrue([]byte(text)))
		}
	}
	for _, v := range []any{nil, "", []any{}, map[string]any{}} {
		if !IsEmpty(v) || !IsEmpty(evidence.Seal(v)) {
			t.Errorf("%#v says something", v)
		}
	}
	for _, v := range []any{"a", false, json.Number("0"), []any{nil}, map[string]any{"a": nil}} {
		if IsEmpty(v) || IsEmpty(evidence.Seal(v)) {
			t.Errorf("%#v says nothing", v)
		}
	}
}
