package fields

import (
	"strings"
	"testing"

	"polygraph/internal/kubeobj"
	"polygraph/internal/kubeschema"
)

// liveText is what a cluster would print of deployment, with the last applied
// configuration or managed fields put in.
func liveText(annotations, managed string) string {
	text := strings.Replace(deployment, "labels: {app: web}}\nspec:", `uid: a, resourceVersion: "4", generation: 2, labels: {app: web, team: red}, annotations: {`+annotations+`}`+managed+`}
spec:
  replicas: 3
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}`, 1)
	text = strings.Replace(text, `{name: B, value: "2"}]`, `{name: B, value: "2"}, {name: INJECTED, value: x}]`, 1)
	text = strings.Replace(text, "      volumes: [{name: tmp}]", "      volumes: [{name: tmp, emptyDir: {}}, {name: injected, emptyDir: {}}]\n      nodeSelector: {zone: a}", 1)
	return text + "status: {replicas: 3}\n"
}

func annotated(json string) string {
	return `kubectl.kubernetes.io/last-applied-configuration: '` + json + `', deployment.kubernetes.io/revision: "4"`
}

const (
	lastMeta = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","labels":{"app":"web"}},`
	lastAll  = lastMeta + `"spec":{"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.27","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}],"volumes":[{"name":"tmp"}]}}}}`
)

func TestLiveKeepsWhatNobodyTakesOut(t *testing.T) {
	o := Options{Live: true}
	noEnv := strings.Replace(deployment, `, {name: B, value: "2"}`, "", 1)
	const env = "spec.template.spec.containers[name=web].env"
	wantEdits(t, liveText(annotated(lastAll), ""), deployment, o)
	wantEdits(t, liveText("", ""), deployment, o)
	// kubectl applies an empty map of annotations, and takes out none of the others'.
	applied := func(was string) string {
		return strings.Replace(lastAll, `"metadata":{"name"`, `"metadata":{"annotations":{`+was+`},"name"`, 1)
	}
	wantEdits(t, liveText(annotated(applied("")), ""), deployment, o)
	wantEdits(t, liveText("a: b, "+annotated(applied(`"a":"b"`)), ""), deployment, o, "metadata.annotations.a: b -> -")
	// What kubectl had applied and now is left out goes, alone or with what others put below.
	wantEdits(t, liveText(annotated(lastAll), ""), noEnv, o, env+"[name=B]: {} -> -")
	wantEdits(t, liveText("", ""), noEnv, o)
	wantEdits(t, liveText(annotated(strings.Replace(lastAll, `"spec":{`, `"spec":{"replicas":3,`, 1)), ""), deployment, o, "spec.replicas: 3 -> (1)")
	wantEdits(t, liveText(annotated(strings.Replace(lastAll, `"spec":{"containers"`, `"spec":{"nodeSelector":{"disk":"ssd"},"containers"`, 1)), ""), deployment, o,
		"spec.template.spec.nodeSelector.zone: a -> -")
	// kubectl takes out what a strategy does not name (retainKeys).
	wantEdits(t, liveText(annotated(lastAll), ""), swap("spec:\n  selector", "spec:\n  strategy: {type: Recreate}\n  selector"), o,
		"spec.strategy.rollingUpdate: {} -> -", "spec.strategy.type: RollingUpdate -> Recreate")
	// The new value of what others set wins.
	wantEdits(t, liveText(annotated(lastAll), ""), swap("spec:\n  selector", "spec:\n  replicas: 5\n  selector"), o, "spec.replicas: 3 -> 5")
}

func TestManagedFieldsSayWhatTheApplierHadSet(t *testing.T) {
	entry := func(manager, operation, fields string) string {
		return "{manager: " + manager + ", operation: " + operation + ", fieldsV1: " + fields + "}"
	}
	mine := `{"f:metadata":{"f:labels":{"f:app":{},"f:team":{}}},"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"web\"}":{".":{},"f:env":{"k:{\"name\":\"B\"}":{".":{},"f:name":{},"f:value":{}}}}}}}}}`
	managed := func(entries ...string) string { return ", managedFields: [" + strings.Join(entries, ", ") + "]" }
	noEnv := strings.Replace(deployment, `, {name: B, value: "2"}`, "", 1)
	const env = "spec.template.spec.containers[name=web].env"
	flux := Options{Live: true, Applier: "flux"}
	old := liveText("", managed(entry("flux", "Apply", mine)))
	wantEdits(t, old, noEnv, flux, "metadata.labels.team: red -> -", "spec.replicas: 3 -> (1)", env+"[name=B]: {} -> -")
	// Another applier had set none of it.
	wantEdits(t, old, noEnv, Options{Live: true})
	// What another manager owns too stays.
	shared := liveText("", managed(entry("flux", "Apply", mine), entry("hpa", "Update", `{"f:spec":{"f:replicas":{}}}`)))
	wantEdits(t, shared, noEnv, flux, "metadata.labels.team: red -> -", env+"[name=B]: {} -> -")
	// The status subresource says nothing.
	status := liveText("", ", managedFields: [{manager: flux, operation: Update, subresource: scale, fieldsV1: {\"f:spec\": {\"f:replicas\": {}}}}]")
	wantEdits(t, status, deployment, flux)
	if c := Compare(parseObject(t, status), parseObject(t, deployment), flux); len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "flux") {
		t.Errorf("notes %q", c.Notes)
	}
}

// Under server-side apply a list without keys, and what is atomic, is NEW's alone.
func TestServerSideApplyReplacesWhatIsAtomic(t *testing.T) {
	managed := `, managedFields: [{manager: flux, operation: Apply, fieldsV1: {"f:spec": {"f:template": {"f:spec": {"f:nodeSelector": {}}}}}}]`
	now := swap("      volumes", "      nodeSelector: {disk: ssd}\n      volumes")
	const field = "spec.template.spec.nodeSelector"
	wantEdits(t, liveText("", managed), now, Options{Live: true, Applier: "flux"}, field+".disk: - -> ssd", field+".zone: a -> -")
	wantEdits(t, liveText(annotated(lastAll), ""), now, Options{Live: true}, field+".disk: - -> ssd")
}

// What the applier owned goes whole, with the defaults that nobody owns; of what
// others own too their part stays, and the key by which it is known.
func TestServerSideApplyTakesItemsOutWhole(t *testing.T) {
	const containers = `"k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:name":{}},"k:{\"name\":\"side\"}":{".":{},"f:image":{},"f:name":{},"f:securityContext":{"f:runAsUser":{}}}`
	const side = `
      - {name: side, image: b, imagePullPolicy: IfNotPresent, resources: {}, terminationMessagePath: /dev/termination-log, securityContext: {runAsUser: 1}}
      volumes`
	old := func(entries string) string {
		mine := `{manager: flux, operation: Apply, fieldsV1: {"f:spec":{"f:replicas":{},"f:template":{"f:spec":{"f:containers":{` + containers + `}}}}}}`
		return strings.Replace(liveText("", ", managedFields: ["+mine+entries+"]"), "\n      volumes", side, 1)
	}
	flux := Options{Live: true, Applier: "flux"}
	now := swap("spec:\n  selector", "spec:\n  replicas: 3\n  selector")
	const path = "spec.template.spec.containers"
	wantEdits(t, old(""), now, flux, path+"[name=side]: {} -> -")
	other := `, {manager: other, operation: Update, fieldsV1: {"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"side\"}":{"f:terminationMessagePath":{}}}}}}}}`
	wantEdits(t, old(other), now, flux, path+"[name=side].image: b -> -", path+"[name=side].securityContext: {} -> -")
	// Another container instead: the old one goes, nothing of it is left.
	renamed := strings.Replace(now, "- name: web", "- name: web2", 1)
	got := compareTexts(t, old(""), renamed, flux)
	if len(got) != 3 || strings.Contains(strings.Join(got, " "), "name=]") {
		t.Errorf("%q", got)
	}
	// Who scales through the subresource owns the replicas too.
	scaled := `, {manager: hpa, operation: Update, subresource: scale, fieldsV1: {"f:spec":{"f:replicas":{}}}}`
	wantEdits(t, old(scaled), deployment, flux, path+"[name=side]: {} -> -")
}

// What stays of the live object is compared as it is, with the empty values in it.
func TestWhatStaysIsNotAnEdit(t *testing.T) {
	old := strings.Replace(liveText("", ""), "\n      volumes", `
      - {name: side, image: b, imagePullPolicy: IfNotPresent, resources: {}, terminationMessagePath: /dev/termination-log, terminationMessagePolicy: File}
      volumes`, 1)
	wantEdits(t, old, deployment, Options{Live: true})
	renamed := strings.Replace(deployment, "- name: web", "- name: web2", 1)
	if got := compareTexts(t, old, renamed, Options{Live: true}); len(got) != 1 || !strings.Contains(got[0], "[name=web2]") {
		t.Errorf("%q", got)
	}
}

// Which suffix was meant is not kept: it is told by the number.
func TestDefaultsAreWrittenWithSuffixes(t *testing.T) {
	for text, want := range map[string]string{"100m": "100m", "0.1": "100m", "1000m": "1", "1Gi": "1Gi", "2G": "2G", "1500Mi": "1500Mi", "12e5": "1200k", "0": "0"} {
		s := stored{text: text, kind: kubeobj.String, typ: &kubeschema.Type{Shape: kubeschema.Quantity}}
		s.quantity()
		if got := s.filled(); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// A key of stringData that goes stays in data: kubectl removes it where nobody
// reads it.
func TestStringDataThatGoesStaysInData(t *testing.T) {
	old := manifest("v1", "Secret", "data: {a: eA==, b: eQ==}")
	old = strings.Replace(old, "{name: a}", `{name: a, annotations: {`+lastApplied+`: '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"stringData":{"a":"x","b":"y"}}'}}`, 1)
	wantEdits(t, old, manifest("v1", "Secret", "stringData: {a: x}"), Options{Live: true})
	wantEdits(t, old, manifest("v1", "Secret", "stringData: {a: z}"), Options{Live: true}, "data.a: eA== -> z secret")
}

func TestUnreadableEvidenceIsSaid(t *testing.T) {
	c := Compare(parseObject(t, liveText(`kubectl.kubernetes.io/last-applied-configuration: '{'`, "")), parseObject(t, deployment), Options{Live: true})
	if len(c.Edits) != 0 || len(c.Notes) != 1 || !strings.Contains(c.Notes[0], "cannot be read") {
		t.Errorf("%+v", c)
	}
}

func FuzzThreeWay(f *testing.F) {
	f.Add(lastAll, `k:{"name":"web"}`)
	f.Add("{", `v:"x`)
	f.Add(`{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":[{}]}`, "f:spec")
	f.Fuzz(func(t *testing.T, last, managed string) {
		now := parseObject(t, deployment)
		old := parseObject(t, liveText("a: b", ""))
		text := func(name, text string) kubeobj.Value {
			return kubeobj.Value{Name: name, Kind: kubeobj.String, Text: text}
		}
		tree := func(name string, items ...kubeobj.Value) kubeobj.Value {
			return kubeobj.Value{Name: name, Kind: kubeobj.Map, Items: items}
		}
		annotations := old.Root.Get("metadata", "annotations")
		annotations.Items = append(annotations.Items, text(lastApplied, last))
		Compare(old, now, Options{Live: true})
		meta := old.Root.Get("metadata")
		in := tree(managed, tree(managed, tree(managed)))
		meta.Items = append(meta.Items, kubeobj.Value{Name: "managedFields", Kind: kubeobj.List, Items: []kubeobj.Value{
			tree("", text("manager", "flux"), tree("fieldsV1", in, tree("f:spec", in, tree("f:template", in)))),
		}})
		Compare(old, now, Options{Live: true, Applier: "flux"})
	})
}
