package managers

import (
	"fmt"
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
)

func parsed(t testing.TB, text string) *kubeobj.Object {
	t.Helper()
	f, problem := kubeobj.Parse("live.yaml", []byte(text))
	if problem != nil || len(f.Objects) != 1 {
		t.Fatal(problem, f)
	}
	return f.Objects[0]
}

const (
	helmMarks   = "annotations: {meta.helm.sh/release-name: web, meta.helm.sh/release-namespace: shop}"
	argoMark    = `annotations: {argocd.argoproj.io/tracking-id: "web:apps/Deployment:shop/web"}`
	bothMarks   = `annotations: {meta.helm.sh/release-name: web, meta.helm.sh/release-namespace: shop, argocd.argoproj.io/tracking-id: "web:apps/Deployment:shop/web"}`
	helmLabels  = "labels: {app.kubernetes.io/managed-by: Helm, app.kubernetes.io/instance: web, helm.sh/chart: web-1}"
	fluxLabels  = "labels: {kustomize.toolkit.fluxcd.io/name: apps, kustomize.toolkit.fluxcd.io/namespace: flux-system}"
	fluxRelease = "labels: {helm.toolkit.fluxcd.io/name: web, helm.toolkit.fluxcd.io/namespace: flux-system}"
	operator    = "ownerReferences: [{apiVersion: example.com/v1, kind: Shop, name: web, uid: a, controller: true}]"
)

func TestConflicts(t *testing.T) {
	for name, c := range map[string]struct {
		meta []string
		want string // the pair, or ""
	}{
		"nothing":                      {nil, ""},
		"a release":                    {[]string{helmMarks, helmLabels}, ""},
		"a chart rendered by Argo CD":  {[]string{argoMark, helmLabels}, ""},
		"a release and Argo CD":        {[]string{bothMarks, helmLabels}, "Helm release shop/web + Argo CD Application web"},
		"a HelmRelease of Flux":        {[]string{helmMarks, fluxRelease}, ""},
		"a release and Flux":           {[]string{helmMarks, fluxLabels}, "Helm release shop/web + Flux (Kustomization) Kustomization flux-system/apps"},
		"Argo CD and Flux":             {[]string{argoMark, fluxLabels}, "Argo CD Application web + Flux (Kustomization) Kustomization flux-system/apps"},
		"an operator that copies":      {[]string{helmMarks, fluxLabels, operator}, ""},
		"what an operator made":        {[]string{fluxLabels, operator}, ""},
		"Argo CD and the owner":        {[]string{argoMark, operator}, "Argo CD Application web + Shop shop/web"},
		"a copied tracking ID":         {[]string{strings.Replace(argoMark, "shop/web", "shop/parent", 1), fluxLabels}, ""},
		"an instance label and Flux":   {[]string{"labels: {app.kubernetes.io/instance: web, kustomize.toolkit.fluxcd.io/name: apps}"}, ""},
		"a tracking label and a chart": {[]string{"labels: {argocd.argoproj.io/instance: web}", helmMarks}, "Helm release shop/web + Argo CD Application web"},
		"Fleet installs releases":      {[]string{"annotations: {objectset.rio.cattle.io/id: a, meta.helm.sh/release-name: web}"}, ""},
		"a broken tracking ID":         {[]string{"annotations: {argocd.argoproj.io/tracking-id: web}", fluxLabels}, ""},
	} {
		o := parsed(t, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n  "+strings.Join(c.meta, "\n  "))
		found := ""
		for _, x := range Conflicts(Marks(o)) {
			found += fmt.Sprintf("%s + %s", x.A.Claim(), x.B.Claim())
			if x.A.Value == nil || x.B.Value == nil || x.A.Object != o {
				t.Errorf("%s: nothing to cite", name)
			}
		}
		if found != c.want {
			t.Errorf("%s: %q, want %q", name, found, c.want)
		}
	}
}

func TestCompare(t *testing.T) {
	object := func(meta string) []Mark {
		return Marks(parsed(t, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  namespace: shop\n  "+meta))
	}
	for name, c := range map[string]struct {
		live, manifest string
		want           int
	}{
		"the same release":     {helmMarks, helmMarks, 0},
		"another release":      {helmMarks, strings.Replace(helmMarks, "release-name: web", "release-name: shop", 1), 1},
		"another namespace":    {helmMarks, strings.Replace(helmMarks, "namespace: shop", "namespace: live", 1), 1},
		"another application":  {argoMark, strings.Replace(argoMark, `"web:`, `"live:`, 1), 1},
		"plain manifest":       {helmMarks, helmLabels, 0},
		"Helm to Argo CD":      {helmMarks, argoMark, 1},
		"rendered, no release": {"labels: {a: b}", helmLabels, 0},
	} {
		if got := Compare(object(c.live), object(c.manifest)); len(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestName(t *testing.T) {
	for _, c := range []struct {
		name, operation, subresource string
		want                         Class
		likely                       bool
	}{
		{"kubectl-client-side-apply", Update, "", Deploys, false},
		{"kubectl", Apply, "", Deploys, false},
		{"kubectl", Update, "", Unclear, true},
		{"kubectl", Update, "scale", ByHand, false},
		{"kubectl-edit", Update, "", ByHand, false},
		{"helm", Update, "", Deploys, false},
		{"helm-controller", Apply, "", Deploys, false},
		{"argocd-controller", Apply, "", Deploys, false},
		{"kube-controller-manager", Update, "status", Controller, false},
		{"kube-controller-manager", Update, "scale", Controller, true},
		{"node-fetch", Update, "", ByHand, true},
		{"pulumi-kubernetes-1a2b3c4d", Apply, "", Deploys, true},
		{"cert-manager-cainjector", Update, "", Controller, true},
		{"some-controller", Update, "", Controller, true},
		{"something", Update, "status", Controller, true},
		{"something", Update, "", Unclear, false},
		{"", Update, "", Unclear, false},
	} {
		w := Name(c.name, c.operation, c.subresource)
		if w.Class != c.want || w.Likely != c.likely {
			t.Errorf("%s %s %s: %s, likely %v", c.name, c.operation, c.subresource, w.Class, w.Likely)
		}
	}
	for _, k := range writers {
		if k.writer.Source == "" {
			t.Errorf("%s has no source", k.name)
		}
	}
}

// TestReadBad: whatever stands there, it is one problem and no owner, and nothing
// is complete.
func TestReadBad(t *testing.T) {
	deep := strings.Repeat(`{"f:a":`, maxDepth+2) + "{}" + strings.Repeat("}", maxDepth+2)
	for name, entry := range map[string]string{
		"another type":      `{"manager":"m","operation":"Update","fieldsType":"FieldsV2","fieldsV1":{}}`,
		"another operation": `{"manager":"m","operation":"Steal","fieldsType":"FieldsV1","fieldsV1":{}}`,
		"a string":          `{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":"f:a"}`,
		"a bad name":        `{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"spec":{}}}`,
		"a bad key":         `{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"k:{":{}}}`,
		"too deep":          `{"manager":"m","operation":"Update","fieldsType":"FieldsV1","fieldsV1":` + deep + `}`,
		"no entry":          `7`,
	} {
		f, problem := kubeobj.Parse("live.json", []byte(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","managedFields":[`+entry+`]}}`))
		if problem != nil || len(f.Objects) != 1 {
			if name != "too deep" {
				t.Errorf("%s: %v", name, problem)
			}
			continue
		}
		x := Read(f.Objects[0])
		if x.Known || x.Complete || len(x.Owners("a")) != 0 {
			t.Errorf("%s: %+v", name, x)
		}
	}
	none := Read(parsed(t, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}"))
	if none.Known || !none.Complete || none.Applier() != nil || none.Newest() != nil {
		t.Errorf("without managedFields: %+v", none)
	}
}

func FuzzLastApplied(f *testing.F) {
	f.Add(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"v"}}`)
	f.Add(`{"apiVersion":"v1","kind":"List","items":[]}`)
	f.Add(`[]`)
	f.Add("kind: ConfigMap")
	f.Fuzz(func(t *testing.T, text string) {
		o := &kubeobj.Object{Version: "v1", Kind: "ConfigMap", Name: "a", Root: kubeobj.Value{Kind: kubeobj.Map, Items: []kubeobj.Value{
			{Name: "metadata", Kind: kubeobj.Map, Items: []kubeobj.Value{{Name: "annotations", Kind: kubeobj.Map, Items: []kubeobj.Value{
				{Name: lastApplied, Kind: kubeobj.String, Text: text},
			}}}},
		}}}
		v, problem := LastApplied(o)
		if (v == nil) == (problem == nil) {
			t.Fatal(v, problem)
		}
		if v != nil && (v.Get("kind").Str() != "ConfigMap" || v.Get("metadata", "name").Str() != "a") {
			t.Fatal("another object was taken")
		}
		if problem != nil && len(text) > 40 && strings.Contains(problem.Error(), text) {
			t.Fatal("the problem quotes the object")
		}
	})
}
