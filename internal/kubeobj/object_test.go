package kubeobj

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func parseText(t *testing.T, text string) *File {
	t.Helper()
	f, p := Parse("f.yaml", []byte(text))
	if p != nil {
		t.Fatalf("%v\n%s", p, text)
	}
	return f
}

func identities(f *File) []string {
	var out []string
	for _, o := range f.Objects {
		out = append(out, o.Identity())
	}
	return out
}

// tell is what a file is about, in a line: objects, then what was not read.
func tell(f *File) string {
	s := strings.Join(identities(f), " ")
	for _, u := range f.Unread {
		s += fmt.Sprintf(" [%d: %s]", u.Line, u.Reason)
	}
	return strings.TrimSpace(s)
}

const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: ok}\n---\n"

func TestObjectsOfAFile(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"documents":         {"# c\n---\n" + pod + "---\n# nothing\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  namespace: ns\n", "Pod/ok Deployment.apps/ns/d"},
		"a list":            {"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n- apiVersion: v1\n  kind: List\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n", "Pod/a Pod/b"},
		"a typed list":      {`{"apiVersion":"apps/v1","kind":"DeploymentList","metadata":{},"items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b","namespace":"n"}}]}`, "Deployment.apps/a Deployment.apps/n/b"},
		"an empty list":     {"apiVersion: v1\nkind: List\nitems: []\n", ""},
		"items null":        {"apiVersion: v1\nkind: List\nitems:\n", ""},
		"items a map":       {pod + "apiVersion: v1\nkind: List\nitems: {}\n", "Pod/ok [7: items that is no list]"},
		"nothing":           {"", ""},
		"comments":          {"# one\n---\n# two\n", ""},
		"JSON in a row":     {`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}} {"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}` + "\n", "Pod/a Pod/b"},
		"JSON between ---":  {`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}` + "\n---\n" + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}` + "\n---\n" + pod, "Pod/a Pod/b Pod/ok"},
		"flow":              {"{apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "Pod/a"},
		"a mark in front":   {byteOrderMark + pod, "Pod/ok"},
		"a mark, JSON":      {byteOrderMark + `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}`, "Pod/a"},
		"CRLF":              {strings.ReplaceAll("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  x: |\n    a\n    b\n---\n"+pod, "\n", "\r\n"), "ConfigMap/c Pod/ok"},
		"generateName":      {"apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: import-, namespace: ns}\n", "Job.batch/ns/import-*"},
		"no name":           {pod + "apiVersion: v1\nkind: Pod\nmetadata: {}\n", "Pod/ok [7: no object: metadata has no name]"},
		"no metadata":       {pod + "apiVersion: v1\nkind: Pod\n", "Pod/ok [5: no object: metadata has no name]"},
		"name a number":     {pod + "apiVersion: v1\nkind: Pod\nmetadata:\n  name: 123\n", "Pod/ok [8: no object: metadata.name is a number]"},
		"namespace yes":     {pod + "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  namespace: yes\n", "Pod/ok [9: no object: metadata.namespace is a boolean]"},
		"metadata a list":   {pod + "apiVersion: v1\nkind: Pod\nmetadata: []\n", "Pod/ok [7: no object: metadata is a list]"},
		"labels a list":     {pod + "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: [a]}\n", "Pod/ok [7: no object: metadata.labels is a list]"},
		"no kind":           {pod + "apiVersion: v1\nmetadata: {name: a}\n", "Pod/ok [5: no object: kind is missing]"},
		"kind a number":     {pod + "apiVersion: v1\nkind: 1\n", "Pod/ok [6: no object: kind is a number]"},
		"no apiVersion":     {pod + "kind: Pod\nmetadata: {name: a}\n", "Pod/ok [5: no object: apiVersion is missing]"},
		"neither":           {pod + "a: b\n", "Pod/ok [5: no object: neither apiVersion nor kind]"},
		"wrong way round":   {pod + "apiVersion: v1beta1/apps\nkind: Deployment\nmetadata: {name: a}\n", "Pod/ok [5: an apiVersion the wrong way round: it is GROUP/VERSION]"},
		"a space":           {pod + "apiVersion: apps / v1\nkind: Deployment\nmetadata: {name: a}\n", "Pod/ok [5: an apiVersion that is none: it is VERSION or GROUP/VERSION]"},
		"two slashes":       {pod + "apiVersion: a/b/v1\nkind: Deployment\nmetadata: {name: a}\n", "Pod/ok [5: an apiVersion that is none: it is VERSION or GROUP/VERSION]"},
		"no version":        {pod + "apiVersion: apps/\nkind: Deployment\nmetadata: {name: a}\n", "Pod/ok [5: an apiVersion that is none: it is VERSION or GROUP/VERSION]"},
		"a kind with space": {pod + "apiVersion: v1\nkind: Pod x\nmetadata: {name: a}\n", "Pod/ok [6: a kind that is no name]"},
		"a scalar":          {pod + "hello\n", "Pod/ok [5: a scalar where an object is expected]"},
		"a bare list":       {pod + "- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "Pod/ok [5: a list without a kind where an object is expected]"},
		"broken":            {pod + "a: b\n c: d\n---\n" + pod, "Pod/ok Pod/ok [6: no valid YAML: mapping values are not allowed in this context]"},
		"a tab":             {pod + "a:\n\tb: c\n", "Pod/ok [6: no valid YAML: found character that cannot start any token]"},
		"behind ...":        {"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n...\nb: c\n", "Pod/a [4: text behind the end of a document (...), which kubectl does not read]"},
		"behind ---":        {pod + "a: b\n--- # fine\n" + pod[:len(pod)-4] + "--- x\n", "Pod/ok Pod/ok [5: no object: neither apiVersion nor kind] [10: text behind ---, at which kubectl stops]"},
		"a directive":       {"%YAML 1.2\n---\n" + pod, "Pod/ok [1: a % directive, which kubectl does not read]"},
		"infinity":          {pod + "a: .inf\n", "Pod/ok [5: a number that JSON does not have]"},
		"an odd key":        {pod + "~: b\n", "Pod/ok [5: a key that JSON does not have]"},
		"a map as key":      {pod + "{a: b}: b\n", "Pod/ok [5: a key that is a map or a list]"},
		"itself":            {pod + "a: &x\n- *x\n", "Pod/ok [6: an alias that stands for itself]"},
		"kubeconfig":        {pod + "apiVersion: v1\nkind: Config\nusers: []\n", "Pod/ok [5: a kubeconfig, which is no object of a cluster]"},
		"local":             {pod + "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {config.kubernetes.io/local-config: \"true\"}}\n", "Pod/ok [5: configuration of kustomize or kpt (local-config), which is not applied]"},
		"a broken encoding": {pod + "a: \xff\n", "Pod/ok [5: no valid YAML: invalid leading UTF-8 octet]"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tell(parseText(t, c.text)); got != c.want {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTemplatesAreNamed(t *testing.T) {
	for name, c := range map[string]struct{ text, do string }{
		"helm, control":    {"{{- if .Values.x }}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n{{- end }}\n", "helm template"},
		"helm, a name":     {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ include \"x\" . }}\n", "helm template"},
		"helm, quoted":     {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: \"{{ .Release.Name }}-a\"\n", "helm template"},
		"jinja":            {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n{% if x %}\n  labels: {}\n{% endif %}\n", "render"},
		"ytt":              {"#@ load(\"@ytt:data\", \"data\")\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec: #@ data.values.spec\n", "ytt"},
		"erb":              {"apiVersion: v1\nkind: Pod\nmetadata:\n  name: <%= name %>\n", "render"},
		"a patch":          {"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: x\n    $patch: delete\n", "kustomize build"},
		"helm, in a List":  {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: '{{ .Values.name }}'\n", "helm template"},
		"helm, below JSON": {"{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\",\n  \"metadata\": {\"name\": {{ .Values.name }}}\n}\n", "helm template"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, p := Parse("f", []byte(c.text)); p == nil || !strings.Contains(p.Do, c.do) {
				t.Errorf("alone: %v", p)
			}
			f := parseText(t, pod+c.text)
			if len(f.Objects) != 1 || len(f.Unread) != 1 || !f.Unread[0].Template {
				t.Errorf("beside another: %s", tell(f))
			}
			if len(f.Notes) != 1 {
				t.Errorf("notes %q", f.Notes)
			}
		})
	}
}

// Text in braces that is final stays an object.
func TestBracesInValuesAreNoTemplates(t *testing.T) {
	for _, text := range []string{
		"apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: a}\nspec:\n  groups:\n  - rules:\n    - annotations:\n        description: '{{ $labels.instance }} is down {{ if x }}'\n",
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  t: |\n    {{- if .Values.x }}\n    {% if y %}\n    ${HOME}\n",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, command: [sh, -c, \"echo ${HOME} $X\"]}]}\n",
	} {
		f := parseText(t, text)
		if len(f.Objects) != 1 || len(f.Unread) != 0 || len(f.Objects[0].Placeholders) != 0 {
			t.Errorf("%s: %+v", tell(f), f.Objects)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	f := parseText(t, "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${NAME}\n  namespace: $NS\nspec:\n  replicas: ${N:-2}\n  image: r/${A}:${TAG}\n  helm: \"{{ .Values.image }}\"\n  args: [\"--x=${HOME}\", \"${REGION}\"]\n  final: $(VAR) $x ${ a }\n")
	var got []string
	for _, p := range f.Objects[0].Placeholders {
		got = append(got, p.Text)
		if !strings.HasPrefix(strings.TrimLeft("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${NAME}\n  namespace: $NS\nspec:\n  replicas: ${N:-2}\n  image: r/${A}:${TAG}\n  helm: \"{{ .Values.image }}\"\n  args: [\"--x=${HOME}\", \"${REGION}\"]\n"[p.Offset:], `"`), p.Text) {
			t.Errorf("%s is not at %d", p.Text, p.Offset)
		}
	}
	want := []string{"${NAME}", "$NS", "${N:-2}", "r/${A}:${TAG}", "{{ .Values.image }}", "${REGION}"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if !f.Objects[0].Get("spec", "image").Placeholder() || f.Objects[0].Get("spec", "final").Placeholder() {
		t.Error("Placeholder does not say the same")
	}
}

func TestKustomization(t *testing.T) {
	f := parseText(t, "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml, ../base]\npatches:\n- path: p.yaml\n- patch: |-\n    - op: add\npatchesStrategicMerge:\n- q.yaml\nnamespace: x\nimages: []\n")
	if len(f.Kustomizations) != 1 || len(f.Objects) != 0 {
		t.Fatal(tell(f))
	}
	k := f.Kustomizations[0]
	if !slices.Equal(k.Resources, []string{"a.yaml", "../base"}) || !slices.Equal(k.Patches, []string{"p.yaml", "q.yaml"}) || !slices.Equal(k.Changes, []string{"namespace", "patches", "patchesStrategicMerge"}) {
		t.Errorf("%+v", k)
	}
	if len(f.Unread) != 1 || !f.Unread[0].Template || !strings.Contains(f.Unread[0].Do, "kustomize build") {
		t.Errorf("%+v", f.Unread)
	}
	// Flux has a kind of that name, and it is an object.
	if f := parseText(t, "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"); len(f.Objects) != 1 {
		t.Error(tell(f))
	}
}

func TestDuplicates(t *testing.T) {
	text := ""
	for _, n := range []string{"a", "b", "a", "c", "b", "a"} {
		text += "apiVersion: v1\nkind: Pod\nmetadata: {name: " + n + "}\n---\n"
	}
	text += strings.Repeat("apiVersion: v1\nkind: Pod\nmetadata: {generateName: g-}\n---\n", 2)
	f := parseText(t, text)
	d := Duplicates(f.Objects)
	if len(f.Objects) != 8 || len(d) != 2 || len(d[0]) != 3 || d[0][2] != f.Objects[5] || len(d[1]) != 2 || d[1][1] != f.Objects[4] {
		t.Errorf("%d objects, %v", len(f.Objects), d)
	}
}

func TestNamesTwiceAreSaid(t *testing.T) {
	for _, text := range []string{
		"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  a: 1\n  b: 2\n  a: 3\n",
		`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"a":1,"b":2,"a":3}}`,
	} {
		f := parseText(t, text)
		if len(f.Notes) != 1 || !strings.Contains(f.Notes[0], "kubectl takes the last") {
			t.Errorf("notes %q", f.Notes)
		}
		if spec := f.Objects[0].Get("spec"); len(spec.Items) != 2 || spec.Get("a").Text != "3" {
			t.Errorf("%+v", spec)
		}
	}
	// What a merge key brings is no name that stands twice.
	if f := parseText(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nx: &x {a: 1}\nspec:\n  <<: *x\n  a: 2\n"); len(f.Notes) != 0 || f.Objects[0].Get("spec", "a").Text != "2" {
		t.Errorf("notes %q", f.Notes)
	}
}

func TestLive(t *testing.T) {
	f := parseText(t, "apiVersion: v1\nkind: Pod\nmetadata: {name: a, uid: x, resourceVersion: \"1\"}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: b, ownerReferences: [{uid: x}]}\n")
	if !f.Objects[0].Live || f.Objects[1].Live || f.Objects[0].Document != 0 || f.Objects[1].Document != 1 {
		t.Errorf("%+v", f.Objects)
	}
}
