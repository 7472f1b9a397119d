package identity

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/tfstate"
)

func shared(t *testing.T) string {
	t.Helper()
	root, isSet := os.LookupEnv("POLYGRAPH_SHARED")
	if !isSet {
		root = filepath.Join("..", "..", "..", "shared")
	}
	if _, err := os.Stat(filepath.Join(root, "data")); err != nil {
		if isSet || os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip("shared data is not beside the project; set POLYGRAPH_SHARED: ", err)
	}
	return root
}

type attribute struct{ Required, Optional, Computed bool }

// TestTypesAgainstTheSchema: each type exists, and each attribute that is said
// to be given out once is one that only the provider sets.
func TestTypesAgainstTheSchema(t *testing.T) {
	f, err := os.Open(filepath.Join(shared(t), "data", "aws-schema", "aws-provider-6.25.0.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Resources map[string]struct{ Attributes map[string]attribute }
	}
	if err := json.NewDecoder(z).Decode(&schema); err != nil {
		t.Fatal(err)
	}
	for name, typ := range known {
		if !strings.HasPrefix(name, "aws_") {
			continue
		}
		r, ok := schema.Resources[name]
		if !ok {
			t.Errorf("the provider has no %s", name)
			continue
		}
		for _, m := range typ.Of {
			if _, ok := r.Attributes[m]; !ok {
				t.Errorf("%s has no %s", name, m)
			}
		}
		for _, m := range slices.Concat(typ.Marks, typ.Seen) {
			if a, ok := r.Attributes[m]; !ok || !a.Computed || a.Optional || a.Required {
				t.Errorf("%s.%s is not computed only: %+v", name, m, a)
			}
		}
	}
}

// TestStatesKeepWhatTells: what a type is known by is kept of a state.
func TestStatesKeepWhatTells(t *testing.T) {
	for name, typ := range known {
		for _, m := range slices.Concat(typ.Marks, typ.Seen, typ.Of) {
			r := root(t, resource(name, "n", `"`+m+`":"x"`))
			if got := r.Objects[0].Marks; len(got) != 1 || got[0].Attribute != m {
				t.Errorf("%s.%s is not kept: %+v", name, m, got)
			}
		}
	}
}

// TestFixedAgainstTheProvidersSource: where another id proves another object,
// what the id is made of forces a new one in the provider's source.
func TestFixedAgainstTheProvidersSource(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "test", "mockaws", "behaviour.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Resources map[string]struct {
			ForceNew []struct {
				Source string
				Paths  []string
			} `json:"force_new"`
			Values map[string]any
		}
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	// Not in the mock; the id is an argument that forces a new object too.
	others := []string{"aws_neptune_cluster", "aws_neptune_cluster_instance"}
	for name, typ := range known {
		if typ.ID != Fixed || slices.Contains(others, name) {
			continue
		}
		r, ok := file.Resources[name]
		if !ok {
			t.Errorf("there is no source for %s", name)
			continue
		}
		var forced []string
		for _, f := range r.ForceNew {
			forced = append(forced, f.Paths...)
		}
		id, _ := r.Values["id"].(string)
		for _, via := range []string{"arn", "url"} {
			if id == "{"+via+"}" {
				id, _ = r.Values[via].(string)
			}
		}
		for _, part := range strings.Split(id, "{")[1:] {
			part, _, _ = strings.Cut(part, "}")
			switch {
			case part == "region", part == "account", strings.HasPrefix(part, "hex"), part == "next":
			case part == "id" || slices.Contains(forced, part):
			default:
				t.Errorf("the id of %s is made of %s, which does not force a new object", name, part)
			}
		}
	}
}

// TestTypesAgainstRealStates: a generated id holds no name that the user chose,
// and a state is the same as itself where anything can be told.
func TestTypesAgainstRealStates(t *testing.T) {
	paths, _ := filepath.Glob(filepath.Join(shared(t), "data", "states", "*"))
	told, open := 0, 0
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		s, err := tfstate.Read(context.Background(), &evidence.Item{Path: p, Blob: evidence.Bytes(data)})
		if err != nil {
			continue // some are broken on purpose
		}
		for _, o := range s.Objects {
			name, _ := o.Attributes["name"].(string)
			if typeOf(o.Type).ID == Generated && name != "" && o.ID == name {
				t.Errorf("%s: the id of %s is its name", filepath.Base(p), o.Address)
			}
		}
		for _, r := range Compare(FromState(s, "before"), FromState(s, "after")) {
			switch r.How {
			case Kept:
				told++
			case CannotTell:
				open++
			default:
				t.Errorf("%s: %s compared with itself is %d", filepath.Base(p), r.Name, r.How)
			}
			if r.Verdict == Different {
				t.Errorf("%s: %s differs from itself", filepath.Base(p), r.Name)
			}
		}
	}
	t.Logf("%d states: %d objects known again, %d cannot be told", len(paths), told, open)
	if told < 100 {
		t.Error("hardly any object is known again")
	}
}
