package ruletest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"polygraph/internal/analysis"
	"polygraph/internal/evidence"
)

// Detector tells the kind of a file from its name and first bytes.
type Detector = func(name string, head []byte) (*evidence.Kind, *evidence.Problem)

// file is one file of a case, without its want marks.
type file struct {
	name string
	kind *evidence.Kind
	data []byte
	want []int // guilty lines, 1-based
}

type testCase struct {
	rule      *analysis.Rule
	bad, good []file
}

var wantMark = regexp.MustCompile(`[ \t]*# want ([A-Z]{3}[0-9]{3})[ \t]*$`)

func load(path string, r *analysis.Rule, detectors []Detector) (*testCase, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("rule %s has no case: write %s with bad/ and good/ files", r.ID, path)
	}
	ar := txtar.Parse(data)
	if len(bytes.TrimSpace(ar.Comment)) == 0 {
		return nil, fmt.Errorf("%s: it must start with a sentence that says what the case shows", path)
	}
	c := &testCase{rule: r}
	for _, f := range ar.Files {
		side, name, ok := strings.Cut(f.Name, "/")
		if !ok || side != "bad" && side != "good" {
			return nil, fmt.Errorf("%s: file %s is neither in bad/ nor in good/", path, f.Name)
		}
		parsed, err := parse(name, f.Data, r.ID, detectors)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", path, f.Name, err)
		}
		if side == "bad" {
			c.bad = append(c.bad, parsed)
		} else {
			c.good = append(c.good, parsed)
		}
	}
	if len(c.bad) == 0 || len(c.good) == 0 {
		return nil, fmt.Errorf("%s: it needs both bad/ and good/ files", path)
	}
	return c, nil
}

func parse(name string, data []byte, id string, detectors []Detector) (file, error) {
	f := file{name: name}
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if m := wantMark.FindStringSubmatchIndex(line); m != nil {
			if line[m[2]:m[3]] == id {
				f.want = append(f.want, i+1)
			}
			lines[i] = line[:m[0]]
		}
	}
	f.data = []byte(strings.Join(lines, "\n"))
	for _, detect := range detectors {
		kind, problem := detect(name, f.data[:min(len(f.data), 64<<10)])
		if problem != nil {
			return f, problem
		}
		if kind != nil {
			f.kind = kind
			return f, nil
		}
	}
	return f, fmt.Errorf("no detector recognises it as evidence")
}

// cases loads the case of every rule of an analyzer and refuses case files that
// belong to no rule.
func cases(t *testing.T, dir string, a *analysis.Analyzer, detectors []Detector) []*testCase {
	t.Helper()
	var out []*testCase
	for _, r := range a.Rules {
		c, err := load(filepath.Join(dir, r.ID+".txtar"), r, detectors)
		if err != nil {
			t.Error(err)
			continue
		}
		out = append(out, c)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.txtar"))
	for _, n := range names {
		id := strings.TrimSuffix(filepath.Base(n), ".txtar")
		if !slices.ContainsFunc(a.Rules, func(r *analysis.Rule) bool { return r.ID == id }) {
			t.Errorf("%s belongs to no rule of analyzer %s", n, a.Name)
		}
	}
	return out
}
