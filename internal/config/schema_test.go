package config

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"polygraph/internal/exceptions"
)

func compiled(t *testing.T, schema []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:test", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:test") // this checks it against the meta-schema
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// unsayable are the reasons of Parse that no schema can have: they relate
// values to each other, to the rules, or are syntax within a text.
var unsayable = regexp.MustCompile(strings.Join([]string{
	`no rule is called`, `overlaps`, `is no date`, `bad glob`, `\*\* crosses no folders`, `is no path within`,
	`has nothing to be recognised by`, `is in \S+ and, in line`, `the same exception as`, `is no address range`, `has bits set`,
	`IPv4 written as`, `has no length`, `has the invisible character`, `cannot excuse exceptions`, `has space around`,
}, "|"))

// TestSchemaAgrees changes random things in random documents. What the schema
// refuses Parse refuses; what only Parse refuses has one of the reasons above.
func TestSchemaAgrees(t *testing.T) {
	schema := compiled(t, Schema())
	r := rand.New(rand.NewPCG(3, 7))
	both, neither, parseOnly := 0, 0, 0
	for range 4000 {
		doc := document1(r)
		for range r.IntN(3) {
			change(r, doc)
		}
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		again, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		says := schema.Validate(again)
		_, err = Parse("p.yaml", data, rules)
		switch {
		case says == nil && err == nil:
			neither++
		case says != nil && err != nil:
			both++
		case says != nil:
			t.Fatalf("only the schema refuses %s\n%v", data, says)
		default:
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if !unsayable.MatchString(line) {
					t.Fatalf("only Parse refuses %s\n%s", data, line)
				}
			}
			parseOnly++
		}
	}
	t.Logf("both refuse %d, both accept %d, only Parse refuses %d", both, neither, parseOnly)
	if both < 500 || neither < 500 || parseOnly < 50 {
		t.Error("the documents are too much alike")
	}
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func strs(r *rand.Rand, of ...string) []any {
	var out []any
	for range r.IntN(3) {
		out = append(out, pick(r, of...))
	}
	return out
}

// document1 makes a document that is often in order.
func document1(r *rand.Rand) map[string]any {
	environments := map[string]any{}
	for _, name := range []string{"dev", "prod"}[:r.IntN(3)] {
		e := map[string]any{"names": []any{"*-" + name + "-*"}}
		if r.IntN(2) == 0 {
			e["cidrs"] = strs(r, "10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32")
			e["accounts"] = strs(r, "011122223333", "a-project")
		}
		if r.IntN(2) == 0 {
			e["tags"] = map[string]any{"env": []any{name}}
			e["paths"] = strs(r, "envs/"+name+"/**", "a/*.json", "x[")
			e["vpcs"], e["namespaces"] = strs(r, "vpc-"+name), strs(r, name)
		}
		environments[name] = e
	}
	var list []any
	for range r.IntN(3) {
		e := map[string]any{"owner": "o", "reason": "r", "expires": pick(r, "2026-12-31", "2026-12-31", "2026-02-30")}
		if r.IntN(3) == 0 {
			e["fingerprint"] = "v1:0123456789abcdef0123456" + pick(r, "1", "2", "3", "4")
		} else {
			e["rule"], e["subject"] = pick(r, "CHG001", "CHG002", "CHG003", "CHG001", "CHG009"), pick(r, "a*", "b?", `c\*`, "d")
		}
		if r.IntN(2) == 0 {
			e["environment"] = pick(r, "dev", "prod")
		}
		list = append(list, e)
	}
	doc := map[string]any{
		"version": 1, "environments": environments, "exceptions": list,
		"rules":           map[string]any{"CHG001": map[string]any{"severity": "low"}, "CHG002": map[string]any{"off": true, "reason": "x"}},
		"sla":             map[string]any{"high": 30, "low": r.IntN(400) + 1},
		"ledger":          pick(r, "first", "a/b", "a/./b"),
		"gate":            map[string]any{"fail_on": "unproven", "min_severity": "info"},
		"exception_files": strs(r, "exceptions/*.yaml", "x.yaml"),
	}
	if len(list) == 0 {
		delete(doc, "exceptions")
	}
	for k, v := range doc {
		if l, ok := v.([]any); ok && l == nil {
			doc[k] = []any{}
		}
	}
	clean(doc)
	return doc
}

// clean turns lists that are nil, which would be null, into empty ones.
func clean(m map[string]any) {
	for k, v := range m {
		switch v := v.(type) {
		case []any:
			if v == nil {
				m[k] = []any{}
			}
		case map[string]any:
			clean(v)
		}
	}
}

// change does one thing to a random place.
func change(r *rand.Rand, doc map[string]any) {
	keys := slices.Sorted(maps.Keys(doc))
	if len(keys) == 0 {
		return
	}
	k := pick(r, keys...)
	switch v := doc[k].(type) {
	case map[string]any:
		if r.IntN(5) > 0 {
			change(r, v)
			return
		}
	case []any:
		if len(v) > 0 && r.IntN(5) > 0 {
			i := r.IntN(len(v))
			if m, ok := v[i].(map[string]any); ok {
				change(r, m)
			} else {
				v[i] = value(r)
			}
			return
		}
	}
	switch r.IntN(4) {
	case 0:
		delete(doc, k)
	case 1:
		doc[k+"x"] = doc[k]
	case 2:
		doc[pick(r, "reason", "off", "rule", "fingerprint", "subject", "critical", "CHG003", "extra")] = value(r)
	default:
		doc[k] = value(r)
	}
}

func value(r *rand.Rand) any {
	return pick[any](r, 0, 1, -1, 7, 4000, 2, true, false, "", " ", "x", "high", "CHG001", "CHG1", "refuted", "2026-01-01", "2026-1-1",
		"v1:0123456789abcdef01234567", "v1:x", "10.0.0.0/8", "10.0.0.1/8", "::/0", "nonsense", "../x", "/x", `a\b`, "a**", "a\nb", "\u202e",
		[]any{}, []any{"x"}, []any{1}, []any{[]any{}}, map[string]any{}, map[string]any{"x": "y"}, map[string]any{"off": true}, nil)
}

func TestSchemaDescribesEverything(t *testing.T) {
	for name, data := range map[string][]byte{"config": Schema(), "exceptions": exceptions.Schema()} {
		compiled(t, data)
		var doc any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		n := 0
		var visit func(v any, path string)
		visit = func(v any, path string) {
			m, _ := v.(map[string]any)
			for k, p := range m {
				if properties, ok := p.(map[string]any); ok && k == "properties" && m["type"] == "object" {
					for key, sub := range properties {
						n++
						if d, _ := sub.(map[string]any)["description"].(string); d == "" {
							t.Errorf("%s: %s/%s has no description", name, path, key)
						}
					}
				}
				visit(p, path+"/"+k)
			}
		}
		visit(doc, "")
		if n < 8 {
			t.Errorf("%s: %d keys", name, n)
		}
		if !bytes.Equal(data, map[string][]byte{"config": Schema(), "exceptions": exceptions.Schema()}[name]) {
			t.Error("it is written differently each time")
		}
	}
}

func TestSchemaAcceptsTheFullExample(t *testing.T) {
	data, err := os.ReadFile("testdata/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	doc = dates(doc)
	if err := compiled(t, Schema()).Validate(doc); err != nil {
		t.Error(err)
	}
}

// dates turns what YAML takes for a date into its text, as editors do.
func dates(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = dates(x)
		}
	case []any:
		for i, x := range v {
			v[i] = dates(x)
		}
	case time.Time:
		return v.Format(time.DateOnly)
	}
	return v
}
