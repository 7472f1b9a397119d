package workloads

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"polygraph/internal/kubeobj"
)

func graph(t testing.TB, text string) (*Graph, map[string]*kubeobj.Object) {
	t.Helper()
	f, problem := kubeobj.Parse("side.yaml", []byte(text))
	if problem != nil || len(f.Unread) > 0 {
		t.Fatal(problem, f)
	}
	byName := map[string]*kubeobj.Object{}
	for _, o := range f.Objects {
		byName[o.Kind+"/"+o.Name] = o
	}
	return Build(f.Objects), byName
}

const shop = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, uid: u1}
spec:
  replicas: 3
  template:
    metadata: {labels: {app: web, tier: front}}
    spec: {containers: [{name: web, image: "shop/web:1", ports: [{containerPort: 80, hostPort: 8080}]}], volumes: [{name: m, image: {reference: "shop/model@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}]}
---
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: web-1, namespace: shop, uid: u2, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u1, controller: true}]}, spec: {template: {metadata: {labels: {app: web, tier: front}}}}}
---
apiVersion: v1
kind: Pod
metadata: {name: web-1-a, namespace: shop, uid: u3, labels: {app: web, tier: front}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-1, uid: u2, controller: true}]}
spec: {containers: [{name: web, image: "shop/web:1"}]}
status: {containerStatuses: [{name: web, image: "docker.io/shop/web:1", imageID: "docker.io/shop/web@sha256:ab"}]}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {app: web}, ports: [{port: 80}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: peers, namespace: shop}, spec: {clusterIP: None, selector: {tier: front}}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: other}, spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: outside, namespace: shop}, spec: {type: ExternalName, externalName: example.com, selector: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: manual, namespace: shop}, spec: {ports: [{port: 1}]}}
---
{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: manual-1, namespace: shop, labels: {kubernetes.io/service-name: manual}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {tls: [{secretName: cert}], rules: [{http: {paths: [{path: /, backend: {service: {name: other}}}, {path: /w, backend: {service: {name: web}}}]}}]}
---
{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: r, namespace: edge}, spec: {rules: [{backendRefs: [{name: web, namespace: shop, weight: 0}, {name: web, namespace: shop, kind: Bucket}]}]}}
---
{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: vs, namespace: edge}, spec: {http: [{route: [{destination: {host: web.shop.svc.cluster.local}, weight: 90}, {destination: {host: web.shop.example.com}}]}]}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: all, namespace: shop}, spec: {selector: {}}}
---
{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: none, namespace: shop}, spec: {selector: {}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: front, namespace: shop}, spec: {selector: {matchExpressions: [{key: tier, operator: In, values: [front]}]}}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: back, namespace: shop}, spec: {selector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}}
`

func named(objects []*kubeobj.Object) string {
	var out []string
	for _, o := range objects {
		out = append(out, o.Kind+"/"+o.Name)
	}
	return strings.Join(out, " ")
}

func TestServing(t *testing.T) {
	g, by := graph(t, shop)
	w := g.Workload(by["Deployment/web"])
	served := g.ServedBy(w)
	if len(served) != 2 || served[0].Service.Name != "web" || served[1].Service.Name != "peers" || !served[1].Headless || served[0].Headless {
		t.Fatalf("served by %+v", served)
	}
	var routes []string
	for _, r := range served[0].Routes {
		weight := ""
		if r.Weight != nil {
			weight = " " + r.Weight.Text
		}
		routes = append(routes, r.Object.Kind+" "+r.Path+weight)
		if r.Value == nil {
			t.Errorf("%s has no value", r.Path)
		}
	}
	want := []string{
		"Ingress spec.rules[0].http.paths[1].backend.service.name", "HTTPRoute spec.rules[0].backendRefs[0].name 0",
		"VirtualService spec.http[0].route[0].destination.host 90",
	}
	if !slices.Equal(routes, want) {
		t.Errorf("routes %q, want %q", routes, want)
	}
	if got := g.Selected(by["Service/peers"]); len(got) != 1 || got[0] != w {
		t.Errorf("selected %v", got)
	}
	if got := append(g.Selected(by["Service/outside"]), g.Selected(by["Service/manual"])...); len(got) != 0 {
		t.Errorf("Services without a selector select %v", got)
	}
	if got := named(g.Endpoints(by["Service/manual"])); got != "EndpointSlice/manual-1" {
		t.Errorf("endpoints %s", got)
	}
	if got := named(g.Budgets(w)); got != "PodDisruptionBudget/all PodDisruptionBudget/front" {
		t.Errorf("budgets %s", got)
	}
	if got := w.HostPorts(); len(got) != 1 {
		t.Errorf("host ports %v", got)
	}
	for _, k := range []string{"cert", "other"} {
		if got := g.Readers(Key{"", "Secret", "shop", k}); len(got) != map[string]int{"cert": 1}[k] {
			t.Errorf("readers of %s: %v", k, got)
		}
	}
}

func TestMade(t *testing.T) {
	g, by := graph(t, shop)
	w := g.Workload(by["Deployment/web"])
	pods := g.Pods(w)
	if len(pods) != 1 || pods[0].Object.Name != "web-1-a" || pods[0].Top() != w {
		t.Fatalf("pods %v", pods)
	}
	if got := g.Workloads(); len(got) != 1 || got[0] != w {
		t.Errorf("workloads that nobody made: %v", got)
	}
	running := g.Running(w)
	if len(running) != 1 || running[0].ImageID.Str() != "docker.io/shop/web@sha256:ab" || running[0].Container != "web" {
		t.Errorf("running %+v", running)
	}
	images := g.Images()
	if len(images) != 2 || images[0].Path != "spec.template.spec.containers[name=web].image" || images[0].Name.Tag != "1" ||
		images[1].Name.Digest == "" || images[1].Path != "spec.template.spec.volumes[name=m].image.reference" {
		t.Errorf("images %+v", images)
	}
	if n, known := w.Count(); n != 3 || !known {
		t.Errorf("count %d %v", n, known)
	}
	if g.Mixed() {
		t.Error("all have a namespace")
	}
}

func TestOwnersInACircle(t *testing.T) {
	g, by := graph(t, `
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: a, namespace: s, uid: a, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: b, uid: b, controller: true}]}, spec: {template: {}}}
---
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: b, namespace: s, uid: b, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: a, uid: a, controller: true}]}, spec: {template: {}}}
---
{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: c, namespace: s, uid: c, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: c, uid: c, controller: true}]}, spec: {template: {}}}
`)
	for _, o := range by {
		w := g.Workload(o)
		w.Top()
		g.Pods(w)
	}
}

func TestScalers(t *testing.T) {
	g, by := graph(t, `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}, spec: {template: {}}}
---
{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: keda-hpa-web, namespace: shop}, spec: {maxReplicas: 9, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, metrics: [{type: External}, {type: Resource, resource: {name: memory, target: {averageUtilization: 70}}}, {type: ContainerResource, containerResource: {name: cpu, container: c, target: {averageUtilization: 70}}}, {type: Resource, resource: {name: cpu, target: {averageValue: 1}}}]}}
---
{apiVersion: keda.sh/v1alpha1, kind: ScaledObject, metadata: {name: web, namespace: shop, annotations: {autoscaling.keda.sh/paused: "true"}}, spec: {scaleTargetRef: {name: web}, minReplicaCount: 2}}
---
{apiVersion: autoscaling.k8s.io/v1, kind: VerticalPodAutoscaler, metadata: {name: web, namespace: shop}, spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, updatePolicy: {updateMode: "Off"}}}
---
{apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: elsewhere, namespace: live}, spec: {minReplicas: 0, maxReplicas: 9, scaleTargetRef: {kind: Deployment, name: web}}}
---
{apiVersion: extensions/v1beta1, kind: Deployment, metadata: {name: web, namespace: live}, spec: {template: {}}}
`)
	s := g.Scalers(web(g, "shop"))
	if len(s) != 3 {
		t.Fatalf("%d scalers: %+v", len(s), s)
	}
	if n, _ := s[0].Least(); n != 1 || s[0].From != by["ScaledObject/web"] || !s[0].WritesReplicas() {
		t.Errorf("autoscaler %+v", s[0])
	}
	var needs []string
	for _, u := range s[0].Resources {
		needs = append(needs, u.Resource+" "+u.Container+" "+u.Path)
	}
	if want := []string{"memory  spec.metrics[1].resource", "cpu c spec.metrics[2].containerResource"}; !slices.Equal(needs, want) {
		t.Errorf("needs %q", needs)
	}
	if n, known := s[1].Least(); n != 2 || !known || s[1].WritesReplicas() || s[1].Scaling != Event {
		t.Errorf("KEDA %+v", s[1])
	}
	if s[2].ActsOnPods() || s[2].WritesReplicas() {
		t.Errorf("VPA %+v", s[2])
	}
	old := g.Scalers(web(g, "live"))
	if len(old) != 1 || len(old[0].Resources) != 1 || old[0].Resources[0].Resource != "cpu" {
		t.Errorf("by kind alone: %+v", old)
	}
	if n, known := old[0].Least(); n != 0 || !known {
		t.Errorf("least %d", n)
	}
}

// web is the Deployment of that name in a namespace.
func web(g *Graph, namespace string) *Workload {
	return g.Workload(g.Find(Key{"apps", "Deployment", namespace, "web"})[0])
}

func TestClaims(t *testing.T) {
	g, by := graph(t, `
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: s}, spec: {volumeClaimTemplates: [{metadata: {name: data}, spec: {storageClassName: fast}}, {metadata: {name: log}, spec: {}}, {metadata: {name: raw}, spec: {storageClassName: ""}}], template: {}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-10, namespace: s}, spec: {storageClassName: fast, resources: {requests: {storage: 5Gi}}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-2, namespace: s}, spec: {storageClassName: gone}, status: {capacity: {storage: 3Gi}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-02, namespace: s}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-x, namespace: s}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-db-0, namespace: other}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: fast}, allowVolumeExpansion: true}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: slow, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}}
`)
	c := g.Claims(by["StatefulSet/db"])
	if len(c) != 3 || len(c[0].Existing) != 2 || len(c[1].Existing) != 0 {
		t.Fatalf("%+v", c)
	}
	first, second := c[0].Existing[0], c[0].Existing[1]
	if first.Ordinal != 2 || second.Ordinal != 10 || first.Actual.Str() != "3Gi" || second.Requested.Str() != "5Gi" || second.Actual != nil {
		t.Errorf("%+v %+v", first, second)
	}
	for i, want := range []string{"fast true true", "slow false true", " false false"} {
		yes, known := c[i].Class.Expands()
		if got := fmt.Sprint(c[i].Class.Name, " ", yes, " ", known); got != want || c[i].Class.Unknown {
			t.Errorf("class %d: %s, want %s", i, got, want)
		}
	}
	if _, known := first.Class.Expands(); known || first.Class.Name != "gone" {
		t.Errorf("a class that is not there: %+v", first.Class)
	}
	// Two defaults: which it is was decided by their age.
	g, by = graph(t, `
{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db}, spec: {volumeClaimTemplates: [{metadata: {name: data}}], template: {}}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: a, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}}
---
{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: b, annotations: {storageclass.kubernetes.io/is-default-class: "true"}}}
`)
	if c := g.Claims(by["StatefulSet/db"]); len(c) != 1 || !c[0].Class.Unknown {
		t.Errorf("%+v", c)
	}
}

func TestRestarters(t *testing.T) {
	const workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, annotations: {%s}}\nspec: {template: {metadata: {annotations: {%s}}, spec: {containers: [{name: c, envFrom: [{configMapRef: {name: conf}}]}]}}}\n---\n"
	for name, c := range map[string]struct {
		own, template, object string
		want                  string
	}{
		"nothing":              {"", "", "conf", ""},
		"auto":                 {`reloader.stakater.com/auto: "true"`, "", "conf", "Reloader metadata.annotations[reloader.stakater.com/auto]"},
		"auto in the template": {"", `reloader.stakater.com/auto: "true"`, "conf", "Reloader spec.template.metadata.annotations[reloader.stakater.com/auto]"},
		"off":                  {`reloader.stakater.com/auto: "false"`, "", "conf", ""},
		"auto, not read":       {`reloader.stakater.com/auto: "true"`, "", "other", ""},
		"secrets only":         {`secret.reloader.stakater.com/auto: "true"`, "", "conf", ""},
		"by name":              {`configmap.reloader.stakater.com/reload: "x, other"`, "", "other", "Reloader metadata.annotations[configmap.reloader.stakater.com/reload]"},
		"by pattern":           {`configmap.reloader.stakater.com/reload: "oth.*"`, "", "other", "Reloader metadata.annotations[configmap.reloader.stakater.com/reload]"},
		"by half a name":       {`configmap.reloader.stakater.com/reload: "oth"`, "", "other", ""},
		"a broken pattern":     {`configmap.reloader.stakater.com/reload: "oth("`, "", "other", ""},
		"excluded":             {`reloader.stakater.com/auto: "true", configmaps.exclude.reloader.stakater.com/reload: conf`, "", "conf", ""},
		"checksum":             {"", "checksum/config: abc", "conf", "a checksum annotation spec.template.metadata.annotations[checksum/config]"},
		"Wave":                 {`wave.pusher.com/update-on-config-change: "true"`, "", "conf", "Wave metadata.annotations[wave.pusher.com/update-on-config-change]"},
	} {
		g, by := graph(t, fmt.Sprintf(workload, c.own, c.template)+"{apiVersion: v1, kind: ConfigMap, metadata: {name: "+c.object+"}}")
		var got []string
		for _, r := range g.Restarters(g.Workload(by["Deployment/web"]), by["ConfigMap/"+c.object]) {
			got = append(got, r.By.String()+" "+r.Path)
			if r.Value == nil || r.In == nil {
				t.Errorf("%s: nothing to cite", name)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for name, want := range map[string]string{"conf-5t7m9kb2gh": "conf", "conf-5t7m9kb2ga": "", "conf": "", "-5t7m9kb2gh": "", "a-b-2222222222": "a-b"} {
		if base, ok := Generated(name); ok != (want != "") || ok && base != want {
			t.Errorf("%s: %s %v", name, base, ok)
		}
	}
}

func TestWithoutNamespace(t *testing.T) {
	g, by := graph(t, `
{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: Service, metadata: {name: b, namespace: default}, spec: {selector: {app: web}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {}}
`)
	if len(g.Selected(by["Service/a"])) != 1 || len(g.Selected(by["Service/b"])) != 0 || !g.Mixed() {
		t.Error("an object without a namespace meets only those without")
	}
}

func TestRolloutByReference(t *testing.T) {
	g, by := graph(t, `
{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: r, namespace: s}, spec: {replicas: 2, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: d}}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: s}, spec: {replicas: 0, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}}}
---
{apiVersion: argoproj.io/v1alpha1, kind: Rollout, metadata: {name: lost, namespace: s}, spec: {workloadRef: {apiVersion: apps/v1, kind: Deployment, name: gone}}}
`)
	w := g.Workload(by["Rollout/r"])
	if w.In != by["Deployment/d"] || len(w.Containers) != 1 || w.Labels()["app"] != "x" {
		t.Errorf("%+v", w)
	}
	if lost := g.Workload(by["Rollout/lost"]); lost.Template != nil || len(lost.Images()) != 0 || len(lost.HostPorts()) != 0 || lost.Account() != "default" {
		t.Errorf("%+v", lost)
	}
}

// TestSelectors holds selectors against those of Kubernetes.
func TestSelectors(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 6))
	pick := func(list ...string) string { return list[random.IntN(len(list))] }
	hits := 0
	for range 3000 {
		var s metav1.LabelSelector
		if random.IntN(2) == 0 {
			s.MatchLabels = map[string]string{pick("a", "b"): pick("1", "2", "")}
		}
		for range random.IntN(3) {
			e := metav1.LabelSelectorRequirement{Key: pick("a", "b", "c"), Operator: metav1.LabelSelectorOperator(pick("In", "NotIn", "Exists", "DoesNotExist"))}
			if strings.HasSuffix(string(e.Operator), "In") {
				e.Values = []string{pick("1", "2"), pick("1", "2", "")}
			}
			s.MatchExpressions = append(s.MatchExpressions, e)
		}
		set := labels.Set{}
		for range random.IntN(4) {
			set[pick("a", "b", "c")] = pick("1", "2", "")
		}
		want, err := metav1.LabelSelectorAsSelector(&s)
		if err != nil {
			t.Fatal(err)
		}
		o := &kubeobj.Value{Kind: kubeobj.Map}
		match := kubeobj.Value{Name: "matchLabels", Kind: kubeobj.Map}
		for k, v := range s.MatchLabels {
			match.Items = append(match.Items, kubeobj.Value{Name: k, Kind: kubeobj.String, Text: v})
		}
		terms := kubeobj.Value{Name: "matchExpressions", Kind: kubeobj.List}
		for _, e := range s.MatchExpressions {
			values := kubeobj.Value{Name: "values", Kind: kubeobj.List}
			for _, v := range e.Values {
				values.Items = append(values.Items, kubeobj.Value{Kind: kubeobj.String, Text: v})
			}
			terms.Items = append(terms.Items, kubeobj.Value{Kind: kubeobj.Map, Items: []kubeobj.Value{
				{Name: "key", Kind: kubeobj.String, Text: e.Key}, {Name: "operator", Kind: kubeobj.String, Text: string(e.Operator)}, values,
			}})
		}
		o.Items = append(o.Items, match, terms)
		got := labelSelector(o)
		if got.matches(set) != want.Matches(set) {
			t.Fatalf("%v on %v: %v, Kubernetes says %v", s, set, got.matches(set), want.Matches(set))
		}
		if want.Matches(set) {
			hits++
		}
	}
	if hits < 300 {
		t.Errorf("only %d hits", hits)
	}
}

// TestBoundedReads: a volume of many sources that is mounted many times would be
// millions of reads.
func TestBoundedReads(t *testing.T) {
	var b strings.Builder
	b.WriteString("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  volumes:\n  - name: v\n    projected:\n      sources:\n")
	for range 2000 {
		b.WriteString("      - {configMap: {name: c}}\n")
	}
	b.WriteString("  containers:\n  - name: c\n    volumeMounts:\n")
	for i := range 2000 {
		fmt.Fprintf(&b, "    - {name: v, mountPath: /m%d}\n", i)
	}
	g, by := graph(t, b.String())
	w := g.Workload(by["Pod/a"])
	if n := len(g.Reads(w)); n != maxReads || !w.Partial {
		t.Errorf("%d reads, partial %v", n, w.Partial)
	}
}

// BenchmarkBuild relates 10,000 objects of one namespace.
func BenchmarkBuild(b *testing.B) {
	var text strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&text, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: w%d, namespace: s}, spec: {template: {metadata: {labels: {app: w%d, part-of: shop}}, spec: {containers: [{name: c, image: "i:1", envFrom: [{configMapRef: {name: c%d}}], env: [{name: E, valueFrom: {secretKeyRef: {name: all, key: k}}}]}]}}}}
---
{apiVersion: v1, kind: Service, metadata: {name: w%d, namespace: s}, spec: {selector: {app: w%d, part-of: shop}}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c%d, namespace: s}}
---
{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: w%d, namespace: s}, spec: {selector: {matchLabels: {app: w%d, part-of: shop}}}}
---
`, i, i, i, i, i, i, i, i)
	}
	f, problem := kubeobj.Parse("side.yaml", []byte(text.String()))
	if problem != nil || len(f.Objects) != 10_000 {
		b.Fatal(problem, len(f.Objects))
	}
	b.ReportAllocs()
	for b.Loop() {
		g := Build(f.Objects)
		for _, w := range g.Workloads() {
			g.ServedBy(w)
			g.Budgets(w)
			g.Scalers(w)
		}
		for _, o := range f.Objects {
			g.Consumers(o)
		}
	}
}
