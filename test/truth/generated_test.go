package truth

import (
	"fmt"
	"sync"
	"testing"
)

// variants is how many generated trees are planned, applied and planned again without each edit.
const variants = 24

// TestGeneratedCascades is the proof of "one cause, N changes": no change may be blamed on an edit that
// is there without it, and what is gone without it may only be missing where the verdict is unproven.
func TestGeneratedCascades(t *testing.T) {
	var mu sync.Mutex
	var total tally
	applied, used, tried := 0, 0, 0
	t.Run("seed", func(t *testing.T) {
		for seed := range uint64(variants) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				n, came := tryTree(t, grow(seed))
				mu.Lock()
				defer mu.Unlock()
				total.add(n)
				tried++
				applied += came
				if n.drawn > 0 {
					used++
				}
			})
		}
	})
	t.Logf("%d trees, %d of them with a cascade: %d changes blamed rightly, %d replacements that would be updates, %d with several causes, %d unproven; %d false accusations, %d missed in silence; %d came true at apply",
		tried, used, total.drawn, total.softened, total.shared, total.open, total.false, total.missed, applied)
	if !t.Failed() && tried == variants && (used < 10 || total.drawn < 40 || total.shared == 0) {
		t.Error("the trees are too tame to prove anything")
	}
}

func tryTree(t *testing.T, g *tree) (tally, int) {
	base, edits := g.configuration(), g.edits()
	if len(edits) == 0 {
		return tally{}, 0
	}
	s := begin(t, base)
	s.configure(carry(base, edits...))
	with, j := s.judged()
	var edited []string
	for _, e := range edits {
		edited = append(edited, e.blocks...)
	}
	var total tally
	for i, e := range edits {
		if e.adds {
			continue // what follows from a new object is an edit like it
		}
		s.configure(carry(base, edits[1-i]))
		n, complaints := counterfactual(j, with, s.plan("without"), e.blocks, edited)
		total.add(n)
		for _, c := range complaints {
			t.Error(c)
		}
	}
	s.configure(carry(base, edits...))
	n, _, complaints := came(charges(j), s.succeed())
	for _, c := range complaints {
		t.Error(c)
	}
	if t.Failed() {
		t.Logf("edits %+v\n%v", edits, base)
		for _, f := range j.findings {
			t.Logf("%s %s %s: %s", f.Rule, f.Verdict, f.Subject.Identity, f.Title)
			for _, p := range f.Proof {
				t.Logf("    %s", p.Text)
			}
		}
	}
	return total, n
}
