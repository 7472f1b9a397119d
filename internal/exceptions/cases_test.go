package exceptions

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var (
	known = []string{"CHG001", "CHG002", "CHG003", "CHG004", "EXC001", "EXC002", "EXC003"}
	today = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
)

// side is one half of a case: files by name and the guilty lines.
type side struct {
	files map[string]string
	want  []string
}

func readCase(t *testing.T, id string) (bad, good side) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", id+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`[ \t]*# want (` + id + `)[ \t]*$`)
	sides := map[string]*side{"bad": {files: map[string]string{}}, "good": {files: map[string]string{}}}
	ar := txtar.Parse(data)
	if len(strings.TrimSpace(string(ar.Comment))) == 0 {
		t.Fatal("the case must start with a sentence")
	}
	for _, f := range ar.Files {
		which, name, _ := strings.Cut(f.Name, "/")
		s := sides[which]
		if s == nil {
			t.Fatalf("%s is neither in bad/ nor in good/", f.Name)
		}
		lines := strings.Split(string(f.Data), "\n")
		for i, line := range lines {
			if m := mark.FindStringIndex(line); m != nil {
				s.want = append(s.want, fmt.Sprintf("%s:%d", name, i+1))
				lines[i] = line[:m[0]]
			}
		}
		s.files[name] = strings.Join(lines, "\n")
	}
	return *sides["bad"], *sides["good"]
}

// outcome is what a run says: findings by rule.
type outcome struct {
	summary *run.Summary
	of      map[string][]finding.Finding
}

func (o *outcome) refuted(rule string) []string {
	var out []string
	for _, f := range o.of[rule] {
		if f.Verdict == finding.Refuted {
			out = append(out, fmt.Sprintf("%s:%d", f.At().File, f.At().Line))
		}
	}
	slices.Sort(out)
	return out
}

// byFolder is what the polygraph.yaml of a case declares: each folder is an
// environment. Package environment is tested for reading it.
type byFolder struct{}

func (byFolder) Settle(s *analysis.Settlement) error {
	for _, f := range s.Findings {
		s.Rename(f, filepath.Dir(f.At().File), "")
	}
	return nil
}

func examine(t *testing.T, files map[string]string) *outcome {
	t.Helper()
	p := &Policy{Known: known}
	policies := []analysis.Policy{p}
	var in analysis.Evidence
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if strings.HasSuffix(name, ".json") {
			in.Items = append(in.Items, &evidence.Item{Kind: evidence.TerraformPlan(), Path: name, Blob: evidence.Bytes([]byte(files[name]))})
			continue
		}
		if name == "polygraph.yaml" {
			policies = append([]analysis.Policy{byFolder{}}, policies...)
			continue
		}
		list, err := ParseFile(name, []byte(files[name]), known)
		if err != nil {
			t.Fatal(err)
		}
		p.List = append(p.List, list...)
	}
	o := &outcome{of: map[string][]finding.Finding{}}
	r := analysis.Runner{
		Analyzers: []*analysis.Analyzer{change.Analyzer()}, Policies: policies,
		Clock: func() time.Time { return today },
	}
	var err error
	o.summary, err = r.Run(context.Background(), in, func(m *run.Message) error {
		if m.Finding != nil {
			o.of[m.Finding.Rule] = append(o.of[m.Finding.Rule], *m.Finding)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// with returns the files with one text replaced in one of them; that the text
// is there is part of the test.
func with(t *testing.T, files map[string]string, name, old, replacement string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for n, data := range files {
		out[n] = data
	}
	if !strings.Contains(out[name], old) {
		t.Fatalf("%s has no %q", name, old)
	}
	out[name] = strings.ReplaceAll(out[name], old, replacement)
	return out
}

func without(files map[string]string, gone ...string) map[string]string {
	out := map[string]string{}
	for n, data := range files {
		if !slices.Contains(gone, n) {
			out[n] = data
		}
	}
	return out
}

func TestValid(t *testing.T) {
	if err := analysis.Validate([]*analysis.Analyzer{change.Analyzer(), Analyzer()}); err != nil {
		t.Fatal(err)
	}
	for _, r := range Analyzer().Rules {
		if len(r.Sources) == 0 {
			t.Errorf("%s names no source", r.ID)
		}
	}
}

// TestCases: each rule refutes its bad case at the marked lines, and nothing in
// its good case.
func TestCases(t *testing.T) {
	for _, r := range Analyzer().Rules {
		t.Run(r.ID, func(t *testing.T) {
			bad, good := readCase(t, r.ID)
			o := examine(t, bad.files)
			if got := o.refuted(r.ID); len(bad.want) == 0 || !slices.Equal(got, bad.want) {
				t.Errorf("refuted at %v, want %v", got, bad.want)
			}
			for _, f := range o.of[r.ID] {
				if f.Claim != r.Claim || f.Severity != r.Severity || f.Analyzer != "exceptions" || f.Subject.Kind != "exception" || f.Remedy.Text == "" {
					t.Errorf("%+v", f)
				}
			}
			if o.summary.Excepted != 0 || len(o.refuted("CHG002")) == 0 {
				t.Errorf("the bad exception excuses %d, and %v stay", o.summary.Excepted, o.refuted("CHG002"))
			}
			o = examine(t, good.files)
			for _, r := range Analyzer().Rules {
				if n := len(o.of[r.ID]); n > 0 {
					t.Errorf("good: %d of %s", n, r.ID)
				}
			}
			if o.summary.Excepted != 1 || o.summary.Verdict == finding.Holds {
				t.Errorf("good: %d excepted, and the run is %s", o.summary.Excepted, o.summary.Verdict)
			}
		})
	}
}

// TestHonesty: without its evidence nobody is accused.
func TestHonesty(t *testing.T) {
	for _, c := range []struct {
		rule string
		gone []string
	}{
		{"EXC001", []string{"exceptions.yaml"}},
		{"EXC002", []string{"exceptions.yaml"}},
		{"EXC002", []string{"plan.json"}},
		{"EXC003", []string{"exceptions.yaml"}},
		{"EXC003", []string{"dev/plan.json"}},
		{"EXC003", []string{"prod/plan.json"}},
		{"EXC003", []string{"dev/plan.json", "prod/plan.json"}},
	} {
		bad, _ := readCase(t, c.rule)
		for _, r := range Analyzer().Rules {
			if got := examine(t, without(bad.files, c.gone...)).refuted(r.ID); len(got) > 0 {
				t.Errorf("%s without %v: %s is refuted at %v", c.rule, c.gone, r.ID, got)
			}
		}
	}
	// What a plan leaves open may be what was excused.
	bad, _ := readCase(t, "EXC002")
	for _, change := range [][2]string{
		{`"format_version": "1.2",`, `"format_version": "1.2", "errored": true,`},
		{`"format_version": "1.2",`, `"format_version": "1.2", "complete": false,`},
		{`"actions": ["delete"]`, `"actions": ["forget-all"]`},
	} {
		if got := examine(t, with(t, bad.files, "plan.json", change[0], change[1])).refuted("EXC002"); len(got) > 0 {
			t.Errorf("with %s: refuted at %v", change[1], got)
		}
	}
}

// TestMutation: what the proof rests on flips the verdict, and nothing else does.
func TestMutation(t *testing.T) {
	const payments = "aws_db_instance.payments"
	for _, c := range []struct {
		rule, file, old, replacement string
		flips                        bool
	}{
		{"EXC001", "exceptions.yaml", "2026-10-31", "2026-11-22", false},
		{"EXC001", "exceptions.yaml", "2026-10-31", "2026-11-23", true}, // its last day
		{"EXC001", "exceptions.yaml", "2026-10-31", "2027-01-01", true},
		{"EXC001", "exceptions.yaml", "team-data", "team-web", false},
		{"EXC001", "exceptions.yaml", "the data was", "they were", false},
		{"EXC001", "exceptions.yaml", payments, "aws_db_instance.*", false},
		{"EXC002", "exceptions.yaml", "aws_db_instance.payment", payments, true},
		{"EXC002", "exceptions.yaml", "aws_db_instance.payment", "aws_db_*.payment?", true},
		{"EXC002", "exceptions.yaml", "aws_db_instance.payment", "aws_db_instance.invoices", false},
		{"EXC002", "exceptions.yaml", "team-data", "team-web", false},
		{"EXC002", "exceptions.yaml", "2026-12-31", "2027-12-31", false},
		{"EXC002", "plan.json", payments, "aws_db_instance.payment", true},
		{"EXC002", "plan.json", `"backup_retention_period": 7`, `"backup_retention_period": 8`, false},
		{"EXC003", "prod/plan.json", payments, "aws_db_instance.other", true},
		{"EXC003", "exceptions.yaml", "team-data", "team-web", false},
	} {
		bad, _ := readCase(t, c.rule)
		before := examine(t, bad.files).of[c.rule]
		after := examine(t, with(t, bad.files, c.file, c.old, c.replacement)).of[c.rule]
		if (len(after) == 0) != c.flips {
			t.Errorf("%s: %s for %s: %d findings", c.rule, c.replacement, c.old, len(after))
		}
		// Who answers for it and until when does not make it another exception.
		if c.file == "exceptions.yaml" && !strings.Contains(c.old, "aws_") && len(after) == 1 && after[0].Fingerprint != before[0].Fingerprint {
			t.Errorf("%s: %s for %s changes the fingerprint", c.rule, c.replacement, c.old)
		}
	}
}

// TestMoved: lines and paths are no part of what an exception is called.
func TestMoved(t *testing.T) {
	bad, _ := readCase(t, "EXC001")
	before := examine(t, bad.files).of["EXC001"][0]
	moved := without(bad.files, "exceptions.yaml")
	moved["ops/old.yaml"] = strings.Replace(bad.files["exceptions.yaml"], "exceptions:", "# moved\n\nexceptions:", 1)
	after := examine(t, moved).of["EXC001"][0]
	if after.Fingerprint != before.Fingerprint || after.At().Line != before.At().Line+2 || after.At().File != "ops/old.yaml" {
		t.Errorf("%+v, %+v", before.At(), after.At())
	}
}
