package facts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"polygraph/internal/evidence"
	"polygraph/internal/kubeobj"
)

const someObjects = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  uid: 7d1c
  resourceVersion: "12"
  labels: {env: prod}
spec:
  template:
    spec:
      containers:
      - {name: web, image: "web:${TAG}"}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop}
stringData: {token: hunter2}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop}
---
{{- if .Values.ingress }}
apiVersion: networking.k8s.io/v1
kind: Ingress
{{- end }}
`

func TestObjects(t *testing.T) {
	in := input(someObjects)
	in.Things = true
	r, err := Objects().Read(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if want := "4 objects: 2 Secret, 1 Deployment, 1 Namespace, 1 document not read"; r.Detail != want {
		t.Errorf("%q, want %q", r.Detail, want)
	}
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"line 28: a template of Helm", "Secret/shop/key: the last", "1 object has values that another program", "Deployment.apps/shop/web"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note says %q:\n%s", want, notes)
		}
	}
	if strings.Contains(notes, "hunter2") {
		t.Error("a note shows the value of a Secret")
	}
	if names := slices.Collect(r.Names); !slices.Equal(names, []string{"Namespace/shop", "Deployment.apps/shop/web", "Secret/shop/key", "Secret/shop/key"}) {
		t.Errorf("names %q", names)
	}
	if len(r.Things) != 4 {
		t.Fatalf("%d things", len(r.Things))
	}
	ns, web := r.Things[0], r.Things[1]
	if ns.Marks.Namespace != "shop" || ns.Marks.Tags["env"] != "prod" || ns.Subject.Identity != "Namespace/shop" {
		t.Errorf("the namespace: %+v", ns)
	}
	if web.Marks.Namespace != "shop" || web.Marks.Name != "web" || !slices.Equal(web.Subject.Aliases, []string{"uid:7d1c"}) || web.Subject.Kind != "kubernetes-object" {
		t.Errorf("the deployment: %+v", web)
	}
	if f := r.Value.(*kubeobj.File); !f.Objects[1].Live || f.Objects[2].Live {
		t.Error("what is live is known by the object, not by the file")
	}
}

func TestObjectsOfTemplatesOnlyAreAProblem(t *testing.T) {
	_, err := Objects().Read(context.Background(), input("apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Release.Name }}\n"))
	p := (*evidence.Problem)(nil)
	if !errors.As(err, &p) || !strings.Contains(p.Do, "helm template") {
		t.Errorf("%v", err)
	}
}
