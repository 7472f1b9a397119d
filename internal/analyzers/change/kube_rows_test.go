package change

import (
	"testing"

	"polygraph/internal/fields"
	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// TestDifference: what a row shows of an edit tells the two values apart.
func TestDifference(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a string becomes a number":   {`{a: "1"}`, `{a: 1}`, `"1" -> 1`},
		"a number becomes a string":   {`{a: 1}`, `{a: "1"}`, `1 -> "1"`},
		"a string becomes a bool":     {`{a: "true"}`, `{a: true}`, `"true" -> true`},
		"strings":                     {`{a: b}`, `{a: c}`, `b -> c`},
		"one field, several fields":   {`{a: {b: 1}}`, `{a: {b: 1, c: 1}}`, `{1 field} -> {2 fields}`},
		"one item, several items":     {`{a: [b]}`, `{a: [b, c]}`, `[1 item] -> [2 items]`},
		"an empty string, quoted":     {`{a: ""}`, `{a: 1}`, `"" -> 1`},
		"what comes is not in quotes": {`{b: 1}`, `{a: c}`, `(none) -> c`},
	} {
		value := func(text string) *kubeobj.Value {
			f, problem := kubeobj.Parse("a.yaml", []byte("apiVersion: v1\nkind: A\nmetadata: {name: a}\nspec: "+text+"\n"))
			if problem != nil || len(f.Objects) != 1 {
				t.Fatal(problem)
			}
			return f.Objects[0].Get("spec", "a")
		}
		if got := difference(&fields.Edit{Path: "spec.a", Old: value(c.old), New: value(c.new)}); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for want, versions := range map[string][]kubeschema.Version{
		"1.29":                           {29},
		"1.29 to 1.31":                   {29, 30, 31},
		"1.29 and 1.36 to 1.37":          {29, 36, 37},
		"1.29 to 1.30 and 1.32 and 1.37": {29, 30, 32, 37},
	} {
		if got := span(versions); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
