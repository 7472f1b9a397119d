package oracle_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"polygraph/test/cluster/binary"
	"polygraph/test/oracle"
)

var update = flag.Bool("update", false, "write testdata: counts.txt and the table of the newest release")

// TestWalkCounts walks every kind of every release. What comes out lies in testdata: how many fields were
// mutated and what became of it (counts.txt), and the outcome of each field (1.37.txt). A release of
// Kubernetes is pinned, so a difference means that the walk has changed.
func TestWalkCounts(t *testing.T) {
	t.Parallel()
	counts := readCounts(t)
	for _, release := range releases(t) {
		t.Run(release.Minor(), func(t *testing.T) {
			w := walked(t, release)
			if len(w.kinds) < 40 {
				t.Errorf("only %d kinds", len(w.kinds))
			}
			var lines []string
			for _, k := range w.kinds {
				for base, causes := range k.summary.Broken {
					t.Errorf("%s: the base %s is not valid: %v", k.kind, base, causes)
				}
				for base, pruned := range k.summary.Pruned {
					t.Logf("%s: the base %s is without %s", k.kind, base, strings.Join(pruned, "; "))
				}
				if n := len(k.summary.WithoutValid); n > 0 {
					t.Logf("%s: %d of %d fields have no valid mutant", k.kind, n, k.summary.Fields)
				}
				lines = append(lines, k.table.Lines()...)
			}
			if release == binary.Newest {
				compareLines(t, filepath.Join("testdata", release.Minor()+".txt"), lines)
			}
			if want := counts[release.Minor()]; want != w.count() && !*update {
				t.Errorf("counts.txt has\n%s\nand the walk\n%s", want, w.count())
			}
			counts[release.Minor()] = w.count()
			t.Log(w.count())
		})
	}
	if *update {
		text := "# go test ./test/oracle -run TestWalkCounts -update\n"
		for _, minor := range slices.Backward(slices.Sorted(maps.Keys(counts))) {
			text += counts[minor] + "\n"
		}
		write(t, filepath.Join("testdata", "counts.txt"), text)
	}
}

// count is what the walks of a release add up to.
func (w *releaseWalk) count() string {
	outcomes := map[oracle.Outcome]int{}
	var fields, without, cases, tried int
	for _, k := range w.kinds {
		for o, n := range k.outcomes {
			outcomes[o] += n
		}
		fields += k.summary.Fields
		without += len(k.summary.WithoutValid)
		cases += k.summary.Cases
		tried += k.summary.Tried
	}
	return fmt.Sprintf("%s: kinds %d, fields %d (without a valid mutant %d), cases %d: in place %d, dropped %d, refused %d, invalid %d; mutants tried %d",
		w.release, len(w.kinds), fields, without, cases, outcomes[oracle.InPlace], outcomes[oracle.Dropped], outcomes[oracle.Refused], outcomes[oracle.Invalid], tried)
}

// readCounts reads counts.txt, a line per release.
func readCounts(t *testing.T) map[string]string {
	t.Helper()
	counts := map[string]string{}
	text, err := os.ReadFile(filepath.Join("testdata", "counts.txt"))
	if err != nil && !*update {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if version, _, ok := strings.Cut(line, ": kinds"); ok {
			counts[binary.Version(version).Minor()] = line
		}
	}
	return counts
}

// compareLines holds a table together with the one in testdata, or writes it.
func compareLines(t *testing.T, path string, lines []string) {
	t.Helper()
	text := strings.Join(lines, "\n") + "\n"
	if *update {
		write(t, path, text)
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	had := map[string]bool{}
	for line := range strings.Lines(string(want)) {
		had[strings.TrimSuffix(line, "\n")] = true
	}
	shown := 0
	for _, line := range lines {
		if !had[line] && shown < 20 {
			shown++
			t.Errorf("%s has not: %s", path, line)
		}
		delete(had, line)
	}
	for _, line := range slices.Sorted(maps.Keys(had))[:min(len(had), 20)] {
		t.Errorf("%s has, and the walk has not: %s", path, line)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
