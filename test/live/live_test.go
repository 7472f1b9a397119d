package live

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
	"polygraph/internal/source/kube"
)

func TestVersion(t *testing.T) {
	w := newWorld(t)
	version, minor, err := w.openAdmin().Version(t.Context())
	if err != nil || !strings.HasPrefix(version, fmt.Sprintf("v1.%d.", minor)) {
		t.Errorf("got %q, %d, %v", version, minor, err)
	}
}

// kinds are manifests of 12 kinds; each is made several times.
var kinds = []string{
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: c%d}, data: {key: value}}",
	"{apiVersion: v1, kind: Secret, metadata: {name: s%d}, stringData: {password: hunter2}}",
	"{apiVersion: v1, kind: ServiceAccount, metadata: {name: a%d, labels: {app: web}}}",
	"{apiVersion: v1, kind: Service, metadata: {name: v%d}, spec: {selector: {app: web}, ports: [{port: 80}]}}",
	"{apiVersion: apps/v1, kind: Deployment, metadata: {name: d%d}, spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}}}",
	"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: t%d}, spec: {serviceName: db, selector: {matchLabels: {app: db}}, template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}}}",
	"{apiVersion: batch/v1, kind: CronJob, metadata: {name: j%d}, spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: job, image: job}]}}}}}}",
	"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i%d}, spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}",
	"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: n%d}, spec: {podSelector: {}}}",
	"{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: b%d}, spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}}",
	"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: live-role-%d, labels: {app: web}}, rules: []}",
	"{apiVersion: shop.example.com/v1, kind: Widget, metadata: {name: w%d}, spec: {size: 3}}",
}

func TestLiveFindsWhatIsThereAndSaysWhatIsNew(t *testing.T) {
	w := newWorld(t)
	w.definition("shop.example.com", "Widget", "widgets")
	var wanted []*unstructured.Unstructured
	there, absent := map[string]string{}, []string{}
	for k, text := range kinds {
		for i := range 26 {
			u := object(t, text, i)
			wanted = append(wanted, u)
			namespace := w.namespace
			if u.GetKind() == "ClusterRole" {
				namespace = ""
			}
			if (k+i)%7 == 0 {
				absent = append(absent, identity(u, namespace))
				continue
			}
			there[identity(u, namespace)] = string(w.make(u).GetUID())
		}
	}
	mark := w.Audit().Mark()
	s := w.live(w.openAdmin(), wanted...)
	calls, err := w.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	got := names(t, s.Data)
	for name, uid := range there {
		if o := got[name]; o == nil || o.Get("metadata", "uid").Str() != uid || !o.Live || o.Get("metadata", "managedFields").Empty() {
			t.Errorf("%s is there, and was found as %v", name, o != nil)
		}
	}
	slices.Sort(absent)
	if !slices.Equal(absent, s.New) {
		t.Errorf("new are\n%s\nwant\n%s", strings.Join(s.New, "\n"), strings.Join(absent, "\n"))
	}
	if len(s.Skips) > 0 || s.Wanted != len(wanted) || s.Found != len(there) {
		t.Errorf("%d of %d found, %d there, skips %v", s.Found, s.Wanted, len(there), s.Skips)
	}
	// 312 objects of 12 resources: a list of each, and what is around them.
	calls = calls.Agent("polygraph")
	if len(calls) > 40 || len(calls.Verbs("list")) < 12 || len(calls.Writes()) > 0 {
		t.Errorf("%d calls:\n%s", len(calls), calls)
	}
	// The Widget's definition is a neighbour.
	if got["CustomResourceDefinition.apiextensions.k8s.io/widgets.shop.example.com"] == nil {
		t.Error("no definition of the Widgets")
	}
	if kind, problem := kubeobj.Detect("live.json", s.Data[:min(len(s.Data), 64<<10)]); kind != evidence.KubernetesLive() || problem != nil {
		t.Errorf("taken for %v, %v", kind, problem)
	}
	if item := s.Item(time.Time{}); item.Kind != evidence.KubernetesLive() || item.Blob.Size() != int64(len(s.Data)) || !strings.HasPrefix(item.Path, "kube:") {
		t.Errorf("the item is %+v", item)
	}
}

func TestListsAreReadPageByPage(t *testing.T) {
	w := newWorld(t)
	var wanted []*unstructured.Unstructured
	for i := range 620 {
		u := object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c%d}}", i)
		if i%10 != 0 {
			wanted = append(wanted, u)
		}
		if i < 600 {
			w.make(u)
		}
	}
	s := w.live(w.openAdmin(), wanted...)
	if s.Found != 540 || len(s.New) != 18 || len(s.Skips) > 0 || len(names(t, s.Data)) != 540 {
		t.Errorf("%d found, %d new, %v", s.Found, len(s.New), s.Skips)
	}
	// Few among many are not worth so many pages.
	mark := w.Audit().Mark()
	few := w.live(w.openAdmin(), wanted[:21]...)
	calls, err := w.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	if few.Found != 21 || len(calls.Agent("polygraph").Verbs("list")) != 1 {
		t.Errorf("%d found with\n%s", few.Found, calls.Agent("polygraph"))
	}
}

func TestWhatIsNotAllowedIsNotNew(t *testing.T) {
	w := newWorld(t)
	var wanted []*unstructured.Unstructured
	for i := range 30 {
		for _, text := range []string{kinds[0], kinds[3]} {
			u := object(t, text, i)
			w.make(u)
			wanted = append(wanted, u)
		}
	}
	w.allow("getter", []string{"get"}, []string{""}, []string{"configmaps"})
	s := w.live(w.open("getter"), wanted...)
	if s.Found != 30 || len(s.New) != 0 {
		t.Errorf("%d found, new: %v", s.Found, s.New)
	}
	want := "getter may not get services in namespace " + w.namespace
	if len(s.Skips) != 1 || s.Skips[0].Count != 30 || s.Skips[0].Reason != want || s.Skips[0].Do == "" || s.Skips[0].Kind != "kubernetes-live" {
		t.Errorf("skips: %+v", s.Skips)
	}
	nobody := w.live(w.open("nobody"), wanted...)
	if nobody.Found+len(nobody.New) != 0 || len(nobody.Skips) != 2 {
		t.Errorf("nobody sees %d, new %v, skips %+v", nobody.Found, nobody.New, nobody.Skips)
	}
}

func TestKindsThatAreNotServed(t *testing.T) {
	w := newWorld(t)
	var wanted []*unstructured.Unstructured
	for i := range 3 {
		wanted = append(wanted,
			object(t, "{apiVersion: none.example.com/v1, kind: Gadget, metadata: {name: g%d}}", i),
			object(t, "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: b%d}}", i),
			object(t, "{apiVersion: coming.example.com/v1, kind: Comet, metadata: {name: m%d}}", i))
	}
	wanted = append(wanted, object(t, `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: comets.coming.example.com}
spec: {group: coming.example.com, names: {kind: Comet, plural: comets}, scope: Namespaced, versions: []}`))
	s := w.live(w.openAdmin(), wanted...)
	if len(s.Skips) != 2 || s.Skips[0].Count != 3 || s.Skips[1].Count != 3 {
		t.Fatalf("skips: %+v", s.Skips)
	}
	for i, want := range []string{"the server does not serve PodDisruptionBudget of policy/v1beta1, but that kind in policy/v1", "the server knows no Gadget of none.example.com/v1"} {
		if s.Skips[i].Reason != want {
			t.Errorf("%q, want %q", s.Skips[i].Reason, want)
		}
	}
	// What comes with its definition is new.
	if want := "Comet.coming.example.com/m0"; len(s.New) != 4 || s.New[0] != want {
		t.Errorf("new: %v", s.New)
	}
}

func TestNeighbours(t *testing.T) {
	w := newWorld(t)
	owned := func(by *unstructured.Unstructured, text string, values ...any) *unstructured.Unstructured {
		u := object(t, text, values...)
		yes := true
		u.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: by.GetAPIVersion(), Kind: by.GetKind(), Name: by.GetName(), UID: by.GetUID(), Controller: &yes}})
		return w.make(u)
	}
	const set = "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: %s, labels: {app: web}}, spec: {replicas: %d, selector: {matchLabels: {app: web, hash: %[1]s}}, template: {metadata: {labels: {app: web, hash: %[1]s}}, spec: {containers: [{name: web, image: web}]}}}}"
	const pod = "{apiVersion: v1, kind: Pod, metadata: {name: %s, labels: {app: %s, hash: %s}}, spec: {containers: [{name: web, image: web}]}}"
	const claim = "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: %s}, spec: {storageClassName: %s, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}"
	const scaler = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: %s}, spec: {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}}}"
	const class = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: %s-%s}, provisioner: example.com/none}"

	d := w.make(object(t, kinds[4], 1))
	now := owned(d, set, "now", 1)
	owned(now, pod, "now-1", "web", "now")
	owned(d, set, "old", 0)
	w.make(object(t, pod, "stranger", "web", "now")) // selected, and not controlled
	db := w.make(object(t, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: db}]}}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {storageClassName: %s-fast, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}`, w.namespace))
	owned(db, pod, "db-0", "db", "x")
	w.make(object(t, claim, "data-db-0", w.namespace+"-slow"))
	w.make(object(t, claim, "data-db-x", w.namespace+"-no"))
	w.make(object(t, claim, "other-db-0", w.namespace+"-no"))
	for _, name := range []string{"fast", "slow", "no"} {
		w.make(object(t, class, w.namespace, name))
	}
	w.make(object(t, scaler, "up", "d1"))
	w.make(object(t, scaler, "other", "else"))
	w.make(object(t, kinds[1], 1)) // a Secret that nobody asks for

	s := w.live(w.openAdmin(), d, db)
	var got []string
	for name := range names(t, s.Data) {
		got = append(got, strings.ReplaceAll(name, w.namespace, "NS"))
	}
	slices.Sort(got)
	want := []string{
		"Deployment.apps/NS/d1", "HorizontalPodAutoscaler.autoscaling/NS/up", "PersistentVolumeClaim/NS/data-db-0",
		"Pod/NS/db-0", "Pod/NS/now-1", "ReplicaSet.apps/NS/now", "StatefulSet.apps/NS/db",
		"StorageClass.storage.k8s.io/NS-fast", "StorageClass.storage.k8s.io/NS-slow",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s.Found != 2 || s.Neighbours != 7 || len(s.Skips) > 0 {
		t.Errorf("%d found, %d neighbours, %v", s.Found, s.Neighbours, s.Skips)
	}
	// Who may not see the neighbours is told so.
	w.allow("reader", []string{"get", "list"}, []string{"apps"}, []string{"deployments"})
	seen := w.live(w.open("reader"), d)
	if seen.Found != 1 || len(seen.Skips) != 2 { // autoscalers, ReplicaSets
		t.Errorf("%d found, skips %+v", seen.Found, seen.Skips)
	}
}

func TestSavedWithoutTheValuesOfSecrets(t *testing.T) {
	w := newWorld(t)
	const value = "correct-horse"
	secret := object(t, "{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {password: %s, user: bob}}", value)
	secret.SetAnnotations(map[string]string{"kubectl.kubernetes.io/last-applied-configuration": toJSON(t, map[string]any{
		"kind": "Secret", "metadata": map[string]any{"name": "s", "annotations": map[string]any{"copy": value}}, "stringData": map[string]any{"password": value},
	})})
	w.make(secret)
	c := object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {key: <a&b>}}")
	w.make(c)
	s := w.live(w.open("nobody"), c) // a skip
	if s.Found != 0 || len(s.Skips) != 1 {
		t.Fatalf("%+v", s.Skips)
	}
	var only bytes.Buffer
	if err := s.Save(&only); err != nil || !strings.Contains(only.String(), "nobody may not get configmaps") {
		t.Errorf("%v: %s", err, only.String())
	}
	if f, problem := kubeobj.Parse("live.json", only.Bytes()); problem == nil && len(f.Unread) != 1 {
		t.Error("what could not be asked for reads as if it had been")
	}

	s = w.live(w.openAdmin(), secret, c, object(t, "{apiVersion: none.example.com/v1, kind: Gadget, metadata: {name: g}}"))
	if !bytes.Contains(s.Data, []byte(base64.StdEncoding.EncodeToString([]byte(value)))) {
		t.Fatal("the evidence in memory lacks the value")
	}
	var saved bytes.Buffer
	if err := s.Save(&saved); err != nil {
		t.Fatal(err)
	}
	for _, leak := range []string{value, base64.StdEncoding.EncodeToString([]byte(value)), base64.StdEncoding.EncodeToString([]byte("bob"))} {
		if strings.Contains(saved.String(), leak) {
			t.Errorf("%q is in the file", leak)
		}
	}
	got := names(t, saved.Bytes())
	o := got["Secret/"+w.namespace+"/s"]
	if o == nil || o.Get("data", "password").Str() != evidence.Redacted || !o.Live {
		t.Errorf("the Secret in the file: %v", o)
	}
	before := names(t, s.Data)["ConfigMap/"+w.namespace+"/c"]
	if after := got["ConfigMap/"+w.namespace+"/c"]; after == nil || after.Get("data", "key").Str() != "<a&b>" || after.Root.Offset != before.Root.Offset {
		t.Errorf("the ConfigMap in the file: %v", after)
	}
	f, problem := kubeobj.Parse("live.json", saved.Bytes())
	if !strings.Contains(saved.String(), "the server knows no Gadget") || problem != nil || len(f.Unread) != 1 {
		t.Errorf("what could not be asked for is not in the file, or reads as if it had been: %v", problem)
	}
	if kind, _ := kubeobj.Detect("live.json", saved.Bytes()); kind != evidence.KubernetesLive() {
		t.Errorf("the file is taken for %v", kind)
	}
}

func TestInterrupted(t *testing.T) {
	w := newWorld(t)
	c := w.openAdmin()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Live(ctx, []*kubeobj.Object{manifest(t, object(t, kinds[0], 1))}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := c.Ask(ctx, evidence.Request{Source: "kube", Verb: kube.DryRunApply, Body: toJSON(t, object(t, kinds[0], 1))}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
