package baseline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/finding"
	"polygraph/internal/run"
)

// each runs a property on 1,000 random runs.
func each(t *testing.T, property func(t *testing.T, r *rand.Rand, a *recording)) {
	t.Helper()
	for seed := range uint64(1000) {
		r := rand.New(rand.NewPCG(seed, 7))
		property(t, r, random(r))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func TestTheSameRunPasses(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, a *recording) {
		d := compare(t, a, a, Options{FailOnUnproven: true})
		if d.Direction != "same" || d.Same != len(a.found) || d.EvidenceNew+d.EvidenceLost+d.EvidenceRemoved > 0 || len(d.Warnings) > 0 {
			t.Errorf("%+v", d.Difference)
		}
	})
}

func TestARefutedFindingMoreFails(t *testing.T) {
	each(t, func(t *testing.T, r *rand.Rand, a *recording) {
		b := a.clone()
		file := b.pieces[r.IntN(len(b.pieces))].Path
		b.add(ruleIDs[r.IntN(len(ruleIDs))], finding.Subject{Kind: "thing", Identity: "new"}, finding.Refuted, file)
		d := compare(t, a, b, Options{})
		if d.Failing != 1 || d.New != 1 || d.Reasons[0] != "1 claim is newly false" {
			t.Errorf("%+v", d.Difference)
		}
		// And taking it away again is better.
		if back := compare(t, b, a, Options{}); back.Direction != "better" || back.Fixed != 1 {
			t.Errorf("back: %+v", back.Difference)
		}
	})
}

func TestAnyObservationLessFails(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, a *recording) {
		for i, p := range a.pieces {
			b := a.clone()
			gone := b.drop(i)
			d := compare(t, a, b, Options{})
			if p.Nature == "observation" {
				if d.EvidenceLost != 1 || d.Lost != len(gone) || d.Failing != 1+len(gone) {
					t.Errorf("%s dropped with %d findings: %+v", p.Path, len(gone), d.Difference)
				}
				continue
			}
			if d.EvidenceRemoved != 1 || d.Removed != len(gone) || d.Failing != 0 {
				t.Errorf("declaration %s dropped with %d findings: %+v", p.Path, len(gone), d.Difference)
			}
			for _, f := range d.found {
				if f.Change.Status == finding.Removed && f.At().File != p.Path {
					t.Errorf("%s is removed with %s", f.At().File, p.Path)
				}
			}
		}
	})
}

// TestPathsAndOrderDoNotMatter: another checkout, renamed and moved files,
// another order.
func TestPathsAndOrderDoNotMatter(t *testing.T) {
	each(t, func(t *testing.T, r *rand.Rand, a *recording) {
		b := a.clone()
		b.order = r
		rename := map[string]string{}
		b.moved = map[string]string{}
		for i := range b.pieces {
			old := b.pieces[i].Path
			switch r.IntN(3) {
			case 0: // another root
				rename[old] = "checkout-2/" + strings.TrimPrefix(old, "repo/")
			case 1: // moved within it
				rename[old] = fmt.Sprintf("checkout-2/moved/%d/x.json", i)
			default: // the folder is called otherwise
				rename[old] = strings.Replace(old, "repo/d", "checkout-2/folder", 1)
			}
			b.pieces[i].Path = rename[old]
			b.moved[rename[old]] = fmt.Sprint("d", i)
		}
		b.inputs = []string{"checkout-2"}
		for i := range b.found {
			b.found[i].Proof[0].At.File = rename[b.found[i].Proof[0].At.File]
			b.found[i].Proof[0].At.Offset = r.Int64N(1000)
			b.found[i].Proof[0].At.Line = r.IntN(1000)
		}
		r.Shuffle(len(b.pieces), func(i, j int) { b.pieces[i], b.pieces[j] = b.pieces[j], b.pieces[i] })
		d := compare(t, a, b, Options{FailOnUnproven: true})
		if d.Direction != "same" || d.Same != len(a.found) || d.EvidenceLost+d.EvidenceNew > 0 {
			t.Errorf("%+v", d.Difference)
		}
	})
}

// TestWhatWasKnownIsNoLonger: refuted or held in BASE, unproven in HEAD.
func TestWhatWasKnownIsNoLonger(t *testing.T) {
	each(t, func(t *testing.T, _ *rand.Rand, a *recording) {
		for i := range a.found {
			if a.found[i].Verdict != finding.Refuted {
				continue
			}
			b := a.clone()
			b.found[i].Verdict = finding.Unproven
			if d := compare(t, a, b, Options{}); d.Worse != 1 || d.Failing != 1 {
				t.Errorf("refuted to unproven: %+v", d.Difference)
			}
			if d := compare(t, b, a, Options{}); d.Worse != 1 || d.Failing != 1 {
				t.Errorf("unproven to refuted: %+v", d.Difference)
			}
		}
		for id, subjects := range a.held {
			for i, s := range subjects {
				b := a.clone()
				b.held[id] = slices.Delete(b.held[id], i, i+1)
				file := ""
				for _, p := range b.pieces {
					if strings.Contains(p.Path, "/"+strings.Split(s.Identity, ".")[0]+"/") {
						file = p.Path
					}
				}
				b.add(id, s, finding.Unproven, file)
				if d := compare(t, a, b, Options{}); d.Worse != 1 || d.Failing != 1 {
					t.Errorf("held to unproven: %+v", d.Difference)
				}
				if d := compare(t, b, a, Options{}); d.Fixed != 1 || d.Failing != 0 {
					t.Errorf("unproven to held: %+v", d.Difference)
				}
			}
		}
	})
}

// TestLessIsAskedFails: a rule that is not run any more hides what it would say.
func TestLessIsAskedFails(t *testing.T) {
	each(t, func(t *testing.T, r *rand.Rand, a *recording) {
		off := ruleIDs[r.IntN(len(ruleIDs))]
		b := a.clone()
		b.rules = slices.DeleteFunc(b.rules, func(x run.RuleRef) bool { return x.ID == off })
		before := len(b.found)
		b.found = slices.DeleteFunc(b.found, func(f finding.Finding) bool { return f.Rule == off })
		judged := before - len(b.found) + len(b.held[off])
		delete(b.held, off)
		d := compare(t, a, b, Options{})
		if d.Failing == 0 {
			t.Errorf("%s off, which judged %d: %+v", off, judged, d.Difference)
		}
	})
}

// TestRunsFromFiles: saved runs say the same as runs in memory, and a comparison
// is itself a run that can be saved and read.
func TestRunsFromFiles(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 11))
		a, b := random(r), random(r)
		want := compare(t, a, b, Options{})
		n := 0
		got, err := Compare(Named{"BASE", saved(t, a.replay())}, Named{"HEAD", saved(t, b.replay())}, Options{}, func(*run.Message) error { n++; return nil })
		if err != nil || fmt.Sprint(*got) != fmt.Sprint(*want.Difference) || n != len(want.stream) {
			t.Errorf("%v: %+v, want %+v", err, got, want.Difference)
		}
		again := saved(t, func(hear func(*run.Message) error) error {
			for i := range want.stream {
				if err := hear(&want.stream[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err := again(func(*run.Message) error { return nil }); err != nil {
			t.Errorf("the comparison is no valid run: %v", err)
		}
	}
}
