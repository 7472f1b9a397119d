package live

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"polygraph/internal/evidence"
	"polygraph/internal/source/kube"
	"polygraph/test/cluster"
)

// ask is the answer, and of an error its text.
func ask(ctx context.Context, c *kube.Cluster, verb, object, body string) []byte {
	answer, err := c.Ask(ctx, evidence.Request{Source: "kube", Verb: verb, Object: object, Body: body})
	if err != nil {
		return []byte(err.Error())
	}
	return answer
}

// dry is a dry run that may be refused.
func dry(t *testing.T, c *kube.Cluster, verb string, u *unstructured.Unstructured) (*unstructured.Unstructured, *kube.Answered) {
	t.Helper()
	body, err := c.Ask(t.Context(), evidence.Request{Source: "kube", Verb: verb, Object: u.GetKind() + "/" + u.GetName(), Body: toJSON(t, u)})
	if err != nil {
		var a *kube.Answered
		if !errors.As(err, &a) {
			t.Fatalf("%T: %v", err, err)
		}
		if len(body) > 0 {
			var status metav1.Status
			if json.Unmarshal(body, &status) != nil || status.Kind != "Status" || status.Message == "" {
				t.Errorf("beside an error comes %s", body)
			}
		}
		return nil, a
	}
	var got unstructured.Unstructured
	if err := got.UnmarshalJSON(body); err != nil {
		t.Fatal(err)
	}
	return &got, nil
}

func TestDryRuns(t *testing.T) {
	w := newWorld(t)
	c := w.openAdmin()
	w.make(object(t, kinds[4], 1))
	const web = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d1%s}, spec: {replicas: 4, selector: {matchLabels: {app: %s}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web}]}}%s}}"
	for _, verb := range []string{kube.DryRunApply, kube.DryRunServerSideApply + " by force"} {
		got, err := dry(t, c, verb, object(t, web, "", "web", ""))
		if err != nil {
			t.Fatalf("%s: %v", verb, err)
		}
		if n, _, _ := unstructured.NestedInt64(got.Object, "spec", "replicas"); n != 4 || got.GetNamespace() != w.namespace {
			t.Errorf("%s: answered %s", verb, toJSON(t, got))
		}
		made, err := dry(t, c, verb, object(t, kinds[0], 99))
		if err != nil || made.GetUID() == "" {
			t.Errorf("%s: a new object: %v", verb, err)
		}
		for name, f := range map[string]struct {
			u     *unstructured.Unstructured
			class kube.Class
			want  string
		}{
			"an immutable field":  {object(t, web, "", "other", ""), kube.Refused, "field is immutable"},
			"an unknown field":    {object(t, web, "", "web", ", replica: 3"), kube.Refused, "spec.replica"},
			"no such namespace":   {object(t, web, ", namespace: nowhere", "web", ""), kube.Unproven, `namespaces "nowhere" not found`},
			"no such kind":        {object(t, "{apiVersion: none.example.com/v1, kind: Gadget, metadata: {name: g}}"), kube.Unproven, "the server knows no such kind"},
			"a version that went": {object(t, "{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: g}}"), kube.Unproven, "other versions: policy/v1"},
			"no account yet":      {object(t, "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {serviceAccountName: coming, containers: [{name: a, image: a}]}}"), kube.Unproven, `serviceaccount "coming" not found`},
			"no name":             {object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: g}}"), kube.Unproven, "without a name"},
		} {
			_, err := dry(t, c, verb, f.u)
			if err == nil || err.Class != f.class || !strings.Contains(err.Error(), f.want) || !strings.HasPrefix(err.Error(), string(f.class)+": ") {
				t.Errorf("%s, %s: %v", verb, name, err)
			}
		}
	}
	// The field manager counts.
	_, err := dry(t, c, kube.DryRunServerSideApply+" as someone", object(t, `
apiVersion: apps/v1
kind: Deployment
metadata: {name: d1}
spec: {replicas: 9, selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: other}]}}}`))
	if err == nil || err.Class != kube.Refused || !strings.Contains(err.Message, `conflicts with "maker"`) || !strings.Contains(err.Message, "someone") {
		t.Errorf("a conflict of managers: %v", err)
	}
	// What no server has to answer.
	for _, r := range []evidence.Request{{Verb: "delete"}, {Verb: kube.DryRunApply, Body: "{"}, {Verb: kube.DryRunApply + "!"}, {Verb: kube.CanI, Object: "x"}, {Verb: kube.CanI, Object: "Gadget.none/x", Body: "get"}} {
		if _, err := c.Ask(t.Context(), r); err == nil || !strings.HasPrefix(err.Error(), "unproven: ") {
			t.Errorf("%+v: %v", r, err)
		}
	}
}

func TestWhoMayNotDryRunIsToldWhat(t *testing.T) {
	w := newWorld(t)
	w.make(object(t, kinds[0], 1))
	w.allow("getter", []string{"get"}, []string{""}, []string{"configmaps"})
	c := w.open("getter")
	edit := object(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: c1}, data: {key: other}}")
	_, err := dry(t, c, kube.DryRunApply, edit)
	if want := "not allowed: not allowed to dry-run: patch configmaps in ns " + w.namespace; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if got := string(ask(t.Context(), c, kube.CanI, "ConfigMap/"+w.namespace+"/c1", "patch")); strings.Contains(got, `"allowed":true`) || !strings.Contains(got, `"allowed":false`) {
		t.Errorf("may it patch: %s", got)
	}
	if got := string(ask(t.Context(), c, kube.CanI, "ConfigMap/c1", "get")); !strings.Contains(got, `"allowed":true`) {
		t.Errorf("may it get: %s", got)
	}
}

func TestAdmission(t *testing.T) {
	w := newWorld(t)
	w.make(object(t, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {count/secrets: '0'}}}"))
	c := w.openAdmin()
	url := w.webhook(t)
	w.hook("judge", url, "", "configmaps")
	w.eventually("the quota counts and the webhooks are asked", func(ctx context.Context) bool {
		body := func(kind, name string) string {
			return `{"apiVersion":"v1","kind":"` + kind + `","metadata":{"name":"` + name + `"}}`
		}
		return strings.Contains(string(ask(ctx, c, kube.DryRunApply, "", body("Secret", "x"))), "exceeded quota") &&
			strings.Contains(string(ask(ctx, c, kube.DryRunApply, "", body("ConfigMap", "bad"))), "alice")
	})
	for name, f := range map[string]struct {
		text  string
		class kube.Class
		want  string
	}{
		"a quota":                      {kinds[1], kube.Refused, "exceeded quota"},
		"a webhook says no":            {"{apiVersion: v1, kind: ConfigMap, metadata: {name: bad}} # %d", kube.Refused, "alice would not like bad"},
		"a webhook that nobody serves": {kinds[9], kube.Unproven, "failed calling webhook"},
	} {
		if name == "a webhook that nobody serves" {
			w.hook("deaf", "https://127.0.0.1:1/", "policy", "poddisruptionbudgets")
			w.eventually("it is asked", func(ctx context.Context) bool {
				return strings.Contains(string(ask(ctx, c, kube.DryRunApply, "", toJSON(t, object(t, f.text, 1)))), f.want)
			})
		}
		_, err := dry(t, c, kube.DryRunApply, object(t, f.text, 7))
		if err == nil || err.Class != f.class || !strings.Contains(err.Message, f.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// webhook refuses what is called bad.
func (w *world) webhook(t *testing.T) string {
	pair, err := w.Authority().Server("webhook", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := pair.TLS()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil || review.Request == nil {
			http.Error(out, "no review", http.StatusBadRequest)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: review.Request.Name != "bad"}
		if !review.Response.Allowed {
			review.Response.Result = &metav1.Status{Message: "alice would not like bad"}
		}
		out.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(out).Encode(review)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL
}

// hook has the server ask an address about a resource of the test's namespace.
func (w *world) hook(name, url, group, resource string) {
	w.t.Helper()
	u := object(w.t, `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: %[1]s-%[2]s}
webhooks:
- name: %[1]s.example.test
  clientConfig: {url: '%[3]s', caBundle: %[6]s}
  rules: [{operations: [CREATE, UPDATE], apiGroups: ['%[4]s'], apiVersions: [v1], resources: [%[5]s]}]
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: %[2]s}}
  failurePolicy: Fail
  sideEffects: None
  admissionReviewVersions: [v1]`, name, w.namespace, url, group, resource, base64.StdEncoding.EncodeToString(w.Authority().Certificate))
	w.make(u)
}

// TestNothingIsWritten: after everything that can be asked every object is the
// very same, and every call that could have written said dryRun.
func TestNothingIsWritten(t *testing.T) {
	w := newWorld(t)
	w.definition("still.example.com", "Stone", "stones")
	all := append([]string{"{apiVersion: still.example.com/v1, kind: Stone, metadata: {name: o%d}, spec: {size: 3}}"}, kinds[:10]...)
	var wanted []*unstructured.Unstructured
	state := map[string]string{}
	for _, text := range all {
		for i := range 25 {
			u := object(t, text, i)
			wanted = append(wanted, u)
			if i > 0 {
				w.make(u)
			}
		}
	}
	look := func() map[string]string {
		out := map[string]string{}
		for _, text := range all {
			list, err := w.at(object(t, text, 0)).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range list.Items {
				out[u.GetKind()+"/"+u.GetName()] = u.GetResourceVersion()
			}
		}
		return out
	}
	w.eventually("the namespace is at rest", func(context.Context) bool {
		before := state
		state = look()
		return toJSON(t, before) == toJSON(t, state)
	})
	mark := w.Audit().Mark()
	c := w.openAdmin()
	w.live(c, wanted...)
	accepted := 0
	for _, u := range wanted {
		edited := u.DeepCopy()
		edited.SetLabels(map[string]string{"edited": "yes"})
		for _, verb := range []string{kube.DryRunApply, kube.DryRunServerSideApply, kube.DryRunServerSideApply + " as other by force"} {
			if got, _ := dry(t, c, verb, edited); got != nil && got.GetLabels()["edited"] == "yes" {
				accepted++
			}
		}
		ask(t.Context(), c, kube.CanI, u.GetKind()+"/"+w.namespace+"/"+u.GetName(), "delete")
	}
	if accepted != 3*len(wanted) {
		t.Errorf("%d of %d dry runs were accepted: this proves little", accepted, 3*len(wanted))
	}
	if after := look(); toJSON(t, after) != toJSON(t, state) {
		t.Errorf("before\n%s\nafter\n%s", toJSON(t, state), toJSON(t, after))
	}
	calls, err := w.Audit().Since(mark)
	if err != nil {
		t.Fatal(err)
	}
	calls = calls.Agent("polygraph")
	dryRuns := 0
	for _, call := range calls {
		switch call.Verb {
		case "get", "list":
			continue
		}
		if call.DryRun {
			dryRuns++
		} else if call.Resource != "selfsubjectaccessreviews" {
			t.Errorf("it wrote: %s", call)
		}
	}
	if dryRuns < 3*len(wanted) || len(calls.Writes()) > 0 || len(calls.Verbs("watch")) > 0 {
		t.Errorf("%d dry runs for %d objects; writes:\n%s", dryRuns, len(wanted), calls.Writes())
	}
	// The log would show a write.
	mark = w.Audit().Mark()
	if _, err := w.at(wanted[30]).Patch(t.Context(), wanted[30].GetName(), types.MergePatchType, []byte(`{"metadata":{"labels":{"real":"yes"}}}`), metav1.PatchOptions{}); err != nil {
		t.Fatal(err)
	}
	if calls, err := w.Audit().Since(mark); err != nil || len(calls.Agent("maker").Writes()) != 1 || toJSON(t, look()) == toJSON(t, state) {
		t.Errorf("a real write is not seen: %v", err)
	}
}

// TestWarnings: what the server warns of is kept, and names the object.
func TestWarnings(t *testing.T) {
	w := newWorld(t)
	c := w.open("admin", cluster.Administrators)
	u := object(t, "{apiVersion: v1, kind: Pod, metadata: {name: p, annotations: {kubernetes.io/config.source: x}}, spec: {nodeSelector: {beta.kubernetes.io/os: linux}, containers: [{name: a, image: a}]}}")
	got, err := dry(t, c, kube.DryRunApply, u)
	if err != nil || got == nil {
		t.Fatal(err)
	}
	all := strings.Join(c.Warnings(), "\n")
	if !strings.Contains(all, "Pod/p: ") || !strings.Contains(all, "deprecated") {
		t.Errorf("warnings: %q", all)
	}
	if s := w.live(c, u); len(s.Notes) == 0 {
		t.Error("the snapshot has no notes")
	}
}
