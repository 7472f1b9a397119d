package managers_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"polygraph/internal/managers"
)

// keys are the fields by which the items of lists are told apart, in the kinds of
// this test. Other lists are one value.
var keys = map[string][]string{
	"containers": {"name"}, "env": {"name"}, "volumes": {"name"}, "volumeMounts": {"mountPath"},
	"containers.ports": {"containerPort", "protocol"}, "spec.ports": {"port", "protocol"}, "conditions": {"type"},
}

// leaf is a value of a live object, and how to set it in an object that has
// nothing else.
type leaf struct {
	path string
	set  func(value any) map[string]any
	old  any
}

// leaves walks a live object down to what the server treats as one value.
func leaves(v any, path, name string, wrap func(any) any, out *[]leaf) {
	add := func() {
		*out = append(*out, leaf{path, func(x any) map[string]any { return wrap(x).(map[string]any) }, v})
	}
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			leaves(v[k], join(path, k), k, func(x any) any { return wrap(map[string]any{k: x}) }, out)
		}
	case []any:
		by := keys[name]
		if name == "ports" {
			if by = keys["spec.ports"]; strings.Contains(path, "containers") {
				by = keys["containers.ports"]
			}
		}
		if by == nil {
			add()
			return
		}
		for _, item := range v {
			item := item.(map[string]any)
			var parts []string
			for _, k := range by {
				parts = append(parts, fmt.Sprintf("%s=%v", k, item[k]))
			}
			for _, k := range slices.Sorted(maps.Keys(item)) {
				if slices.Contains(by, k) {
					continue
				}
				leaves(item[k], path+"["+strings.Join(parts, ",")+"]."+k, k, func(x any) any {
					with := map[string]any{k: x}
					for _, k := range by {
						with[k] = item[k]
					}
					return wrap([]any{with})
				}, out)
			}
		}
	default:
		add()
	}
}

// plain are the names that stand in a path as they are.
var plain = regexp.MustCompile(`^[A-Za-z0-9_$-]+$`)

func join(path, name string) string {
	if !plain.MatchString(name) {
		return path + "[" + name + "]"
	}
	return path + "." + name
}

// other is another value of the same type.
func other(path string, v any) any {
	switch v := v.(type) {
	case string:
		if strings.Contains(path, "resources") {
			return "7" + v // a quantity
		}
		return v + "x"
	case int64:
		return v + 1
	case float64:
		return v + 1
	case bool:
		return !v
	case []any:
		return append(slices.Clone(v), v[0])
	}
	return v
}

var objects = []string{
	deployment,
	`
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}, annotations: {a: "1", b: "2"}}
spec:
  type: NodePort
  selector: {app: web, tier: front}
  sessionAffinity: ClientIP
  ports: [{name: http, port: 80, protocol: TCP, targetPort: 8080}, {name: dns, port: 53, protocol: UDP, targetPort: dns}]
`, `
apiVersion: v1
kind: ConfigMap
metadata: {name: web, labels: {app: web}}
data: {a: "1", b.c: "2", "d..e": "3", f: "more\ntext"}
`, `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, annotations: {example.com/x: "1"}}
spec:
  ingressClassName: public
  defaultBackend: {service: {name: web, port: {number: 80}}}
  tls: [{hosts: [a.example.com], secretName: web}]
  rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
`, `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  minReplicas: 2
  maxReplicas: 9
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
  behavior: {scaleDown: {stabilizationWindowSeconds: 60, policies: [{type: Pods, value: 1, periodSeconds: 30}]}}
`,
}

// conflictWith is who is named by a cause of a conflict.
//
// Source: apimachinery v0.37.2 pkg/util/managedfields/internal/conflict.go,
// printManager: conflict with "NAME" with subresource "S" using VERSION.
var conflictWith = regexp.MustCompile(`conflict with "([^"]*)"`)

// TestConflicts: a stranger applies one other value after the other; the server
// refuses with the managers whom we named, and only there.
func TestConflicts(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 107))
	asked, refused, free, unclear := 0, 0, 0, 0
	for round := range 2 * len(objects) {
		s := newSide(t)
		o := s.read(objects[round/2])
		kind, name := o.GetKind(), o.GetName()
		// What is created belongs to its writer with all defaults; what is applied,
		// only as far as it was written.
		if round%2 == 0 {
			s.create("helm", o)
		} else if err := s.apply("helm", o, false, false); err != nil {
			t.Fatal(err)
		}
		// Others take a random part each, as they are, or as something else.
		u, _, _ := s.live(kind, name)
		for _, manager := range []string{"argocd-controller", "kubectl", "terraform"} {
			for _, l := range leavesOf(u) {
				if random.IntN(6) != 0 {
					continue
				}
				if random.IntN(3) == 0 && !strings.Contains(l.path, "selector") {
					l.old = other(l.path, l.old)
				}
				if err := s.apply(manager+fmt.Sprint(random.IntN(2)), with(u, l, l.old), false, true); err != nil && !apierrors.IsInvalid(err) {
					t.Fatal(l.path, err)
				}
			}
		}
		if kind == "Deployment" {
			s.patch("kube-controller-manager", kind, name, `{"spec":{"replicas":8}}`, "scale")
		}
		s.patch("kubectl-label", kind, name, `{"metadata":{"labels":{"by":"hand"}}}`)

		u, _, x := s.live(kind, name)
		for _, l := range leavesOf(u) {
			ours := map[string]bool{}
			known := true
			for _, owner := range x.Owners(l.path) {
				switch owner.Relation {
				case managers.Exact, managers.Whole:
					ours[owner.Name] = true
				case managers.Around:
					known = false
				}
			}
			err := s.apply("stranger", with(u, l, other(l.path, l.old)), true, false)
			theirs := conflicts(err)
			asked++
			switch {
			case !known:
				unclear++
			case !maps.Equal(ours, theirs):
				t.Errorf("%s %s: we say %v, the server says %v: %v", kind, l.path, ours, theirs, err)
			case len(theirs) > 0:
				refused++
			default:
				free++
			}
		}
	}
	t.Logf("%d fields: %d refused as we said, %d free as we said, %d of which we said nothing", asked, refused, free, unclear)
	if refused < 100 || free < 25 || unclear*10 > asked {
		t.Errorf("%d refused, %d free, %d unclear of %d: too few of one to prove anything", refused, free, unclear, asked)
	}
}

// leavesOf are the fields that somebody could apply.
func leavesOf(u *unstructured.Unstructured) []leaf {
	var out []leaf
	whole := func(x any) any { return x }
	for _, at := range []string{"spec", "data"} {
		if v, ok := u.Object[at]; ok {
			leaves(v, at, at, func(x any) any { return map[string]any{at: whole(x)} }, &out)
		}
	}
	meta := u.Object["metadata"].(map[string]any)
	for _, at := range []string{"labels", "annotations"} {
		if v, ok := meta[at]; ok {
			leaves(v, "metadata."+at, at, func(x any) any { return map[string]any{"metadata": map[string]any{at: x}} }, &out)
		}
	}
	return out
}

// with is an object that has one field.
func with(u *unstructured.Unstructured, l leaf, value any) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: l.set(value)}
	o.SetAPIVersion(u.GetAPIVersion())
	o.SetKind(u.GetKind())
	o.SetName(u.GetName())
	return o
}

func conflicts(err error) map[string]bool {
	out := map[string]bool{}
	var status *apierrors.StatusError
	if !errors.As(err, &status) || !apierrors.IsConflict(err) || status.ErrStatus.Details == nil {
		return out
	}
	for _, c := range status.ErrStatus.Details.Causes {
		if c.Type != metav1.CauseTypeFieldManagerConflict {
			continue
		}
		if m := conflictWith.FindStringSubmatch(c.Message); m != nil {
			out[m[1]] = true
		}
	}
	return out
}
