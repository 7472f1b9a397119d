package oracle_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"polygraph/test/cluster/binary"
	"polygraph/test/oracle"
)

// releases are those that the tests ask: what POLYGRAPH_ORACLE_VERSIONS lists ("all", or "1.37,1.33"), else the
// newest alone, because each costs a minute or two. One that is listed and not built is skipped, or fails: see
// [oracle.Start].
func releases(t *testing.T) []binary.Version {
	t.Helper()
	named := os.Getenv("POLYGRAPH_ORACLE_VERSIONS")
	if named == "" {
		return []binary.Version{binary.Newest}
	}
	var all []binary.Version
	for text := range strings.SplitSeq(named, ",") {
		text = strings.TrimPrefix(strings.TrimSpace(text), "v")
		found := slices.DeleteFunc(binary.Oracles(), func(v binary.Version) bool { return text != "all" && text != string(v) && text != v.Minor() })
		if len(found) == 0 {
			t.Fatalf("POLYGRAPH_ORACLE_VERSIONS: no oracle of %q: there are %v", text, binary.Oracles())
		}
		all = append(all, found...)
	}
	return all
}

// releaseWalk is the walk over all kinds of a release, sorted by kind.
type releaseWalk struct {
	release binary.Version
	kinds   []*kindWalk
	err     error
}

// kindWalk is what came out of the walk over a kind, and what the judge says to it.
type kindWalk struct {
	kind     string
	outcomes map[oracle.Outcome]int
	table    *oracle.Table
	summary  oracle.Summary
	judged   judgedKindWalk
}

// walks are made once and asked by several tests.
var walks = func() map[binary.Version]func() *releaseWalk {
	all := map[binary.Version]func() *releaseWalk{}
	for _, v := range binary.Oracles() {
		all[v] = sync.OnceValue(func() *releaseWalk { return walkRelease(v) })
	}
	return all
}()

func walked(t *testing.T, release binary.Version) *releaseWalk {
	t.Helper()
	w := walks[release]()
	if errors.Is(w.err, binary.ErrNotBuilt) && os.Getenv("POLYGRAPH_STRICT") != "1" {
		t.Skip(w.err)
	}
	if w.err != nil {
		t.Fatal(w.err)
	}
	return w
}

// longest are the kinds that take longest to walk, so that none of them is left over at the end.
var longest = []string{"v1 Pod", "batch/v1 Job", "apps/v1 DaemonSet", "apps/v1 Deployment", "apps/v1 StatefulSet", "v1 Pod/resize", "v1 Pod/ephemeralcontainers"}

// walkRelease walks each kind in one of as many programs as there are processors.
func walkRelease(release binary.Version) *releaseWalk {
	w := &releaseWalk{release: release}
	first, err := oracle.Open(release)
	if err != nil {
		w.err = err
		return w
	}
	_, kinds, err := first.Kinds()
	w.err = errors.Join(err, first.Close())
	rank := func(kind string) int {
		if i := slices.Index(longest, kind); i >= 0 {
			return i
		}
		return len(longest)
	}
	slices.SortStableFunc(kinds, func(a, b string) int { return rank(a) - rank(b) })
	queue := make(chan string, len(kinds))
	for _, kind := range kinds {
		queue <- kind
	}
	close(queue)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			o, err := oracle.Open(release)
			for kind := range queue {
				if err != nil {
					break
				}
				var k *kindWalk
				if k, err = walkKind(o, kind); err == nil {
					mu.Lock()
					w.kinds = append(w.kinds, k)
					mu.Unlock()
				}
			}
			if o != nil {
				err = errors.Join(err, o.Close())
			}
			mu.Lock()
			w.err = errors.Join(w.err, err)
			mu.Unlock()
		})
	}
	workers.Wait()
	slices.SortFunc(w.kinds, func(a, b *kindWalk) int { return strings.Compare(a.kind, b.kind) })
	return w
}

// walkKind walks a kind, and has the judge say something to each case.
func walkKind(o *oracle.Oracle, kind string) (*kindWalk, error) {
	k := &kindWalk{kind: kind, outcomes: map[oracle.Outcome]int{}, table: oracle.NewTable(kind)}
	k.judged = judgedKindWalk{version: minor(o.Version), wrong: map[string][]string{}, found: map[string]bool{}}
	w := o.Walk(kind)
	for c := range w.Cases() {
		k.table.Add(c)
		k.outcomes[c.Outcome]++
		// Subresources are written by other requests than those that we judge.
		if !strings.Contains(kind[strings.LastIndex(kind, " "):], "/") {
			if err := k.judged.add(kind, &c); err != nil {
				return nil, fmt.Errorf("%s %s: %w", kind, c.Field, err)
			}
		}
	}
	if w.Err != nil {
		return nil, fmt.Errorf("%s: %w", kind, w.Err)
	}
	k.summary = w.Summary
	return k, nil
}
