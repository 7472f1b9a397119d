package change

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/workloads"
)

// randomServices are Services and Deployments of few labels in two namespaces.
func randomServices(t *testing.T, random *rand.Rand) *side {
	labels := func(n int) string {
		var all []string
		for _, name := range []string{"a", "b", "c"}[:n] {
			if random.IntN(3) > 0 {
				all = append(all, fmt.Sprintf("%s: v%d", name, random.IntN(2)))
			}
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	var b strings.Builder
	for i := range 12 {
		ns := random.IntN(2)
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d, namespace: n%d}\nspec: {selector: %s}\n", i, ns, labels(2))
		fmt.Fprintf(&b, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d, namespace: n%d}\n", i, ns)
		fmt.Fprintf(&b, "spec: {replicas: %d, template: {metadata: {labels: %s}, spec: {containers: [{name: c, image: i}]}}}\n", max(0, random.IntN(5)-2), labels(3))
	}
	f, problem := kubeobj.Parse("a.yaml", []byte(b.String()))
	if problem != nil {
		t.Fatal(problem)
	}
	return newSide(f.Objects)
}

// What is remembered of Services is what each workload would be told alone.
func TestServesAsEachAlone(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	lost, kept := 0, 0
	for range 300 {
		k := &kube{after: randomServices(t, random)}
		g := k.after.graph
		for _, w := range g.Workloads() {
			served, others := g.ServedBy(w), true
			for _, s := range served {
				found := false
				for _, other := range g.Selected(s.Service) {
					n, ok := other.Count()
					found = found || other != w && (!ok || n > 0)
				}
				others = others && found
			}
			got := k.serves(w)
			if (got.first == nil) != (len(served) == 0) {
				t.Fatal(w.Object.Name, got, served)
			}
			if len(served) == 0 {
				continue
			}
			if got.first != served[0].Service || others == (got.dead || k.alone[w]) {
				t.Fatalf("%s: %+v, alone %v; want others %v", w.Object.Name, got, k.alone[w], others)
			}
			if others {
				kept++
			} else {
				lost++
			}
		}
	}
	if lost < 100 || kept < 100 {
		t.Error(lost, kept)
	}
}

// Of many Services that select alike, and of workloads that differ in labels by
// which none selects, one answer is remembered.
func TestServesOncePerSelector(t *testing.T) {
	var b strings.Builder
	for i := range 50 {
		fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d, namespace: shop}\nspec: {selector: {app: web}}\n", i)
		fmt.Fprintf(&b, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d, namespace: shop}\nspec: {replicas: 0, template: {metadata: {labels: {app: web, i: v%d}}}}\n", i, i)
	}
	f, problem := kubeobj.Parse("a.yaml", []byte(b.String()))
	if problem != nil {
		t.Fatal(problem)
	}
	k := &kube{after: newSide(f.Objects)}
	var all []*workloads.Workload
	for _, w := range k.after.graph.Workloads() {
		if all = append(all, w); !k.serves(w).dead {
			t.Error(w.Object.Name)
		}
	}
	if len(all) != 50 || len(k.serving) != 1 || len(k.running) != 1 {
		t.Errorf("%d workloads, %d answers, %d selectors", len(all), len(k.serving), len(k.running))
	}
}
