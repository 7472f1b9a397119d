package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"polygraph/internal/source/kube"
	"polygraph/test/cluster"
)

// bases are what random edits begin from: kinds with lists that merge by one key,
// by two, as sets and not at all, with maps, and a custom one.
var bases = []string{`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, tier: front}, annotations: {note: first}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  template:
    metadata: {labels: {app: web, version: one}}
    spec:
      terminationGracePeriodSeconds: 30
      nodeSelector: {disk: fast}
      tolerations: [{key: a, operator: Exists}, {key: b, operator: Exists}]
      imagePullSecrets: [{name: one}, {name: two}]
      hostAliases: [{ip: 10.0.0.1, hostnames: [a, b]}]
      initContainers: [{name: init, image: init, args: [a, b]}]
      containers:
      - name: web
        image: web:1
        args: [a, b, c]
        env: [{name: A, value: '1'}, {name: B, value: '2'}, {name: C, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]
        envFrom: [{configMapRef: {name: web}}]
        ports: [{containerPort: 80, name: http}, {containerPort: 53, protocol: UDP, name: dns}, {containerPort: 53, protocol: TCP, name: dns-tcp}]
        resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {memory: 128Mi}}
        readinessProbe: {httpGet: {path: /, port: 80}, periodSeconds: 5}
        volumeMounts: [{name: data, mountPath: /data}, {name: config, mountPath: /config}]
      - {name: side, image: side, securityContext: {capabilities: {add: [NET_ADMIN], drop: [ALL]}}}
      volumes: [{name: data, emptyDir: {}}, {name: config, configMap: {name: web}}]`, `
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec:
  selector: {app: web, tier: front}
  ports: [{name: http, port: 80, targetPort: 8080}, {name: dns, port: 53, protocol: UDP}, {name: dns-tcp, port: 53, protocol: TCP}]
  sessionAffinity: ClientIP`, `
apiVersion: v1
kind: ConfigMap
metadata: {name: web, labels: {app: web}, finalizers: [example.com/a, example.com/b]}
data: {a: '1', b: "two\nlines", c: ''}
binaryData: {d: AAEC}`, `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  replicas: 1
  selector: {matchLabels: {app: db}}
  updateStrategy: {rollingUpdate: {partition: 1}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: 'db:1', command: [db], env: [{name: A, value: '1'}]}]
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}`, `
apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly}
spec:
  schedule: '0 0 * * *'
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          containers: [{name: job, image: 'job:1', env: [{name: A, value: '1'}]}]`, `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {a: b}}
spec:
  ingressClassName: none
  rules:
  - {host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}
  - {host: b.example.com, http: {paths: [{path: /x, pathType: Exact, backend: {service: {name: web, port: {name: http}}}}]}}
  tls: [{hosts: [a.example.com], secretName: tls}]`, `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 5
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]`, `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web}
rules: [{apiGroups: [''], resources: [pods, services], verbs: [get, list]}, {apiGroups: [apps], resources: [deployments], verbs: [get]}]`, `
apiVersion: alike.example.com/v1
kind: Twin
metadata: {name: twin, labels: {app: web}}
spec:
  size: 3
  parts: [{name: a, weight: 1}, {name: b, weight: 2}]
  labels: {a: '1', b: '2'}`}

// drift is what others have changed since the last apply.
var drift = map[string]string{
	"Deployment":              `{"spec":{"replicas":7,"template":{"spec":{"containers":[{"name":"web","env":[{"name":"INJECTED","value":"x"}]},{"name":"proxy","image":"proxy"}]}}},"metadata":{"annotations":{"other":"tool"}}}`,
	"Service":                 `{"metadata":{"annotations":{"other":"tool"}},"spec":{"selector":{"color":"blue"}}}`,
	"ConfigMap":               `{"data":{"e":"added","a":"changed"}}`,
	"HorizontalPodAutoscaler": `{"spec":{"minReplicas":3}}`,
}

// TestDryRunsAnswerAsKubectl: for random edits of manifests that kubectl applied,
// with drift since then, the dry run answers with the very object that
// `kubectl apply --dry-run=server` prints, or both are refused for the same reason.
func TestDryRunsAnswerAsKubectl(t *testing.T) {
	w := newWorld(t)
	w.definition("alike.example.com", "Twin", "twins")
	k := &applier{t: t, program: cluster.Kubectl(t), config: w.kubeconfig("admin", cluster.Administrators), namespace: w.namespace, folder: t.TempDir()}
	c := w.openAdmin()
	var manifests []*unstructured.Unstructured
	for _, text := range bases {
		u := object(t, "%s", text)
		if out, err := k.run(u); err != nil {
			t.Fatalf("%s: %v\n%s", u.GetKind(), err, out)
		}
		if patch := drift[u.GetKind()]; patch != "" {
			if _, err := w.at(u).Patch(t.Context(), u.GetName(), types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "other"}); err != nil {
				t.Fatal(err)
			}
		}
		manifests = append(manifests, u)
	}
	random := rand.New(rand.NewPCG(6, 1))
	outcomes := map[string]int{}
	for i := range 60 {
		u := manifests[i%len(manifests)].DeepCopy()
		edits := ""
		for range 1 + random.IntN(2) {
			edits += " " + mutate(random, u)
		}
		if i%12 == 11 { // new to the server
			u.SetName(u.GetName() + "-new")
			edits += " as a new object"
		}
		what := fmt.Sprintf("%d: %s:%s", i, u.GetKind(), edits)
		said, err := k.run(u, "--dry-run=server", "-o", "json", "--show-managed-fields")
		got, refusal := dry(t, c, kube.DryRunApply, u.DeepCopy())
		switch {
		case err != nil && refusal == nil:
			t.Errorf("%s: kubectl is refused: %s", what, said)
		case err == nil && refusal != nil:
			t.Errorf("%s: refused here alone: %v\nkubectl got %s", what, refusal, said)
		case err != nil:
			outcomes["refused"]++
			if refusal.Class != kube.Refused {
				t.Errorf("%s: %v\nkubectl says %s", what, refusal, said)
			}
			if reason := strings.TrimSpace(refusal.Message); !alike(said, reason) {
				t.Errorf("%s: refused for\n%s\nkubectl says\n%s", what, reason, said)
			}
		default:
			outcomes["accepted"]++
			var want unstructured.Unstructured
			if err := want.UnmarshalJSON([]byte(said)); err != nil {
				t.Fatalf("%s: %v in %s", what, err, said)
			}
			if a, b := comparable(got), comparable(&want); !reflect.DeepEqual(a, b) {
				t.Errorf("%s: got\n%s\nkubectl got\n%s", what, toJSON(t, a), toJSON(t, b))
			}
		}
	}
	t.Logf("%v", outcomes)
	if outcomes["accepted"] < 30 || outcomes["refused"] < 5 {
		t.Errorf("this proves little: %v", outcomes)
	}
}

// TestServerSideDryRunsAnswerAsKubectl is the same with --server-side.
func TestServerSideDryRunsAnswerAsKubectl(t *testing.T) {
	w := newWorld(t)
	w.definition("alike2.example.com", "Twin", "twins")
	k := &applier{t: t, program: cluster.Kubectl(t), config: w.kubeconfig("admin", cluster.Administrators), namespace: w.namespace, folder: t.TempDir()}
	c := w.openAdmin()
	random := rand.New(rand.NewPCG(6, 2))
	outcomes := map[string]int{}
	for i, text := range bases {
		base := object(t, "%s", strings.ReplaceAll(text, "alike.", "alike2."))
		if out, err := k.run(base, "--server-side"); err != nil {
			t.Fatalf("%s: %v\n%s", base.GetKind(), err, out)
		}
		if patch := drift[base.GetKind()]; patch != "" {
			if _, err := w.at(base).Patch(t.Context(), base.GetName(), types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "other"}); err != nil {
				t.Fatal(err)
			}
		}
		for j := range 4 {
			u := base.DeepCopy()
			what := fmt.Sprintf("%d/%d %s: %s", i, j, u.GetKind(), mutate(random, u))
			flags, verb := []string{"--server-side", "--dry-run=server", "-o", "json", "--show-managed-fields"}, kube.DryRunServerSideApply
			if j%2 == 1 {
				flags, verb = append(flags, "--force-conflicts"), verb+" by force"
			}
			said, err := k.run(u, flags...)
			got, refusal := dry(t, c, verb, u.DeepCopy())
			if (err != nil) != (refusal != nil) {
				t.Errorf("%s: got %v, kubectl says %s", what, refusal, said)
				continue
			}
			if err != nil {
				outcomes["refused"]++
				if refusal.Class != kube.Refused {
					t.Errorf("%s: %v\nkubectl says %s", what, refusal, said)
				}
				continue
			}
			outcomes["accepted"]++
			var want unstructured.Unstructured
			if err := want.UnmarshalJSON([]byte(said)); err != nil {
				t.Fatalf("%s: %v in %s", what, err, said)
			}
			if a, b := comparable(got), comparable(&want); !reflect.DeepEqual(a, b) {
				t.Errorf("%s: got\n%s\nkubectl got\n%s", what, toJSON(t, a), toJSON(t, b))
			}
		}
	}
	t.Logf("%v", outcomes)
	if outcomes["accepted"] < 15 || outcomes["refused"] < 3 {
		t.Errorf("this proves little: %v", outcomes)
	}
}

// applier runs kubectl apply.
type applier struct {
	t                                  *testing.T
	program, config, namespace, folder string
}

// run gives what it prints, or of a failure what it complains of.
func (k *applier) run(u *unstructured.Unstructured, flags ...string) (string, error) {
	file := filepath.Join(k.folder, "manifest.json")
	if err := os.WriteFile(file, []byte(toJSON(k.t, u)), 0o600); err != nil {
		k.t.Fatal(err)
	}
	args := append([]string{"apply", "-f", file, "--kubeconfig", k.config, "--namespace", k.namespace, "--cache-dir", k.folder}, flags...)
	cmd := exec.CommandContext(k.t.Context(), k.program, args...)
	cmd.Env = []string{"HOME=" + k.folder, "PATH=" + os.Getenv("PATH")}
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return complaint.String(), err
	}
	return out.String(), nil
}

// alike tells whether kubectl's complaint has the server's reason: what stands
// behind the name of the object, which kubectl words for itself, and behind a value
// that is left out here.
func alike(said, reason string) bool {
	flat := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "*", "")), " ") }
	if key, ok := strings.CutPrefix(reason, "kubectl can make no patch of it: an item of a list has no "); ok {
		key, _, _ = strings.Cut(key, ",")
		return strings.Contains(said, "does not contain declared merge key: "+key)
	}
	if at := strings.LastIndex(reason, "(left out): "); at >= 0 {
		reason = reason[at+len("(left out): "):]
	} else if _, after, ok := strings.Cut(reason, " is invalid: "); ok {
		reason = after
	}
	first, _, _ := strings.Cut(strings.Trim(reason, "[]"), ", ")
	return first != "" && strings.Contains(flat(said), flat(first))
}

// comparable leaves out what differs between two dry runs of the same: when, and of
// a new object which.
func comparable(u *unstructured.Unstructured) map[string]any {
	u = u.DeepCopy()
	entries := u.GetManagedFields()
	for i := range entries {
		entries[i].Time = nil
	}
	u.SetManagedFields(entries)
	if strings.HasSuffix(u.GetName(), "-new") {
		u.SetUID("")
		for _, name := range []string{"clusterIP", "clusterIPs"} {
			unstructured.RemoveNestedField(u.Object, "spec", name)
		}
		unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
	}
	return u.Object
}

// mutate changes one place of a manifest and says which.
func mutate(random *rand.Rand, u *unstructured.Unstructured) string {
	type place struct {
		path string
		set  func(any) // nil removes
		old  any
	}
	var places []place
	var walk func(path string, v any, set func(any))
	walk = func(path string, v any, set func(any)) {
		if path != "" && path != ".apiVersion" && path != ".kind" && path != ".metadata" && path != ".metadata.name" {
			places = append(places, place{path, set, v})
		}
		switch v := v.(type) {
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				walk(path+"."+name, v[name], func(to any) {
					if to == nil {
						delete(v, name)
					} else {
						v[name] = to
					}
				})
			}
		case []any:
			for i := range v {
				walk(fmt.Sprintf("%s[%d]", path, i), v[i], func(to any) {
					if to != nil {
						v[i] = to
					}
				})
			}
		}
	}
	walk("", u.Object, func(any) {})
	p := places[random.IntN(len(places))]
	switch old := p.old.(type) {
	case string:
		if random.IntN(3) == 0 {
			p.set(nil)
			return "without " + p.path
		}
		p.set(old + "x")
		return "longer " + p.path
	case int64:
		p.set(old + 1)
		return "more " + p.path
	case map[string]any:
		switch random.IntN(3) {
		case 0:
			p.set(nil)
			return "without " + p.path
		case 1:
			old["zzz"] = "added"
			return "more in " + p.path
		}
		for _, name := range slices.Sorted(maps.Keys(old)) {
			if name != "name" {
				old[name] = nil
				return "null in " + p.path
			}
		}
		return "nothing in " + p.path
	case []any:
		switch random.IntN(4) {
		case 0:
			p.set(nil)
			return "without " + p.path
		case 1:
			p.set(old[:len(old)-1])
			return "shorter " + p.path
		case 2:
			slices.Reverse(old)
			return "turned " + p.path
		}
		text, _ := json.Marshal(old[0])
		var item any
		_ = json.Unmarshal(text, &item)
		switch item := item.(type) {
		case map[string]any:
			for _, key := range []string{"name", "key", "host"} {
				if s, ok := item[key].(string); ok {
					item[key] = s + "-2"
				}
			}
			p.set(append(slices.Clone(old), item))
		case string:
			p.set(append(slices.Clone(old), item+"-2"))
		}
		return "longer " + p.path
	}
	p.set(nil)
	return "without " + p.path
}
