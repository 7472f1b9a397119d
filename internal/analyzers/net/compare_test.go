package net

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// compared runs net compare and returns what was counted, and the rows without
// their witnesses.
func compared(t *testing.T, o Options, files map[string]string) (*judged, *Comparison, []string) {
	t.Helper()
	if o.Compare == nil {
		o.Compare = &Comparison{}
	}
	j := judge(t, &o, files)
	if j.err != nil {
		t.Fatal(j.err)
	}
	var rows []string
	for _, r := range j.rows {
		if rest, ok := strings.CutPrefix(r, "connectivity: "); ok {
			c := strings.Split(rest, " | ")
			rows = append(rows, c[0]+" "+c[1]+" -> "+c[3]+" "+c[5])
		}
	}
	return j, o.Compare, rows
}

func counts(c *Comparison) string {
	return fmt.Sprintf("gained %d lost %d new %d gone %d unknown %d", c.Gained, c.Lost, c.New, c.Gone, c.Unknown)
}

// TestCompare: NET010, one change each.
func TestCompare(t *testing.T) {
	floor := shopFloor()
	edit := func(old, now string) string {
		if !strings.Contains(floor, old) {
			t.Fatalf("%q is not there", old)
		}
		return strings.Replace(floor, old, now, 1)
	}
	for name, c := range map[string]struct {
		old, now string
		options  Options
		counts   string
		row      string
		verdict  string
	}{
		"nothing":                     {old: floor, now: floor, counts: "gained 0 lost 0 new 0 gone 0 unknown 0", verdict: "holds"},
		"the label of the database":   {old: floor, now: edit("labels: {app: db}", "labels: {app: database}"), counts: "gained 0 lost 1 new 0 gone 0 unknown 0", row: "lost shop/web -> shop/db TCP 5432", verdict: "holds"},
		"the label of a worker":       {old: floor, now: edit("labels: {app: worker}", "labels: {app: web}"), counts: "gained 1 lost 0 new 0 gone 0 unknown 0", row: "gained shop/worker -> shop/db TCP 5432", verdict: "refuted"},
		"a wider rule":                {old: floor, now: edit("ports: [{port: 5432}]}]", "ports: [{port: 5432}, {port: 22}]}]"), counts: "gained 1 lost 0 new 0 gone 0 unknown 0", row: "gained shop/web -> shop/db TCP 22", verdict: "refuted"},
		"a narrower rule":             {old: edit("ports: [{port: 5432}]}]", "ports: [{port: 5432}, {port: 22}]}]"), now: floor, counts: "gained 0 lost 1 new 0 gone 0 unknown 0", row: "lost shop/web -> shop/db TCP 22", verdict: "holds"},
		"every namespace":             {old: floor, now: edit("from: [{podSelector: {matchLabels: {app: web}}}]", "from: [{namespaceSelector: {}}]"), counts: "gained 2 lost 0 new 0 gone 0 unknown 0", row: "gained tools/shell -> shop/db TCP 5432", verdict: "refuted"},
		"the default deny goes":       {old: floor, now: strings.Replace(floor, policy("deny", denyIngress), "", 1), counts: "gained 8 lost 0 new 0 gone 0 unknown 0", verdict: "refuted"},
		"the default deny comes":      {old: strings.Replace(floor, policy("deny", denyIngress), "", 1), now: floor, counts: "gained 0 lost 8 new 0 gone 0 unknown 0", verdict: "holds"},
		"a policy is spread over two": {old: floor, now: edit(policy("db", dbFromWeb), policy("db-a", dbFromWeb)+policy("db-b", strings.Replace(dbFromWeb, "app: web", "app: gone", 1))), counts: "gained 0 lost 0 new 0 gone 0 unknown 0", verdict: "holds"},
		"a new workload":              {old: floor, now: floor + workload("api", ""), counts: "gained 0 lost 0 new 2 gone 0 unknown 0", row: "new shop/api -> tools/shell all", verdict: "holds"},
		"a workload goes":             {old: floor + workload("api", ""), now: floor, counts: "gained 0 lost 0 new 0 gone 2 unknown 0", verdict: "holds"},
		"a template in NEW":           {old: floor, now: floor + template, counts: "gained 0 lost 0 new 0 gone 0 unknown 0", verdict: "unproven"},
		"the deny becomes a template": {old: floor, now: strings.Replace(floor, policy("deny", denyIngress), template, 1), counts: "gained 8 lost 0 new 0 gone 0 unknown 0", verdict: "unproven"},
		"a template in OLD":           {old: floor + template, now: edit("labels: {app: worker}", "labels: {app: web}"), counts: "gained 1 lost 0 new 0 gone 0 unknown 0", verdict: "unproven"},
		"other labels of namespaces":  {old: strings.Replace(floor, "podSelector: {matchLabels: {app: web}}}], ports", "namespaceSelector: {matchLabels: {team: a}}}], ports", 1), now: edit("from: [{podSelector: {matchLabels: {app: web}}}]", "from: [{namespaceSelector: {}}]"), counts: "gained 3 lost 0 new 0 gone 0 unknown 0", verdict: "refuted"},
		"the agent goes":              {old: floor, now: floor, options: Options{CNI: "none"}, counts: "gained 0 lost 0 new 0 gone 0 unknown 0", verdict: "holds"},
		"its own order":               {old: floor, now: policy("db", dbFromWeb) + strings.Replace(floor, policy("db", dbFromWeb), "", 1), counts: "gained 0 lost 0 new 0 gone 0 unknown 0", verdict: "holds"},
		"a copy that means the same":  {old: floor, now: floor + policy("db", dbFromWeb), counts: "gained 0 lost 0 new 0 gone 0 unknown 0", verdict: "holds"},
	} {
		t.Run(name, func(t *testing.T) {
			j, got, rows := compared(t, c.options, map[string]string{"old/a.yaml": c.old, "new/a.yaml": c.now})
			if counts(got) != c.counts {
				t.Errorf("%s, want %s\n%s", counts(got), c.counts, strings.Join(rows, "\n"))
			}
			if v := j.verdict("NET010"); v != c.verdict {
				t.Errorf("%q, want %q\n%s", v, c.verdict, j.text("NET010"))
			}
			if c.row != "" && !slices.Contains(rows, c.row) {
				t.Errorf("no row %q:\n%s", c.row, strings.Join(rows, "\n"))
			}
		})
	}
}

// TestCompareUnknown: namespaces whose labels neither side shows.
func TestCompareUnknown(t *testing.T) {
	bare := workload("web", "") + databaseSet + workloadIn("tools", "shell", "") + policy("db", dbFromWeb)
	now := strings.Replace(bare, "from: [{podSelector: {matchLabels: {app: web}}}]", "from: [{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {team: a}}}]", 1)
	j, c, rows := compared(t, Options{}, map[string]string{"old/a.yaml": bare, "new/a.yaml": now})
	if c.Unknown != 1 || c.Gained != 0 || j.verdict("NET010") != "unproven" || !slices.Contains(rows, "unknown tools/shell -> shop/db TCP 5432") {
		t.Errorf("%s\n%s\n%s", counts(c), strings.Join(rows, "\n"), j.text("NET010"))
	}
	// Both sides alike: the change does not open it, whatever the labels are.
	j, c, _ = compared(t, Options{}, map[string]string{"old/a.yaml": now, "new/a.yaml": now})
	if c.Unknown != 0 || j.verdict("NET010") != "holds" {
		t.Errorf("%s\n%s", counts(c), j.text("NET010"))
	}
}

// TestCompareApplied: NEW is laid over a cluster, and what it does not have stays.
func TestCompareApplied(t *testing.T) {
	o := Options{Compare: &Comparison{Applied: true}}
	j, c, rows := compared(t, o, map[string]string{"old/a.yaml": shopFloor(), "new/a.yaml": policy("db", strings.Replace(dbFromWeb, "app: web", "app: worker", 1))})
	if c.Gained != 1 || c.Lost != 1 || c.Gone != 0 || j.verdict("NET010") != "refuted" {
		t.Errorf("%s\n%s", counts(c), strings.Join(rows, "\n"))
	}
}

// TestCompareBlocks: ranges are the same ones although they are cut otherwise.
func TestCompareBlocks(t *testing.T) {
	with := func(cidr string) string {
		return namespace("shop") + workload("web", "") + policy("web", "podSelector: {matchLabels: {app: web}}, ingress: [{from: [{ipBlock: {cidr: "+cidr+"}}]}]")
	}
	for _, c := range []struct{ old, now, counts string }{
		{"10.0.0.0/8", "10.0.0.0/8", "gained 0 lost 0 new 0 gone 0 unknown 0"},
		{"10.0.0.0/8", "10.1.0.0/16", "gained 0 lost 1 new 0 gone 0 unknown 0"},
		{"10.1.0.0/16", "10.0.0.0/8", "gained 1 lost 0 new 0 gone 0 unknown 0"},
		{"10.0.0.0/8, except: [10.1.0.0/16]", "10.0.0.0/8", "gained 1 lost 0 new 0 gone 0 unknown 0"},
		{"10.0.0.0/8", "\"2001:db8::/32\"", "gained 1 lost 1 new 0 gone 0 unknown 0"},
	} {
		j, got, rows := compared(t, Options{CNI: "calico", PodRanges: prefixes("172.16.0.0/16")}, map[string]string{"old/a.yaml": with(c.old), "new/a.yaml": with(c.now)})
		if counts(got) != c.counts {
			t.Errorf("%s to %s: %s, want %s\n%s", c.old, c.now, counts(got), c.counts, strings.Join(rows, "\n"))
		}
		if want := map[bool]string{true: "refuted", false: "holds"}[got.Gained > 0]; j.verdict("NET010") != want {
			t.Errorf("%s to %s: %s", c.old, c.now, j.text("NET010"))
		}
	}
}
