package kubeobj

import (
	"strings"
	"testing"

	"polygraph/internal/evidence"
)

func TestDetect(t *testing.T) {
	manifest, live := evidence.KubernetesManifest(), evidence.KubernetesLive()
	long := strings.Repeat("    a line of a dashboard\n", 4000)
	wide := func(s string) string {
		out := "\xff\xfe"
		for _, c := range []byte(s) {
			out += string([]byte{c, 0})
		}
		return out
	}
	for name, c := range map[string]struct {
		file, text string
		kind       *evidence.Kind
		problem    string
	}{
		"a manifest":          {"a.yaml", "# c\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", manifest, ""},
		"the kind first":      {"a.yml", "kind: Pod\nmetadata: {name: a}\napiVersion: v1\n", manifest, ""},
		"quoted names":        {"a.yaml", "\"apiVersion\": v1\n'kind': Pod\n", manifest, ""},
		"the second document": {"a.yaml", "a: b\n---\napiVersion: v1\nkind: Pod\n", manifest, ""},
		"two halves":          {"a.yaml", "apiVersion: v2\nname: chart\n---\nkind: x\n", nil, ""},
		"JSON":                {"a.json", `{"kind":"List","items":[],"apiVersion":"v1"}`, manifest, ""},
		"JSON over lines":     {"-", "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\"\n}\n", manifest, ""},
		"JSON cut in items":   {"a.json", "{\n \"apiVersion\": \"v1\",\n \"items\": [ {\"x\": \"" + long, manifest, ""},
		"standard input":      {"-", "apiVersion: v1\nkind: Pod\n", manifest, ""},
		"live":                {"a.yaml", "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n    resourceVersion: \"1\"\n    uid: x\nkind: List\n", live, ""},
		"live JSON":           {"a.json", `{"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","resourceVersion":"1","uid":"x"}}],"kind":"List"}`, live, ""},
		"live and cut":        {"a.yaml", "apiVersion: v1\ndata:\n  a: |\n" + long, manifest, ""},
		"a list of objects":   {"a.yaml", "- apiVersion: v1\n  kind: Pod\n", manifest, ""},
		"wrong, to be named":  {"a.yaml", "apiVersion: v1beta1/apps\nkind: Deployment\n", manifest, ""},
		"a kustomization":     {"x/kustomization.yaml", "resources: [a.yaml]\n", manifest, ""},
		"Windows paths":       {`x\a.yaml`, "apiVersion: v1\nkind: Pod\n", manifest, ""},
		"no suffix of ours":   {"a.go", "apiVersion: v1\nkind: Pod\n", nil, ""},
		"a chart":             {"Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- name: kind\n", nil, ""},
		"values":              {"values.yaml", "kind: DaemonSet\nimage:\n  tag: x\nrbac:\n  apiVersion: v1\n", nil, ""},
		"Compose":             {"compose.yaml", "services:\n  web:\n    image: x\n", nil, ""},
		"CloudFormation":      {"a.json", `{"AWSTemplateFormatVersion":"2010-09-09","Resources":{"kind":{}}}`, nil, ""},
		"OpenAPI":             {"a.json", `{"openapi":"3.0.0","components":{"schemas":{"Pod":{"properties":{"apiVersion":{},"kind":{}}}}}}`, nil, ""},
		"a discovery":         {"a.json", `{"kind":"discovery#restDescription","name":"x"}`, nil, ""},
		"Grafana":             {"a.yaml", "apiVersion: 1\ndatasources:\n- name: kind\n  type: x\n", nil, ""},
		"a kubeconfig":        {"config", "apiVersion: v1\nclusters: []\nkind: Config\nusers:\n- name: a\n  user: {token: x}\n", nil, ""},
		"a kubeconfig, JSON":  {"config", `{"kind":"Config","apiVersion":"v1","users":[]}`, nil, ""},
		"kind":                {"kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: []\n", nil, ""},
		"Skaffold":            {"skaffold.yaml", "apiVersion: skaffold/v4beta6\nkind: Config\n", nil, ""},
		"eksctl":              {"cluster.yaml", "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: a, region: b}\n", nil, ""},
		"kubelet":             {"k.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n", nil, ""},
		"kept encrypted":      {"e.yaml", "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources: []\n", nil, ""},
		"Backstage":           {"catalog-info.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: a}\n", nil, ""},
		"kind and an object":  {"a.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", manifest, ""},
		"a Helm template":     {"templates/a.yaml", "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n{{- end }}\n", nil, "Helm"},
		"a half of one":       {"templates/a.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n", manifest, ""},
		"Prometheus":          {"templates/a.yaml", "apiVersion: v1\nkind: Rule\nmetadata: {name: a}\nspec: {x: '{{ $labels.x }}'}\n", manifest, ""},
		"Jinja":               {"a.yaml.j2", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ name }}\n", nil, "rendered"},
		"helpers":             {"_helpers.tpl", "{{- define \"x\" -}}a{{- end -}}\n", nil, ""},
		"Jsonnet":             {"a.jsonnet", "{ apiVersion: 'v1', kind: 'Pod' }\n", nil, "Jsonnet"},
		"UTF-16":              {"a.yaml", wide("apiVersion: v1\r\nkind: Pod\r\n"), nil, "UTF-16"},
		"UTF-16, another":     {"a.yaml", wide("a: b\r\n"), nil, ""},
		"empty":               {"a.yaml", "", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			kind, p := Detect(c.file, []byte(c.text))
			if kind != c.kind || (p == nil) != (c.problem == "") || p != nil && !strings.Contains(p.Reason, c.problem) {
				t.Errorf("%v %v, want %v %q", kind, p, c.kind, c.problem)
			}
		})
	}
}
