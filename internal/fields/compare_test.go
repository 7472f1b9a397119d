package fields

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// object parses one object.
func parseObject(t testing.TB, text string) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("test.yaml", []byte(text))
	if problem != nil || len(f.Objects) != 1 {
		t.Fatalf("%v, %d objects in:\n%s", problem, len(f.Objects), text)
	}
	return f.Objects[0]
}

// shown writes an edit as "Path: old -> new".
func shown(e *Edit) string {
	side := func(v *kubeobj.Value, filled string) string {
		switch {
		case v == nil && filled == "":
			return "-"
		case v == nil:
			return "(" + filled + ")"
		case v.Kind == kubeobj.Map:
			return "{}"
		case v.Kind == kubeobj.List:
			return "[]"
		}
		return v.Text
	}
	text := fmt.Sprintf("%s: %s -> %s", e.Path, side(e.Old, e.OldDefault), side(e.New, e.NewDefault))
	for _, mark := range []struct {
		is   bool
		text string
	}{{e.Unknown, " unknown"}, {e.Order, " order"}, {e.Secret, " secret"}, {e.Mistyped != "", " mistyped: " + e.Mistyped}} {
		if mark.is {
			text += mark.text
		}
	}
	return text
}

func compareTexts(t testing.TB, old, now string, o Options) []string {
	t.Helper()
	c := Compare(parseObject(t, old), parseObject(t, now), o)
	out := make([]string, len(c.Edits))
	for i := range c.Edits {
		out[i] = shown(&c.Edits[i])
	}
	return out
}

func wantEdits(t *testing.T, old, now string, o Options, want ...string) {
	t.Helper()
	got := compareTexts(t, old, now, o)
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("edits:\n  %s\nwant:\n  %s\nof:\n%s\n---\n%s", strings.Join(got, "\n  "), strings.Join(want, "\n  "), old, now)
	}
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{containerPort: 80}]
        env: [{name: A, value: "1"}, {name: B, value: "2"}]
        resources: {limits: {cpu: 1000m, memory: 1Gi}}
      volumes: [{name: tmp}]
`

func swap(old, now string) string {
	if !strings.Contains(deployment, old) {
		panic(old)
	}
	return strings.Replace(deployment, old, now, 1)
}

func TestEdits(t *testing.T) {
	const box = "spec.template.spec.containers[name=web]"
	for _, c := range []struct {
		old, now string
		want     []string
	}{
		{"nginx:1.27", "nginx:1.28", []string{box + ".image: nginx:1.27 -> nginx:1.28"}},
		{"nginx:1.27", "nginx", []string{box + ".image: nginx:1.27 -> nginx", box + ".imagePullPolicy: (IfNotPresent) -> (Always)"}},
		{"1000m", "1", nil},
		{"1Gi", "1024Mi", nil},
		{"1Gi", "1073741824", nil},
		{"1Gi", "1G", []string{box + ".resources.limits.memory: 1Gi -> 1G"}},
		{"spec:\n  selector", "spec:\n  replicas: 1\n  selector", nil},
		{"spec:\n  selector", "spec:\n  replicas: 2\n  selector", []string{"spec.replicas: (1) -> 2"}},
		{"{name: tmp}", "{name: tmp, emptyDir: {}}", nil},
		{"{name: tmp}", "{name: tmp, hostPath: {path: /tmp}}", []string{"spec.template.spec.volumes[name=tmp].hostPath: - -> {}"}},
		{"{containerPort: 80}", "{containerPort: 80, protocol: TCP}", nil},
		{"{containerPort: 80}", "{containerPort: 80, protocol: UDP}", []string{
			box + ".ports[containerPort=80,protocol=TCP]: {} -> -", box + ".ports[containerPort=80,protocol=UDP]: - -> {}",
		}},
		{`{name: A, value: "1"}, {name: B, value: "2"}`, `{name: B, value: "2"}, {name: A, value: "1"}`, []string{box + ".env: [] -> [] order"}},
		{`, {name: B, value: "2"}`, ``, []string{box + ".env[name=B]: {} -> -"}},
		{`value: "1"`, `value: 1`, []string{box + ".env[name=A].value: 1 -> 1 mistyped: a number where a string is wanted"}},
		{`labels: {app: web}}
spec`, `labels: {app: web, app.kubernetes.io/part-of: shop}}
spec`, []string{"metadata.labels[app.kubernetes.io/part-of]: - -> shop"}},
		{`, labels: {app: web}}
spec`, `}
spec`, []string{"metadata.labels.app: web -> -"}},
		{"      volumes", "      dnspolicy: Default\n      volumes", []string{"spec.template.spec.dnspolicy: - -> Default unknown"}},
		{"      volumes", "      dnsPolicy: ClusterFirst\n      terminationGracePeriodSeconds: 30\n      volumes", nil},
		{"      volumes", "      enableServiceLinks: true\n      volumes", []string{"spec.template.spec.enableServiceLinks: - -> true"}},
		{"      volumes", "      hostNetwork: false\n      volumes", nil},
		{"spec:\n  selector", "spec:\n  strategy: {type: Recreate}\n  selector", []string{"spec.strategy.type: (RollingUpdate) -> Recreate"}},
		{"spec:\n  selector", "spec:\n  strategy: {rollingUpdate: {maxSurge: 1}}\n  selector", []string{"spec.strategy.rollingUpdate.maxSurge: (25%) -> 1"}},
		{"namespace: shop", "namespace: shop, uid: a, resourceVersion: '4', generation: 3", nil},
		{"spec:\n  selector", "status: {replicas: 2}\nspec:\n  selector", nil},
	} {
		wantEdits(t, deployment, swap(c.old, c.now), Options{}, c.want...)
	}
}

func BenchmarkCompare(b *testing.B) {
	same := parseObject(b, deployment)
	filled := parseObject(b, swap("spec:\n  selector", "spec:\n  replicas: 1\n  selector"))
	live := parseObject(b, swap("namespace: shop", "namespace: shop, uid: a, resourceVersion: '4'"))
	kubeschema.Namespaced("", "Pod")
	for _, c := range []struct {
		name     string
		old, new *kubeobj.Object
		o        Options
	}{{"unchanged", parseObject(b, deployment), same, Options{}}, {"default", same, filled, Options{}}, {"live", live, same, Options{Live: true}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compare(c.old, c.new, c.o)
			}
		})
	}
}
