package edits

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/test/cluster"
)

// seed is of the sample that is drawn unless POLYGRAPH_EDITS_SEED names another one.
const seed = 6

func seedOf(t *testing.T) uint64 {
	t.Helper()
	named := os.Getenv("POLYGRAPH_EDITS_SEED")
	if named == "" {
		return seed
	}
	n, err := strconv.ParseUint(named, 10, 64)
	if err != nil {
		t.Fatalf("POLYGRAPH_EDITS_SEED: %v", err)
	}
	return n
}

// TestEditsBecomeWhatWeSay applies a sample of edits for real.
func TestEditsBecomeWhatWeSay(t *testing.T) {
	for _, v := range cluster.Versions(t) {
		t.Run(minorOf(string(v)), func(t *testing.T) { newWorld(t, v).becomeWhatWeSay(seedOf(t)) })
	}
}

func (w *world) becomeWhatWeSay(seed uint64) {
	w.t.Helper()
	all := w.sample(rand.New(rand.NewPCG(seed, 0)))
	drawnOnce(w.t, all)
	w.t.Logf("%d edits of %d kinds, seed %d", len(all), len(kinds(all)), seed)

	old, new := map[string][]*unstructured.Unstructured{}, map[string][]*unstructured.Unstructured{}
	for _, e := range all {
		old[e.id] = append(e.beside, e.old)
		new[e.id] = append(e.beside, e.new)
	}
	definitions := documents(w.t, read(w.t, "testdata/world.yaml"))
	first := map[string][]*unstructured.Unstructured{}
	var began []*edit
	for _, e := range all {
		if e.first != nil {
			first[e.id], began = []*unstructured.Unstructured{e.first}, append(began, e)
		}
	}
	if refused := w.kubectl.apply(w.kubectl.write("first", first)); len(refused) > 0 {
		w.t.Fatalf("what was before OLD is refused: %v", refused)
	}
	w.until(began, func(s *stock) map[string]string { return w.opens(s, began) })
	before, after := w.kubectl.write("old", old), w.kubectl.write("new", new)
	if refused := w.kubectl.apply(before); len(refused) > 0 {
		w.t.Fatalf("OLD is refused: %v", refused)
	}
	w.run(all)
	s := w.settle("old", all)
	for _, e := range all {
		if e.live = w.get(e.old); e.live == nil {
			w.t.Fatalf("%s is not there", e)
		}
		e.before = s.pods[e.live.GetUID()]
	}
	w.saidOf(all, definitions, before, after)

	refused := w.kubectl.apply(after)
	s = w.settle("new", all)
	w.each(all, func(e *edit) { e.after = w.get(e.old) })
	for _, e := range all {
		e.refusal = refused[e.id]
		e.now, e.alone = s.pods[e.live.GetUID()], s.alone()
	}
	w.enough(w.compare(all, seed))
}

// run starts a Job of each CronJob, as `kubectl create job --from` does.
func (w *world) run(all []*edit) {
	w.t.Helper()
	for _, e := range all {
		if e.old.GetKind() != "CronJob" {
			continue
		}
		live := w.get(e.old)
		template, _, _ := unstructured.NestedMap(live.Object, "spec", "jobTemplate")
		job := &unstructured.Unstructured{Object: template}
		job.SetAPIVersion("batch/v1")
		job.SetKind("Job")
		job.SetNamespace(e.old.GetNamespace())
		job.SetName(e.id + "-now")
		yes := true
		job.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "CronJob", Name: live.GetName(), UID: live.GetUID(), Controller: &yes}})
		w.make(job)
	}
}

func (w *world) get(u *unstructured.Unstructured) *unstructured.Unstructured {
	live, err := w.at(u).Get(w.t.Context(), u.GetName(), metav1.GetOptions{})
	if err != nil {
		w.t.Errorf("%s: %v", identity(u), err)
		return nil
	}
	return live
}

// each does something for each edit, several at a time.
func (w *world) each(all []*edit, do func(*edit)) {
	var wait sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, e := range all {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			do(e)
		})
	}
	wait.Wait()
}

// saidOf asks the product twice: with the manifests as OLD, and with what the
// cluster has.
func (w *world) saidOf(all []*edit, world []*unstructured.Unstructured, before, after string) {
	w.t.Helper()
	w.kubectl.into(before, world)
	w.kubectl.into(after, world)
	list := &unstructured.UnstructuredList{Object: map[string]any{"apiVersion": "v1", "kind": "List"}}
	for _, e := range all {
		list.Items = append(list.Items, *e.live)
		for _, u := range e.beside {
			if live := w.get(u); live != nil {
				list.Items = append(list.Items, *live)
			}
		}
	}
	for _, u := range world {
		if live := w.get(u); live != nil {
			list.Items = append(list.Items, *live)
		}
	}
	text, err := json.Marshal(list)
	if err != nil {
		w.t.Fatal(err)
	}
	live := filepath.Join(w.t.TempDir(), "live.json")
	if err := os.WriteFile(live, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	for i, from := range []string{before, live} {
		said := w.say(from, after)
		for _, e := range all {
			e.said[i] = said[identity(e.new)]
			e.said[i].agrees(w.t, e)
		}
	}
}

// changed tells whether the server stores something else than before.
func (e *edit) changed() bool {
	return e.after == nil || !reflect.DeepEqual(stored(e.live), stored(e.after))
}
