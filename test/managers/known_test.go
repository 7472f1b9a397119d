package managers_test

import (
	"fmt"
	"slices"
	"testing"

	"polygraph/internal/managers"
)

const deployment = `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web, app.kubernetes.io/name: web}
  annotations: {team: shop, example.com/a.b: c}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
      annotations: {checksum/config: abc}
    spec:
      nodeSelector: {disk: ssd}
      terminationGracePeriodSeconds: 40
      containers:
      - name: web
        image: shop/web:1
        args: [serve, --fast]
        env:
        - {name: LEVEL, value: info}
        - {name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}
        ports:
        - {containerPort: 8080, protocol: TCP}
        - {containerPort: 8080, protocol: UDP}
        resources: {requests: {cpu: 100m, memory: 64Mi}}
        volumeMounts: [{name: data, mountPath: /var/data.d}]
      - name: side
        image: shop/side:1
      volumes: [{name: data, emptyDir: {}}]
`

// TestWhoWrote: each of four writers is found at what it wrote, and the server
// says the same when somebody else applies another value.
func TestWhoWrote(t *testing.T) {
	s := newSide(t)
	o := s.read(deployment)
	o.SetAnnotations(map[string]string{
		"kubectl.kubernetes.io/last-applied-configuration": `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3}}`,
	})
	s.create("kubectl-client-side-apply", o)
	if err := s.apply("argocd-controller", s.read(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {tier: front}}
spec: {template: {spec: {containers: [{name: side, image: "shop/side:1", imagePullPolicy: Always}]}}}
`), false, true); err != nil {
		t.Fatal(err)
	}
	s.patch("kube-controller-manager", "Deployment", "web", `{"spec":{"replicas":5}}`, "scale")
	s.patch("kubectl-edit", "Deployment", "web", `{"metadata":{"annotations":{"note":"by hand"}},"spec":{"minReadySeconds":7}}`)

	_, live, x := s.live("Deployment", "web")
	const container = "spec.template.spec.containers"
	for _, c := range []struct {
		path string
		want []string // manager relation
	}{
		{"spec.replicas", []string{"kube-controller-manager/scale exact"}},
		{"spec.minReadySeconds", []string{"kubectl-edit exact"}},
		{"metadata.annotations.note", []string{"kubectl-edit exact"}},
		{"metadata.labels.tier", []string{"argocd-controller exact"}},
		{"metadata.labels[app.kubernetes.io/name]", []string{"kubectl-client-side-apply exact"}},
		{container + "[name=side].image", []string{"argocd-controller exact", "kubectl-client-side-apply exact"}},
		{container + "[name=web].image", []string{"kubectl-client-side-apply exact"}},
		{container + "[name=side]", []string{"argocd-controller exact", "kubectl-client-side-apply exact"}},
		{container + "[name=web].ports[containerPort=8080,protocol=UDP]", []string{"kubectl-client-side-apply exact"}},
		{container + "[name=web].args", []string{"kubectl-client-side-apply exact"}},
		{container + "[name=web].args[1]", []string{"kubectl-client-side-apply whole"}},
		{container + "[name=web].env[name=TOKEN].valueFrom.secretKeyRef.key", []string{"kubectl-client-side-apply whole"}},
		{container + "[name=web].volumeMounts[mountPath=/var/data.d].name", []string{"kubectl-client-side-apply exact"}},
		{"spec.selector.matchLabels.app", []string{"kubectl-client-side-apply whole"}},
		{"spec.template.spec.volumes[name=data].emptyDir.sizeLimit", []string{"kubectl-client-side-apply around"}},
		{"spec.template.spec", []string{"argocd-controller inside", "kubectl-client-side-apply inside"}},
		{"spec.template.spec.hostNetwork", nil},
		{"metadata.labels.ti", nil},
	} {
		var got []string
		for _, owner := range x.Owners(c.path) {
			who := owner.Name
			if owner.Subresource != "" {
				who += "/" + owner.Subresource
			}
			got = append(got, fmt.Sprintf("%s %s", who, [...]string{"exact", "inside", "whole", "around"}[owner.Relation]))
			if owner.At == nil || owner.Owned == "" {
				t.Errorf("%s: %s cites nothing", c.path, who)
			}
			if owner.Time.IsZero() != (owner.Subresource == "scale") {
				t.Errorf("%s: %s wrote at %v: only the entry of a scale has no time", c.path, who, owner.Time)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.path, got, c.want)
		}
	}
	if a := x.Applier(); a == nil || a.Name != "argocd-controller" {
		t.Errorf("the applier is %v", a)
	}
	for _, m := range x.Managers {
		want := map[string]managers.Class{
			"kubectl-client-side-apply": managers.Deploys, "argocd-controller": managers.Deploys,
			"kube-controller-manager": managers.Controller, "kubectl-edit": managers.ByHand,
		}[m.Name]
		if got := m.Writer().Class; got != want {
			t.Errorf("%s is %s, want %s", m.Name, got, want)
		}
	}
	was, problem := managers.LastApplied(live)
	if problem != nil || was.Get("spec", "replicas").Text != "3" {
		t.Errorf("last applied: %v, %v", was, problem)
	}
}
