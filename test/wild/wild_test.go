package wild

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/evidence"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

var update = flag.Bool("update", false, "rewrite verdicts.txt, keeping its defences")

const verdicts = "verdicts.txt"

func data(t *testing.T) string {
	t.Helper()
	root := os.Getenv("POLYGRAPH_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data")
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("POLYGRAPH_SHARED") != "" {
			t.Fatalf("POLYGRAPH_SHARED is set and has no data: %v", err)
		}
		if os.Getenv("POLYGRAPH_STRICT") == "1" {
			t.Fatal("the shared data is not beside the project: set POLYGRAPH_SHARED")
		}
		t.Skip("the shared data is not beside the project")
	}
	return dir
}

func items(t *testing.T, dir string) []*evidence.Item {
	t.Helper()
	var out []*evidence.Item
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		head := b[:min(len(b), 64<<10)]
		rel, _ := filepath.Rel(dir, path)
		for _, detect := range facts.Detectors() {
			if kind, _ := detect(path, head); kind != nil {
				out = append(out, &evidence.Item{Kind: kind, Path: filepath.ToSlash(rel), Blob: evidence.Bytes(b)})
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestVerdictsOnRealData compares what the rules say about real data with what
// was read, judged and defended before.
func TestVerdictsOnRealData(t *testing.T) {
	dir := data(t)
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now, Parallel: 2}
	var findings []finding.Finding
	skips := map[string]string{}
	all := slices.DeleteFunc(items(t, dir), func(i *evidence.Item) bool { return isObjects(i.Kind) }) // kubernetes.txt
	sum, err := runner.Run(context.Background(), analysis.Evidence{Items: all}, func(m *run.Message) error {
		switch {
		case m.Finding != nil:
			findings = append(findings, *m.Finding)
		case m.Skip != nil:
			skips[m.Skip.Path] = m.Skip.Reason
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sum.Rules = slices.DeleteFunc(sum.Rules, func(r run.RuleCount) bool {
		return strings.HasPrefix(r.Rule, "NET") || strings.HasPrefix(r.Rule, "CHG1") && aboutObjects(ruleOf(t, r.Rule)) // network.txt, kubernetes.txt
	})
	old, defences := loadFrom(t, verdicts)
	var b strings.Builder
	b.WriteString("# Every rule over all the real data. A refuted finding needs a defence: why it is true.\n")
	fmt.Fprintf(&b, "# Rewrite with: go test ./test/wild -update (defences are kept)\n\n[evidence]\n")
	for _, k := range slices.Sorted(mapKeys(sum.Coverage.Kinds)) {
		fmt.Fprintf(&b, "%s %d\n", k, sum.Coverage.Kinds[k])
	}
	b.WriteString("\n[not examined]\n")
	for _, p := range slices.Sorted(mapKeys(skips)) {
		fmt.Fprintf(&b, "%s: %s\n", p, skips[p])
	}
	b.WriteString("\n[counts]\n")
	for _, r := range sum.Rules {
		fmt.Fprintf(&b, "%s examined %d refuted %d unproven %d held %d\n", r.Rule, r.Examined, r.Refuted, r.Unproven, r.Held)
	}
	b.WriteString("\n[fires nowhere]\n")
	for _, r := range sum.Rules {
		if r.Refuted > 0 {
			continue
		}
		key := r.Rule + " refutes nothing here"
		if defences[key] == "" {
			t.Errorf("%s refutes nothing in the real data: say why", r.Rule)
		}
		fmt.Fprintf(&b, "%s\n    defence: %s\n", key, defences[key])
	}
	for _, v := range []finding.Verdict{finding.Refuted, finding.Unproven} {
		fmt.Fprintf(&b, "\n[%s]\n", v)
		for _, f := range findings {
			if f.Verdict != v {
				continue
			}
			key := fmt.Sprintf("%s %s %s", f.Rule, f.At().File, f.Subject.Identity)
			fmt.Fprintf(&b, "%s\n    says: %s\n", key, f.Title)
			if v == finding.Refuted {
				why := defences[key]
				if why == "" {
					t.Errorf("no defence for: %s\n    %s", key, f.Title)
				}
				fmt.Fprintf(&b, "    defence: %s\n", why)
			}
		}
	}
	if *update {
		if err := os.WriteFile(verdicts, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != old {
		t.Errorf("the verdicts changed; read the difference after: go test ./test/wild -update\n%s", firstDifference(old, b.String()))
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// load reads the file and the defence below each finding.
func loadFrom(t *testing.T, name string) (text string, defences map[string]string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		if !*update {
			t.Fatal(err)
		}
		return "", nil
	}
	defences = map[string]string{}
	key := ""
	sc := bufio.NewScanner(strings.NewReader(string(b)))
	for sc.Scan() {
		line := sc.Text()
		if why, ok := strings.CutPrefix(line, "    defence: "); ok {
			defences[key] = why
		} else if !strings.HasPrefix(line, " ") {
			key = line
		}
	}
	return string(b), defences
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(x), len(y)) {
		var l, r string
		if i < len(x) {
			l = x[i]
		}
		if i < len(y) {
			r = y[i]
		}
		if l != r {
			return fmt.Sprintf("line %d\n was %s\n now %s", i+1, l, r)
		}
	}
	return ""
}
