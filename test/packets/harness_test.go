//go:build linux

package packets

import (
	"math/rand/v2"
	"testing"
)

// TestOpenAndClosed shows that the world itself lets everything pass, and that a
// refusal of everything is seen as one: a packet is judged by the rules alone.
func TestOpenAndClosed(t *testing.T) {
	require(t)
	for _, has := range []families{{true, false}, {false, true}, {true, true}} {
		t.Run(has.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rand.New(rand.NewPCG(1, 2)), has)
			closed := map[*place]script{}
			for i, d := range directions {
				for _, p := range w.places[:w.pods] {
					closed[p] = script{{"network_" + d.chain, "", refuse, "isolation"}}
				}
				for _, try := range []struct {
					name    string
					scripts map[*place]script
				}{{"open", nil}, {"closed", closed}} {
					w.rules(t, try.scripts)
					for _, s := range w.packets(t, try.scripts) {
						want := delivered
						decides := w.at(s.To)
						if i == 1 {
							decides = w.at(s.From)
						}
						if try.scripts != nil && !decides.outside {
							want = refused
						}
						if s.Fate != want {
							t.Fatalf("%s, %s: %+v: %s, want %s", try.name, d.section, s, s.Fate, want)
						}
					}
				}
			}
		})
	}
}

// TestDroppedRule shows that the comparison can fail: one rule that decided about
// packets is taken away from the kernel, and verdicts no longer fit. Not each loss
// changes what arrives, because another rule may say the same; then the witness
// tells.
func TestDroppedRule(t *testing.T) {
	require(t)
	w, _ := worldOf(t, 0)
	rng := rand.New(rand.NewPCG(3, 4))
	tried, fates, seen := 0, 0, 0
	for seed := range perWorld {
		c := newCluster(w, seed)
		scripts := c.scripts(t)
		w.rules(t, scripts)
		before := w.packets(t, scripts)
		at, n := decisive(rng, w, scripts, before)
		if at == nil {
			continue
		}
		tried++
		lost := scripts[at][n]
		scripts[at] = append(append(script{}, scripts[at][:n]...), scripts[at][n+1:]...)
		w.rules(t, scripts)
		after := w.packets(t, scripts)
		j, err := newJudge(c)
		if err != nil {
			t.Fatal(err)
		}
		differences, err := j.ask(c, after)
		if err != nil {
			t.Fatal(err)
		}
		changed := 0
		for i := range after {
			if before[i].Fate != after[i].Fate {
				changed++
			}
		}
		if changed > 0 {
			fates++
		}
		if len(differences) > 0 {
			seen++
		}
		if changed > len(differences) {
			t.Errorf("seed %d: without %+v of %s %d packets have another fate, and only %d differences are seen", seed, lost, at.name, changed, len(differences))
		}
	}
	t.Logf("rules dropped %d, packets changed by %d, seen by the comparison %d", tried, fates, seen)
	if fates == 0 || seen < fates {
		t.Errorf("rules dropped %d, packets changed by %d, seen %d: the comparison cannot fail", tried, fates, seen)
	}
}

// decisive picks a line of a pod that decided about a packet.
func decisive(rng *rand.Rand, w *world, scripts map[*place]script, shots []shot) (*place, int) {
	type spot struct {
		at *place
		n  int
	}
	var all []spot
	for _, p := range w.places[:w.pods] {
		decided := map[string]bool{}
		for _, s := range shots {
			if w.at(s.From) == p {
				decided["output "+s.Egress] = true
			}
			if w.at(s.To) == p {
				decided["input "+s.Ingress] = true
			}
		}
		for n, l := range scripts[p] {
			for _, d := range directions {
				if decided[d.chain+" "+l.origin] && (l.chain == "admin_"+d.chain || l.chain == "network_"+d.chain || l.chain == "baseline_"+d.chain) {
					all = append(all, spot{p, n})
				}
			}
		}
	}
	if len(all) == 0 {
		return nil, 0
	}
	one := choose(rng, all)
	return one.at, one.n
}
