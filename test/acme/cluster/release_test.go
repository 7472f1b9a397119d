package cluster

import (
	"cmp"
	"context"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"polygraph/internal/analysis"
	"polygraph/internal/analyzers"
	"polygraph/internal/facts"
	"polygraph/internal/finding"
	"polygraph/internal/run"
	"polygraph/internal/source/files"
)

// release applies the manifests of today with kubectl apply, as a pipeline does that lets unknown fields
// pass, and returns what the server refused.
func (s *shop) release(flags ...string) []string {
	s.Helper()
	_, complaints, err := s.try(nil, append([]string{"apply", "--validate=ignore", "-f", s.today}, flags...)...)
	refused := refusals(complaints)
	if n := strings.Count(complaints, "Error from server"); n != len(refused) || err == nil != (n == 0) {
		s.Fatalf("kubectl apply: %v; %d errors, of which %d are refusals:\n%s", err, n, len(refused), complaints)
	}
	return refused
}

var refusal = regexp.MustCompile(`Name: "([^"]*)", Namespace: "([^"]*)"\nfor: ".*?": error when patching ".*?": (\S+) ".*?" is invalid: ([\w.]+): (.*)`)

// refusals are the objects that kubectl complains of, as findings call them, with the field and the last
// words of the server's sentence: those before quote the value.
func refusals(complaints string) []string {
	var out []string
	for _, m := range refusal.FindAllStringSubmatch(complaints, -1) {
		object := m[3] + "/" + m[1]
		if m[2] != "" {
			object = m[3] + "/" + m[2] + "/" + m[1]
		}
		words := m[5]
		for _, quoted := range []string{`}: `, `]: `, `": `} {
			if i := strings.LastIndex(words, quoted); i >= 0 {
				words = words[i+len(quoted):]
			}
		}
		out = append(out, object+" "+m[4]+": "+words)
	}
	slices.Sort(out)
	return out
}

// golden is what a person has read: the objects that the server refuses.
func golden(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("refused", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// TestWhatIsCalledRefused: CHG100 accuses the objects that the server refuses, on the recorded clusters, and
// no others.
func TestWhatIsCalledRefused(t *testing.T) {
	for name, folder := range examples {
		t.Run(name, func(t *testing.T) {
			want := map[string]bool{}
			for _, line := range golden(t, name) {
				object, _, _ := strings.Cut(line, " ")
				want[object] = true
			}
			got := map[string]bool{}
			for _, f := range judge(t, folder) {
				if f.Rule == "CHG100" && f.Verdict == finding.Refuted {
					got[f.Subject.Identity] = true
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("CHG100 accuses %q, the server refuses %q", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
			}
		})
	}
}

// judge is what Polygraph says of a shop from its files.
func judge(t *testing.T, folder string) []finding.Finding {
	t.Helper()
	roots := []string{filepath.Join(folder, "kubernetes"), filepath.Join(folder, "cluster.yaml")}
	found, err := files.Find(context.Background(), roots, facts.Detectors(), files.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var findings []finding.Finding
	runner := analysis.Runner{Analyzers: analyzers.All(), Clock: time.Now, Parallel: 2}
	if _, err := runner.Run(context.Background(), found, func(m *run.Message) error {
		if m.Finding != nil {
			findings = append(findings, *m.Finding)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(findings, func(a, b finding.Finding) int { return cmp.Compare(a.Rule, b.Rule) })
	return findings
}

// uids are the pods of an app.
func (s *shop) uids(app string) map[types.UID]bool {
	s.Helper()
	selector := "app=" + app
	if app == "checkout-api" || app == "catalog" {
		selector = "app.kubernetes.io/name=" + app
	}
	list, err := s.CoreV1().Pods("shop").List(s.Context(), metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		s.Fatal(err)
	}
	out := map[types.UID]bool{}
	for _, p := range list.Items {
		out[p.UID] = true
	}
	return out
}

// common counts what is in both.
func common(a, b map[types.UID]bool) int {
	n := 0
	for uid := range a {
		if b[uid] {
			n++
		}
	}
	return n
}
