package edits

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// edit is one edit of an object of its own.
type edit struct {
	id       string // its object's name, or the beginning of it
	base     string
	walked   bool
	change   change
	old, new *unstructured.Unstructured
	beside   []*unstructured.Unstructured
	first    *unstructured.Unstructured // as it was before OLD, where that is another
	invalid  string                     // why a create of NEW is refused: the value is wrong by itself

	live, after        *unstructured.Unstructured // as the server has it, before and after
	refusal            string
	before, now, alone pods // its own, and those that are nobody's
	waits              string
	said               [2]saying // with OLD as manifests, and as live
}

func (e *edit) String() string {
	return fmt.Sprintf("%s %s (%s)", e.base, e.id, e.change)
}

// pick says how many edits of a base there are in a sample, at most.
type pick struct{ people, walk int }

// picks are more for what has pods.
func picks(u *unstructured.Unstructured) pick {
	switch u.GetKind() {
	case "Deployment", "StatefulSet", "DaemonSet":
		return pick{20, 9}
	case "Pod":
		return pick{14, 4}
	case "Job", "ReplicaSet", "ReplicationController", "CronJob", "Service", "PersistentVolumeClaim", "Widget":
		return pick{8, 4}
	}
	return pick{5, 2}
}

// sample draws the edits. Of those of a walk, values that are invalid by themselves
// are left out but for one of each base.
func (w *world) sample(random *rand.Rand) []*edit {
	w.t.Helper()
	var out []*edit
	draw := func(b *base, c change, walked bool) *edit {
		e := &edit{id: fmt.Sprintf("e%03d", len(out)), base: b.name, change: c, walked: walked}
		w.fill(b, e)
		if e.new != nil {
			out = append(out, e)
		}
		return e
	}
	all := bases(w.t)
	for i := range all {
		b := &all[i]
		u, _ := b.objects(w.t, "example")
		p := picks(u)
		for _, at := range random.Perm(len(b.people))[:min(p.people, len(b.people))] {
			draw(b, b.people[at], false)
		}
		could := walked(random, w.version, u)
		random.Shuffle(len(could), func(i, j int) { could[i], could[j] = could[j], could[i] })
		could = slices.DeleteFunc(could, func(c change) bool {
			return slices.ContainsFunc(b.people, func(other change) bool { return other.key() == c.key() })
		})
		could = could[:min(len(could), 4*p.walk)]
		why := w.invalid(b, could)
		wrong := 0
		for i, c := range could {
			if p.walk == 0 {
				break
			}
			if why[i] != "" {
				if wrong++; wrong > 1 {
					continue
				}
			} else {
				p.walk--
			}
			draw(b, c, true).invalid = why[i]
		}
	}
	for _, b := range all {
		w.judgePeople(&b, out)
	}
	return out
}

// judgePeople asks which of people's edits are wrong by themselves.
func (w *world) judgePeople(b *base, all []*edit) {
	w.t.Helper()
	var mine []*edit
	var changes []change
	for _, e := range all {
		if e.base == b.name && !e.walked {
			mine, changes = append(mine, e), append(changes, e.change)
		}
	}
	for i, why := range w.invalid(b, changes) {
		mine[i].invalid = why
	}
}

func (w *world) fill(b *base, e *edit) {
	w.t.Helper()
	e.old, e.beside = b.objects(w.t, e.id)
	if len(e.beside) > 0 && identity(e.beside[0]) == identity(e.old) {
		e.first, e.beside = e.beside[0], e.beside[1:]
	}
	var err error
	if e.new, err = e.change.to(e.old, e.id); err != nil {
		w.t.Errorf("%s %s: %v", b.name, e.change, err)
	}
}

// invalid asks the server whether it would create what the changes make of a base,
// under other names.
func (w *world) invalid(b *base, changes []change) []string {
	w.t.Helper()
	out := make([]string, len(changes))
	var wait sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i, c := range changes {
		name := fmt.Sprintf("dry%03d", i)
		u, _ := b.objects(w.t, name)
		u, err := c.to(u, name)
		if err != nil {
			out[i] = err.Error()
			continue
		}
		client := w.at(u)
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			_, err := client.Create(w.t.Context(), u, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}, FieldValidation: "Ignore"})
			if err != nil {
				out[i] = err.Error()
			}
			if err != nil && !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) && !apierrors.IsForbidden(err) {
				w.t.Errorf("%s with %s: %v", b.name, c, err)
			}
		})
	}
	wait.Wait()
	return out
}

// stored is an object without what others write and what every write changes.
func stored(u *unstructured.Unstructured) map[string]any {
	u = u.DeepCopy()
	delete(u.Object, "status")
	for _, name := range []string{"managedFields", "resourceVersion", "generation"} {
		unstructured.RemoveNestedField(u.Object, "metadata", name)
	}
	notes := u.GetAnnotations()
	for _, name := range []string{
		"kubectl.kubernetes.io/last-applied-configuration", "deployment.kubernetes.io/revision", "deprecated.daemonset.template.generation",
		"autoscaling.alpha.kubernetes.io/conditions", "batch.kubernetes.io/job-tracking",
	} {
		delete(notes, name)
	}
	if len(notes) == 0 {
		notes = nil
	}
	u.SetAnnotations(notes)
	return u.Object
}

func kinds(all []*edit) map[string]bool {
	out := map[string]bool{}
	for _, e := range all {
		out[e.old.GetKind()] = true
	}
	return out
}

func drawnOnce(t testing.TB, all []*edit) {
	t.Helper()
	seen := map[string]bool{}
	for _, e := range all {
		if key := e.base + e.change.key(); seen[key] {
			t.Errorf("%s is drawn twice", e)
		} else {
			seen[key] = true
		}
	}
}
