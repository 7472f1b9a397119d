package wild

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/change"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

const kubernetesVerdicts = "kubernetes.txt"

// aboutObjects tells whether a rule looks at objects of Kubernetes.
func aboutObjects(r *analysis.Rule) bool {
	return slices.ContainsFunc(slices.Concat(r.Needs, r.Any), isObjects)
}

func isObjects(k *evidence.Kind) bool { return k.Family == evidence.KubernetesManifest().Family }

// compared is a folder of manifests, or an old and a new release of one. What
// is a cluster of its own in each of its folders is judged in as many runs.
type compared struct {
	name string
	runs map[string][]*evidence.Item
}

// TestVerdictsOnRealManifests compares what the rules say about each set of
// manifests, and about each release after the one before, with what was read,
// judged and defended: kubernetes.txt.
func TestVerdictsOnRealManifests(t *testing.T) {
	_, defences := loadFrom(t, kubernetesVerdicts)
	old, _ := os.ReadFile(kubernetesVerdicts)
	var b, sets strings.Builder
	total := map[string]*run.RuleCount{}
	for _, c := range manifestSets(t, data(t)) {
		writeSet(t, &sets, c, total, defences)
	}
	b.WriteString("# Every rule about Kubernetes over all the real manifests. What is refuted needs a defence: why it is true.\n" +
		"# A release is compared with the one before it. Rewrite with: go test ./test/wild -run Manifests -update (defences are kept)\n\n[counts]\n")
	for _, r := range slices.Sorted(mapKeys(total)) {
		c := total[r]
		fmt.Fprintf(&b, "%s examined %d refuted %d unproven %d held %d\n", r, c.Examined, c.Refuted, c.Unproven, c.Held)
	}
	b.WriteString("\n[fires nowhere]\n")
	for _, r := range slices.Sorted(mapKeys(total)) {
		key := r + " refutes nothing here"
		if total[r].Refuted > 0 {
			continue
		}
		if defences[key] == "" {
			t.Errorf("%s refutes nothing in the real data: say why", r)
		}
		fmt.Fprintf(&b, "%s\n    defence: %s\n", key, defences[key])
	}
	b.WriteString(sets.String())
	if *update {
		if err := os.WriteFile(kubernetesVerdicts, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != string(old) {
		t.Errorf("the verdicts changed; read the difference after: go test ./test/wild -run Manifests -update\n%s", firstDifference(string(old), b.String()))
	}
}

// writeSet runs the rules over one set and writes what they say, the same
// finding about many objects once.
func writeSet(t *testing.T, b *strings.Builder, c compared, total map[string]*run.RuleCount, defences map[string]string) {
	t.Helper()
	type line struct {
		key, says string
		n         int
		refuted   bool
	}
	var lines []*line
	mechanisms := map[string]int{}
	hear := func(m *run.Message) error {
		if m.Row != nil && m.Row.Table == "edits" {
			for _, cell := range m.Row.Cells {
				if cell.Name == "mechanism" {
					mechanisms[cell.Value]++
				}
			}
		}
		f := m.Finding
		if f == nil || f.Verdict == finding.Holds {
			return nil
		}
		key := fmt.Sprintf("%s %s %s", f.Rule, f.Verdict, f.Subject.Kind)
		if f.Rule != "CHG110" && f.Verdict == finding.Refuted { // which names an image each
			key = fmt.Sprintf("%s %s %s", f.Rule, f.Verdict, f.Subject.Identity)
		}
		key += " in " + c.name
		for _, l := range lines {
			if l.key == key {
				l.n++
				return nil
			}
		}
		lines = append(lines, &line{key: key, says: f.Title, n: 1, refuted: f.Verdict == finding.Refuted})
		return nil
	}
	kinds := map[string]int{}
	for _, at := range slices.Sorted(mapKeys(c.runs)) {
		runner := analysis.Runner{Analyzers: []*analysis.Analyzer{change.At(&change.Options{})}, Clock: time.Now, Parallel: 2, Tables: true}
		sum, err := runner.Run(context.Background(), analysis.Evidence{Items: c.runs[at]}, hear)
		if err != nil {
			t.Fatal(err)
		}
		for k, n := range sum.Coverage.Kinds {
			kinds[k] += n
		}
		for _, r := range sum.Rules {
			if !aboutObjects(ruleOf(t, r.Rule)) {
				continue
			}
			if total[r.Rule] == nil {
				total[r.Rule] = &run.RuleCount{Rule: r.Rule}
			}
			to := total[r.Rule]
			to.Examined, to.Refuted, to.Unproven, to.Held = to.Examined+r.Examined, to.Refuted+r.Refuted, to.Unproven+r.Unproven, to.Held+r.Held
		}
	}
	fmt.Fprintf(b, "\n[%s]\n", c.name)
	for _, k := range slices.Sorted(mapKeys(kinds)) {
		fmt.Fprintf(b, "%s %d\n", k, kinds[k])
	}
	for _, m := range slices.Sorted(mapKeys(mechanisms)) {
		fmt.Fprintf(b, "edits %q %d\n", m, mechanisms[m])
	}
	slices.SortFunc(lines, func(x, y *line) int { return strings.Compare(x.key, y.key) })
	for _, l := range lines {
		fmt.Fprintf(b, "%s\n    %d times, first: %s\n", l.key, l.n, l.says)
		if !l.refuted {
			continue
		}
		if defences[l.key] == "" {
			t.Errorf("no defence for: %s\n    %s", l.key, l.says)
		}
		fmt.Fprintf(b, "    defence: %s\n", defences[l.key])
	}
}

func ruleOf(t *testing.T, id string) *analysis.Rule {
	t.Helper()
	for _, r := range change.At(&change.Options{}).Rules {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no rule %s", id)
	return nil
}

// manifestSets are the folders of manifests, and the pairs of releases.
func manifestSets(t *testing.T, dir string) []compared {
	t.Helper()
	sets := map[string]*compared{}
	releases := map[string]map[string][]*evidence.Item{} // project, release
	for _, item := range items(t, dir) {
		if !isObjects(item.Kind) {
			continue
		}
		parts := strings.Split(item.Path, "/")
		name := parts[0]
		if name == "k8s" {
			name = path.Join(parts[:2]...)
		}
		if name == "k8s/releases" {
			project := parts[2]
			if releases[project] == nil {
				releases[project] = map[string][]*evidence.Item{}
			}
			release := strings.TrimSuffix(parts[3], ".yaml")
			releases[project][release] = append(releases[project][release], item)
			continue
		}
		if sets[name] == nil {
			sets[name] = &compared{name: name, runs: map[string][]*evidence.Item{}}
		}
		at := ""
		if parts[0] != "k8s" { // cases of tests
			at = path.Dir(item.Path)
		}
		sets[name].runs[at] = append(sets[name].runs[at], item)
	}
	var out []compared
	for _, name := range slices.Sorted(mapKeys(sets)) {
		out = append(out, *sets[name])
	}
	for _, project := range slices.Sorted(mapKeys(releases)) {
		names := slices.Sorted(mapKeys(releases[project]))
		for i := 1; i < len(names); i++ {
			c := compared{name: fmt.Sprintf("%s %s to %s", project, names[i-1], names[i]), runs: map[string][]*evidence.Item{"": releases[project][names[i]]}}
			for _, item := range releases[project][names[i-1]] {
				before := *item
				before.Kind = evidence.KubernetesBefore()
				c.runs[""] = append(c.runs[""], &before)
			}
			out = append(out, c)
		}
	}
	if len(out) < 10 {
		t.Fatalf("only %d sets of manifests in %s", len(out), filepath.ToSlash(dir))
	}
	return out
}
