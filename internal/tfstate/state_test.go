package tfstate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

const small = `{"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"l-1","outputs":{"o":{"value":"SECRET","sensitive":true}},"resources":[
 {"mode":"managed","type":"t","name":"n","provider":"p","instances":[{"index_key":0,"attributes":{"id":"i-0","password":"SECRET"}},{"index_key":1,"deposed":"ab12","attributes":{"id":"i-1"}}]},
 {"module":"module.m[\"a.b\"]","mode":"managed","type":"t","name":"k","instances":[{"index_key":"x\"y","attributes":{"id":12345678901234567890}}]},
 {"mode":"data","type":"t","name":"d","instances":[{"attributes":{"id":null}}]},
 {"mode":"managed","type":"t","name":"none","instances":[{"attributes":null}]}]}`

const shown = `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"resources":[{"address":"t.n[0]","mode":"managed","type":"t","name":"n","values":{"id":"i-0"}}],
 "child_modules":[{"address":"module.m","resources":[{"address":"module.m.data.t.d","mode":"data","type":"t","values":{}}],"child_modules":[{"resources":[{"address":"module.m.module.n.t.x","type":"t","deposed_key":"k","values":{"id":"i-9"}}]}]}]}}}`

func read(t testing.TB, data []byte) (*State, error) {
	t.Helper()
	return Read(context.Background(), &evidence.Item{Kind: Kind(), Path: "terraform.tfstate", Blob: evidence.Bytes(data)})
}

func TestReadStates(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		want []string
	}{
		"file":  {small, []string{"t.n[0] i-0", "t.n[1] i-1 deposed", `module.m["a.b"].t.k["x\"y"] 12345678901234567890`, "data.t.d  data", "t.none "}},
		"bom":   {"\xef\xbb\xbf" + shown, []string{"t.n[0] i-0", "module.m.data.t.d  data", "module.m.module.n.t.x i-9 deposed"}},
		"empty": {`{"format_version":"1.0"}`, nil},
		"none":  {`{"version":4,"terraform_version":"1.5","serial":0,"lineage":"","resources":[]}`, nil},
		"newer": {`{"version":4,"resources":[],"check_results":null,"newer":{"a":[1]}}`, nil},
	} {
		s, err := read(t, []byte(c.data))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, o := range s.Objects {
			line := o.Address + " " + o.ID
			if o.Data {
				line += " data"
			}
			if o.Deposed {
				line += " deposed"
			}
			got = append(got, line)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if strings.Contains(fmt.Sprintf("%#v", s), "SECRET") {
			t.Errorf("%s: a value was kept", name)
		}
	}
	s, _ := read(t, []byte(small))
	if s.Serial != 7 || s.Lineage != "l-1" || s.Terraform != "1.11.4" {
		t.Errorf("%+v", s)
	}
}

func TestBadStates(t *testing.T) {
	for name, c := range map[string]struct{ data, reason string }{
		"empty":              {"", "empty"},
		"not JSON":           {"hello", "not a valid state"},
		"an array":           {"[]", "not a valid state"},
		"neither":            {"{}", "neither version nor format_version"},
		"version 3":          {`{"version":3,"modules":[]}`, "version 3"},
		"other major":        {`{"format_version":"2.0","values":{"root_module":{}}}`, `"2.0"`},
		"resources are text": {`{"version":4,"resources":"x"}`, "not a valid state"},
		"two documents":      {`{"version":4,"resources":[]}{"version":4}`, "more"},
		"nested too deep":    {`{"version":4,"resources":` + strings.Repeat("[", 1_000_000), "not a valid state"},
		"nul bytes":          {"\x00\x00", "not a valid state"},
		"modules too deep":   {`{"format_version":"1.0","values":{"root_module":` + strings.Repeat(`{"child_modules":[`, 200_000), "not a valid state"},
	} {
		s, err := read(t, []byte(c.data))
		var p *evidence.Problem
		if s != nil || !errors.As(err, &p) || !strings.Contains(p.Reason, c.reason) || p.Do == "" {
			t.Errorf("%s: %v, %v, want %q", name, s, err, c.reason)
		}
	}
	for n := range len(small) {
		s, err := read(t, []byte(small[:n]))
		var p *evidence.Problem
		if s != nil || !errors.As(err, &p) || n > 0 && !strings.Contains(p.Reason, "truncated") {
			t.Fatalf("cut at %d: %v, %v", n, s, err)
		}
		if strings.Contains(err.Error(), "SECRET") {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

type tooLarge struct{ evidence.Blob }

func (tooLarge) Size() int64 { return MaxSize + 1 }

func TestLargeStatesAreRefused(t *testing.T) {
	_, err := Read(context.Background(), &evidence.Item{Blob: tooLarge{evidence.Bytes(nil)}})
	if err == nil || !strings.Contains(err.Error(), "larger than 512 MiB") {
		t.Error(err)
	}
}

func TestDetectStates(t *testing.T) {
	for name, c := range map[string]struct {
		file, head string
		want       bool
	}{
		"file":           {"terraform.tfstate", small, true},
		"without a name": {"x.json", small, true},
		"shown":          {"x.json", shown, true},
		"a plan":         {"x.json", `{"format_version":"1.2","resource_changes":[],"values":{"root_module":1}}`, false},
		"prior state":    {"x.json", `{"format_version":"1.2","planned_values":{"root_module":{}},"prior_state":{"values":{}}}`, false},
		"yaml":           {"x.yaml", "lineage: serial", false},
		"empty":          {"terraform.tfstate", "", false},
	} {
		if kind, problem := Detect(c.file, []byte(c.head)); (kind == Kind()) != c.want || problem != nil {
			t.Errorf("%s: %v, %v", name, kind, problem)
		}
	}
}

// TestSharedStates compares the real states with a plain decoding.
func TestSharedStates(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/states/*")
	seen := 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil || !strings.HasSuffix(f, "json") && !strings.HasSuffix(f, "tfstate") {
			continue
		}
		var doc struct {
			Version   int
			Resources []struct{ Instances []any }
		}
		if json.Unmarshal(data, &doc) != nil || doc.Version != 4 {
			continue
		}
		seen++
		want := 0
		for _, r := range doc.Resources {
			want += len(r.Instances)
		}
		s, err := read(t, data)
		if err != nil || len(s.Objects) != want {
			t.Errorf("%s: %v, want %d objects", f, err, want)
		}
	}
	if len(files) > 0 && seen == 0 {
		t.Error("there are states and none was read")
	}
	if len(files) == 0 {
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal("shared data is not beside the project: set POLYGRAPH_SHARED")
		}
		t.Skip("shared data is not beside the project")
	}
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{small, shown, `{"version":3}`, `{"format_version":"1.0"}`, "\xef\xbb\xbf{}", `{"version":4,"resources":[{"instances":[{"index_key":{}}]}]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		Detect("x.tfstate", data)
		s, err := read(t, data)
		var p *evidence.Problem
		if err != nil && (!errors.As(err, &p) || p.Reason == "" || p.Do == "") || (s == nil) != (err != nil) {
			t.Fatalf("%v, %#v", s, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var rows []string
	for i := range 10_000 {
		rows = append(rows, fmt.Sprintf(`{"mode":"managed","type":"t","name":"n%d","instances":[{"attributes":{"id":"i-%d","tags":{"a":"b"},"list":[1,2,3],"text":%q}}]}`, i, i, strings.Repeat("x", 200)))
	}
	data := []byte(`{"version":4,"resources":[` + strings.Join(rows, ",") + `]}`)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if s, err := read(b, data); err != nil || len(s.Objects) != 10_000 {
			b.Fatal(err)
		}
	}
}
