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

var update = flag.Bool("update", false, "write testdata: counts.txt and a table per release, of the oracles that are built")

// TestWalkCounts walks every kind of every release. What comes out lies in testdata: how many fields were
// mutated and what became of it (counts.txt), and the outcome of each field (1.37.txt). A release of
// Kubernetes is pinned, so a difference means that the walk has changed.
func TestWalkCounts(t *testing.T) {
	counts := readCounts(t)
	for _, release := range binary.Oracles() {
		t.Run(release.Minor(), func(t *testing.T) {
			walked := walkAll(t, oracle.Start(t, release))
			compareLines(t, filepath.Join("testdata", release.Minor()+".txt"), walked.lines)
			if want := counts[release.Minor()]; want != walked.count() && !*update {
				t.Errorf("counts.txt has\n%s\nand the walk\n%s", want, walked.count())
			}
			counts[release.Minor()] = walked.count()
			t.Log(walked.count())
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

// walked is what the walks of one release add up to.
type walked struct {
	release                            binary.Version
	kinds, fields, cases, tried        int
	inPlace, dropped, refused, invalid int
	without                            int
	lines                              []string
}

func walkAll(t *testing.T, o *oracle.Oracle) *walked {
	t.Helper()
	_, kinds, err := o.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	if len(kinds) < 40 {
		t.Errorf("only %d kinds", len(kinds))
	}
	all := &walked{release: o.Version}
	for _, kind := range kinds {
		w, table := o.Walk(kind), oracle.NewTable(kind)
		for c := range w.Cases() {
			table.Add(c)
			switch c.Outcome {
			case oracle.InPlace:
				all.inPlace++
			case oracle.Dropped:
				all.dropped++
			case oracle.Refused:
				all.refused++
			case oracle.Invalid:
				all.invalid++
			default:
				t.Errorf("%s %s: outcome %q", kind, c.Field, c.Outcome)
			}
		}
		if w.Err != nil {
			t.Fatalf("%s: %v", kind, w.Err)
		}
		for base, causes := range w.Summary.Broken {
			t.Errorf("%s: the base %s is not valid: %v", kind, base, causes)
		}
		for base, pruned := range w.Summary.Pruned {
			t.Logf("%s: the base %s is without %s", kind, base, strings.Join(pruned, "; "))
		}
		if n := len(w.Summary.WithoutValid); n > 0 {
			t.Logf("%s: %d of %d fields have no valid mutant", kind, n, w.Summary.Fields)
		}
		all.kinds++
		all.fields += w.Summary.Fields
		all.cases += w.Summary.Cases
		all.tried += w.Summary.Tried
		all.without += len(w.Summary.WithoutValid)
		all.lines = append(all.lines, table.Lines()...)
	}
	return all
}

func (w *walked) count() string {
	return fmt.Sprintf("%s: kinds %d, fields %d (without a valid mutant %d), cases %d: in place %d, dropped %d, refused %d, invalid %d; mutants tried %d",
		w.release, w.kinds, w.fields, w.without, w.cases, w.inPlace, w.dropped, w.refused, w.invalid, w.tried)
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
