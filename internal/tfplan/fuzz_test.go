package tfplan

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func seeds(f *testing.F) [][]byte {
	out := [][]byte{
		[]byte(smallPlan), []byte(`{"resource_changes":[]}`), []byte(widePlan(2, "\r\n")), []byte(`{"planned_values":{}}`), []byte("PK\x03\x04" + strings.Repeat("\x00", 26) + "tfplan"),
		utf16Of(`{"resource_changes":[{"address":"t.n"}]}`, binary.LittleEndian), []byte("\xef\xbb\xbf{\"resource_drift\":[null]}"),
		[]byte(`{"format_version":"2.0"}`), []byte(`{"resource_changes":[{"address":"\ud800\u0000"}]}`),
	}
	files, _ := filepath.Glob("../../../shared/data/plans/*/*.json")
	for _, name := range files {
		if info, err := os.Stat(name); err == nil && info.Size() < 4000 {
			if data, err := os.ReadFile(name); err == nil {
				out = append(out, data)
			}
		}
	}
	return out
}

// FuzzRead: any bytes are a plan or a problem. What encoding/json can decode as
// a plan has the same addresses here.
func FuzzRead(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := readPlan(t, data)
		if err != nil {
			var problem *evidence.Problem
			if !errors.As(err, &problem) || problem.Reason == "" || problem.Do == "" || p != nil {
				t.Fatalf("refused with %#v", err)
			}
			return
		}
		for _, list := range [][]Change{p.Changes, p.Drift, p.Deferred} {
			for i := range list {
				c := &list[i]
				if off := p.Offset(c); off < 0 || off > int64(len(data)) || c.Address == "" {
					t.Fatalf("%q at byte %d of %d", c.Address, off, len(data))
				}
				if d, err := p.Detail(c); err == nil {
					Diff(d.Before, d.After)
				}
				if c.Node >= 0 {
					p.Graph.Inputs(c.Node)
				}
			}
		}
		for i := range p.Graph.Nodes() {
			p.Graph.Inputs(int32(i))
			p.Graph.Scope(p.Graph.Module(int32(i)))
			_ = p.Graph.Pointer(int32(i), "a")
		}
		var lean struct {
			Changes []*struct{ Address string } `json:"resource_changes"`
		}
		// Keys that differ in case are one to encoding/json and two to Terraform.
		if json.Unmarshal(decodeHead(data), &lean) != nil || bytes.Contains(bytes.ToLower(data), []byte("\\u")) || caseVariants(data) {
			return
		}
		if len(lean.Changes) != len(p.Changes) {
			t.Fatalf("%d changes, encoding/json has %d", len(p.Changes), len(lean.Changes))
		}
		for i, l := range lean.Changes {
			if l != nil && l.Address != "" && l.Address != p.Changes[i].Address {
				t.Fatalf("change %d is %q, encoding/json has %q", i, p.Changes[i].Address, l.Address)
			}
		}
	})
}

// caseVariants tells that a key is written in more than one way.
func caseVariants(data []byte) bool {
	lower := bytes.ToLower(data)
	for _, key := range []string{"resource_changes", "address"} {
		if bytes.Count(lower, []byte(key)) != bytes.Count(data, []byte(key)) {
			return true
		}
	}
	return bytes.ContainsAny(data, "ſ\u212a")
}

// FuzzDetect: a head of any bytes is recognised or not, and what is detected is
// detected in UTF-16 as well.
func FuzzDetect(f *testing.F) {
	for _, s := range seeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		kind, problem := Detect("x", head)
		if kind != nil && (kind != Kind() || problem != nil) {
			t.Fatalf("%v and %v", kind, problem)
		}
		if IsBinary(head) != (problem != nil) {
			t.Fatalf("binary %v, problem %v", IsBinary(head), problem)
		}
	})
}

// TestDetect: the head may end anywhere.
func TestDetect(t *testing.T) {
	for name, c := range map[string]struct {
		head   string
		plan   bool
		binary bool
	}{
		"plan":                     {smallPlan, true, false},
		"utf16":                    {string(utf16Of(smallPlan, binary.LittleEndian)), true, false},
		"bom":                      {"\xef\xbb\xbf" + smallPlan, true, false},
		"cut in changes":           {smallPlan[:strings.Index(smallPlan, "delete")], true, false},
		"cut in the first section": {`{"format_version":"1.2","configuration":{"root_module":{`, true, false},
		"cut in prior state":       {`{"format_version":"1.0","prior_state":{"format_version":`, true, false},
		"state":                    {`{"version":4,"terraform_version":"1.5","serial":1,"lineage":"x","resources":[`, false, false},
		"shown state":              {`{"format_version":"1.0","terraform_version":"1.5","values":{"root_module":{`, false, false},
		"other json":               {`{"kind":"Pod","spec":{`, false, false},
		"array":                    {`[{"resource_changes":[]}]`, false, false},
		"yaml":                     {"resource_changes: []", false, false},
		"empty":                    {"", false, false},
		"binary":                   {"PK\x03\x04" + strings.Repeat("\x00", 26) + "tfplan\x00", false, true},
		"another zip":              {"PK\x03\x04" + strings.Repeat("\x00", 26) + "README\x00", false, false},
	} {
		kind, problem := Detect("plan.json", []byte(c.head))
		if (kind == Kind()) != c.plan || (problem != nil) != c.binary {
			t.Errorf("%s: %v, %v", name, kind, problem)
		}
		if problem != nil && (problem.Reason == "" || problem.Do == "") {
			t.Errorf("%s: %+v", name, problem)
		}
	}
}
