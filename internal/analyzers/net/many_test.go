package net

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestManyPods: 50,000 pods as a cluster shows them, 5,000 workloads of ten each
// and 60 policies. What is counted is worked out by hand below; what it costs grows
// with workloads and policies, not with pods.
func TestManyPods(t *testing.T) {
	if testing.Short() {
		t.Skip("half a minute")
	}
	const spaces, each, replicas = 30, 166, 10 // and 20 more workloads in the first
	files := map[string]string{}
	var b strings.Builder
	address := 0
	total := 0
	for ns := range spaces {
		b.Reset()
		fmt.Fprintf(&b, "apiVersion: v1\nkind: Namespace\nmetadata: {name: team-%d, labels: {kubernetes.io/metadata.name: team-%d}}\n", ns, ns)
		workloads := each
		if ns == 0 {
			workloads += 20
		}
		for n := range workloads {
			total++
			app := fmt.Sprintf("app-%d", n)
			fmt.Fprintf(&b, "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata:  {name: %s-6d4cf56db6, namespace: team-%d, uid: rs-%d, resourceVersion: \"1\"}\nspec:\n  replicas: %d\n  selector: {matchLabels: {app: %s}}\n  template:\n    metadata: {labels: {app: %s}}\n    spec: {containers: [{name: a, image: a}]}\n", app, ns, total, replicas, app, app)
			for p := range replicas {
				address++
				fmt.Fprintf(&b, "---\napiVersion: v1\nkind: Pod\nmetadata:  {name: %s-6d4cf56db6-%05d, namespace: team-%d, uid: pod-%d, resourceVersion: \"1\", labels: {app: %s, pod-template-hash: 6d4cf56db6}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: %s-6d4cf56db6, uid: rs-%d, controller: true}]}\n"+
					"spec: {nodeName: node-%d, containers: [{name: a, image: a, ports: [{name: http, containerPort: 8080}]}]}\nstatus: {phase: Running, podIP: 10.%d.%d.%d, podIPs: [{ip: 10.%d.%d.%d}]}\n",
					app, p, ns, address, app, app, total, address%200, address>>16, address>>8&255, address&255, address>>16, address>>8&255, address&255)
			}
		}
		// Nobody gets in but app-1 to app-0 on one port.
		b.WriteString(policyIn(fmt.Sprintf("team-%d", ns), "deny", denyIngress))
		b.WriteString(policyIn(fmt.Sprintf("team-%d", ns), "app", "podSelector: {matchLabels: {app: app-0}}, ingress: [{from: [{podSelector: {matchLabels: {app: app-1}}}], ports: [{port: 8080}]}]"))
		files[fmt.Sprintf("live/team-%d.yaml", ns)] = b.String()
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	o := Options{List: &Listing{}, CNI: "calico", Surveyed: true}
	j := judge(t, &o, files)
	if j.err != nil {
		t.Fatal(j.err)
	}
	runtime.ReadMemStats(&after)
	got := o.List.Tally
	want := Tally{Workloads: total, Ranges: 1, Policies: 60}
	// Ordered pairs of workloads, each with itself too, and of a workload and the
	// addresses in both directions.
	want.Pairs = total*total + 2*total
	want.All = total   // out to the addresses
	want.Some = spaces // app-1 to app-0
	want.Denied = want.Pairs - want.All - want.Some
	if total != 5000 || got != want {
		t.Errorf("%d workloads: %+v, want %+v", total, got, want)
	}
	if n := len(j.rows); n != total+1+want.All+want.Some {
		t.Errorf("%d rows, want %d", n, total+1+want.All+want.Some)
	}
	// Objects of 50,000 pods are the greater part of it.
	if used := (after.Sys - before.Sys) >> 20; used > 1500 {
		t.Errorf("it took %d MB from the system", used)
	} else {
		t.Logf("%d MB from the system", used)
	}
}
