//go:build linux

package packets

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"sync"
	"testing"
)

const perWorld = 8 // policy sets of one world

// tally counts what was sent, over all worlds.
type tally struct {
	sync.Mutex
	sets, clusters map[string]int
	fates          map[string]map[fate]int // by protocol and family
	packets        int
	witnesses      int
	unknown        int // of packets, when it is not said how ipBlock meets pods
	retries        int
}

func (n *tally) add(c *cluster, has families, shots []shot) {
	n.Lock()
	defer n.Unlock()
	if n.fates == nil {
		n.sets, n.clusters, n.fates = map[string]int{}, map[string]int{}, map[string]map[fate]int{}
	}
	n.sets[has.String()]++
	n.clusters[c.cluster]++
	for _, s := range shots {
		family := "IPv4"
		if strings.Contains(s.To, ":") {
			family = "IPv6"
		}
		key := s.Protocol + " " + family
		if n.fates[key] == nil {
			n.fates[key] = map[fate]int{}
		}
		n.fates[key][s.Fate]++
		n.packets++
		for _, w := range []string{s.Egress, s.Ingress} {
			if w != "" {
				n.witnesses++
			}
		}
	}
}

func (n *tally) compared(j *judge) {
	n.Lock()
	defer n.Unlock()
	if j != nil {
		n.unknown += j.unknown
	}
}

func (n *tally) retried(packets int) {
	n.Lock()
	defer n.Unlock()
	n.retries += packets
}

func (n *tally) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "policy sets %v, cluster-wide policies %v, packets %d, deciding rules compared %d, sent again %d, unknown without knowing how ipBlock meets pods %d",
		n.sets, n.clusters, n.packets, n.witnesses, n.retries, n.unknown)
	var keys []string
	for k := range n.fates {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		fmt.Fprintf(&b, "\n%-9s delivered %6d  refused %6d", k, n.fates[k][delivered], n.fates[k][refused])
	}
	return b.String()
}

// worldOf is the world of a seed: seeds follow each other in worlds of perWorld, and
// every other world has both families.
func worldOf(t *testing.T, seed int) (*world, families) {
	t.Helper()
	number := seed / perWorld
	has := []families{{true, true}, {true, false}, {true, true}, {false, true}}[number%4]
	return newWorld(t, rand.New(rand.NewPCG(uint64(number), 0x776f726c64)), has), has
}

// scripts translates the policies of a cluster for each of its pods.
func (c *cluster) scripts(t *testing.T) map[*place]script {
	t.Helper()
	s, err := c.read()
	if err != nil {
		t.Fatal(err)
	}
	out := map[*place]script{}
	for _, p := range c.pods {
		out[p.place] = s.translate(p)
	}
	return out
}

// TestPackets is the comparison.
func TestPackets(t *testing.T) {
	require(t)
	first, last := 0, number(t, "POLYGRAPH_PACKETS_SEEDS", 96)
	if os.Getenv("POLYGRAPH_PACKETS_SEED") != "" {
		first = number(t, "POLYGRAPH_PACKETS_SEED", 0)
		last = first + 1
	}
	var counts tally
	t.Cleanup(func() { t.Log(&counts) })
	for begin := first - first%perWorld; begin < last; begin += perWorld {
		t.Run(fmt.Sprintf("world%d", begin/perWorld), func(t *testing.T) {
			t.Parallel()
			w, has := worldOf(t, begin)
			for seed := max(begin, first); seed < min(begin+perWorld, last); seed++ {
				c := newCluster(w, seed)
				scripts := c.scripts(t)
				w.rules(t, scripts)
				shots := w.packets(t, scripts)
				counts.add(c, has, shots)
				counts.compared(compare(t, c, scripts, shots))
			}
			counts.retried(w.retries)
		})
	}
}

// compare fails the test where a packet and its verdict differ.
func compare(t *testing.T, c *cluster, scripts map[*place]script, shots []shot) *judge {
	t.Helper()
	j, err := newJudge(c)
	var differences []string
	if err == nil {
		differences, err = j.ask(c, shots)
	}
	if err != nil {
		t.Errorf("seed %d: %v\n%s%s", c.seed, err, c.about(), c.text())
		return nil
	}
	if len(differences) == 0 {
		return j
	}
	t.Errorf("seed %d: %d of %d packets differ; POLYGRAPH_PACKETS_SEED=%d shows it alone\n%s\n%s\n%s",
		c.seed, len(differences), len(shots), c.seed, strings.Join(differences[:min(4, len(differences))], "\n"), c.about(), c.rules())
	if os.Getenv("POLYGRAPH_PACKETS_SEED") != "" {
		for at, s := range scripts {
			t.Logf("%s %v\n%s", at.name, at.addrs, s.ruleset(1))
		}
	}
	return j
}
