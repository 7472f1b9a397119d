package mutability

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write table.txt from the sources")

// shared is where the schema and CloudFormation's specification lie.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root, isSet := os.LookupEnv("POLYGRAPH_SHARED")
	if !isSet {
		root = filepath.Join("..", "..", "..", "shared")
	}
	path := filepath.Join(append([]string{root, "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		if isSet || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip("shared data is not beside the module; set POLYGRAPH_SHARED: ", err)
	}
	return path
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatal(path, err)
	}
}

type schemaBlock struct {
	Attributes map[string]schemaAttribute
	Blocks     map[string]schemaBlock
}

type schemaAttribute struct{ Required, Optional, Computed bool }

// arguments are the fields that somebody can set, dotted.
func (b schemaBlock) arguments(prefix string, out map[string]bool) {
	for name, a := range b.Attributes {
		if a.Required || a.Optional {
			out[prefix+name] = true
		}
	}
	for name, inner := range b.Blocks {
		if name != "timeouts" {
			out[prefix+name] = true
			inner.arguments(prefix+name+".", out)
		}
	}
}

func providerSchema(t *testing.T) map[string]schemaBlock {
	t.Helper()
	f, err := os.Open(shared(t, "aws-schema", "aws-provider-6.25.0.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Resources map[string]schemaBlock }
	if err := json.NewDecoder(z).Decode(&s); err != nil {
		t.Fatal(err)
	}
	return s.Resources
}

type behaviours struct {
	Resources map[string]struct {
		ForceNew []struct {
			Source string
			Paths  []string
		} `json:"force_new"`
	}
}

func behaviour(t *testing.T) behaviours {
	t.Helper()
	var b behaviours
	readJSON(t, filepath.Join("..", "..", "test", "mockaws", "behaviour.json"), &b)
	return b
}

type readByHand struct {
	Types map[string]struct {
		Source      string
		Partial     bool // the schema was not read as a whole, or is an old one
		Extra       bool // adds to what is known otherwise
		Replaces    []string
		InPlace     map[string]string `json:"in_place"`
		Conditional map[string]string
	}
}

type mapping struct {
	Types      map[string]string
	Properties map[string]map[string]string
	Never      []string
}

// generate makes the table.
func generate(t *testing.T) string {
	schema := providerSchema(t)
	var spec struct {
		Types map[string]map[string]string `json:"resource_types"`
	}
	readJSON(t, shared(t, "cfn", "mutability.json"), &spec)
	var hand readByHand
	readJSON(t, filepath.Join("testdata", "provider.json"), &hand)
	var names mapping
	readJSON(t, filepath.Join("testdata", "cloudformation.json"), &names)
	known := behaviour(t)

	bySound := map[string]string{}
	for typ := range spec.Types {
		p := strings.Split(typ, "::")
		bySound[strings.ToLower(p[1]+p[2])] = typ
	}
	var sources []string
	number := func(s string) int {
		if i := slices.Index(sources, s); i >= 0 {
			return i
		}
		sources = append(sources, s)
		return len(sources) - 1
	}
	var body strings.Builder
	for _, typ := range slices.Sorted(maps.Keys(schema)) {
		cf, mapped := names.Types[typ]
		if !mapped {
			cf = bySound[strings.ReplaceAll(strings.TrimPrefix(typ, "aws_"), "_", "")]
		}
		if cf != "" && spec.Types[cf] == nil {
			t.Errorf("%s: CloudFormation has no type %s", typ, cf)
		}
		b, h := known.Resources[typ], hand.Types[typ]
		if len(b.ForceNew) == 0 && h.Source == "" && cf == "" {
			continue
		}
		fields := map[string]bool{}
		schema[typ].arguments("", fields)
		provider := map[string]string{}
		whole := -1
		for _, f := range b.ForceNew {
			n := number(f.Source)
			if whole < 0 {
				whole = n
			}
			for _, p := range f.Paths {
				if !fields[p] {
					t.Logf("%s.%s forces a replacement and is no argument in the schema", typ, p)
				}
				for f := range fields {
					if f == p || strings.HasPrefix(f, p+".") {
						provider[f] = fmt.Sprint("R", n)
					}
				}
			}
		}
		if h.Source != "" {
			n := number(h.Source)
			if whole < 0 && !h.Partial && !h.Extra {
				whole = n
			}
			say := func(code string, paths map[string]string) {
				for p, reason := range paths {
					if !fields[p] {
						t.Errorf("%s.%s is no argument in the schema", typ, p)
					}
					provider[p] = fmt.Sprintf("%s%d:%s", code, n, reason)
				}
			}
			for _, p := range h.Replaces {
				if !fields[p] {
					t.Errorf("%s.%s is no argument in the schema", typ, p)
				}
				for f := range fields {
					if f == p || strings.HasPrefix(f, p+".") {
						provider[f] = fmt.Sprint("R", n)
					}
				}
			}
			say("U", h.InPlace)
			say("K", h.Conditional)
		}
		fmt.Fprintf(&body, "= %s %s %s\n", typ, or(cf), or(map[bool]string{true: fmt.Sprint(whole)}[whole >= 0]))
		for _, f := range slices.Sorted(maps.Keys(fields)) {
			if slices.Contains(names.Never, f) || strings.Contains(f, ".") && provider[f] == "" {
				continue
			}
			p := provider[f]
			if p == "" && whole >= 0 {
				p = "a"
			}
			fmt.Fprintf(&body, "%s\t%s\t%s\n", f, or(p), or(property(spec.Types[cf], names.Properties[typ], f)))
		}
	}
	var out strings.Builder
	for i, s := range sources {
		fmt.Fprintf(&out, "! %d %s\n", i, s)
	}
	return out.String() + body.String()
}

// property finds the property of a field, as "I:StorageEncrypted".
func property(spec, exceptions map[string]string, field string) string {
	want := exceptions[field]
	for _, p := range slices.Sorted(maps.Keys(spec)) {
		if p == want || want == "" && strings.EqualFold(p, strings.ReplaceAll(field, "_", "")) {
			return spec[p][:1] + ":" + p
		}
	}
	return ""
}

func or(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// TestTableIsFresh fails when the sources say something else than table.txt.
func TestTableIsFresh(t *testing.T) {
	got := generate(t)
	if *update {
		if err := os.WriteFile("table.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != tableText {
		t.Error("table.txt is not what its sources say: go test ./internal/mutability -run Fresh -update, and read the difference")
	}
}
