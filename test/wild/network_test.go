package wild

import (
	"context"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers/net"
	"polygraph/internal/evidence"
	"polygraph/internal/finding"
	"polygraph/internal/run"
)

const networkVerdicts = "network.txt"

// TestNetworksOfRealManifests compares what the rules of net say about each set of
// manifests, who may talk to whom in it, and what each release opens after the one
// before, with what was read, judged and defended: network.txt.
func TestNetworksOfRealManifests(t *testing.T) {
	old, defences := loadFrom(t, networkVerdicts)
	n := &networks{t: t, defences: defences, total: map[string]*run.RuleCount{}}
	for _, c := range manifestSets(t, data(t)) {
		n.set(c)
	}
	var b strings.Builder
	b.WriteString("# Every rule of net over all the real manifests. What is refuted needs a defence: why it is true.\n" +
		"# A set that has releases is compared with the one before it. Rewrite with: go test ./test/wild -run Networks -update (defences are kept)\n\n[counts]\n")
	for _, r := range slices.Sorted(mapKeys(n.total)) {
		fmt.Fprintln(&b, countLine(*n.total[r]))
	}
	b.WriteString("\n[fires nowhere]\n")
	for _, r := range slices.Sorted(mapKeys(n.total)) {
		if n.total[r].Refuted > 0 {
			continue
		}
		key := r + " refutes nothing here"
		if defences[key] == "" {
			t.Errorf("%s refutes nothing in the real data: say why", r)
		}
		fmt.Fprintf(&b, "%s\n    defence: %s\n", key, defences[key])
	}
	b.WriteString(n.b.String())
	if *update {
		if err := os.WriteFile(networkVerdicts, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if b.String() != old {
		t.Errorf("the verdicts changed; read the difference after: go test ./test/wild -run Networks -update\n%s", firstDifference(old, b.String()))
	}
}

func countLine(r run.RuleCount) string {
	return fmt.Sprintf("%s examined %d refuted %d unproven %d held %d", r.Rule, r.Examined, r.Refuted, r.Unproven, r.Held)
}

// networks writes what is said of each set.
type networks struct {
	t        *testing.T
	b        strings.Builder
	defences map[string]string
	total    map[string]*run.RuleCount
}

// set judges a set: each cluster of it by itself.
func (n *networks) set(c compared) {
	clusters := map[string][]*evidence.Item{}
	releases := false
	for _, items := range c.runs {
		for _, item := range items {
			name := c.name
			if p := strings.Split(item.Path, "/"); p[0] == "netpol" {
				name = path.Join(p[:3]...)
			}
			clusters[name] = append(clusters[name], item)
			releases = releases || item.Kind == evidence.KubernetesBefore()
		}
	}
	for _, name := range slices.Sorted(mapKeys(clusters)) {
		items := clusters[name]
		fmt.Fprintf(&n.b, "\n[%s]\n", name)
		if releases {
			compare := &net.Comparison{}
			n.run(name, items, &net.Options{Compare: compare})
			fmt.Fprintf(&n.b, "compare: %s\n", compare)
			items = slices.DeleteFunc(slices.Clone(items), func(i *evidence.Item) bool { return i.Kind == evidence.KubernetesBefore() })
		}
		n.run(name, items, &net.Options{})
		list := &net.Listing{}
		if err := n.quiet(items, &net.Options{List: list}); err != nil {
			n.t.Fatal(err)
		}
		fmt.Fprintf(&n.b, "list: %s\n", &list.Tally)
	}
}

func (n *networks) quiet(items []*evidence.Item, o *net.Options) error {
	runner := analysis.Runner{Analyzers: []*analysis.Analyzer{net.At(o)}, Clock: time.Now, Parallel: 2}
	_, err := runner.Run(context.Background(), analysis.Evidence{Items: items}, func(*run.Message) error { return nil })
	return err
}

func (n *networks) run(name string, items []*evidence.Item, o *net.Options) {
	var refuted, unproven []string
	runner := analysis.Runner{Analyzers: []*analysis.Analyzer{net.At(o)}, Clock: time.Now, Parallel: 2}
	sum, err := runner.Run(context.Background(), analysis.Evidence{Items: items}, func(m *run.Message) error {
		f := m.Finding
		switch {
		case f == nil:
		case f.Verdict == finding.Refuted:
			key := fmt.Sprintf("%s refuted %s in %s", f.Rule, f.Subject.Identity, name)
			if f.Rule == "NET006" || f.Rule == "NET013" {
				key = fmt.Sprintf("%s refuted %s %s in %s", f.Rule, f.Subject.Identity, strings.Split(f.Title, ":")[0], name)
			}
			if n.defences[key] == "" {
				n.t.Errorf("no defence for: %s\n    %s", key, f.Title)
			}
			refuted = append(refuted, fmt.Sprintf("%s\n    says: %s\n    defence: %s\n", key, f.Title, n.defences[key]))
		case f.Verdict == finding.Unproven:
			unproven = append(unproven, fmt.Sprintf("%s unproven: %s\n", f.Rule, f.Title))
		}
		return nil
	})
	if err != nil {
		n.t.Fatal(err)
	}
	for _, r := range sum.Rules {
		if n.total[r.Rule] == nil {
			n.total[r.Rule] = &run.RuleCount{Rule: r.Rule}
		}
		to := n.total[r.Rule]
		to.Examined, to.Refuted, to.Unproven, to.Held = to.Examined+r.Examined, to.Refuted+r.Refuted, to.Unproven+r.Unproven, to.Held+r.Held
		if r.Examined > 0 {
			fmt.Fprintln(&n.b, countLine(r))
		}
	}
	slices.Sort(refuted)
	slices.Sort(unproven)
	for _, s := range slices.Concat(refuted, unproven) {
		n.b.WriteString(s)
	}
}
