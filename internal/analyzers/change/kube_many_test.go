package change_test

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/analyzers/change"
	"polygraph/internal/finding"
)

const configHead = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  namespace: shop\n  uid: u\n  resourceVersion: \"1\"\n  managedFields:\n"

func entry(manager, fields string) string {
	return "  - {manager: " + manager + ", operation: Apply, apiVersion: v1, fieldsType: FieldsV1, fieldsV1: {" + fields + "}}\n"
}

// many is n texts, each with its number.
func many(n int, text func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(text(i))
	}
	return b.String()
}

// TestManyWriters: two tools that share a field are one finding, whatever the names
// by which they write, and what is not compared is not held.
func TestManyWriters(t *testing.T) {
	const key = `"f:data": {"f:a": {}}`
	own := func(i int) string { return fmt.Sprintf(`"f:data": {"f:k%d": {}}`, i) }
	for name, c := range map[string]struct {
		entries string
		titles  []string // their beginnings and verdicts
	}{
		"two tools, six names":     {many(6, func(i int) string { return entry([]string{"pulumi-", "argocd-"}[i%2]+fmt.Sprint(i), key) }), []string{"refuted configmap c: Pulumi and Argo CD both write data.a"}},
		"three tools":              {entry("helm", key) + entry("pulumi-1", key) + entry("argocd-1", key), []string{"refuted configmap c: Helm and Argo CD both", "refuted configmap c: Helm and Pulumi both", "refuted configmap c: Pulumi and Argo CD both"}},
		"shared by the second":     {entry("helm", `"f:data": {"f:b": {}}`) + entry("pulumi-1", own(1)) + entry("pulumi-2", `"f:data": {"f:b": {}, "f:c": {}}`), []string{"refuted configmap c: Helm and Pulumi both write data.b"}},
		"one tool":                 {many(300, func(i int) string { return entry(fmt.Sprintf("pulumi-%d", i), key) }), nil},
		"each its own":             {many(60, func(i int) string { return entry([]string{"pulumi-", "argocd-"}[i%2]+fmt.Sprint(i), own(i)) }), nil},
		"too many to compare":      {many(200, func(i int) string { return entry([]string{"pulumi-", "argocd-"}[i%2]+fmt.Sprint(i), own(i)) }), []string{"unproven configmap c: whether each field"}},
		"too many, and two share":  {many(200, func(i int) string { return entry([]string{"pulumi-", "argocd-"}[i%2]+fmt.Sprint(i), key) }), []string{"refuted configmap c: Pulumi and Argo CD both write data.a", "unproven configmap c: whether each field"}},
		"a late tool is looked at": {many(200, func(i int) string { return entry(fmt.Sprintf("pulumi-%d", i), key) }) + entry("helm", key), []string{"refuted configmap c: Pulumi and Helm both write data.a", "unproven configmap c: whether each field"}},
		"too many fields": {
			entry("helm", `"f:data": {`+many(10_001, func(i int) string { return fmt.Sprintf(`"f:h%d": {}, `, i) })+"}") + entry("pulumi-1", own(1)),
			[]string{"unproven configmap c: whether each field"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := judgeObjects(t, change.Options{}, nil, map[string]string{"live/c": configHead + c.entries + "data: {a: b}\n"}).of("CHG105")
			if len(got) != len(c.titles) {
				t.Fatalf("%d findings: %+v", len(got), got[0])
			}
			for _, want := range c.titles {
				found := false
				for i := range got {
					found = found || strings.HasPrefix(got[i].Verdict.String()+" "+got[i].Title, want)
				}
				if !found {
					t.Errorf("%q is missing, first %q", want, got[0].Title)
				}
			}
		})
	}
}

// The entries of managedFields stand in the order in which they were written.
func TestWritersByAnyOrderAreOneFinding(t *testing.T) {
	const key = `"f:data": {"f:a": {}}`
	of := func(entries ...string) string {
		got := judgeObjects(t, change.Options{}, nil, map[string]string{"live/c": configHead + strings.Join(entries, "") + "data: {a: b}\n"}).of("CHG105")
		if len(got) != 1 {
			t.Fatal(got)
		}
		return got[0].Fingerprint
	}
	if a, b := of(entry("helm", key), entry("pulumi-1", key)), of(entry("pulumi-2", key), entry("helm", key)); a != b {
		t.Error(a, b)
	}
}

// served is a Service of a label, and a Deployment with it.
func served(i, replicas int, label string) string {
	return fmt.Sprintf("---\napiVersion: v1\nkind: Service\nmetadata: {name: s%d, namespace: shop}\nspec: {selector: {app: %s}, ports: [{port: 80}]}\n", i, label) +
		fmt.Sprintf("---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d%d, namespace: shop}\nspec:\n  replicas: %d\n  selector: {matchLabels: {app: %s}}\n", i, replicas, label) +
		fmt.Sprintf("  template:\n    metadata: {labels: {app: %s}}\n    spec: {containers: [{name: a, image: a}]}\n", label)
}

// TestZeroBehindSharedServices: a workload without pods is no loss while another
// one behind each of its Services has some, itself not counted.
func TestZeroBehindSharedServices(t *testing.T) {
	scaler := "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h, namespace: shop}\nspec: {minReplicas: 0, maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d0}}\n"
	for name, c := range map[string]struct {
		objects string
		want    int
	}{
		"all at none":               {served(0, 0, "a") + served(1, 0, "a") + served(2, 0, "a"), 3},
		"one runs":                  {served(0, 0, "a") + served(1, 2, "a") + served(2, 0, "a"), 0},
		"one of another label runs": {served(0, 0, "a") + served(1, 2, "b") + served(2, 0, "a"), 2},
		"itself, scaled to none":    {served(0, 2, "a") + served(1, 0, "a") + scaler, 1},
		"by labels of its own":      {strings.ReplaceAll(served(0, 0, "a"), "app: a", "app: a, x: z") + served(1, 2, "a") + served(2, 0, "a"), 1},
		"itself and another":        {served(0, 2, "a") + served(1, 2, "a") + scaler, 0},
	} {
		if got := judgeObjects(t, change.Options{}, nil, map[string]string{"new/a": c.objects}).of("CHG109"); len(got) != c.want {
			t.Errorf("%s: %d findings, want %d", name, len(got), c.want)
		}
	}
}

// TestWhatStandsBehindAMark: a release is proved by its own revision, in its own
// namespace, and by no release whose name begins with its name.
func TestWhatStandsBehindAMark(t *testing.T) {
	object := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop, labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: r, meta.helm.sh/release-namespace: shop, argocd.argoproj.io/tracking-id: \"app:/ConfigMap:shop/c\"}}\n" +
		"---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: app, namespace: argocd}\n"
	release := func(namespace, name, status string) string {
		return "---\napiVersion: v1\nkind: Secret\nmetadata: {name: sh.helm.release.v1." + name + ", namespace: " + namespace + ", labels: {owner: helm, status: " + status + "}}\n"
	}
	for name, c := range map[string]struct {
		release string
		want    finding.Verdict
	}{
		"its revision":               {release("shop", "r.v1", "superseded") + release("shop", "r.v2", "deployed"), finding.Refuted},
		"revisions that are over":    {release("shop", "r.v1", "superseded"), finding.Unproven},
		"none":                       {"", finding.Unproven},
		"of another namespace":       {release("other", "r.v1", "deployed"), finding.Unproven},
		"of a release with a suffix": {release("shop", "r.v1.v7", "deployed"), finding.Unproven},
	} {
		for _, side := range []string{"live/r", "new/r"} {
			files := map[string]string{"new/c": object}
			if c.release != "" {
				files[side] = strings.TrimPrefix(c.release, "---\n")
			}
			if got := judgeObjects(t, change.Options{}, nil, files).of("CHG106"); len(got) != 1 || got[0].Verdict != c.want {
				t.Errorf("%s in %s: %+v", name, side, got)
			}
		}
	}
}

func BenchmarkSharedServices(b *testing.B) {
	text := map[string]string{"new/a": many(1000, func(i int) string { return served(i, 0, "a") })}
	for b.Loop() {
		judgeObjects(b, change.Options{}, nil, text)
	}
}

func BenchmarkManyWriters(b *testing.B) {
	text := map[string]string{"live/c": configHead + many(3000, func(i int) string {
		return entry([]string{"pulumi-", "argocd-"}[i%2]+fmt.Sprint(i), `"f:data": {"f:a": {}}`)
	}) + "data: {a: b}\n"}
	for b.Loop() {
		judgeObjects(b, change.Options{}, nil, text)
	}
}
